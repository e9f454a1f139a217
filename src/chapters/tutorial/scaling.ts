// The tutorial's step 6: instances first when more are asked for, tasks, instances last when fewer. Says before anything
// is changed what cannot be: tasks that have no room, and what is somebody else's.
import { EcsdemoError } from '../../base/errors.ts';
import type { Resource, Step } from '../../engine/types.ts';
import { oldestFirst } from '../../resources/ec2/instances.ts';
import { fit, hostOf, limitWords } from '../../resources/ecs/capacity.ts';
import { needsOf } from '../../resources/ecs/task-needs.ts';
import type { Scaling } from '../chapter.ts';
import { cluster } from './cluster.ts';
import type { TutorialContext } from './context.ts';
import { instance, scaleInstances } from './instance.ts';
import { loadBalancer, loadBalancerGlance } from './load-balancer.ts';
import { scaleService, service } from './service.ts';
import { resources } from './steps.ts';

/** What a change of the number of tasks must know: room, who serves them and who watches them. */
const forTasks: readonly Step<TutorialContext>[] = [
  cluster,
  { ...instance, needs: [cluster.id] },
  loadBalancerGlance,
  { ...service, needs: [loadBalancer.id] },
];
export const scaling: Scaling = {
  step: service.id,
  // Launching an instance takes all that `up` knows.
  looks: ({ instances }) => (instances === undefined ? forTasks : resources),
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
      refuseUnfit(context, count ?? facts.service?.desiredCount ?? 0, fewer);
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
        { command: 'up', flags: { adopt: true }, after: 'takes it over, if it is yours' },
        'choose another demo with --name',
      ],
    },
  );
}

/** Says before anything is changed that so many tasks have no room. */
function refuseUnfit(context: TutorialContext, count: number, keepInstances: number | undefined): void {
  const { facts, document } = context;
  const registered = new Map((facts.containerInstances ?? []).map((member) => [member.ec2InstanceId, member]));
  const byAge = oldestFirst(facts.instances ?? []).flatMap(({ InstanceId }) => registered.get(InstanceId) ?? []);
  const instances = byAge.slice(0, keepInstances);
  if (keepInstances === undefined && count <= (facts.service?.runningCount ?? 0)) return;
  const here = new Map(
    instances.map(({ containerInstanceArn = '', runningTasksCount = 0, pendingTasksCount = 0 }) => [
      containerInstanceArn,
      runningTasksCount + pendingTasksCount,
    ]),
  );
  const hosts = instances.flatMap((each) => hostOf(each) ?? []);
  const more = fit(hosts, needsOf(document.register), here);
  const tasks = more.tasks + hosts.reduce((total, { arn = '' }) => total + (here.get(arn) ?? 0), 0);
  if (count <= tasks) return;
  if (instances.length === 0) {
    throw new EcsdemoError('does-not-fit', `no container instance is registered that ${count} tasks could run on`, {
      suggestions: [{ command: 'up' }],
    });
  }
  const perInstance = Math.max(1, Math.floor(tasks / Math.max(1, instances.length)));
  throw new EcsdemoError(
    'does-not-fit',
    `${count} tasks do not fit ${instances.length === 1 ? 'the container instance' : `the ${instances.length} container instances`}: ${tasks} do, ${limitWords(more.limit)} is used up then`,
    {
      suggestions: [
        { command: 'scale', flags: { count, instances: Math.ceil(count / perInstance) } },
        { command: 'scale', flags: { count: tasks } },
      ],
    },
  );
}
