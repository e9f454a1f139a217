// What exists of a demo now, and what `up` would put right. Reads only; nothing existing is not an error.
import type { Settings } from '../base/settings.ts';
import { runInspect } from '../engine/run.ts';
import { seenData, forLooking } from './demo-data.ts';
import type { Outcome, StatusData } from './results.ts';
import { perform, type Session } from './session.ts';

export function status(session: Session, asked?: Partial<Settings>): Promise<Outcome<StatusData>> {
  const { chapter } = session;
  return perform(session, asked, async (run) => {
    const { context, options, startedAt } = run;
    const { resources, changes } = await runInspect({
      ...options,
      context: forLooking(context),
      steps: chapter.resources,
    });
    const tasks = (await chapter.tasks?.find(context)) ?? [];
    const data = seenData(chapter, run, resources);
    if (data.expiresAt !== null && !(Date.parse(data.expiresAt) > startedAt)) {
      options.report({
        type: 'warning',
        message: `the demo was to be gone by ${data.expiresAt}: \`sweep --expired\` takes it, \`up --ttl\` gives it longer`,
      });
    }
    return { ...data, changes, tasks };
  });
}
