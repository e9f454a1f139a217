// Waiting and retrying over a clock: the one loop behind every "until". Knows no AWS call.
import { type Clock, pause } from '../base/clock.ts';
import { EcsdemoError } from '../base/errors.ts';
import { outOfTime } from '../base/suggestion.ts';
import { present } from '../base/present.ts';
import { nextPause, nextRetry } from './pauses.ts';
import type { Timeline } from './timings.ts';
import type { Observation, Report, RetryOptions, StepRun, WaitOptions } from './types.ts';
import { runChecks } from './verify.ts';

export interface WaitSettings {
  clock: Clock;
  signal: AbortSignal;
  report: Report;
  step: string;
  /** When the whole command must be over; milliseconds since the epoch. */
  deadline: number;
  /** Where what was waited for is written down. */
  timeline?: Timeline;
  /** How many times faster than on AWS time runs: what is usual and what is too long there is shorter here. @default 1 */
  timeScale?: number;
}

/** However fast time runs, machines are as slow as they are: no limit becomes shorter than this, in milliseconds. */
const leastLimitMs = 10_000;
/** After so many times the usual time it is asked why it takes so long; not before so many milliseconds. */
const lateAfter = 1.5;
const leastLateMs = 3000;

/** A limit of AWS as it is where the run works, in milliseconds. */
function limitHere(limitMs: number, timeScale = 1): number {
  return timeScale === 1 ? limitMs : Math.max(Math.min(limitMs, leastLimitMs), limitMs / timeScale);
}

/** @internal the `wait` of a StepRun. */
export async function wait<Value>(settings: WaitSettings, options: WaitOptions<Value>): Promise<Value> {
  const { clock, signal, report, step, timeScale = 1 } = settings;
  const startedAt = clock.now();
  const limitMs = options.limitMs === undefined ? Number.POSITIVE_INFINITY : limitHere(options.limitMs, timeScale);
  const deadline = Math.min(settings.deadline, startedAt + limitMs);
  const usual = present({ typicalMs: options.typicalMs === undefined ? undefined : options.typicalMs / timeScale });
  const lateMs = Math.max(leastLateMs, (usual.typicalMs ?? Number.POSITIVE_INFINITY) * lateAfter);
  let lastState: string | undefined;
  let isLate = false;
  const tell = (state: string, done: boolean): void => {
    report({
      type: 'waiting',
      step,
      what: options.what,
      state,
      elapsedMs: clock.now() - startedAt,
      ...usual,
      done,
    });
  };
  for (;;) {
    signal.throwIfAborted();
    const lookedAt = clock.now();
    const seen = await options.look(lookedAt - startedAt).catch((error: unknown): Observation<Value> => {
      // A look that the end of the time cut off says less than what was seen before it.
      if (lastState === undefined || !(error instanceof EcsdemoError) || error.code !== 'timeout') throw error;
      return { done: false, state: `${lastState}; then ${error.message}` };
    });
    if (seen.done) {
      // What was ready at the first look was never waited for.
      if (lastState !== undefined) {
        tell('done', true);
        settings.timeline?.waited(step, options.what, startedAt);
      }
      return seen.value;
    }
    if (seen.state !== lastState) tell(seen.state, false);
    lastState = seen.state;
    if (!isLate && clock.now() - startedAt >= lateMs) {
      isLate = true;
      for (const message of (await options.late?.()) ?? []) report({ type: 'warning', step, message });
    }
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
        suggestions: [...(options.advise?.() ?? []), ...(options.suggestions ?? outOfTime)],
      });
    }
    const now = clock.now();
    const ms = nextPause({
      elapsedMs: now - startedAt,
      lookMs: now - lookedAt,
      ...usual,
    });
    await pause(clock, Math.min(ms, left), signal);
  }
}

/** What AWS has not seen everywhere yet it mostly sees within that. */
const recheckAfterMs = 1000;

/** @internal the `retry` of a StepRun. */
export async function retry<Value>(settings: WaitSettings, options: RetryOptions<Value>): Promise<Value> {
  const { clock, signal, report, step } = settings;
  const startedAt = clock.now();
  const deadline = Math.min(settings.deadline, startedAt + limitHere(options.limitMs, settings.timeScale));
  let told = '';
  for (;;) {
    signal.throwIfAborted();
    const triedAt = clock.now();
    try {
      const value = await options.attempt();
      if (told !== '') settings.timeline?.waited(step, options.what, startedAt);
      return value;
    } catch (error) {
      const reason = options.transient(error);
      const left = deadline - clock.now();
      if (reason === undefined || left <= 0) throw error;
      if (reason !== told) report({ type: 'retrying', step, what: options.what, reason });
      told = reason;
      if (triedAt - startedAt >= recheckAfterMs) await options.recheck?.(triedAt - startedAt);
      const now = clock.now();
      const ms = nextRetry({ elapsedMs: now - startedAt, lookMs: now - triedAt });
      await pause(clock, Math.min(ms, left), signal);
    }
  }
}

/** A StepRun for one step. `handOver` may be called any number of times. */
export function stepRun(settings: WaitSettings, handOver: () => void = () => undefined): StepRun {
  return {
    report: settings.report,
    signal: settings.signal,
    wait: (options) => wait(settings, options),
    retry: (options) => retry(settings, options),
    check: (specs) => runChecks(specs, settings.step, settings.report),
    limit: (ms) => limitHere(ms, settings.timeScale),
    handOver,
  };
}
