// A failure on the sandbox while a fault is on that has struck: it says which, and how to clear it. What else it would advise
// helps nobody as long as the fault is on.
import { exitCodes, type EcsdemoError, type ErrorCode } from '../base/errors.ts';
import { sameAgain } from '../base/suggestion.ts';
import { listFaults, type Connection } from '../sandbox/control.ts';
import { faultText } from './sandbox/fault-text.ts';

/** What no fault of AWS can bring about. */
const ownCodes: readonly ErrorCode[] = ['declined', 'demos-found'];
const ownExits: readonly number[] = [exitCodes.usage, exitCodes.blocked, exitCodes.interrupted];

/** Adds to `error`, in place. A sandbox that does not answer adds nothing. */
export async function blameFaults(error: EcsdemoError, connection: Connection): Promise<void> {
  if (ownCodes.includes(error.code) || ownExits.includes(error.exitCode)) return;
  const active = await listFaults(connection).catch(() => []);
  const struck = active.filter((fault) => fault.struck > 0);
  const [first, ...more] = struck;
  if (first === undefined) return;
  for (const fault of struck) error.diagnosis.push(`the sandbox's fault ${fault.name} is ${faultText(fault)}`);
  error.suggestions = [
    {
      command: 'sandbox fault clear',
      ...(more.length === 0 ? { args: [first.name] } : {}),
      next: sameAgain,
    },
  ];
}
