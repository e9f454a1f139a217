// A yes-or-no question on the terminal. Only asked of people: a script is told which flag to pass instead.
import { createInterface } from 'node:readline/promises';
import { EcsdemoError } from '../base/errors.ts';
import type { Settings } from '../base/settings.ts';
import type { Suggestion } from '../base/suggestion.ts';
import { wrap } from '../ui/format.ts';

/** True when somebody can be asked, and may be: keyboard and screen are both there, and nobody said --no-input. */
export function canAsk({ noInput }: Settings): boolean {
  return noInput !== true && process.stdin.isTTY && process.stderr.isTTY;
}

/**
 * For what is never done unasked.
 * @param before what comes after the question: 'destroy asks before it deletes'
 * @param pass the flags that answer
 * @throws EcsdemoError `usage`, naming them, when nobody can be asked
 */
export function refuseUnasked(
  settings: Settings,
  before: string,
  suggestions: readonly Suggestion[],
  pass = '--yes',
): void {
  if (canAsk(settings)) return;
  const why = settings.noInput === true ? 'and --no-input forbids that' : 'and here is no terminal to ask on';
  throw new EcsdemoError('usage', `${before}, ${why}: pass ${pass}`, { suggestions });
}

/**
 * Resolves when the answer is yes.
 * @throws EcsdemoError `declined` for any other answer, `interrupted` on Ctrl-C
 */
export async function confirm(question: string, signal: AbortSignal): Promise<void> {
  const keyboard = createInterface({ input: process.stdin, output: process.stderr });
  const left = new AbortController();
  // readline takes Ctrl-C and Ctrl-D for itself while it reads.
  keyboard.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  keyboard.on('close', () => left.abort());
  const text = wrap(`${question} [y/N]`, process.stderr.columns || 80).join('\n');
  try {
    const answer = await keyboard.question(`${text} `, { signal: AbortSignal.any([signal, left.signal]) });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } catch (error) {
    if (signal.aborted) throw new EcsdemoError('interrupted', 'interrupted');
    if (!left.signal.aborted) throw error;
  } finally {
    keyboard.close();
  }
  throw new EcsdemoError('declined', 'nothing was changed: the question was not answered with yes');
}
