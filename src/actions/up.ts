// Makes a chapter's demo, or what is missing of it, up to a step or to the proof; or only tells what that would change.
import { EcsdemoError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { quoted } from '../base/quoted.ts';
import type { Settings } from '../base/settings.ts';
import { stepsThrough } from '../engine/plan.ts';
import { runInspect, runUp } from '../engine/run.ts';
import type { Report, Resource } from '../engine/types.ts';
import { stepRun } from '../engine/wait.ts';
import { demoData } from './demo-data.ts';
import type { Outcome, UpData } from './results.ts';
import { perform, type Session } from './session.ts';

/** Through `settings.through`; with `dryRun` the plan alone. */
export async function up(session: Session, asked?: Partial<Settings>): Promise<Outcome<UpData>> {
  const { chapter } = session;
  const { through, dryRun } = { ...session.settings, ...asked };
  const all = [...chapter.resources, chapter.proof];
  const ids = all.map(({ id }) => id);
  if (through !== undefined && !ids.includes(through)) {
    const error = new EcsdemoError('usage', `--through ${quoted(through)} is not a step: ${ids.join(', ')}`, {
      suggestions: [{ flags: { through: nearest(through, ids) ?? chapter.proof.id } }],
    });
    return { warnings: [], error };
  }
  return perform(session, asked, async (run, known) => {
    const steps = stepsThrough(all, through);
    const finished = new Map<string, Resource[]>();
    const report: Report = (event) => {
      if (event.type === 'step-finished') finished.set(event.step, event.resources);
      run.options.report(event);
    };
    known(() => ({
      ...demoData(chapter, run, [...finished.values()].flat()),
      unfinished: steps.filter(({ id }) => !finished.has(id)).map(({ title }) => title),
    }));
    const options = { ...run.options, report, steps };
    await chapter.foresee?.(run.context, stepRun({ ...run.options, step: chapter.outline.id }), steps);
    if (!dryRun) return demoData(chapter, run, await runUp(options));
    const { resources, changes } = await runInspect(options);
    return { ...demoData(chapter, run, resources), plan: changes };
  });
}
