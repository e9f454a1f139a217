// The running tasks of a service, and the ports of the container instances that they are bound to. Changes nothing.
import { type ContainerInstance, DescribeTasksCommand, paginateListTasks, type Task } from '@aws-sdk/client-ecs';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Scope } from '../resource.ts';
import type { Uses } from '../uses.ts';

/** What finding the running tasks of a service calls. */
export const tasksUses: Uses = { look: ['ecs:ListTasks', 'ecs:DescribeTasks'] };

/** Those that run. */
export async function runningTasks(at: Scope, cluster: string, serviceName: string): Promise<Task[]> {
  return (await serviceTasks(at, cluster, serviceName)).filter(({ lastStatus }) => lastStatus === 'RUNNING');
}

/** Those that run or are to run. A page holds a hundred, which is also the most that DescribeTasks takes. */
export async function serviceTasks({ aws }: Scope, cluster: string, serviceName: string): Promise<Task[]> {
  const tasks: Task[] = [];
  for await (const page of paginateListTasks(
    { client: aws.ecs, pageSize: 100 },
    { cluster, serviceName, desiredStatus: 'RUNNING' },
  )) {
    const arns = page.taskArns ?? [];
    if (arns.length === 0) continue;
    const described = await aws.ecs.send(new DescribeTasksCommand({ cluster, tasks: arns }));
    tasks.push(...(described.tasks ?? []));
  }
  return tasks;
}

/** The address of a task with a network interface of its own (network mode `awsvpc`). */
export function addressOf({ attachments = [] }: Task): string | undefined {
  const { details = [] } = attachments.find(({ type }) => type === 'ElasticNetworkInterface') ?? {};
  return details.find(({ name }) => name === 'privateIPv4Address')?.value;
}

/**
 * Where tasks listen, as targets: 'i-0abc:32768' for each port on a container instance, '172.31.7.9:80' for one of an
 * address of its own.
 * @param containerPort that of the load balancer: where Docker maps none, it is the port of the address or the instance
 */
export function boundTargets(
  tasks: readonly Task[],
  members: readonly ContainerInstance[],
  containerPort: number | undefined,
): Set<string> {
  const ec2IdOf = new Map(members.map((member) => [member.containerInstanceArn, member.ec2InstanceId]));
  return new Set(
    tasks.flatMap((task) => {
      const mapped = (task.containers ?? []).flatMap(({ networkBindings = [] }) => networkBindings);
      const id = addressOf(task) ?? ec2IdOf.get(task.containerInstanceArn);
      // In the modes `host` and `awsvpc` the agent reports no bindings.
      const ports = mapped.length > 0 ? mapped.map(({ hostPort }) => hostPort) : [containerPort];
      return ports.map((port) => `${id}:${port}`);
    }),
  );
}

/** A target that is registered and not on its way out, behind which there is no task; those that fail come first. */
export function strayTarget(
  targets: readonly TargetHealthDescription[],
  bound: ReadonlySet<string>,
): TargetHealthDescription | undefined {
  const strays = targets.filter(
    ({ Target, TargetHealth }) => TargetHealth?.State !== 'draining' && !bound.has(`${Target?.Id}:${Target?.Port}`),
  );
  return strays.find(({ TargetHealth }) => TargetHealth?.State !== 'healthy') ?? strays[0];
}
