// Runs many cases a few at a time, each in a world of its own, and gathers what went wrong with which.
import { startWorld, type DemoWorld } from './demo-world.ts';

/** Waits overlap and work does not: more than this at once only makes each slower. */
const atOnce = Number(process.env['ECSDEMO_CRASH_AT_ONCE'] ?? 4);

/** @returns one line for each thing that is wrong; empty: all is well. */
export type Case = (world: DemoWorld) => Promise<string[]>;

/**
 * @param cases by name; the name stands before each line of the answer.
 * @returns the lines of all cases, in their order.
 */
export async function runCases(cases: ReadonlyMap<string, Case>): Promise<string[]> {
  const waiting = [...cases];
  const found = new Map<string, string[]>();
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [name, run] = next;
      found.set(name, await inWorld(run));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return [...cases.keys()].flatMap((name) => (found.get(name) ?? []).map((line) => `${name}: ${line}`));
}

async function inWorld(run: Case): Promise<string[]> {
  const world = await startWorld();
  try {
    const lines = await run(world);
    return [...lines, ...world.defects.map((defect) => `the sandbox told of a defect: ${defect}`)];
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  } finally {
    await world.close();
  }
}

/** The figures that docs/reliability.md quotes. */
export function tell(what: string, figures: Record<string, number>, startedAt: number): void {
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
  const counted = Object.entries(figures).map(([name, figure]) => `${figure} ${name}`);
  process.stderr.write(`${what}: ${counted.join(', ')}, ${seconds} s\n`);
}
