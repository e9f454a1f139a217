// Takes a demo away and proves that nothing of it is left; or only tells what would go.
import { EcsdemoError, exitCodes } from '../base/errors.ts';
import { present } from '../base/present.ts';
import type { Settings } from '../base/settings.ts';
import { runDown, runInspect } from '../engine/run.ts';
import type { Removal, Resource } from '../engine/types.ts';
import { stepRun } from '../engine/wait.ts';
import { isAdoptable, isExclusive } from '../resources/resource.ts';
import { forLooking } from './demo-data.ts';
import { findLeftovers, waitNothingLeft } from './leftovers.ts';
import type { DestroyData, Outcome } from './results.ts';
import { perform, type Run, type Session } from './session.ts';

/** Errors `in-use` and `not-ours` for what must stay, `leftovers` naming each, or the first failure; all come with the data. */
export function destroy(session: Session, asked?: Partial<Settings>): Promise<Outcome<DestroyData>> {
  const { chapter } = session;
  return perform(session, asked, async (run, known) => {
    const { context, options, settings, spent } = run;
    if (settings.dryRun) return planned(session, run);
    const { removed, kept, unfinished, errors } = await runDown(
      { ...options, steps: chapter.resources },
      chapter.outline.numbers.remove,
    );
    const rest = unfinished.length === 0 ? {} : { unfinished };
    // Until the scan has come to its end nobody knows what is left.
    known(() => ({ removed, kept, left: null, ...rest, ...spent() }));
    const [failure] = errors;
    if (failure?.code === 'interrupted' || failure?.exitCode === exitCodes.credentials) throw failure;
    // After a failure, or when something must stay, there is nothing to wait for.
    const found =
      failure !== undefined || kept.some(({ owned }) => owned)
        ? await findLeftovers(context, chapter)
        : await waitNothingLeft(context, chapter, stepRun({ ...options, step: 'leftovers' }));
    const keptIds = new Set(kept.map(({ id }) => id));
    const left = found.filter(({ id }) => !keptIds.has(id));
    const data = { removed, kept, left, ...rest, ...spent() };
    known(() => data);
    if (failure !== undefined) throw failure;
    refuseKept(kept);
    refuseLeft(left);
    return data;
  });
}

async function planned({ chapter }: Session, { context, options, settings, spent }: Run): Promise<DestroyData> {
  const { resources } = await runInspect({ ...options, context: forLooking(context), steps: chapter.resources });
  const there = resources.filter(({ id }) => id !== undefined);
  const goes = ({ owned, type }: Resource): boolean => owned || (settings.adopt && isAdoptable(type));
  const kept = there
    .filter((resource) => !goes(resource))
    .map((resource) => ({ ...resource, reason: 'it is not owned by this demo' }));
  const plan = there
    .filter((resource) => goes(resource))
    .map(({ step, type, name, id }) => present({ step, action: 'delete' as const, type, name, detail: id }));
  return { removed: [], kept, left: null, plan, ...spent() };
}

/** What is ours and used by something else stays; so does what has a name of ours and is somebody else's. */
function refuseKept(kept: Removal['kept']): void {
  const ours = kept.filter(({ owned }) => owned);
  const [used] = ours;
  if (used !== undefined) {
    throw new EcsdemoError('in-use', `${used.type} "${used.name}" stays: ${used.reason}`, {
      diagnosis: ours.map(({ type, name, reason }) => `${type} ${name}: ${reason}`),
      suggestions: [{ command: 'destroy', note: 'once what uses it is gone' }],
    });
  }
  // In the way of the next `up`, or the demo's until somebody took its tag.
  const foreign = kept.filter(({ type }) => isExclusive(type));
  const [notOurs] = foreign;
  if (notOurs !== undefined) {
    throw new EcsdemoError('not-ours', `${notOurs.type} "${notOurs.name}" (${notOurs.id}) stays: ${notOurs.reason}`, {
      diagnosis: foreign.map(({ type, name, id, reason }) => `${type} ${name} (${id}): ${reason}`),
      suggestions: [{ command: 'destroy', flags: { adopt: true }, note: 'takes it away too, if it is yours' }],
    });
  }
}

function refuseLeft(left: readonly Resource[]): void {
  if (left.length === 0) return;
  throw new EcsdemoError('leftovers', `${left.length} resource${left.length === 1 ? ' is' : 's are'} still there`, {
    diagnosis: left.map(({ type, name, id, state }) => `${type} ${name} (${id}) is ${state}`),
    suggestions: [{ command: 'destroy' }],
    retryable: true,
  });
}
