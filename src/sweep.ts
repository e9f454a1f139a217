// Leftovers of others' runs: finds every demo of the account and region, decides which a sweep may take, and destroys
// those side by side, each by the same destroy as `ecsdemo destroy`. Knows no terminal.
import type { CallCounts } from './aws/calls.ts';
import { isReadOnly } from './aws/calls.ts';
import { explain } from './aws/faults.ts';
import { EcsdemoError } from './base/errors.ts';
import { namesOf } from './base/names.ts';
import type { Settings } from './base/settings.ts';
import type { Change, Report, Resource } from './engine/types.ts';
import { destroy } from './program.ts';
import { inSession, type Result } from './session.ts';
import { findDemos, type FoundDemo } from './actions/demos.ts';

export interface SweptDemo {
  name: string;
  /** ISO times; null: nothing says. */
  createdAt: string | null;
  expiresAt: string | null;
  ageMs: number | null;
  /** USD, rough. */
  costPerHour: number;
  resources: Resource[];
  /** True when the sweep may take it. */
  matches: boolean;
  /** Why not. */
  reason?: string;
  /** Only after the sweep tried. */
  removed?: Resource[];
  error?: { code: string; message: string };
}

export interface SweepData {
  demos: SweptDemo[];
  calls: CallCounts;
  durationMs: number;
}

/** At AWS's request rates (aws-facts §14) four demos side by side wait for AWS and not for the throttle. */
const sideBySide = 4;

/** Why the sweep leaves this demo alone; undefined: it may take it. Every flag that is given narrows. Pure. */
export function reasonToLeave(
  demo: Pick<FoundDemo, 'name' | 'createdAt' | 'expiresAt'>,
  settings: Settings,
  now: number,
): string | undefined {
  const { olderThanMs, expired, namePrefix } = settings;
  try {
    namesOf(demo.name);
  } catch {
    return 'its name is no demo name, so nobody can tell what belongs to it';
  }
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
  return {
    name: demo.name,
    createdAt: demo.createdAt?.toISOString() ?? null,
    expiresAt: demo.expiresAt?.toISOString() ?? null,
    ageMs: demo.createdAt === undefined ? null : now - demo.createdAt.getTime(),
    costPerHour: demo.cost.perHour,
    resources: demo.resources,
    matches: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Looks only: every demo, and which of them a sweep with these settings would take. */
export function survey(settings: Settings, report: Report, signal: AbortSignal): Promise<Result<SweepData>> {
  return inSession(settings, report, signal, async ({ context, startedAt, counts }) => {
    const demos = await findDemos(context.aws, context.region);
    return {
      demos: demos.map((demo) => toSwept(demo, settings, startedAt)),
      calls: counts(),
      durationMs: Date.now() - startedAt,
    };
  });
}

/**
 * Destroys what `found` says the sweep may take. One demo's failure stops no other; expired credentials stop them all.
 * @throws EcsdemoError with the data as partial: of the one failure there was, or `leftovers` when there were several
 */
export async function sweep(
  found: SweepData,
  settings: Settings,
  report: Report,
  signal: AbortSignal,
): Promise<Omit<SweepData, 'calls' | 'durationMs'>> {
  const deadline = Date.now() + settings.timeoutMs;
  const due = found.demos.filter(({ matches }) => matches);
  const errors: EcsdemoError[] = [];
  const outcomes = new Map<string, SweptDemo>();
  const queue = [...due];
  const work = async (): Promise<void> => {
    for (let demo = queue.shift(); demo !== undefined; demo = queue.shift()) {
      const stopped = signal.aborted || errors.some(({ code }) => code.startsWith('credentials-'));
      if (stopped) return;
      const timeoutMs = Math.max(1000, deadline - Date.now());
      const one: Settings = {
        ...settings,
        demo: demo.name,
        adopt: false,
        dryRun: false,
        timeoutMs,
      };
      try {
        const { removed, kept } = await sweepOne(demo, one, report, signal);
        outcomes.set(demo.name, {
          ...demo,
          removed,
          ...(kept.length > 0
            ? { reason: kept.map(({ name, reason }) => `${name} was kept: ${reason}`).join('; ') }
            : {}),
        });
      } catch (error) {
        const explained = explain(error);
        errors.push(explained);
        const removed = (explained.partial as { removed?: Resource[] } | undefined)?.removed ?? [];
        outcomes.set(demo.name, { ...demo, removed, error: { code: explained.code, message: explained.message } });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(sideBySide, due.length) }, work));
  const data = { demos: found.demos.map((demo) => outcomes.get(demo.name) ?? demo) };
  const [first] = errors;
  if (first !== undefined) throw summed(first, errors, due, data);
  if (signal.aborted) throw new EcsdemoError('interrupted', 'interrupted', { partial: data });
  return data;
}

function summed(
  first: EcsdemoError,
  errors: readonly EcsdemoError[],
  due: readonly SweptDemo[],
  partial: { demos: SweptDemo[] },
): EcsdemoError {
  const failed = partial.demos.filter(({ error }) => error !== undefined);
  const same = errors.every(({ code }) => code === first.code);
  const message = `${failed.length} of ${due.length} ${due.length === 1 ? 'demo' : 'demos'} could not be removed: ${failed.map(({ name, error }) => `${name} (${error?.message ?? ''})`).join('; ')}`;
  return new EcsdemoError(same ? first.code : 'leftovers', message, {
    diagnosis: failed.map(({ name, error }) => `${name}: ${error?.code ?? ''}: ${error?.message ?? ''}`),
    suggestions:
      first.exitCode === 5 ? first.suggestions : failed.map(({ name }) => ({ command: 'destroy', flags: { name } })),
    retryable: errors.every(({ retryable }) => retryable),
    partial,
    cause: first,
  });
}

/** Told as one step per demo: the steps of several side by side would have the same names. */
async function sweepOne(demo: SweptDemo, settings: Settings, report: Report, signal: AbortSignal) {
  const step = `sweep-${demo.name}`;
  const title = `demo ${demo.name}`;
  const startedAt = Date.now();
  const changes: Change[] = [];
  report({ type: 'step-started', step, title, tutorialStep: 7 });
  try {
    const { data } = await destroy(
      settings,
      (event) => {
        if (
          event.type === 'step-started' ||
          event.type === 'step-finished' ||
          event.type === 'step-failed' ||
          event.type === 'identified'
        )
          return;
        if (event.type === 'changed') changes.push(event.change);
        if (event.type === 'warning') report({ ...event, step, message: `demo ${demo.name}: ${event.message}` });
        else if (event.type === 'waiting') report({ ...event, step, what: `${event.what} (${demo.name})` });
        else report('step' in event ? { ...event, step } : event);
      },
      signal,
    );
    report({
      type: 'step-finished',
      step,
      title,
      tutorialStep: 7,
      durationMs: Date.now() - startedAt,
      resources: data.removed,
      changes,
    });
    return data;
  } catch (error) {
    const explained = explain(error);
    report({ type: 'step-failed', step, title, error: explained });
    throw explained;
  }
}

/** Counts the calls that pass through; several sessions of one command add up in it. */
export function countCalls(report: Report): { report: Report; counts(): CallCounts } {
  const byOperation: Record<string, number> = {};
  let total = 0;
  let mutating = 0;
  return {
    report(event) {
      if (event.type === 'call') {
        const key = `${event.service}:${event.operation}`;
        total++;
        if (!isReadOnly(event.operation)) mutating++;
        byOperation[key] = (byOperation[key] ?? 0) + 1;
      }
      report(event);
    },
    counts: () => ({ total, mutating, byOperation: { ...byOperation } }),
  };
}
