// What a handler is: a synchronous function named exactly as its operation, from input to output over the world.
import type { Ids } from './ids.ts';
import type { Keep } from './kept.ts';
import type { Pace } from './pace.ts';
import type { World } from './world.ts';

export interface Context {
  world: World;
  /** Milliseconds since the epoch, one value for the whole call. */
  now: number;
  ids: Ids;
  pace: Pace;
  /** Asks for a free loopback port, kept for the caller until the sandbox ends. */
  reservePort(): number;
  /** What the service keeps beside the world, made by `open` at first use: `context.kept(openEvents)`. */
  kept: Keep;
}
