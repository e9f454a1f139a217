import { describe, expect, it } from 'vitest';
import { pause } from '../../src/base/clock.ts';
import { EcsdemoError } from '../../src/base/errors.ts';
import type { EngineEvent } from '../../src/engine/types.ts';
import { retry, wait, type WaitSettings } from '../../src/engine/wait.ts';
import { handClock } from '../helpers/hand-clock.ts';

function setUp(deadlineMs = 60_000) {
  const clock = handClock();
  const events: EngineEvent[] = [];
  const stop = new AbortController();
  const settings: WaitSettings = {
    clock,
    signal: stop.signal,
    report: (event) => events.push(event),
    step: 'service',
    deadline: clock.now() + deadlineMs,
  };
  return { clock, events, stop, settings };
}

describe('wait', () => {
  it('returns what was ready at the first look, and says nothing', async () => {
    const { settings, events, clock } = setUp();
    expect(await wait(settings, { what: 'it', look: async () => ({ done: true, value: 42 }) })).toBe(42);
    expect(events).toEqual([]);
    expect(clock.elapsed()).toBe(0);
  });

  it('tells each state once, and the end', async () => {
    const { settings, events } = setUp();
    const states = ['pending', 'pending', 'running'];
    await wait(settings, {
      what: 'the instance',
      look: async () => {
        const state = states.shift();
        return state === undefined ? { done: true, value: undefined } : { done: false, state };
      },
    });
    expect(events.map((event) => (event.type === 'waiting' ? [event.state, event.done] : event.type))).toEqual([
      ['pending', false],
      ['running', false],
      ['done', true],
    ]);
  });

  it.each([
    // On AWS as it says; where time runs faster so much shorter, but never shorter than a slow machine needs.
    { timeScale: 1, limitMs: 600_000, typicalMs: 90_000, ends: 600_000, typically: 90_000 },
    { timeScale: 30, limitMs: 600_000, typicalMs: 90_000, ends: 20_000, typically: 3000 },
    { timeScale: 1000, limitMs: 600_000, typicalMs: 90_000, ends: 10_000, typically: 90 },
    { timeScale: 1000, limitMs: 4000, typicalMs: 90_000, ends: 4000, typically: 90 },
    { timeScale: 0.5, limitMs: 60_000, typicalMs: 10_000, ends: 120_000, typically: 20_000 },
  ])('where time runs $timeScale times faster, a limit of $limitMs ends after $ends ms', async (row) => {
    const { settings, clock, events } = setUp(3_600_000);
    const options = { what: 'it', limitMs: row.limitMs, typicalMs: row.typicalMs };
    const look = async () => ({ done: false, state: 'pending' }) as const;
    await expect(wait({ ...settings, timeScale: row.timeScale }, { ...options, look })).rejects.toThrow(/waited/);
    expect(clock.elapsed()).toBeCloseTo(row.ends, 3);
    expect(events).toContainEqual(expect.objectContaining({ type: 'waiting', typicalMs: row.typically }));
  });

  it.each([
    { timeScale: 1, after: 135_000 },
    { timeScale: 10, after: 13_500 },
    // Not at once where all is over in a moment.
    { timeScale: 1000, after: 3000 },
  ])(
    'asks once why it takes so long, well after the usual time ($timeScale times faster)',
    async ({ timeScale, after }) => {
      const { settings, clock, events } = setUp(3_600_000);
      const asked: number[] = [];
      const options = {
        what: 'the agent',
        typicalMs: 90_000,
        limitMs: 600_000,
        look: async () => ({ done: false, state: 'none' }) as const,
        late: async () => {
          asked.push(clock.elapsed());
          return ['its user data names another cluster'];
        },
      };
      await expect(wait({ ...settings, timeScale }, options)).rejects.toThrow(/waited/);
      expect(asked).toHaveLength(1);
      expect(asked[0]).toBeGreaterThanOrEqual(after);
      expect(asked[0]).toBeLessThan(after + 5001);
      const message = 'its user data names another cluster';
      expect(events.filter(({ type }) => type === 'warning')).toEqual([{ type: 'warning', step: 'service', message }]);
    },
  );

  it('ends at once with what its lateness shows to be beyond waiting', async () => {
    const { settings, clock } = setUp(3_600_000);
    const options = {
      what: 'the agent',
      typicalMs: 10_000,
      look: async () => ({ done: false, state: 'none' }) as const,
      late: () => Promise.reject(new EcsdemoError('agent-missing', 'no profile')),
    };
    await expect(wait(settings, options)).rejects.toMatchObject({ code: 'agent-missing' });
    expect(clock.elapsed()).toBeLessThan(20_000);
  });

  it('times out with the last state and the diagnosis, no later than the limit', async () => {
    const { settings, clock } = setUp();
    const error = await wait(settings, {
      what: 'targets',
      limitMs: 7000,
      look: async () => ({ done: false, state: '0 healthy' }),
      diagnose: async () => ['target i-1:32768 is unhealthy'],
    }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EcsdemoError);
    expect(error).toMatchObject({ code: 'timeout', exitCode: 6, diagnosis: ['target i-1:32768 is unhealthy'] });
    expect((error as Error).message).toBe('waited 7 s for targets; last state: 0 healthy');
    expect(clock.elapsed()).toBeCloseTo(7000, 6);
  });

  it('tells what was seen before the end of the time cut a look off', async () => {
    const { settings, clock } = setUp(5000);
    let looks = 0;
    const error = await wait(settings, {
      what: 'targets',
      look: async () => {
        if (looks++ === 0) return { done: false, state: '0 healthy' };
        await pause(clock, 10_000, new AbortController().signal);
        throw new EcsdemoError('timeout', 'elb:X was not answered');
      },
      diagnose: async () => ['why'],
    }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'timeout', diagnosis: ['why'] });
    expect((error as Error).message).toContain('last state: 0 healthy; then elb:X was not answered');
  });

  it('never outlives the deadline of the command', async () => {
    const { settings, clock } = setUp(3000);
    await expect(
      wait(settings, { what: 'it', limitMs: 99_000, look: async () => ({ done: false, state: 'no' }) }),
    ).rejects.toThrow(/waited 3 s/);
    expect(clock.elapsed()).toBeCloseTo(3000, 6);
  });

  it('advises what the wait itself knows to help', async () => {
    const { settings } = setUp(1000);
    const options = {
      what: 'it',
      look: async () => ({ done: false, state: 'no' }) as const,
      suggestions: [{ text: 'look there' }],
    };
    await expect(wait(settings, options)).rejects.toMatchObject({
      code: 'timeout',
      suggestions: [{ text: 'look there' }],
    });
  });

  it('survives a diagnosis that fails', async () => {
    const { settings } = setUp(1000);
    const options = {
      what: 'it',
      look: async () => ({ done: false, state: 'no' }) as const,
      diagnose: () => Promise.reject(new Error('denied')),
    };
    await expect(wait(settings, options)).rejects.toMatchObject({ code: 'timeout', diagnosis: [] });
  });

  it('ends at once when the signal aborts', async () => {
    const { settings, stop } = setUp();
    const reason = new Error('ctrl-c');
    let looks = 0;
    const waiting = wait(settings, {
      what: 'it',
      look: async () => {
        if (++looks === 3) stop.abort(reason);
        return { done: false, state: 'no' };
      },
    });
    await expect(waiting).rejects.toBe(reason);
    expect(looks).toBe(3);
  });

  it('lets through what a look throws: waiting cannot cure it', async () => {
    const { settings } = setUp();
    const cause = new EcsdemoError('crash-loop', 'it crashes');
    await expect(wait(settings, { what: 'it', look: () => Promise.reject(cause) })).rejects.toBe(cause);
  });
});

describe('retry', () => {
  it('looks after the first second whether it can still succeed', async () => {
    const { settings, clock } = setUp();
    const lost = new EcsdemoError('demo-absent', 'gone');
    const rechecked: number[] = [];
    await expect(
      retry(settings, {
        what: 'it',
        limitMs: 60_000,
        transient: () => 'not seen yet',
        attempt: () => Promise.reject(new Error('not found')),
        recheck: async (elapsedMs) => {
          rechecked.push(elapsedMs);
          if (rechecked.length === 3) throw lost;
        },
      }),
    ).rejects.toBe(lost);
    expect(rechecked[0]).toBeGreaterThanOrEqual(1000);
    expect(clock.elapsed()).toBeLessThan(5000);
  });

  it('rides out what passes by itself, and says it once', async () => {
    const { settings, events } = setUp();
    let attempts = 0;
    const value = await retry(settings, {
      what: 'launching',
      limitMs: 30_000,
      transient: () => 'EC2 does not see the profile yet',
      attempt: async () => {
        if (++attempts < 4) throw new Error('Invalid IAM Instance Profile');
        return 'i-1';
      },
    });
    expect(value).toBe('i-1');
    expect(events).toEqual([
      { type: 'retrying', step: 'service', what: 'launching', reason: 'EC2 does not see the profile yet' },
    ]);
  });

  it('throws at once what does not pass', async () => {
    const { settings, clock } = setUp();
    const denied = new Error('denied');
    await expect(
      retry(settings, {
        what: 'it',
        limitMs: 30_000,
        transient: () => undefined,
        attempt: () => Promise.reject(denied),
      }),
    ).rejects.toBe(denied);
    expect(clock.elapsed()).toBe(0);
  });

  it('gives up with the error itself when the time is over', async () => {
    const { settings, clock } = setUp();
    const still = new Error('still in use');
    await expect(
      retry(settings, { what: 'it', limitMs: 5000, transient: () => 'in use', attempt: () => Promise.reject(still) }),
    ).rejects.toBe(still);
    expect(clock.elapsed()).toBeCloseTo(5000, 6);
  });
});
