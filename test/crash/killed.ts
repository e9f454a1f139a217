// A command killed at each of its AWS calls and then run again, or destroyed: what "nothing lost, nothing left" means.
import { runCases, tell, type Case } from './cases.ts';
import { failureOf, startWorld, type DemoWorld, type Typed } from './demo-world.ts';
import { copyProgram, type Moment, type Program } from './killed-program.ts';
import { differences, viewOf } from './view.ts';

export interface Story {
  /** What stands before the command under test. */
  given: readonly Typed[];
  command: Typed;
}

export const up: Typed = { command: 'up', flags: {} };
export const destroy: Typed = { command: 'destroy', flags: {} };

/** Runs commands that must succeed. */
export async function prepare(world: DemoWorld, commands: readonly Typed[]): Promise<void> {
  for (const typed of commands) {
    const failure = failureOf(await world.run(typed));
    if (failure !== undefined) throw new Error(`preparing with ${typed.command}: ${failure}`);
  }
}

export interface Undisturbed {
  /** What the world holds in the end. */
  view: string[];
  /** How many calls it takes. */
  calls: string[];
}

/** The story as it goes when nothing happens. */
export async function undisturbed({ given, command }: Story): Promise<Undisturbed> {
  const world = await startWorld();
  try {
    await prepare(world, given);
    const ran = await world.run(command);
    const failure = failureOf(ran);
    if (failure !== undefined) throw new Error(`undisturbed ${command.command}: ${failure}`);
    return { view: viewOf(world.sandbox.world), calls: ran.calls };
  } finally {
    await world.close();
  }
}

/** How many polls a run may take more or less than another, so that every call has its turn. */
const slack = 4;

/**
 * The whole walk: every call, both moments, both ways to go on.
 * @returns lines on what went wrong; empty when nothing did.
 */
export async function walk(story: Story): Promise<string[]> {
  const startedAt = Date.now();
  const { view, calls } = await undisturbed(story);
  const program = copyProgram();
  const counts = { calls: calls.length, cases: 0, killed: 0, 'ended before': 0 };
  const cases = new Map<string, Case>();
  // Destroy is its own way to go on.
  const afterwards: Typed[] = story.command.command === 'destroy' ? [destroy] : [story.command, destroy];
  for (let call = 1; call <= calls.length + slack; call++) {
    for (const moment of ['before', 'after'] as const) {
      for (const next of afterwards) {
        cases.set(`killed ${moment} call ${call}, then ${next.command}`, async (world) => {
          counts.cases++;
          const { at, lines } = await killThenGoOn(world, program, story, call, moment, next, view);
          counts[at === undefined ? 'ended before' : 'killed']++;
          return lines.map((line) => `(${at ?? 'it ended before'}) ${line}`);
        });
      }
    }
  }
  try {
    return await runCases(cases);
  } finally {
    program.remove();
    const { command, flags } = story.command;
    tell(`killed at every call of ${[command, ...Object.entries(flags).flat()].join(' ')}`, counts, startedAt);
  }
}

async function killThenGoOn(
  world: DemoWorld,
  program: Program,
  { given, command }: Story,
  call: number,
  moment: Moment,
  next: Typed,
  view: readonly string[],
): Promise<{ at: string | undefined; lines: string[] }> {
  await prepare(world, given);
  const { at, exitCode, output } = await program.killAt(world, command, call, moment);
  if (at === undefined && exitCode !== 0) return { at, lines: [`it failed by itself with exit code ${exitCode}: ${output}`] };
  const again = await world.run(next);
  const failure = failureOf(again);
  const lines = failure === undefined ? [] : [`${next.command} failed: ${failure}`];
  const wanted = next.command === 'destroy' ? [] : view;
  return { at, lines: [...lines, ...differences(wanted, viewOf(world.sandbox.world))] };
}
