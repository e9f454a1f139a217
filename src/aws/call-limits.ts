// When a call is given up that does not end by itself: at the deadline of the command, and after Ctrl-C.
// Knows time; must not know any operation.
import { EcsdemoError } from '../base/errors.ts';
import { outOfTime } from '../base/suggestion.ts';

export interface Limits {
  /** When the whole command must be over; milliseconds since the epoch. */
  deadline: () => number;
  /** Ctrl-C. */
  signal: AbortSignal;
}

/** After the deadline this is left for calls that say why it was reached, to an endpoint that answers at all. */
const afterwardsMs = 5000;
/** Who lets a call wait so long does not answer. */
const silenceMs = 1000;
/** After Ctrl-C a change may still be answered, so that people know whether it was made. */
const graceMs = 5000;

/** Ends `send` at the limits. `action`: 'ecs:CreateCluster'; `changes`: AWS may have done it although nobody answered. */
export type LimitCall = <Result>(action: string, changes: boolean, send: () => Promise<Result>) => Promise<Result>;

const openChanges = new WeakSet<object>();

/** True of a change that was sent and given up: whether it was made is not known. */
export function isGivenUp(error: unknown): boolean {
  return error instanceof EcsdemoError && openChanges.has(error);
}

/** @throws EcsdemoError, in what it gives: `timeout` or `interrupted`, naming the call */
export function limitCalls({ deadline, signal }: Limits): LimitCall {
  // One listener for all calls: Node warns of many on one signal.
  const underWay = new Set<() => void>();
  signal.addEventListener('abort', () => {
    for (const heard of underWay) heard();
  });
  /** A call has waited until the deadline, and none was answered after it: then nobody is asked why. */
  let isSilent = false;

  return async (action, changes, send) => {
    const startedAt = Date.now();
    const end = deadline();
    const left = startedAt < end ? end - startedAt : isSilent ? 0 : end + afterwardsMs - startedAt;
    if (left <= 0) throw tooLate(`the time of --timeout was over before ${action}`);
    const timers: NodeJS.Timeout[] = [];
    let heard = (): void => undefined;
    const limited = new Promise<never>((_answered, reject) => {
      const giveUp = (error: EcsdemoError): void => {
        if (changes) openChanges.add(error);
        reject(error);
      };
      const doubt = changes ? ': it may or may not have been made' : '';
      const late = (): void => {
        // One that was sent just before had no time to be answered, which says nothing.
        isSilent ||= Date.now() - startedAt >= silenceMs;
        const seconds = Math.max(1, Math.round((Date.now() - startedAt) / 1000));
        giveUp(tooLate(`${action} was not answered within ${seconds} s${doubt}`));
      };
      const interrupted = (): void =>
        giveUp(new EcsdemoError('interrupted', `interrupted; ${action} was not answered${doubt}`));
      heard = () => {
        if (changes) timers.push(setTimeout(interrupted, graceMs));
        else interrupted();
      };
      if (Number.isFinite(left)) timers.push(setTimeout(late, left));
    });
    if (signal.aborted) heard();
    else underWay.add(heard);
    try {
      const answer = await Promise.race([send(), limited]);
      isSilent = false;
      return answer;
    } finally {
      for (const timer of timers) clearTimeout(timer);
      underWay.delete(heard);
    }
  };
}

function tooLate(message: string): EcsdemoError {
  return new EcsdemoError('timeout', message, {
    retryable: true,
    suggestions: outOfTime,
  });
}
