// Waiting and retrying over a clock: the one loop behind every "until". Knows no AWS call.
import { type Clock, pause } from '../base/clock.ts';
import { EcsdemoError } from '../base/errors.ts';
import type { Observation, Report, RetryOptions, StepRun, WaitOptions } from './types.ts';
import { runChecks } from './verify.ts';

export interface WaitSettings {
  clock: Clock;
  signal: AbortSignal;
  report: Report;
  step: string;
  /** When the whole command must be over; milliseconds since the epoch. */
  deadline: number;
}

/**
 * The pauses between two looks, in milliseconds: short at first, because what is nearly ready should not wait for a
 * timer, then growing to five seconds, which stays far below AWS's request rates.
 */
export function* pauses(firstMs = 40, growth = 1.35, longestMs = 5000): Generator<number, never> {
  for (let ms = firstMs; ; ms = Math.min(ms * growth, longestMs)) yield ms;
}

/** @internal the `wait` of a StepRun. */
export async function wait<Value>(settings: WaitSettings, options: WaitOptions<Value>): Promise<Value> {
  const { clock, signal, report, step } = settings;
  const startedAt = clock.now();
  const deadline = Math.min(settings.deadline, startedAt + (options.limitMs ?? Number.POSITIVE_INFINITY));
  let lastState: string | undefined;
  const tell = (state: string, done: boolean): void => {
    report({
      type: 'waiting',
      step,
      what: options.what,
      state,
      elapsedMs: clock.now() - startedAt,
      ...(options.typicalMs === undefined ? {} : { typicalMs: options.typicalMs }),
      done,
    });
  };
  for (const ms of pauses()) {
    signal.throwIfAborted();
    const seen: Observation<Value> = await options.look();
    if (seen.done) {
      // What was ready at the first look was never waited for.
      if (lastState !== undefined) tell('done', true);
      return seen.value;
    }
    if (seen.state !== lastState) tell(seen.state, false);
    lastState = seen.state;
    const left = deadline - clock.now();
    if (left <= 0) {
      const seconds = Math.round((clock.now() - startedAt) / 1000);
      const text = `waited ${seconds} s for ${options.what}; last state: ${seen.state}`;
      const diagnosis = (await options.diagnose?.().catch(() => [])) ?? [];
      // Only the limit's own end says so much; the command's deadline says nothing about what was waited for.
      if (options.expired !== undefined && deadline < settings.deadline) throw options.expired(text, diagnosis);
      throw new EcsdemoError('timeout', text, {
        step,
        retryable: true,
        diagnosis,
        suggestions: ['run the same command again: it continues where this one stopped', 'give it longer with --timeout 30m'],
      });
    }
    await pause(clock, Math.min(ms, left), signal);
  }
  throw new Error('unreachable: pauses never end');
}

/** @internal the `retry` of a StepRun. */
export async function retry<Value>(settings: WaitSettings, options: RetryOptions<Value>): Promise<Value> {
  const { clock, signal, report, step } = settings;
  const deadline = Math.min(settings.deadline, clock.now() + options.limitMs);
  let told = '';
  for (const ms of pauses(100)) {
    signal.throwIfAborted();
    try {
      return await options.attempt();
    } catch (error) {
      const reason = options.transient(error);
      const left = deadline - clock.now();
      if (reason === undefined || left <= 0) throw error;
      if (reason !== told) report({ type: 'retrying', step, what: options.what, reason });
      told = reason;
      await pause(clock, Math.min(ms, left), signal);
    }
  }
  throw new Error('unreachable: pauses never end');
}

/** A StepRun for one step. `handOver` may be called any number of times. */
export function stepRun(settings: WaitSettings, handOver: () => void = () => undefined): StepRun {
  return {
    report: settings.report,
    signal: settings.signal,
    wait: (options) => wait(settings, options),
    retry: (options) => retry(settings, options),
    check: (specs) => runChecks(specs, settings.report),
    handOver,
  };
}
