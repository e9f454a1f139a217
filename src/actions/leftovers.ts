// Destroy's proof of emptiness: what is left of the demo, by the search that knows nothing of how the steps remove things.
// Shared and foreign resources are no leftovers.
import { EcsdemoError } from '../base/errors.ts';
import type { Chapter, ChapterContext } from '../chapters/chapter.ts';
import type { Resource, StepRun } from '../engine/types.ts';
import { findTagged, type Tagged } from '../resources/search.ts';

/** As people see it, with the step of the chapter that it belongs to. */
export function toResource({ outline }: Chapter, { type, name, id, state }: Tagged): Resource {
  const step = outline.steps.find(({ types }) => types.includes(type))?.id ?? '';
  return { step, type, name, id, state, owned: true };
}

/** What is still there and carries the demo's tag, or is unmistakably the demo's by name. Empty: nothing is left. */
export async function findLeftovers({ aws, region, demo }: ChapterContext, chapter: Chapter): Promise<Resource[]> {
  const found = await findTagged({ aws, region, demo, namesOf: (name) => chapter.names(name) });
  return found.map((each) => toResource(chapter, each));
}

/** On its way out, as far as its state tells: AWS takes these away by itself in seconds or minutes. */
function isPassing({ type, state }: Resource): boolean {
  return (
    type === 'AWS::EC2::NetworkInterface' ||
    (type === 'AWS::EC2::Volume' && ['deleting', 'in-use'].includes(state)) ||
    (type === 'AWS::EC2::Instance' && state === 'shutting-down') ||
    (type === 'AWS::ECS::Service' && state === 'DRAINING')
  );
}

/** How long AWS may go on listing what is deleted. */
const forgettingMs = 4000;

/**
 * The same, given AWS time to forget: network interfaces and volumes go after what held them, and descriptions may be
 * older than the deletions. @returns what then is still there.
 */
export async function waitNothingLeft(context: ChapterContext, chapter: Chapter, run: StepRun): Promise<Resource[]> {
  let left: Resource[] = [];
  await run
    .wait({
      what: 'nothing to be left',
      typicalMs: 5000,
      limitMs: 300_000,
      look: async (elapsedMs) => {
        left = await findLeftovers(context, chapter);
        const stays = !left.every((resource) => isPassing(resource));
        if (left.length === 0 || (stays && elapsedMs >= forgettingMs)) return { done: true, value: undefined };
        return { done: false, state: `${left.length} still listed` };
      },
    })
    .catch((error: unknown) => {
      if (!(error instanceof EcsdemoError) || error.code !== 'timeout') throw error;
    });
  return left;
}
