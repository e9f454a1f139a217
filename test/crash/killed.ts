// A command killed at each of its AWS calls and then run again, or destroyed: what "nothing lost, nothing left" means.
import { runCases, tell, undisturbed, wordsOf, type Case, type Story } from './cases.ts';
import { failureOf, type DemoWorld, type Typed } from './demo-world.ts';
import { copyProgram, type Moment, type Program } from './killed-program.ts';
import { destroy } from './stories.ts';
import { differences, viewOf } from './view.ts';

/** How many polls a run may take more or less than another, so that every call has its turn. */
const slack = 4;

/**
 * The whole walk: every call, both moments, both ways to go on.
 * @param every only each so many-th call, for a sample. @default 1
 * @returns lines on what went wrong; empty when nothing did.
 */
export async function walk(story: Story, every = 1): Promise<string[]> {
  const startedAt = Date.now();
  const { view, calls } = await undisturbed(story);
  const program = copyProgram();
  const counts = { calls: calls.length, cases: 0, killed: 0, 'ended before': 0 };
  const cases = new Map<string, Case>();
  // Destroy is its own way to go on.
  const afterwards: Typed[] = story.command.command === 'destroy' ? [destroy] : [story.command, destroy];
  for (const next of afterwards) {
    for (let call = 1; call <= calls.length + slack; call += every) {
      for (const moment of ['before', 'after'] as const) {
        cases.set(`killed ${moment} call ${call}, then ${next.command}`, async (world) => {
          counts.cases++;
          const { at, lines } = await killThenGoOn(world, program, story.command, call, moment, next, view);
          counts[at === undefined ? 'ended before' : 'killed']++;
          return { lines: lines.map((line) => `(${at ?? 'it ended before'}) ${line}`), reusable: next !== destroy };
        });
      }
    }
  }
  try {
    return await runCases(story, cases);
  } finally {
    program.remove();
    tell(`killed at every call of ${wordsOf(story.command)}`, counts, startedAt);
  }
}

async function killThenGoOn(
  world: DemoWorld,
  program: Program,
  command: Typed,
  call: number,
  moment: Moment,
  next: Typed,
  view: readonly string[],
): Promise<{ at: string | undefined; lines: string[] }> {
  const { at, exitCode, output } = await program.killAt(world, command, call, moment);
  if (at === undefined && exitCode !== 0)
    return { at, lines: [`it failed by itself with exit code ${exitCode}: ${output}`] };
  const failure = failureOf(await world.run(next));
  const lines = failure === undefined ? [] : [`${next.command} failed: ${failure}`];
  if (next.command !== 'destroy') return { at, lines: [...lines, ...differences(view, viewOf(world.sandbox.world))] };
  return { at, lines: [...lines, ...differences([], viewOf(world.sandbox.world)), ...(await world.remains())] };
}
