import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isGivenUp, limitCalls } from '../../src/aws/call-limits.ts';

const never = (): Promise<never> => new Promise(() => undefined);

/** How the call ends, and when: in milliseconds. */
async function endOf(call: Promise<unknown>): Promise<{ message: string; code: unknown; ms: number }> {
  const startedAt = Date.now();
  const ended = call.then(
    () => ({ message: 'answered', code: undefined }),
    (error: Error & { code?: unknown }) => ({ message: error.message, code: error.code }),
  );
  await vi.runAllTimersAsync();
  return { ...(await ended), ms: Date.now() - startedAt };
}

describe('limitCalls', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0 }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['a read ends at the deadline', 0, false, 8000, 'ecs:X was not answered within 8 s'],
    [
      'a change may have been made',
      0,
      true,
      8000,
      'ecs:X was not answered within 8 s: it may or may not have been made',
    ],
    [
      'what is asked after the deadline has some seconds from then',
      9000,
      false,
      4000,
      'ecs:X was not answered within 4 s',
    ],
    ['what is asked long after it is not sent', 13_000, true, 0, 'the time of --timeout was over before ecs:X'],
  ])('%s', async (_what, now, changes, ms, message) => {
    vi.setSystemTime(now);
    const limit = limitCalls({ deadline: () => 8000, signal: new AbortController().signal });
    let ended = 0;
    const call = limit('ecs:X', changes, never).finally(() => (ended = Date.now() - now));
    expect(await endOf(call)).toMatchObject({ code: 'timeout', message });
    expect(ended).toBe(ms);
  });

  it('asks nobody why who has been silent until the deadline', async () => {
    const limit = limitCalls({ deadline: () => 8000, signal: new AbortController().signal });
    await endOf(limit('ecs:X', false, never));
    expect(await endOf(limit('ecs:Y', false, async () => 42))).toMatchObject({ code: 'timeout', ms: 0 });
  });

  it('knows of a change that was given up, and of none that was not sent', async () => {
    const limit = limitCalls({ deadline: () => 8000, signal: new AbortController().signal });
    const failed = (error: unknown): unknown => error;
    const [change, read] = [limit('ecs:X', true, never).catch(failed), limit('ecs:X', false, never).catch(failed)];
    await vi.runAllTimersAsync();
    const unsent = limit('ecs:X', true, never).catch(failed);
    expect([await change, await read, await unsent].map(isGivenUp)).toEqual([true, false, false]);
  });

  it('leaves what is answered alone, and no timer behind', async () => {
    const limit = limitCalls({ deadline: () => 8000, signal: new AbortController().signal });
    expect(await limit('ecs:X', true, async () => 42)).toBe(42);
    await Promise.resolve();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('after Ctrl-C a read ends at once, and a change may be answered still', async () => {
    const interrupt = new AbortController();
    const limit = limitCalls({ deadline: () => 60_000, signal: interrupt.signal });
    const failed = (error: unknown): unknown => error;
    const read = limit('ecs:R', false, never).catch(failed);
    const lost = limit('ecs:L', true, never).catch(failed);
    const made = limit('ecs:M', true, () => new Promise((resolve) => setTimeout(resolve, 4000)));
    interrupt.abort();
    expect(await read).toMatchObject({ code: 'interrupted' });
    expect(Date.now()).toBe(0);
    expect(await endOf(made)).toMatchObject({ message: 'answered' });
    expect(await lost).toMatchObject({
      code: 'interrupted',
      message: 'interrupted; ecs:L was not answered: it may or may not have been made',
    });
  });
});
