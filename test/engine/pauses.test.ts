import { describe, expect, it } from 'vitest';
import { nextPause, nextRetry } from '../../src/engine/pauses.ts';

/** Looks at something that is ready after `readyMs`, each look taking `lookMs`. */
function play(
  readyMs: number,
  lookMs: number,
  typicalMs?: number,
): { looks: number; lateMs: number; inFirstTen: number } {
  let now = 0;
  let looks = 0;
  let inFirstTen = 0;
  for (;;) {
    const startedAt = now;
    now += lookMs;
    looks++;
    if (startedAt < 10_000) inFirstTen++;
    if (startedAt >= readyMs) return { looks, lateMs: startedAt - readyMs, inFirstTen };
    now += nextPause({ elapsedMs: now, lookMs, ...(typicalMs === undefined ? {} : { typicalMs }) });
  }
}

describe('nextPause', () => {
  it.each([
    ['in a moment, asked from beside', 150, 4],
    ['after seconds, at a time compressed twenty times', 7_500, 4],
    ['after two and a half minutes', 150_000, 80],
  ])('sees what is ready %s within 3 percent, or 30 ms', (_when, readyMs, lookMs) => {
    for (let shift = 0; shift < 50; shift++) {
      const ready = readyMs * (1 + shift / 500);
      expect(play(ready, lookMs, 150_000).lateMs).toBeLessThanOrEqual(Math.max(30, ready * 0.03) + lookMs);
    }
  });

  it('lets seven demos start at once within what AWS allows them together: 40 requests, and 10 more each second', () => {
    const loadBalancer = play(150_000, 80, 150_000);
    expect(loadBalancer.inFirstTen * 7).toBeLessThanOrEqual(40 + 10 * 10);
    expect(loadBalancer.looks).toBeLessThan(100);
  });

  it('stretches when AWS is slow to answer', () => {
    expect(nextPause({ elapsedMs: 8_000, lookMs: 700 })).toBeGreaterThanOrEqual(2_000);
  });

  it('never sleeps longer than five seconds, and no longer than half of that near the usual moment', () => {
    expect(nextPause({ elapsedMs: 3_600_000, lookMs: 60_000 })).toBe(5_000);
    expect(nextPause({ elapsedMs: 148_000, lookMs: 80, typicalMs: 150_000 })).toBeLessThanOrEqual(2_500);
  });
});

describe('nextRetry', () => {
  function attemptsWithin(limitMs: number, lookMs: number): number {
    let elapsedMs = lookMs;
    let attempts = 1;
    while ((elapsedMs += nextRetry({ elapsedMs, lookMs })) < limitMs) {
      elapsedMs += lookMs;
      attempts++;
    }
    return attempts;
  }

  it('stays within what EC2 allows of RunInstances: five at once, two more each second', () => {
    for (const seconds of [1, 2, 10, 60])
      expect(attemptsWithin(seconds * 1000, 5)).toBeLessThanOrEqual(5 + 2 * seconds);
  });

  it('is soon there when what was refused is allowed after a moment', () => {
    expect(attemptsWithin(400, 5)).toBeGreaterThanOrEqual(4);
  });
});
