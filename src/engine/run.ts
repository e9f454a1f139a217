// Runs steps side by side as their needs allow: up, down and inspection. Knows no AWS call and prints nothing.
import type { Clock } from '../base/clock.ts';
import { EcsdemoError } from '../base/errors.ts';
import { present } from '../base/present.ts';
import { orderSteps, reversed } from './plan.ts';
import type { Timeline } from './timings.ts';
import type { Change, Inspection, Removal, Report, Resource, Step, StepRun } from './types.ts';
import { stepRun } from './wait.ts';

export interface RunOptions<Context> {
  steps: readonly Step<Context>[];
  context: Context;
  report: Report;
  clock: Clock;
  /** Ctrl-C. */
  signal: AbortSignal;
  /** Milliseconds since the epoch. */
  deadline: number;
  /** Turns whatever a step threw into the error people see. */
  explain(error: unknown, step: string): EcsdemoError;
  /** How many times faster than on AWS time runs where the steps work. @default 1 */
  timeScale?: number;
  /** Written down while running. */
  timeline?: Timeline;
}

/** Thrown into the waits of the other steps when one step failed; never shown. */
class Abandoned extends Error {}

type Work<Context, Result> = (step: Step<Context>, run: StepRun) => Promise<Result>;

/**
 * Starts every step as soon as those it needs have handed over, and resolves when all have ended.
 * After a failure nothing new starts (unless `goOn`) and waits are abandoned; calls under way finish.
 */
async function runAll<Context, Result>(
  options: RunOptions<Context>,
  goOn: boolean,
  work: Work<Context, Result>,
): Promise<{ results: Map<string, Result>; errors: EcsdemoError[] }> {
  const abandon = new AbortController();
  const signal = AbortSignal.any([options.signal, abandon.signal]);
  const handedOver = new Map<string, Promise<boolean>>();
  const ended = new Map<string, Promise<boolean>>();
  const results = new Map<string, Result>();
  const errors: EcsdemoError[] = [];

  const runs = options.steps.map((step) => {
    const { promise, resolve } = withResolvers<boolean>();
    const gates = step.needsDone === true ? ended : handedOver;
    const needs = step.needs.map((id) => gates.get(id) ?? Promise.resolve(true));
    handedOver.set(step.id, promise);
    const end = withResolvers<boolean>();
    ended.set(step.id, end.promise);
    const run = async (): Promise<void> => {
      const usable = (await Promise.all(needs)).every(Boolean);
      if ((!usable && !goOn) || signal.aborted) {
        resolve(false);
        return;
      }
      const { clock, report, deadline, timeline, timeScale } = options;
      const settings = {
        clock,
        signal,
        report,
        step: step.id,
        deadline,
        ...present({ timeline, timeScale }),
      };
      timeline?.started(step.id, step.needs, step.needsDone);
      const handOver = (): void => {
        timeline?.handedOver(step.id);
        resolve(true);
      };
      try {
        results.set(step.id, await work(step, stepRun(settings, handOver)));
        timeline?.ended(step.id);
        resolve(true);
        end.resolve(true);
      } catch (error) {
        resolve(false);
        if (error instanceof Abandoned) return;
        const explained = options.signal.aborted ? interrupted(step.id) : options.explain(error, step.id);
        errors.push(explained);
        options.report({ type: 'step-failed', step: step.id, title: step.title, error: explained });
        // Without credentials nobody else gets anywhere either.
        if (!goOn || explained.code.startsWith('credentials-')) abandon.abort(new Abandoned());
      }
    };
    // Whatever ended it: only success opens the gate.
    return run().finally(() => end.resolve(false));
  });
  await Promise.all(runs);
  if (options.signal.aborted && errors.length === 0) errors.push(interrupted());
  return { results, errors };
}

function interrupted(step?: string): EcsdemoError {
  return new EcsdemoError('interrupted', 'interrupted', present({ step }));
}

/**
 * Ensures every step. @throws the first EcsdemoError of a step.
 * @returns all resources in the order of the steps.
 */
export async function runUp<Context>(options: RunOptions<Context>): Promise<Resource[]> {
  const steps = orderSteps(options.steps);
  options.report({
    type: 'planned',
    steps: steps.map(({ id, title, tutorialStep }) => ({ step: id, title, tutorialStep })),
  });
  const { results, errors } = await runAll({ ...options, steps }, false, async (step, run) => {
    const startedAt = options.clock.now();
    const { id, title, tutorialStep } = step;
    const changes: Change[] = [];
    const report: Report = (event) => {
      if (event.type === 'changed') changes.push(event.change);
      options.report(event);
    };
    options.report({ type: 'step-started', step: id, title, tutorialStep });
    const resources = await step.ensure(options.context, { ...run, report });
    const durationMs = options.clock.now() - startedAt;
    options.report({ type: 'step-finished', step: id, title, tutorialStep, durationMs, resources, changes });
    return resources;
  });
  if (errors[0] !== undefined) throw errors[0];
  return steps.flatMap((step) => results.get(step.id) ?? []);
}

/**
 * Removes every step, in reverse order. One step's failure stops nobody else: destroy takes away all it can.
 * @param tutorialStep told of each: whatever is removed, it is that step of the tutorial
 * @returns what was removed and kept, the titles of the steps that did not come to their end, and the errors of those
 *   that failed
 */
export async function runDown<Context>(
  options: RunOptions<Context>,
  tutorialStep: number,
): Promise<Removal & { unfinished: string[]; errors: EcsdemoError[] }> {
  const steps = reversed(options.steps);
  options.report({ type: 'planned', steps: steps.map(({ id, title }) => ({ step: id, title, tutorialStep })) });
  const { results, errors } = await runAll({ ...options, steps }, true, async (step, run) => {
    const startedAt = options.clock.now();
    const { id, title } = step;
    options.report({ type: 'step-started', step: id, title, tutorialStep });
    const removal = await step.remove(options.context, run);
    options.report({
      type: 'step-finished',
      step: id,
      title,
      tutorialStep,
      durationMs: options.clock.now() - startedAt,
      resources: removal.removed,
      changes: removal.removed.map((resource) => toDeletion(resource)),
    });
    return removal;
  });
  const removals = steps.map((step) => results.get(step.id)).filter((removal) => removal !== undefined);
  return {
    removed: removals.flatMap((removal) => removal.removed),
    kept: removals.flatMap((removal) => removal.kept),
    unfinished: steps.filter(({ id }) => !results.has(id)).map(({ title }) => title),
    errors,
  };
}

/** Looks at every step without changing anything. @throws the first EcsdemoError of a step. */
export async function runInspect<Context>(options: RunOptions<Context>): Promise<Inspection> {
  const steps = orderSteps(options.steps);
  const { results, errors } = await runAll({ ...options, steps }, false, (step, run) =>
    step.inspect(options.context, run),
  );
  if (errors[0] !== undefined) throw errors[0];
  const inspections = steps.map((step) => results.get(step.id)).filter((inspection) => inspection !== undefined);
  return {
    resources: inspections.flatMap((inspection) => inspection.resources),
    changes: inspections.flatMap((inspection) => inspection.changes),
  };
}

function toDeletion({ step, type, name }: Resource): Change {
  return { step, action: 'delete', type, name };
}

/** Promise.withResolvers, which Node 20 does not have. */
function withResolvers<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
