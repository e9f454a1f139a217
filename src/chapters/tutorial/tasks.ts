// The tasks of the demo one by one, for who looks at it: where each runs, where it answers, and whether the load balancer
// sends it anything. Changes nothing.
import { boundTargets, serviceTasks } from '../../resources/ecs/tasks.ts';
import type { DemoTask } from '../chapter.ts';
import type { TutorialContext } from './context.ts';

/** After a look; asks ECS only where there is a service. The oldest first, those that have not started last. */
export async function findTasks(context: TutorialContext): Promise<DemoTask[]> {
  const { facts, names } = context;
  if (facts.service === undefined) return [];
  const members = facts.members ?? [];
  const port = facts.service.loadBalancers?.[0]?.containerPort;
  const tasks = await serviceTasks(context, names.cluster, names.service);
  const shown = tasks.map((task): DemoTask => {
    const addresses = task.lastStatus === 'RUNNING' ? [...boundTargets([task], members, port)] : [];
    const target = facts.targets?.find(({ Target }) => addresses.includes(`${Target?.Id}:${Target?.Port}`));
    const host = members.find(({ containerInstanceArn }) => containerInstanceArn === task.containerInstanceArn);
    return {
      id: lastPart(task.taskArn),
      definition: lastPart(task.taskDefinitionArn),
      state: task.lastStatus ?? '',
      instance: host?.ec2InstanceId ?? null,
      zone: task.availabilityZone ?? null,
      addresses,
      health: target?.TargetHealth?.State ?? null,
      startedAt: task.startedAt?.toISOString() ?? null,
    };
  });
  const age = ({ startedAt }: DemoTask): number =>
    startedAt === null ? Number.POSITIVE_INFINITY : Date.parse(startedAt);
  return shown.toSorted((one, other) => age(one) - age(other) || (one.id < other.id ? -1 : 1));
}

function lastPart(arn = ''): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
