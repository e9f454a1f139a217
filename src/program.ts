// The five things ecsdemo does, put together from engine, steps and AWS clients: settings in, data out.
// Knows no terminal and no flag syntax; the commands show what comes back.
import type { CallCounts } from './aws/calls.ts';
import { explain } from './aws/faults.ts';
import { tagValue } from './aws/ownership.ts';
import { systemClock } from './base/clock.ts';
import { costOf } from './base/cost.ts';
import { EcsdemoError } from './base/errors.ts';
import { tagKeys } from './base/names.ts';
import type { Settings } from './base/settings.ts';
import { stepsThrough } from './engine/plan.ts';
import { runDown, runInspect, runUp } from './engine/run.ts';
import type { Timings } from './engine/timings.ts';
import type { Change, Check, Report, Resource, Step } from './engine/types.ts';
import { stepRun } from './engine/wait.ts';
import { type Demo, inSession, type Result, type Session } from './session.ts';
import { fit } from './steps/capacity.ts';
import { cluster } from './steps/cluster.ts';
import type { StepContext } from './steps/context.ts';
import { instance, oldestFirst, scaleInstances } from './steps/instance.ts';
import { findLeftovers, waitNothingLeft } from './actions/leftovers.ts';
import { loadBalancer, loadBalancerGlance } from './steps/load-balancer.ts';
import { network } from './steps/network.ts';
import { role } from './steps/role.ts';
import { scaleService, service } from './steps/service.ts';
import { taskDefinition } from './steps/task-definition.ts';
import { urlOf, verify as verifyStep } from './steps/verify.ts';

/** The seven steps of the tutorial as resources; `verify` is its step 5. In the order people are shown. */
const resourceSteps: readonly Step<StepContext>[] = [
  network,
  role,
  cluster,
  instance,
  taskDefinition,
  loadBalancer,
  service,
];
const allSteps: readonly Step<StepContext>[] = [...resourceSteps, verifyStep];

/** What a change of the number of tasks must know: room, who serves them and who watches them. */
const taskSteps: readonly Step<StepContext>[] = [
  cluster,
  { ...instance, needs: [cluster.id] },
  { ...loadBalancer, ...loadBalancerGlance },
  { ...service, needs: [loadBalancer.id] },
];

export interface DemoData {
  url: string | null;
  desired: number;
  running: number;
  healthy: number;
  resources: Resource[];
  checks: Check[];
  /** When `sweep --expired` may take it, ISO; null: never. */
  expiresAt: string | null;
  /** USD per hour on AWS for what exists of it now, rough: base/cost.ts. */
  costPerHour: number;
  calls: CallCounts;
  durationMs: number;
  /** The chain of waits that determined `durationMs`. */
  timings: Timings;
}

/** `plan`: only of a dry run, what would be changed. */
export type UpData = DemoData & { plan?: Change[] };

export interface DestroyData {
  removed: Resource[];
  kept: (Resource & { reason: string })[];
  left: Resource[];
  calls: CallCounts;
  durationMs: number;
  timings: Timings;
  /** Only of a dry run: what would be deleted. */
  plan?: Change[];
}

/** Who would be working where: one call, nothing else. @throws EcsdemoError `wrong-account`, or what credentials can fail with. */
export async function identify(settings: Settings, report: Report): Promise<Demo> {
  const { demo } = await inSession(settings, report, new AbortController().signal, async () => undefined);
  return demo;
}

function demoData(session: Session, resources: Resource[]): DemoData {
  const { facts } = session.context;
  return {
    url: facts.loadBalancer === undefined ? null : (urlOf(session.context) ?? null),
    desired: facts.service?.desiredCount ?? 0,
    running: facts.service?.runningCount ?? 0,
    healthy: (facts.targets ?? []).filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length,
    resources,
    checks: facts.checks ?? [],
    expiresAt: tagValue(facts.cluster?.tags, tagKeys.expiresAt) ?? null,
    costPerHour: costOf({
      instanceTypes: (facts.instances ?? []).map(({ InstanceType }) => InstanceType ?? ''),
      loadBalancerSubnets: facts.loadBalancer === undefined ? [] : [facts.loadBalancer.AvailabilityZones?.length ?? 0],
    }).perHour,
    calls: session.counts(),
    durationMs: systemClock.now() - session.startedAt,
    timings: session.options.timeline.summary(session.startedAt),
  };
}

/** Carries what is known on the error, so that --json has data on failure too. */
async function withPartial<Data>(partial: () => unknown, work: () => Promise<Data>): Promise<Data> {
  try {
    return await work();
  } catch (error) {
    const explained = explain(error);
    explained.partial ??= partial();
    throw explained;
  }
}

/** Steps 1 to 5, or up to `settings.through`; with `dryRun` only the plan. */
export async function up(settings: Settings, report: Report, signal: AbortSignal): Promise<Result<UpData>> {
  const { through } = settings;
  if (through !== undefined && !allSteps.some((step) => step.id === through)) {
    throw new EcsdemoError('usage', `--through "${through}" is not a step`, {
      suggestions: [`one of: ${allSteps.map((step) => step.id).join(', ')}`],
    });
  }
  return inSession(settings, report, signal, (session) =>
    withPartial(
      () => demoData(session, []),
      async () => {
        if (settings.dryRun) {
          const { resources, changes } = await runInspect({
            ...session.options,
            steps: stepsThrough(allSteps, settings.through),
          });
          return { ...demoData(session, resources), plan: changes };
        }
        const resources = await runUp({ ...session.options, steps: stepsThrough(allSteps, settings.through) });
        return demoData(session, resources);
      },
    ),
  );
}

/** What exists now. Nothing existing is not an error. */
export function status(
  settings: Settings,
  report: Report,
  signal: AbortSignal,
): Promise<Result<DemoData & { changes: Change[] }>> {
  return inSession(settings, report, signal, async (session) => {
    const { resources, changes } = await runInspect({
      ...session.options,
      context: adopting(session.context),
      steps: resourceSteps,
    });
    const data = demoData(session, resources);
    if (data.expiresAt !== null && !(Date.parse(data.expiresAt) > session.startedAt)) {
      session.options.report({
        type: 'warning',
        message: `the demo was to be gone by ${data.expiresAt}: \`ecsdemo sweep --expired\` takes it, \`ecsdemo up --ttl\` gives it longer`,
      });
    }
    return { ...data, changes };
  });
}

/** Step 5. @throws EcsdemoError `check-failed` with the checks as partial data; `demo-absent` when there is no service. */
export function verify(settings: Settings, report: Report, signal: AbortSignal): Promise<Result<DemoData>> {
  return inSession(settings, report, signal, async (session) => {
    const { resources } = await runInspect({
      ...session.options,
      context: adopting(session.context),
      steps: resourceSteps,
    });
    return withPartial(
      () => demoData(session, resources),
      async () => {
        refuseAbsent(session);
        await runUp({ ...session.options, steps: [{ ...verifyStep, needs: [] }] });
        return demoData(session, resources);
      },
    );
  });
}

/** For looking only: what is not ours is shown, not refused. The facts are shared. */
function adopting(context: StepContext): StepContext {
  return { ...context, settings: { ...context.settings, adopt: true }, looking: true };
}

function refuseAbsent({ context }: Session): void {
  const { facts, names } = context;
  if (facts.service !== undefined) return;
  throw new EcsdemoError('demo-absent', `there is no service "${names.service}" in the cluster "${names.cluster}"`, {
    suggestions: [{ command: 'up' }],
  });
}

/** Step 6: instances first when more are asked for, tasks, instances last when fewer. */
export function scale(settings: Settings, report: Report, signal: AbortSignal): Promise<Result<DemoData>> {
  return inSession(settings, report, signal, async (session) => {
    const { context, options } = session;
    // What tasks alone need is less than what launching an instance does.
    const steps = settings.instances === undefined ? taskSteps : resourceSteps;
    const { resources } = await runInspect({ ...options, context: adopting(context), steps });
    const ids = new Set(resources.map(({ id }) => id));
    return withPartial(
      () => demoData(session, resources),
      async () => {
        refuseAbsent(session);
        refuseForeign(resources);
        const run = stepRun({ ...options, step: 'service' });
        const { count, instances } = settings;
        const now = context.facts.instances?.length ?? 0;
        const fewer = instances !== undefined && instances < now ? instances : undefined;
        // Also when there are as many: a run that was killed may have launched one that has not registered yet.
        if (instances !== undefined && fewer === undefined) await scaleInstances(context, run, instances);
        // Fewer instances must hold the tasks there are: they would never finish leaving the others.
        if (count !== undefined || fewer !== undefined)
          refuseUnfit(context, count ?? context.facts.service?.desiredCount ?? 0, fewer);
        // Read just now, unless instances were waited for.
        const known = instances === undefined ? context.facts.service : undefined;
        if (count !== undefined) await scaleService(context, run, count, known);
        if (fewer !== undefined) await scaleInstances(context, run, fewer);
        // The tasks of instances that went, in this run or one that was killed, start elsewhere.
        if (fewer !== undefined || count === undefined)
          await scaleService(context, run, context.facts.service?.desiredCount ?? 0);
        const made = (context.facts.instances ?? []).filter(({ InstanceId }) => !ids.has(InstanceId));
        const changedInstances = made.map((each) => ({
          step: 'instance',
          type: 'AWS::EC2::Instance',
          name: context.names.instance,
          ...(each.InstanceId === undefined ? {} : { id: each.InstanceId }),
          state: each.State?.Name ?? 'pending',
          owned: true,
        }));
        const alive = new Set((context.facts.instances ?? []).map(({ InstanceId }) => InstanceId));
        return demoData(session, [
          ...resources.filter((resource) => resource.type !== 'AWS::EC2::Instance' || alive.has(resource.id)),
          ...changedInstances,
        ]);
      },
    );
  });
}

/** `scale` changes the service and the instances; neither may be somebody else's. */
function refuseForeign(resources: Resource[]): void {
  const foreign = resources.find(
    ({ step, owned, id }) => ['cluster', 'service'].includes(step) && id !== undefined && !owned,
  );
  if (foreign === undefined) return;
  throw new EcsdemoError(
    'not-ours',
    `${foreign.type} "${foreign.name}" (${foreign.id}) does not carry the tag of this demo`,
    {
      suggestions: [
        { command: 'up', flags: { adopt: true }, after: 'takes it over, if it is yours' },
        'choose another demo with --name',
      ],
    },
  );
}

/** Says before anything is changed that so many tasks have no room. */
function refuseUnfit(context: StepContext, count: number, keepInstances: number | undefined): void {
  const { facts, document } = context;
  const service = facts.service;
  const registered = new Map((facts.containerInstances ?? []).map((member) => [member.ec2InstanceId, member]));
  const byAge = oldestFirst(facts.instances ?? []).flatMap(({ InstanceId }) => registered.get(InstanceId) ?? []);
  const instances = byAge.slice(0, keepInstances);
  if (keepInstances === undefined && count <= (service?.runningCount ?? 0)) return;
  const spread = new Map(
    instances.map(({ containerInstanceArn = '', runningTasksCount = 0, pendingTasksCount = 0 }) => [
      containerInstanceArn,
      runningTasksCount + pendingTasksCount,
    ]),
  );
  const { tasks, limit } = fit(instances, document, spread);
  if (count <= tasks) return;
  if (instances.length === 0) {
    throw new EcsdemoError('does-not-fit', `no container instance is registered that ${count} tasks could run on`, {
      suggestions: [{ command: 'up' }],
    });
  }
  const perInstance = Math.max(1, Math.floor(tasks / Math.max(1, instances.length)));
  throw new EcsdemoError(
    'does-not-fit',
    `${count} tasks do not fit ${instances.length === 1 ? 'the container instance' : `the ${instances.length} container instances`}: ${tasks} do, ${limit} is used up then`,
    {
      suggestions: [
        { command: 'scale', flags: { count, instances: Math.ceil(count / perInstance) } },
        { command: 'scale', flags: { count: tasks } },
      ],
    },
  );
}

/**
 * Told with exit 4 when destroy must leave it: it has a name that is this demo's alone, so it is in the way of the next
 * `up`, or was the demo's until somebody took its tag. Roles and families of task definitions are shared as a matter of course.
 */
function isNamedForDemo({ step, type }: Resource): boolean {
  return step !== 'role' && step !== 'task-definition' && type !== 'AWS::EC2::VPC';
}

/** Step 7. @throws EcsdemoError `in-use` or `not-ours` for what must stay, `leftovers` naming each, or the first failure; both carry the data. */
export function destroy(settings: Settings, report: Report, signal: AbortSignal): Promise<Result<DestroyData>> {
  return inSession(settings, report, signal, async (session) => {
    const { context, options } = session;
    const rest = (): Pick<DestroyData, 'calls' | 'durationMs' | 'timings'> => ({
      calls: session.counts(),
      durationMs: systemClock.now() - session.startedAt,
      timings: options.timeline.summary(session.startedAt),
    });
    if (settings.dryRun) {
      const { resources } = await runInspect({ ...options, context: adopting(context), steps: resourceSteps });
      const there = resources.filter(({ id }) => id !== undefined);
      // --adopt never takes what is shared.
      const goes = ({ owned, step, type }: Resource): boolean =>
        owned || (settings.adopt && step !== 'role' && type !== 'AWS::EC2::VPC');
      const kept = there
        .filter((resource) => !goes(resource))
        .map((resource) => ({ ...resource, reason: 'it is not owned by this demo' }));
      const plan = there
        .filter((resource) => goes(resource))
        .map(({ step, type, name, id }) => ({
          step,
          action: 'delete' as const,
          type,
          name,
          ...(id === undefined ? {} : { detail: id }),
        }));
      return { removed: [], kept, left: [], plan, ...rest() };
    }
    const { removed, kept, errors } = await runDown({ ...options, steps: resourceSteps });
    const [failure] = errors;
    if (failure?.code === 'interrupted' || failure?.exitCode === 5) {
      failure.partial ??= { removed, kept, left: [], ...rest() };
      throw failure;
    }
    const keptIds = new Set(kept.map(({ id }) => id));
    const scan = async (): Promise<Resource[]> => {
      // After a failure there is nothing to wait for: what could not be deleted stays.
      if (failure !== undefined) return findLeftovers(context);
      return waitNothingLeft(context, stepRun({ ...options, step: 'leftovers' }));
    };
    const ownKept = kept.filter(({ owned }) => owned);
    const left = await withPartial(
      () => ({ removed, kept, left: [], ...rest() }),
      async () => (ownKept.length > 0 ? findLeftovers(context) : scan()),
    );
    const data = { removed, kept, left: left.filter(({ id }) => !keptIds.has(id)), ...rest() };
    if (failure !== undefined) {
      failure.partial ??= data;
      throw failure;
    }
    const [used] = ownKept;
    if (used !== undefined) {
      throw new EcsdemoError('in-use', `${used.type} "${used.name}" stays: ${used.reason}`, {
        diagnosis: ownKept.map(({ type, name, reason }) => `${type} ${name}: ${reason}`),
        suggestions: [{ before: 'remove what uses it, then:', command: 'destroy' }],
        partial: data,
      });
    }
    const foreign = kept.filter((resource) => !resource.owned && isNamedForDemo(resource));
    const [notOurs] = foreign;
    if (notOurs !== undefined) {
      throw new EcsdemoError('not-ours', `${notOurs.type} "${notOurs.name}" (${notOurs.id}) stays: ${notOurs.reason}`, {
        diagnosis: foreign.map(({ type, name, id, reason }) => `${type} ${name} (${id}): ${reason}`),
        suggestions: [
          'leave it to whoever made it',
          { before: 'or take it away with the demo, if it is yours:', command: 'destroy', flags: { adopt: true } },
        ],
        partial: data,
      });
    }
    if (data.left.length > 0) {
      throw new EcsdemoError(
        'leftovers',
        `${data.left.length} resource${data.left.length === 1 ? ' is' : 's are'} still there`,
        {
          diagnosis: data.left.map(({ type, name, id, state }) => `${type} ${name} (${id}) is ${state}`),
          suggestions: [{ command: 'destroy' }],
          retryable: true,
          partial: data,
        },
      );
    }
    return data;
  });
}
