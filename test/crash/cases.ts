// Runs many cases a few at a time and gathers what went wrong with which. Worlds that a case leaves as it found them
// serve the next one: making one costs more than breaking it.
import type { Context } from '../../src/sandbox/handler.ts';
import { startWorld, failureOf, type DemoWorld, type Typed } from './demo-world.ts';
import { differences, viewOf } from './view.ts';

/** Waits overlap and work does not: more than this at once only makes each slower. */
const atOnce = 5;

export interface Story {
  /** What stands before the command under test. */
  given: readonly Typed[];
  /** What a person changes by hand after that. */
  byHand?: (context: Context) => void;
  command: Typed;
  /** Leads from what the command makes back to what was given. Absent: each case gets a new world. */
  back?: Typed;
}

/** @returns one line for each thing that is wrong; empty: all is well. */
export type Case = (world: DemoWorld) => Promise<{ lines: string[]; reusable?: boolean }>;

/**
 * @param cases by name; the name stands before each line of the answer.
 * @returns the lines of all cases, in their order.
 */
export async function runCases(story: Story, cases: ReadonlyMap<string, Case>): Promise<string[]> {
  const waiting = [...cases];
  const found = new Map<string, string[]>();
  const worker = async (): Promise<void> => {
    let world: DemoWorld | undefined;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [name, run] = next;
        world ??= await startWorld();
        const { lines, reusable } = await inWorld(world, story, run);
        found.set(name, lines);
        if (reusable) continue;
        await world.close();
        world = undefined;
      }
    } finally {
      await world?.close();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return [...cases.keys()].flatMap((name) => (found.get(name) ?? ['it never ran']).map((line) => `${name}: ${line}`));
}

async function inWorld(
  world: DemoWorld,
  { given, byHand, back }: Story,
  run: Case,
): Promise<{ lines: string[]; reusable: boolean }> {
  try {
    if (viewOf(world.sandbox.world).length === 0) await prepare(world, given, byHand);
    const before = viewOf(world.sandbox.world);
    const { lines, reusable = true } = await run(world);
    lines.push(...world.defects.splice(0).map((defect) => `the sandbox told of a defect: ${defect}`));
    if (lines.length > 0 || back === undefined || !reusable) return { lines, reusable: false };
    await prepare(world, [back]);
    return { lines, reusable: differences(before, viewOf(world.sandbox.world)).length === 0 };
  } catch (error) {
    return { lines: [error instanceof Error ? (error.stack ?? error.message) : String(error)], reusable: false };
  }
}

/** Runs commands that must succeed, and then changes what a person would. */
export async function prepare(world: DemoWorld, commands: readonly Typed[], byHand?: Story['byHand']): Promise<void> {
  for (const typed of commands) {
    const failure = failureOf(await world.run(typed));
    if (failure !== undefined) throw new Error(`preparing with ${typed.command}: ${failure}`);
  }
  if (byHand !== undefined) world.sandbox.loop.change(byHand);
}

export interface Undisturbed {
  /** What the world holds in the end. */
  view: string[];
  /** The calls it takes, in the order they arrived. */
  calls: string[];
}

/** The story as it goes when nothing happens. */
export async function undisturbed({ given, byHand, command }: Story): Promise<Undisturbed> {
  const world = await startWorld();
  try {
    await prepare(world, given, byHand);
    const ran = await world.run(command);
    const failure = failureOf(ran);
    if (failure !== undefined) throw new Error(`undisturbed ${command.command}: ${failure}`);
    return { view: viewOf(world.sandbox.world), calls: ran.calls };
  } finally {
    await world.close();
  }
}

/** `scale --count 4`, for people. */
export const wordsOf = ({ command, flags }: Typed): string =>
  [command, ...Object.entries(flags).map(([flag, value]) => `--${flag} ${value}`)].join(' ');

/** The figures that docs/reliability.md quotes. */
export function tell(what: string, figures: Record<string, number>, startedAt: number): void {
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
  const counted = Object.entries(figures).map(([name, figure]) => `${figure} ${name}`);
  process.stderr.write(`${what}: ${counted.join(', ')}, ${seconds} s\n`);
}
