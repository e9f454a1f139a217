// Reads that lag behind: what was created a moment ago is not there yet for whoever looks, as on AWS, whose reads are
// eventually consistent. The handlers read a world without it and answer as they answer for what does not exist.
import type { World } from '../world.ts';

/** What a person creates; what AWS makes by itself is seen at once. */
const tables = [
  'securityGroups',
  'instances',
  'roles',
  'instanceProfiles',
  'clusters',
  'taskDefinitions',
  'services',
  'loadBalancers',
  'listeners',
  'targetGroups',
] as const;

function keysOf(world: World): string[] {
  return tables.flatMap((table) => Object.keys(world[table]));
}

/** Remembers what there is; what is there later and was not then is new. */
export function watchForNew(world: World): () => string[] {
  const before = new Set(keysOf(world));
  return () => keysOf(world).filter((key) => !before.has(key));
}

/** The world as a lagging read sees it; the world itself when it hides nothing. */
export function laggingView(world: World, now: number): World {
  const hidden = Object.entries(world.hidden ?? {}).filter(([, until]) => until > now);
  if (hidden.length === 0) return world;
  const keys = new Set(hidden.map(([key]) => key));
  const view = { ...world };
  for (const table of tables) {
    const seen = Object.entries(world[table]).filter(([key]) => !keys.has(key));
    // The tables hold different records, and each keeps its own.
    Object.assign(view, { [table]: Object.fromEntries(seen) });
  }
  return view;
}
