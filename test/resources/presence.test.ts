import { describe, expect, it } from 'vitest';
import { whileThere } from '../../src/resources/presence.ts';

/** Looks every 100 ms; `there` says what the nth look sees. */
async function lookingOn(there: (look: number) => boolean, lagMs?: number): Promise<number> {
  let looks = 0;
  const isThere = async () => there(looks++);
  const recheck = whileThere({ what: 'security group "x"', isThere, ...(lagMs === undefined ? {} : { lagMs }) });
  for (let elapsedMs = 1000; elapsedMs < 60_000; elapsedMs += 100) {
    try {
      await recheck(elapsedMs);
    } catch (error) {
      expect(error).toMatchObject({
        code: 'demo-absent',
        message: expect.stringContaining('security group "x" is gone'),
      });
      return elapsedMs;
    }
  }
  return Number.POSITIVE_INFINITY;
}

describe('what a retry relies on', () => {
  it('is gone once it was missed for a while', async () => {
    expect(await lookingOn(() => false)).toBe(2000);
    expect(await lookingOn(() => false, 15_000)).toBe(16_000);
  });

  it('is there while a list misses it for a moment only', async () => {
    expect(await lookingOn((look) => look % 5 === 0)).toBe(Number.POSITIVE_INFINITY);
  });
});
