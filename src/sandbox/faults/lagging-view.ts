// Reads that lag behind: what was created a moment ago is not there yet for whoever looks, as on AWS, whose reads are
// eventually consistent. The handlers read a world without it and answer as they answer for what does not exist.
// What a person creates may lag; what AWS makes by itself is seen at once: each service says which of its tables is which.
import { tablesOf, type Service } from '../service.ts';
import type { World } from '../world.ts';

const created = (services: readonly Service[], world: World) =>
  tablesOf(services, world).filter(({ facts }) => facts.created === true);

/** Remembers what there is; what is there later and was not then is new. */
export function watchForNew(services: readonly Service[], world: World): () => string[] {
  const keys = (): string[] => created(services, world).flatMap(({ records }) => Object.keys(records));
  const before = new Set(keys());
  return () => keys().filter((key) => !before.has(key));
}

/** The world as a lagging read sees it; the world itself when it hides nothing. */
export function laggingView(services: readonly Service[], world: World, now: number): World {
  const hidden = new Set(
    Object.entries(world.hidden ?? {})
      .filter(([, until]) => until > now)
      .map(([key]) => key),
  );
  if (hidden.size === 0) return world;
  const seen = created(services, world).map(({ name, records }) => [
    name,
    Object.fromEntries(Object.entries(records).filter(([key]) => !hidden.has(key))),
  ]);
  return { ...world, ...(Object.fromEntries(seen) as Partial<World>) };
}
