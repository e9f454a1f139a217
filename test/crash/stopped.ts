// A smoke run that is stopped, as Ctrl-C and SIGTERM do, at each of its AWS calls: it ends as interrupted, and nothing is left.
import { openSession } from '../../src/actions/session.ts';
import { smoke } from '../../src/actions/smoke.ts';
import { smokeSteps, type SmokePlan } from '../../src/actions/smoke-plan.ts';
import { tutorial } from '../../src/chapters/tutorial/chapter.ts';
import { runCases, tell, type Case, type Story } from './cases.ts';
import { nameOf, settingsOf, type DemoWorld } from './demo-world.ts';
import type { Moment } from './killed-program.ts';
import { differences, viewOf } from './view.ts';

const plan: SmokePlan = { steps: smokeSteps, count: 2, keep: false, retry: false };
const smokeRun: Story = { given: [], command: { command: 'up', flags: {} } };

/** Runs it; `stop` is told of each call, and gives true where the run is to be stopped. */
async function run(world: DemoWorld, stop: (moment: Moment, number: number) => boolean) {
  const stopped = new AbortController();
  const calls: string[] = [];
  let at: string | undefined;
  const look = (moment: Moment, name: string): void => {
    if (at !== undefined || !stop(moment, calls.length)) return;
    at = name;
    stopped.abort();
  };
  world.watch({
    before(call) {
      calls.push(nameOf(call));
      look('before', nameOf(call));
    },
    after: (call) => look('after', nameOf(call)),
  });
  const settings = settingsOf(world, smokeRun.command);
  const session = openSession(tutorial, settings, () => undefined, stopped.signal);
  try {
    return { ...(await smoke(session, plan)), calls, at };
  } finally {
    world.watch(undefined);
    session.close();
  }
}

/** @param every only each so many-th call, for a sample. @default 1 */
export async function walkStopped(every = 1): Promise<string[]> {
  const startedAt = Date.now();
  const counts = { calls: 0, cases: 0, stopped: 0, 'ended before': 0 };
  const whole = await runCases(
    smokeRun,
    new Map<string, Case>([
      [
        'not stopped',
        async (world) => {
          const { calls, error } = await run(world, () => false);
          counts.calls = calls.length;
          return { lines: error === undefined ? [] : [error.message] };
        },
      ],
    ]),
  );
  const cases = new Map<string, Case>();
  for (let call = 1; call <= counts.calls; call += every) {
    for (const moment of ['before', 'after'] as const) {
      cases.set(`stopped ${moment} call ${call}`, async (world) => {
        counts.cases++;
        const { error, data, at, demo } = await run(world, (now, number) => now === moment && number === call);
        counts[at === undefined ? 'ended before' : 'stopped']++;
        const lines = [...differences([], viewOf(world.sandbox.world)), ...(await world.remains())];
        if (at === undefined) return { lines };
        const destroyed = data?.commands.at(-1)?.status === 'passed';
        if (error !== undefined && error.code !== 'interrupted')
          lines.push(`(${at}) ended as ${error.code}: ${error.message}`);
        if (demo !== undefined && !destroyed) lines.push(`(${at}) destroy did not pass`);
        if (destroyed && data?.left?.length !== 0)
          lines.push(`(${at}) says that is left: ${JSON.stringify(data?.left)}`);
        return { lines };
      });
    }
  }
  try {
    return [...whole, ...(await runCases(smokeRun, cases))];
  } finally {
    tell('a smoke run stopped at every call', counts, startedAt);
  }
}
