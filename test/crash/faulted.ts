// A command that meets a fault at each of its AWS calls: what passes is ridden out and told, what stays is named.
import { EcsdemoError } from '../../src/base/errors.ts';
import type { Call, Intercept } from '../../src/sandbox/server.ts';
import { runCases, tell, undisturbed, wordsOf, type Case, type Story } from './cases.ts';
import { failureOf, nameOf, type DemoWorld, type Ran } from './demo-world.ts';
import type { FinalFault, PassingFault } from './faults.ts';
import { destroy } from './stories.ts';
import { differences, viewOf } from './view.ts';

type Fault = PassingFault | FinalFault;

/** A final fault must end the command well before this, whatever it was doing; milliseconds. */
const soonMs = 20_000;

/** How many times each fault can be given in a run: once for each call that can meet it, and a few for polls more. */
function turns(fault: Fault, calls: readonly string[]): number {
  return fault.at === undefined ? calls.length + 2 : calls.filter((call) => fault.at?.includes(call)).length;
}

const canMeet = ({ at, when }: Fault, call: Call): boolean =>
  (at === undefined || at.includes(nameOf(call))) && (when === undefined || when(call.input));

/** Lets `run` meet the fault at the n-th call that can; tells which call that was, undefined when there were not so many. */
async function meeting(
  world: DemoWorld,
  strike: (call: Call, turn: number) => void,
  lose: (call: Call) => void,
  fault: Fault,
  run: () => Promise<Ran>,
): Promise<Ran> {
  let turn = 0;
  const hook: Intercept = {
    before(call) {
      if (canMeet(fault, call)) strike(call, ++turn);
    },
    after: (call) => lose(call),
  };
  world.watch(hook);
  try {
    return await run();
  } finally {
    world.watch(undefined);
  }
}

/** @returns lines on what went wrong with a command that met the fault once at each call that can; empty: nothing did. */
export async function walkPassing(story: Story, faults: readonly PassingFault[]): Promise<string[]> {
  const startedAt = Date.now();
  const { view, calls } = await undisturbed(story);
  const counts = { faults: faults.length, calls: calls.length, cases: 0, given: 0 };
  const cases = new Map<string, Case>();
  for (const fault of faults) {
    for (let turn = 1; turn <= turns(fault, calls); turn++) {
      cases.set(`${fault.name}, time ${turn}`, async (world) => {
        counts.cases++;
        let met: Call | undefined;
        let given = false;
        const ran = await meeting(
          world,
          (call, now) => {
            if (now !== turn) return;
            met = call;
            if (fault.moment === 'after') return;
            given = true;
            throw fault.error(call);
          },
          (call) => {
            if (fault.moment === 'before' || call.requestId !== met?.requestId) return;
            given = true;
            throw fault.error(call);
          },
          fault,
          () => world.run(story.command),
        );
        if (given) counts.given++;
        const lines = passed(fault, given, ran, differences(view, viewOf(world.sandbox.world)));
        return { lines: lines.map((line) => `(${met === undefined ? 'no call' : nameOf(met)}) ${line}`) };
      });
    }
  }
  const lines = await runCases(story, cases);
  tell(`passing faults at every call of ${wordsOf(story.command)}`, counts, startedAt);
  return lines;
}

function passed(fault: PassingFault, given: boolean, ran: Ran, worldDiffers: string[]): string[] {
  const failure = failureOf(ran);
  if (failure !== undefined) return [`it failed: ${failure}`];
  const lines = [...worldDiffers];
  const told = ran.events.filter(({ type }) => type === 'retrying' || type === 'warning');
  if (given && fault.told && told.length === 0) lines.push('nobody was told');
  return lines;
}

/** @returns lines on what went wrong with a command that met the fault for good from each call on; empty: nothing did. */
export async function walkFinal(story: Story, faults: readonly FinalFault[]): Promise<string[]> {
  const startedAt = Date.now();
  const { calls } = await undisturbed(story);
  const counts = { faults: faults.length, calls: calls.length, cases: 0, given: 0 };
  const cases = new Map<string, Case>();
  for (const fault of faults) {
    for (let turn = 1; turn <= turns(fault, calls); turn++) {
      cases.set(`${fault.name}, time ${turn}`, async (world) => {
        counts.cases++;
        let met: Call | undefined;
        const beganAt = Date.now();
        const ran = await meeting(
          world,
          (call, now) => {
            if (now >= turn) met ??= call;
            if (met !== undefined && (fault.all || nameOf(call) === nameOf(met))) throw fault.error(call);
          },
          () => undefined,
          fault,
          () => world.run(story.command),
        );
        if (met !== undefined) counts.given++;
        const lines =
          met === undefined
            ? passed({ ...fault, moment: 'before', told: false }, false, ran, [])
            : named(fault, met, ran);
        if (Date.now() - beganAt > soonMs) lines.push(`it took ${Date.now() - beganAt} ms`);
        const failure = failureOf(await world.run(destroy));
        if (failure !== undefined) lines.push(`destroy afterwards: ${failure}`);
        lines.push(...differences([], viewOf(world.sandbox.world)), ...(await world.remains()));
        return {
          lines: lines.map((line) => `(${met === undefined ? 'no call' : nameOf(met)}) ${line}`),
          reusable: false,
        };
      });
    }
  }
  const lines = await runCases(story, cases);
  tell(`final faults at every call of ${wordsOf(story.command)}`, counts, startedAt);
  return lines;
}

function named(fault: FinalFault, met: Call, { error }: Ran): string[] {
  if (!(error instanceof EcsdemoError)) return [`it ended with ${error?.message ?? 'success'}`];
  const lines: string[] = [];
  if (error.code !== fault.code || error.exitCode !== fault.exitCode)
    lines.push(`code ${error.code}, exit ${error.exitCode}: ${error.message}`);
  const words = fault.names(met);
  if (!error.message.includes(words)) lines.push(`"${words}" is not in: ${error.message}`);
  return lines;
}
