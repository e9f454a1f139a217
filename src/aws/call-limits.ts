// When a call is given up that does not end by itself: at the deadline of the command, and after Ctrl-C.
// Knows time; must not know any operation.
import { EcsdemoError } from '../base/errors.ts';

export interface Limits {
  /** When the whole command must be over; milliseconds since the epoch. */
  deadline: () => number;
  /** Ctrl-C. */
  signal: AbortSignal;
}

/** Calls made after the deadline say why it was reached; an endpoint that answers at all answers by then. */
const afterwardsMs = 5000;
/** After Ctrl-C a change may still be answered, so that people know whether it was made. */
const graceMs = 5000;

/** Ends `send` at the limits. `action`: 'ecs:CreateCluster'; `changes`: AWS may have done it although nobody answered. */
export type LimitCall = <Result>(action: string, changes: boolean, send: () => Promise<Result>) => Promise<Result>;

/** True of a change that was given up: whether it was made is not known. */
export function isGivenUp(error: unknown): boolean {
  return error instanceof EcsdemoError && (error.code === 'timeout' || error.code === 'interrupted');
}

export function limitCalls({ deadline, signal }: Limits): LimitCall {
  // One listener for all calls: Node warns of many on one signal.
  const underWay = new Set<() => void>();
  signal.addEventListener('abort', () => {
    for (const heard of underWay) heard();
  });
  return (action, changes, send) =>
    new Promise((resolve, reject) => {
      const timers: NodeJS.Timeout[] = [];
      const doubt = changes ? ': it may or may not have been made' : '';
      const startedAt = Date.now();
      const giveUp = (): void => {
        const seconds = Math.max(1, Math.round((Date.now() - startedAt) / 1000));
        reject(
          new EcsdemoError('timeout', `${action} was not answered within ${seconds} s${doubt}`, {
            retryable: true,
            suggestions: [
              'run the same command again: it continues where this one stopped',
              'give it longer with --timeout 30m',
            ],
          }),
        );
      };
      const interrupted = (): void =>
        reject(new EcsdemoError('interrupted', `interrupted; ${action} was not answered${doubt}`));
      const heard = (): void => {
        if (changes) timers.push(setTimeout(interrupted, graceMs));
        else interrupted();
      };
      const left = startedAt < deadline() ? deadline() - startedAt : afterwardsMs;
      if (Number.isFinite(left)) timers.push(setTimeout(giveUp, left));
      if (signal.aborted) heard();
      else underWay.add(heard);
      send()
        .then(resolve, reject)
        .finally(() => {
          for (const timer of timers) clearTimeout(timer);
          underWay.delete(heard);
        });
    });
}
