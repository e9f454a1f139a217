// A smoke run on a sandbox: what it does in which order, and that it takes away what it made however it went.
import { expect, onTestFinished, test } from 'vitest';
import { openSession } from '../../src/actions/session.ts';
import { smoke } from '../../src/actions/smoke.ts';
import { smokeSteps, type SmokePlan } from '../../src/actions/smoke-plan.ts';
import type { GivenFlags } from '../../src/base/settings.ts';
import { tutorial } from '../../src/chapters/tutorial/chapter.ts';
import type { EngineEvent } from '../../src/engine/types.ts';
import { setFault } from '../../src/sandbox/control/requests.ts';
import { startRunningDemo, type RunningDemo } from '../helpers/running-demo.ts';

const usual: SmokePlan = { steps: smokeSteps, count: 4, keep: false, retry: false };

interface Asked {
  plan?: Partial<SmokePlan>;
  flags?: GivenFlags;
  /** Aborts the run when it gives true. */
  interrupt?: (event: EngineEvent) => boolean;
}

async function smokeOn(demo: RunningDemo, { plan, flags, interrupt = () => false }: Asked = {}) {
  const stop = new AbortController();
  const events: EngineEvent[] = [];
  const report = (event: EngineEvent): void => {
    events.push(event);
    if (interrupt(event)) stop.abort();
  };
  const settings = demo.settings(flags);
  const session = openSession(tutorial, settings, report, stop.signal);
  onTestFinished(() => session.close());
  const outcome = await smoke(session, { ...usual, ...plan });
  return { ...outcome, events, told: outcome.data?.commands.map(({ command, status }) => `${command}: ${status}`) };
}

async function isEmpty(demo: RunningDemo): Promise<boolean> {
  const { result } = await demo.run('destroy');
  return result.data?.removed.length === 0;
}

test('a good run does all of it in order, and nothing is left', async () => {
  const demo = await startRunningDemo();
  const { error, told, data, events } = await smokeOn(demo);
  expect(error).toBeUndefined();
  expect(told).toEqual([
    'up: passed',
    'verify: passed',
    'scale --count 4: passed',
    'verify: passed',
    'scale --count 1: passed',
    'verify: passed',
    'destroy: passed',
  ]);
  expect(data?.left).toEqual([]);
  expect(data?.removed.length).toBeGreaterThan(5);
  const calls = events.filter(({ type }) => type === 'call').length;
  expect(data?.calls.total).toBe(calls);
  expect(await isEmpty(demo)).toBe(true);
});

test('what went wrong first is the result, the rest is skipped, and destroy is run', async () => {
  const demo = await startRunningDemo();
  const { error, told, data } = await smokeOn(demo, { flags: { image: 'no/such' } });
  expect(error?.code).toBe('cannot-pull');
  expect(told).toEqual([
    'up: failed',
    'verify: skipped',
    'scale --count 4: skipped',
    'verify: skipped',
    'scale --count 1: skipped',
    'verify: skipped',
    'destroy: passed',
  ]);
  expect(data?.left).toEqual([]);
  expect(await isEmpty(demo)).toBe(true);
});

test('--keep leaves a failed run to be looked at, and says that nothing is known of what is left', async () => {
  const demo = await startRunningDemo();
  const { told, data } = await smokeOn(demo, { flags: { image: 'no/such' }, plan: { keep: true } });
  expect([told?.at(-1), data?.left]).toEqual(['destroy: skipped', null]);
  expect(await isEmpty(demo)).toBe(false);
});

test('only some steps', async () => {
  const demo = await startRunningDemo();
  const { told } = await smokeOn(demo, { plan: { steps: ['up', 'scale'], count: 2 } });
  expect(told).toEqual(['up: passed', 'scale --count 2: passed', 'scale --count 1: passed', 'destroy: passed']);
});

test.each(['SecurityGroup', 'Cluster', 'Service'])(
  'interrupted after the %s was made, it takes all away',
  async (what) => {
    const demo = await startRunningDemo();
    const { error, told, data } = await smokeOn(demo, {
      interrupt: (event) => event.type === 'changed' && event.change.type.endsWith(`::${what}`),
    });
    expect(error?.code).toBe('interrupted');
    expect([told?.[0], told?.at(-1), data?.left]).toEqual(['up: failed', 'destroy: passed', []]);
    expect(await isEmpty(demo)).toBe(true);
  },
);

test('the time of destroy is kept back when the time-out is too short for the rest', async () => {
  const demo = await startRunningDemo();
  await setFault({ ...demo.sandbox, pid: 0, pace: 'fast', startedAt: '' }, { name: 'agent-never-registers' });
  const { error, told, data } = await smokeOn(demo, { flags: { timeout: '4s' } });
  expect([error?.code, told?.at(-1), data?.left]).toEqual(['timeout', 'destroy: passed', []]);
});
