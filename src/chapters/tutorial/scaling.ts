// The tutorial's step 6: instances first when more are asked for, tasks, instances last when fewer. Says before anything
// is changed what cannot be: tasks that have no room, and what is somebody else's.
import { EcsdemoError } from '../../base/errors.ts';
import type { Resource } from '../../engine/types.ts';
import { oldestFirst } from '../../resources/ec2/instances.ts';
import { fit, hostToBe, isRoomKnown } from '../../resources/ecs/capacity.ts';
import { describeTargets } from '../../resources/ecs/settle.ts';
import { unplaceable } from '../../resources/ecs/placement.ts';
import { hostsOf, isArriving, percentOf, surely } from '../../resources/ecs/surroundings.ts';
import { describeDefinition } from '../../resources/ecs/task-definition.ts';
import { needsOf } from '../../resources/ecs/task-needs.ts';
import type { ChapterStep, Scaling } from '../chapter.ts';
import { cluster } from './cluster.ts';
import type { TutorialContext } from './context.ts';
import { instance, scaleInstances } from './instance.ts';
import { loadBalancerGlance } from './load-balancer.ts';
import { scaleService, service } from './service.ts';
import { resources } from './steps.ts';

/** The service names its target group: that need not be asked for by name. */
const serviceGlance: ChapterStep<TutorialContext> = {
  ...service,
  needs: [],
  async inspect(context, run) {
    const inspection = await service.inspect(context, run);
    const { facts } = context;
    const [{ targetGroupArn: TargetGroupArn } = {}] = facts.service?.loadBalancers ?? [];
    if (TargetGroupArn !== undefined) facts.targetGroup ??= { TargetGroupArn };
    facts.targets = await describeTargets(context, TargetGroupArn);
    return inspection;
  },
};

/** What a change of the number of tasks must know: room, who serves them and who watches them. */
const forTasks: readonly ChapterStep<TutorialContext>[] = [
  cluster,
  { ...instance, needs: [cluster.id] },
  loadBalancerGlance,
  serviceGlance,
];
export const scaling: Scaling = {
  step: service.id,
  // Launching an instance takes all that `up` knows.
  looks: ({ instances }) => (instances === undefined ? forTasks : resources),
  // Tasks by their service; instances as `up` makes and mends them, and their way out of the cluster.
  uses: [service.uses.mend, instance.uses.make, instance.uses.mend, instance.uses.resize, cluster.uses.resize].flatMap(
    (calls = []) => calls,
  ),
  async scale(context: TutorialContext, run, seen) {
    const { facts, names, settings } = context;
    refuseForeign(seen);
    const { count, instances } = settings;
    const now = facts.instances?.length ?? 0;
    const fewer = instances !== undefined && instances < now ? instances : undefined;
    // Also when there are as many: a run that was killed may have launched one that has not registered yet.
    if (instances !== undefined && fewer === undefined) await scaleInstances(context, run, instances);
    // Fewer instances must hold the tasks there are: they would never finish leaving the others.
    if (count !== undefined || fewer !== undefined)
      await refuseUnfit(context, count ?? facts.service?.desiredCount ?? 0, fewer);
    // Read just now, unless instances were waited for.
    const known = instances === undefined ? facts.service : undefined;
    if (count !== undefined) await scaleService(context, run, count, known);
    if (fewer !== undefined) await scaleInstances(context, run, fewer);
    // The tasks of instances that went, in this run or one that was killed, start elsewhere.
    if (fewer !== undefined || count === undefined) await scaleService(context, run, facts.service?.desiredCount ?? 0);
    const before = new Set(seen.map(({ id }) => id));
    const alive = new Set((facts.instances ?? []).map(({ InstanceId }) => InstanceId));
    const made = (facts.instances ?? []).filter(({ InstanceId }) => !before.has(InstanceId));
    return [
      ...seen.filter((resource) => resource.type !== 'AWS::EC2::Instance' || alive.has(resource.id)),
      ...made.map((each) => ({
        step: instance.id,
        type: 'AWS::EC2::Instance',
        name: names.instance,
        ...(each.InstanceId === undefined ? {} : { id: each.InstanceId }),
        state: each.State?.Name ?? 'pending',
        owned: true,
      })),
    ];
  },
};

/** Scaling changes the service and the instances; neither may be somebody else's. */
function refuseForeign(resources: readonly Resource[]): void {
  const foreign = resources.find(
    ({ step, owned, id }) => [cluster.id, service.id].includes(step) && id !== undefined && !owned,
  );
  if (foreign === undefined) return;
  throw new EcsdemoError(
    'not-ours',
    `${foreign.type} "${foreign.name}" (${foreign.id}) does not carry the tag of this demo`,
    {
      suggestions: [
        { command: 'up', flags: { adopt: true }, note: 'takes it over, if it is yours' },
        { flags: { name: '…' }, note: 'another demo' },
      ],
    },
  );
}

/** Says before anything is changed that so many tasks have no room. @throws EcsdemoError `does-not-fit` */
async function refuseUnfit(context: TutorialContext, count: number, keepInstances: number | undefined): Promise<void> {
  const { facts, names } = context;
  const { service, members = [] } = facts;
  const there = (service?.runningCount ?? 0) + (service?.pendingCount ?? 0);
  if (service === undefined || (keepInstances === undefined && count <= there)) return;
  const going = new Set(
    oldestFirst(facts.instances ?? [])
      .slice(keepInstances ?? Number.POSITIVE_INFINITY)
      .flatMap(({ InstanceId }) => InstanceId ?? []),
  );
  const kept = members.filter(({ ec2InstanceId = '' }) => !going.has(ec2InstanceId));
  // Those that are up and not registered yet bring their room with them.
  const arriving = (facts.instances ?? []).filter((each) => isArriving(each, members));
  const coming = arriving.flatMap(({ InstanceType = '' }) => hostToBe(InstanceType) ?? []);
  if (coming.length < arriving.length) return;
  const hosts = [...hostsOf(kept), ...coming];
  if (hosts.length === 0) {
    throw new EcsdemoError('does-not-fit', `no container instance is registered that ${count} tasks could run on`, {
      suggestions: [{ command: 'up' }],
    });
  }
  // Of what the service runs: which document `up` was told, only its revision knows.
  const revision = service.taskDefinition ?? '';
  const definition = await describeDefinition(context, revision);
  if (definition === undefined) return;
  const needs = needsOf(definition.definition, service.placementConstraints);
  if (keepInstances === undefined && isRoomKnown(needs) && fit(hosts, needs).tasks >= count - there) return;
  const { instances } = facts;
  const error = await surely(
    context,
    { cluster: names.cluster, service: names.service, going, coming, revision },
    (around) =>
      unplaceable(
        {
          ...around,
          cluster: names.cluster,
          service: names.service,
          instances: keepInstances ?? instances?.length ?? hosts.length,
          by: 'scale',
          needs,
          count,
          // Those on instances that go do not stay.
          staying: around.staying.filter((task) => around.hosts.some(({ arn }) => arn === task.containerInstanceArn)),
          percent: percentOf(service),
          replacedAreWell: false,
        },
        'does-not-fit',
      ),
  );
  if (error !== undefined) throw error;
}
