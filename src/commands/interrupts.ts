// Ctrl-C and SIGTERM: the first asks the run to stop where it is, the second ends the process at once.
import { EcsdemoError, exitCodes } from '../base/errors.ts';

/** How long calls under way may take to finish after the first signal, in milliseconds. */
const graceMs = 10_000;

export interface Interrupts {
  signal: AbortSignal;
  /** Rejects when the run did not end in time after the first signal. Never resolves. */
  overdue: Promise<never>;
  stop(): void;
}

/**
 * @param told called once, at the first signal: people see at once that they were heard
 * @param last called at the second, before the process ends: what is to be said must be said now
 */
export function watchInterrupts(told: () => void, last: () => void): Interrupts {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  let tooLate: (error: Error) => void = () => undefined;
  const overdue = new Promise<never>((_resolve, reject) => {
    tooLate = reject;
  });
  overdue.catch(() => undefined);
  const heard = (): void => {
    if (controller.signal.aborted) {
      if (!isOver) last();
      process.exit(exitCodes.interrupted);
    }
    const error = new EcsdemoError('interrupted', 'interrupted');
    controller.abort(error);
    told();
    timer = setTimeout(() => tooLate(error), graceMs);
  };
  process.on('SIGINT', heard);
  process.on('SIGTERM', heard);
  return {
    signal: controller.signal,
    overdue,
    stop() {
      clearTimeout(timer);
      isOver = true;
      // The process is about to end with the exit code of an interrupt; a second signal now must not end it otherwise.
      if (controller.signal.aborted) return;
      process.off('SIGINT', heard);
      process.off('SIGTERM', heard);
    },
  };
}
