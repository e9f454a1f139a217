// Leftovers of others' runs: finds every demo of the account and region, decides which may be taken, and destroys those
// side by side, each as `ecsdemo destroy` does.
import { EcsdemoError, exitCodes } from '../base/errors.ts';
import { isDemoName } from '../base/names.ts';
import { present } from '../base/present.ts';
import type { Settings } from '../base/settings.ts';
import type { Chapter } from '../chapters/chapter.ts';
import { chapterOf, findDemos, type FoundDemo } from './demos.ts';
import { destroy } from './destroy.ts';
import type { DestroyData, Outcome, SweepData, SweptDemo } from './results.ts';
import { perform, type Run, type Session } from './session.ts';

/** At AWS's request rates (aws-facts §14) four demos side by side wait for AWS and not for the throttle. */
const sideBySide = 4;

/** Why a sweep leaves this demo alone; undefined: it may take it. Every flag that is given narrows. Pure. */
export function reasonToLeave(
  demo: Pick<FoundDemo, 'name' | 'createdAt' | 'expiresAt'>,
  settings: Settings,
  now: number,
): string | undefined {
  const { olderThanMs, expired, namePrefix } = settings;
  if (!isDemoName(demo.name)) return 'its name is no demo name, so nobody can tell what belongs to it';
  if (namePrefix !== undefined && !demo.name.startsWith(namePrefix))
    return `its name does not start with ${namePrefix}`;
  if (olderThanMs !== undefined) {
    if (demo.createdAt === undefined) return 'nothing says how old it is';
    if (now - demo.createdAt.getTime() < olderThanMs) return 'it is younger';
  }
  if (expired === true) {
    if (demo.expiresAt === undefined) return 'it has no expiry';
    if (demo.expiresAt.getTime() > now) return 'it has not expired yet';
  }
  return undefined;
}

function toSwept(demo: FoundDemo, settings: Settings, now: number): SweptDemo {
  const reason = reasonToLeave(demo, settings, now);
  return present({
    name: demo.name,
    createdAt: demo.createdAt?.toISOString() ?? null,
    expiresAt: demo.expiresAt?.toISOString() ?? null,
    ageMs: demo.createdAt === undefined ? null : now - demo.createdAt.getTime(),
    costPerHour: demo.cost.perHour,
    resources: demo.resources,
    matches: reason === undefined,
    reason,
  });
}

async function look(chapters: readonly Chapter[], { context, settings, startedAt }: Run): Promise<SweptDemo[]> {
  const demos = await findDemos(context, chapters);
  return demos.map((demo) => toSwept(demo, settings, startedAt));
}

function swept({ spent }: Run, demos: SweptDemo[]): SweepData {
  const { calls, durationMs } = spent();
  return { demos, calls, durationMs };
}

/** Looks only: every demo of these chapters, and which of them a sweep would take. */
export function survey(session: Session, chapters: readonly Chapter[]): Promise<Outcome<SweepData>> {
  return perform(session, undefined, async (run) => swept(run, await look(chapters, run)));
}

/**
 * Destroys what may be taken. One demo's failure stops no other; expired credentials stop them all. The error is that of
 * the one failure there was, or `leftovers` when there were several.
 * @param agree is shown what was found when any of it is due, before anything is taken; throws to leave it
 */
export function sweep(
  session: Session,
  chapters: readonly Chapter[],
  agree: (found: readonly SweptDemo[]) => Promise<void> = async () => undefined,
): Promise<Outcome<SweepData>> {
  return perform(session, undefined, async (run, known) => {
    const demos = await look(chapters, run);
    const due = demos.filter(({ matches }) => matches);
    if (due.length === 0) return swept(run, demos);
    await agree(demos);
    const { signal } = run.options;
    const deadline = Date.now() + run.settings.timeoutMs;
    const errors: EcsdemoError[] = [];
    const outcomes = new Map<string, SweptDemo>();
    const data = () =>
      swept(
        run,
        demos.map((demo) => outcomes.get(demo.name) ?? demo),
      );
    known(data);
    const queue = [...due];
    const work = async (): Promise<void> => {
      for (let demo = queue.shift(); demo !== undefined; demo = queue.shift()) {
        if (signal.aborted || errors.some(({ code }) => code.startsWith('credentials-'))) return;
        const timeoutMs = Math.max(1000, deadline - Date.now());
        const told = session.of(demo.name, chapterOf(demo, chapters));
        const { data: gone, error } = await destroyOne(run, told, timeoutMs);
        if (error !== undefined) errors.push(error);
        outcomes.set(demo.name, afterwards(demo, gone, error));
      }
    };
    await Promise.all(Array.from({ length: Math.min(sideBySide, due.length) }, work));
    const [first] = errors;
    if (first !== undefined) throw summed(first, errors, due.length, [...outcomes.values()]);
    if (signal.aborted) throw new EcsdemoError('interrupted', 'interrupted');
    return data();
  });
}

function afterwards(demo: SweptDemo, gone: DestroyData | undefined, error: EcsdemoError | undefined): SweptDemo {
  const removed = gone?.removed;
  if (error !== undefined)
    return { ...demo, ...present({ removed }), error: { code: error.code, message: error.message } };
  const reason = (gone?.kept ?? []).map(({ name, reason: why }) => `${name} was kept: ${why}`).join('; ');
  return { ...demo, ...present({ removed, reason: reason === '' ? demo.reason : reason }) };
}

/** Told as one step: those of several demos side by side have the same names. */
async function destroyOne(
  { options: { report } }: Run,
  session: Session,
  timeoutMs: number,
): Promise<Outcome<DestroyData>> {
  const step = session.settings.demo;
  const title = `demo ${step}`;
  const startedAt = Date.now();
  const tutorialStep = session.chapter.outline.numbers.remove;
  report({ type: 'step-started', step, title, tutorialStep });
  const outcome = await destroy(session, { adopt: false, dryRun: false, timeoutMs });
  const { data, error } = outcome;
  if (error !== undefined) report({ type: 'step-failed', step, title, error });
  else {
    const { removed: resources } = data;
    const changes = resources.map(({ type, name }) => ({ step, action: 'delete' as const, type, name }));
    report({
      type: 'step-finished',
      step,
      title,
      tutorialStep,
      durationMs: Date.now() - startedAt,
      resources,
      changes,
    });
  }
  return outcome;
}

function summed(
  first: EcsdemoError,
  errors: readonly EcsdemoError[],
  due: number,
  demos: readonly SweptDemo[],
): EcsdemoError {
  const failed = demos.filter(({ error }) => error !== undefined);
  const same = errors.every(({ code }) => code === first.code);
  const message = `${failed.length} of ${due} ${due === 1 ? 'demo' : 'demos'} could not be removed: ${failed.map(({ name, error }) => `${name} (${error?.message ?? ''})`).join('; ')}`;
  return new EcsdemoError(same ? first.code : 'leftovers', message, {
    diagnosis: failed.map(({ name, error }) => `${name}: ${error?.code ?? ''}: ${error?.message ?? ''}`),
    suggestions:
      first.exitCode === exitCodes.credentials
        ? first.suggestions
        : failed.map(({ name }) => ({ command: 'destroy', flags: { name } })),
    retryable: errors.every(({ retryable }) => retryable),
    cause: first,
  });
}
