// The running tasks of a service, and the ports of the container instances that they are bound to. Changes nothing.
import { type ContainerInstance, DescribeTasksCommand, paginateListTasks, type Task } from '@aws-sdk/client-ecs';
import type { Scope } from '../resource.ts';

/** A page holds a hundred, which is also the most that DescribeTasks takes. */
export async function runningTasks({ aws }: Scope, cluster: string, serviceName: string): Promise<Task[]> {
  const tasks: Task[] = [];
  for await (const page of paginateListTasks(
    { client: aws.ecs, pageSize: 100 },
    { cluster, serviceName, desiredStatus: 'RUNNING' },
  )) {
    const arns = page.taskArns ?? [];
    if (arns.length === 0) continue;
    const described = await aws.ecs.send(new DescribeTasksCommand({ cluster, tasks: arns }));
    tasks.push(...(described.tasks ?? []).filter(({ lastStatus }) => lastStatus === 'RUNNING'));
  }
  return tasks;
}

/** 'i-0abc:32768' for every port that a task has on its container instance. */
export function boundPorts(tasks: readonly Task[], members: readonly ContainerInstance[]): Set<string> {
  const ec2IdOf = new Map(members.map((member) => [member.containerInstanceArn, member.ec2InstanceId]));
  return new Set(
    tasks.flatMap(({ containers = [], containerInstanceArn }) =>
      containers.flatMap(({ networkBindings = [] }) =>
        networkBindings.map(({ hostPort }) => `${ec2IdOf.get(containerInstanceArn)}:${hostPort}`),
      ),
    ),
  );
}
