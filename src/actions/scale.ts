// Changes how many tasks and container instances a demo has, as its chapter does it, and waits until all are healthy.
import { EcsdemoError } from '../base/errors.ts';
import type { Settings } from '../base/settings.ts';
import type { ChapterContext } from '../chapters/chapter.ts';
import { runInspect, runUp } from '../engine/run.ts';
import type { Step } from '../engine/types.ts';
import { seenData, forLooking } from './demo-data.ts';
import type { DemoData, Outcome } from './results.ts';
import { perform, type Session } from './session.ts';

/** To `count` tasks and `instances` container instances; what is absent stays as it is. */
export function scale(session: Session, asked?: Partial<Settings>): Promise<Outcome<DemoData>> {
  const { chapter } = session;
  const { scaling } = chapter;
  return perform(session, asked, async (run, known) => {
    if (scaling === undefined)
      throw new EcsdemoError('usage', `the number of tasks of ${chapter.outline.id} is not to be changed`);
    const { context, options, settings } = run;
    const looking = { ...options, context: forLooking(context), steps: scaling.looks(settings) };
    const { resources } = await runInspect(looking);
    known(() => seenData(chapter, run, resources));
    chapter.refuseAbsent(context);
    const step: Step<ChapterContext> = {
      id: scaling.step,
      title: 'Scale',
      tutorialStep: chapter.outline.numbers.scale,
      needs: [],
      inspect: async () => ({ resources, changes: [] }),
      ensure: (_context, its) => scaling.scale(context, its, resources),
      remove: async () => ({ removed: [], kept: [] }),
    };
    return seenData(chapter, run, await runUp({ ...options, steps: [step] }));
  });
}
