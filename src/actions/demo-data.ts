// What is told of a demo after its steps were looked at or ensured, as the chapter knows it. And the context for looking only.
import { costOf } from '../base/cost.ts';
import type { Chapter, ChapterContext } from '../chapters/chapter.ts';
import type { Resource } from '../engine/types.ts';
import type { DemoData } from './results.ts';
import type { Run } from './session.ts';

export function demoData(chapter: Chapter, { context, spent }: Run, resources: Resource[]): DemoData {
  const { priced, ...state } = chapter.state(context);
  const cost = priced === null ? undefined : costOf(priced);
  const unpriced = cost === undefined || cost.unpriced.length === 0 ? {} : { unpriced: cost.unpriced };
  return { ...state, resources, costPerHour: cost?.perHour ?? null, ...unpriced, ...spent() };
}

/** The same of a run that only looks at the demo, as it was told to `up`. */
export function seenData(chapter: Chapter, run: Run, resources: Resource[]): DemoData {
  return demoData(chapter, { ...run, context: forLooking(run.context) }, resources);
}

/** For looking only: what is not ours is shown, not refused. What was found out is shared. */
export function forLooking(context: ChapterContext): ChapterContext {
  return { ...context, looking: true };
}
