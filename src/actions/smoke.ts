// A smoke run: up, verify, scale out, verify, scale in, verify, destroy, over one session. What it made it takes away again
// however it went, and what went wrong first stays the result.
import { type CallCounts, noCalls } from '../aws/calls.ts';
import { systemClock } from '../base/clock.ts';
import type { EcsdemoError } from '../base/errors.ts';
import { present } from '../base/present.ts';
import type { Settings } from '../base/settings.ts';
import { destroy } from './destroy.ts';
import type { Demo, DemoData, DestroyData, Outcome, SmokeCommand, SmokeData } from './results.ts';
import { scale } from './scale.ts';
import type { Session } from './session.ts';
import type { SmokePlan } from './smoke-plan.ts';
import { up } from './up.ts';
import { verify } from './verify.ts';

/** Of the time that the whole run has, this is kept back for `destroy`: on AWS it takes four to six minutes (aws-facts §18). */
const destroyMs = 480_000;
/** At most so much of it, when it is short. */
const destroyShare = 0.4;

interface Planned {
  /** As people type it: 'scale --count 4'. */
  command: string;
  run(session: Session, asked: Partial<Settings>): Promise<Outcome<DemoData>>;
}

function planned({ steps, count }: SmokePlan, canScale: boolean): Planned[] {
  const proof: Planned[] = steps.includes('verify') ? [{ command: 'verify', run: verify }] : [];
  const scaled = (tasks: number): Planned[] => [
    { command: `scale --count ${tasks}`, run: (session, asked) => scale(session, { ...asked, count: tasks }) },
    ...proof,
  ];
  return [
    { command: 'up', run: up },
    ...proof,
    ...(canScale && steps.includes('scale') ? [...scaled(count), ...scaled(1)] : []),
  ];
}

/** @returns with the error of the command that failed first; how `destroy` went after it is in the data and the warnings */
export async function smoke(session: Session, plan: SmokePlan): Promise<Outcome<SmokeData>> {
  const { chapter, report, settings, signal } = session;
  const { timeoutMs } = settings;
  const startedAt = systemClock.now();
  const left = (until: number): number => Math.max(1000, until - systemClock.now());
  const worksUntil = startedAt + timeoutMs - Math.min(destroyMs, timeoutMs * destroyShare);
  const commands: SmokeCommand[] = [];
  const warnings: string[] = [];
  const calls: CallCounts[] = [];
  let demo: Demo | undefined;
  let first: EcsdemoError | undefined;

  const told = async <Data extends DemoData | DestroyData>(
    command: string,
    work: () => Promise<Outcome<Data>>,
  ): Promise<Outcome<Data>> => {
    const began = systemClock.now();
    report({ type: 'command-started', command });
    const outcome = await work();
    const { data, error } = outcome;
    demo ??= outcome.demo;
    warnings.push(...outcome.warnings);
    if (data !== undefined) calls.push(data.calls);
    const durationMs = systemClock.now() - began;
    commands.push({
      command,
      status: error === undefined ? 'passed' : 'failed',
      durationMs,
      ...present({ data, error: error && { code: error.code, message: error.message } }),
    });
    report({ type: 'command-finished', command, durationMs, ...present({ error }) });
    return outcome;
  };

  for (const { command, run: act } of planned(plan, chapter.scaling !== undefined)) {
    if (first !== undefined) {
      commands.push({ command, status: 'skipped', durationMs: 0 });
      continue;
    }
    const attempt = () => told(command, () => act(session, { timeoutMs: left(worksUntil) }));
    let { error } = await attempt();
    if (error?.retryable === true && plan.retry && !signal.aborted && systemClock.now() < worksUntil)
      ({ error } = await attempt());
    first = error;
  }
  const spared = first !== undefined && plan.keep && !signal.aborted;
  let removal: Outcome<DestroyData> | undefined;
  // Whoever never learned whose account it is has changed nothing there.
  if (demo === undefined || spared) commands.push({ command: 'destroy', status: 'skipped', durationMs: 0 });
  else {
    // Ctrl-C has ended the calls of the first session, or may yet do so.
    const cleaning = session.undisturbed();
    removal = await told('destroy', () => destroy(cleaning, { timeoutMs: left(startedAt + timeoutMs) }));
    cleaning.close();
    if (first !== undefined && removal.error !== undefined)
      warnings.push(`destroy failed too: ${removal.error.message}`);
  }
  const { removed = [], kept = [], left: rest = null, unfinished } = removal?.data ?? {};
  const data: SmokeData = {
    commands,
    removed,
    kept,
    left: rest,
    ...present({ unfinished }),
    calls: sum(calls),
    durationMs: systemClock.now() - startedAt,
  };
  const error = first ?? removal?.error;
  if (error !== undefined) return { ...present({ demo }), data, warnings, error };
  return { demo: demo ?? (await session.demo()), data, warnings };
}

function sum(counts: readonly CallCounts[]): CallCounts {
  const byOperation: Record<string, number> = {};
  for (const each of counts)
    for (const [operation, count] of Object.entries(each.byOperation))
      byOperation[operation] = (byOperation[operation] ?? 0) + count;
  return counts.reduce(
    (all, { total, mutating }) => ({ total: all.total + total, mutating: all.mutating + mutating, byOperation }),
    noCalls,
  );
}
