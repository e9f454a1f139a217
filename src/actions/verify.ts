// The proof that a demo works: the chapter's checks, each told as it ends.
import type { Settings } from '../base/settings.ts';
import { runInspect, runUp } from '../engine/run.ts';
import { seenData, forLooking } from './demo-data.ts';
import type { DemoData, Outcome } from './results.ts';
import { perform, type Session } from './session.ts';

/** Error `check-failed` comes with the checks as data; `demo-absent`: there is nothing to check. */
export function verify(session: Session, asked?: Partial<Settings>): Promise<Outcome<DemoData>> {
  const { chapter } = session;
  return perform(session, asked, async (run, known) => {
    const { context, options } = run;
    const { resources } = await runInspect({ ...options, context: forLooking(context), steps: chapter.resources });
    known(() => seenData(chapter, run, resources));
    chapter.refuseAbsent(context);
    await runUp({ ...options, context: forLooking(context), steps: [{ ...chapter.proof, needs: [] }] });
    return seenData(chapter, run, resources);
  });
}
