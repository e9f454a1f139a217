// Where the time of a run went: notes when steps begin, hand over and end and what they wait for, and finds the chain of
// waits that determined the end. What is left of the time is the program's own. Knows no AWS call.
import type { Clock } from '../base/clock.ts';

export interface TimedWait {
  step: string;
  what: string;
  ms: number;
}

export interface Timings {
  totalMs: number;
  /** The waits of the chain, in order: each began only after the one before it. */
  chain: TimedWait[];
  /** The sum of the chain. */
  waitedMs: number;
  /** `totalMs` less `waitedMs`: what could not have been shorter by AWS being faster. */
  ownMs: number;
}

interface Span {
  what: string;
  startedAt: number;
  endedAt: number;
}

interface StepTimes {
  needs: readonly string[];
  /** It waited for their end, not for their hand-over. */
  needsDone: boolean;
  startedAt: number;
  handedOverAt: number;
  endedAt: number;
  waits: Span[];
}

export interface Timeline {
  started(step: string, needs: readonly string[], needsDone?: boolean): void;
  /** Dependants may start; only the first time counts. */
  handedOver(step: string): void;
  ended(step: string): void;
  waited(step: string, what: string, startedAt: number): void;
  /** @param since when the run began, milliseconds since the epoch. */
  summary(since: number): Timings;
}

export function createTimeline(clock: Clock): Timeline {
  const steps = new Map<string, StepTimes>();

  function timesOf(step: string): StepTimes {
    let times = steps.get(step);
    if (times === undefined) {
      times = {
        needs: [],
        needsDone: false,
        startedAt: clock.now(),
        handedOverAt: Number.POSITIVE_INFINITY,
        endedAt: Number.POSITIVE_INFINITY,
        waits: [],
      };
      steps.set(step, times);
    }
    return times;
  }

  /** Of those steps, the one whose hand-over (or end) came last. */
  function lastOf(ids: Iterable<string>, moment: (times: StepTimes) => number): [string, StepTimes] | undefined {
    let last: [string, StepTimes] | undefined;
    for (const id of ids) {
      const times = steps.get(id);
      if (times === undefined) continue;
      if (last === undefined || moment(times) > moment(last[1])) last = [id, times];
    }
    return last;
  }

  return {
    started(step, needs, needsDone = false) {
      const times = timesOf(step);
      times.needs = needs;
      times.needsDone = needsDone;
      times.startedAt = clock.now();
    },
    handedOver(step) {
      const times = timesOf(step);
      times.handedOverAt = Math.min(times.handedOverAt, clock.now());
    },
    ended(step) {
      const times = timesOf(step);
      times.endedAt = clock.now();
      times.handedOverAt = Math.min(times.handedOverAt, times.endedAt);
    },
    waited(step, what, startedAt) {
      const times = timesOf(step);
      times.waits.push({ what, startedAt, endedAt: clock.now() });
      // A step that was only looked at may be worked on later.
      if (times.endedAt < clock.now()) times.endedAt = clock.now();
    },
    summary(since) {
      const now = clock.now();
      const chain: TimedWait[] = [];
      // Backwards from the end: a step's waits, then the need it had to wait for, and so on.
      let cursor = now;
      let next = lastOf(steps.keys(), ({ endedAt }) => Math.min(endedAt, now));
      for (let left = steps.size; next !== undefined && left > 0; left--) {
        const [step, times] = next;
        const waits = times.waits.toSorted((one, other) => other.endedAt - one.endedAt);
        for (const { what, startedAt, endedAt } of waits) {
          if (endedAt > cursor) continue;
          chain.unshift({ step, what, ms: endedAt - startedAt });
          cursor = startedAt;
        }
        cursor = Math.min(cursor, times.startedAt);
        const opened = ({ handedOverAt, endedAt }: StepTimes): number => (times.needsDone ? endedAt : handedOverAt);
        next = lastOf(times.needs, opened);
        if (next !== undefined) cursor = Math.min(cursor, opened(next[1]));
      }
      const waitedMs = chain.reduce((total, { ms }) => total + ms, 0);
      const totalMs = now - since;
      return { totalMs, chain, waitedMs, ownMs: totalMs - waitedMs };
    },
  };
}
