// A clock that a test turns by hand: time passes when somebody waits for it, and only then.
import type { Clock } from '../../src/base/clock.ts';

export interface HandClock extends Clock {
  /** How long all pauses took together, in milliseconds. */
  elapsed(): number;
}

/** Every pause ends at once, with the time moved on by just as much. */
export function handClock(start = 1_000_000): HandClock {
  let now = start;
  return {
    now: () => now,
    after(ms, fn) {
      let live = true;
      queueMicrotask(() => {
        if (!live) return;
        now += ms;
        fn();
      });
      return () => {
        live = false;
      };
    },
    elapsed: () => now - start,
  };
}
