// What is around a service when its tasks are to be placed: the container instances of its cluster, the tasks on them, and
// what is on its way in or out. Reads only; what follows from it is placement.ts's to say.
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import {
  type ContainerInstance,
  DescribeTasksCommand,
  paginateListTasks,
  type Service,
  type Task,
} from '@aws-sdk/client-ecs';
import { tagKeys } from '../../base/names.ts';
import { registrationLimitMs } from '../ec2/registration.ts';
import type { Scope } from '../resource.ts';
import { type Host, hostOf, withInterfacesOf, without } from './capacity.ts';
import { describeMembers } from './container-instances.ts';
import type { Placing } from './placement.ts';

/** All of the cluster that ECS lists so, others' included. */
async function tasksIn({ aws }: Scope, cluster: string, desiredStatus: 'RUNNING' | 'STOPPED'): Promise<Task[]> {
  const tasks: Task[] = [];
  for await (const page of paginateListTasks({ client: aws.ecs, pageSize: 100 }, { cluster, desiredStatus })) {
    const arns = page.taskArns ?? [];
    if (arns.length === 0) continue;
    const described = await aws.ecs.send(new DescribeTasksCommand({ cluster, tasks: arns }));
    tasks.push(...(described.tasks ?? []));
  }
  return tasks;
}

/** What is known already. */
export interface Known {
  cluster: string;
  service: string;
  /** Absent: they are asked for. */
  members?: readonly ContainerInstance[];
  /** To be launched. */
  coming?: readonly Host[];
  /** ARN of the revision that the tasks are to be of; undefined: one that is not registered yet. */
  revision: string | undefined;
}

export type Around = Pick<Placing, 'hosts' | 'staying' | 'replaced' | 'others'>;

/** Instances and tasks as they are, with the room that leaving tasks make already given back. */
export async function lookAround(at: Scope, known: Known): Promise<Around> {
  const { cluster, service, coming = [], revision } = known;
  const [members, running, stopped] = await Promise.all([
    known.members ?? describeMembers(at, cluster),
    tasksIn(at, cluster, 'RUNNING'),
    tasksIn(at, cluster, 'STOPPED'),
  ]);
  const leaving = stopped.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  const own = running.filter(({ group }) => group === `service:${service}`);
  return {
    hosts: [...without(withInterfacesOf(hostsOf(members), [...running, ...leaving]), leaving, []), ...coming],
    staying: own.filter(({ taskDefinitionArn }) => taskDefinitionArn === revision),
    replaced: own.filter(({ taskDefinitionArn }) => taskDefinitionArn !== revision),
    others: running.filter((task) => !own.includes(task)),
  };
}

/** Those that take tasks; an agent that lost its connection may find it again. */
export function hostsOf(members: readonly ContainerInstance[]): Host[] {
  return members.flatMap((each) => hostOf({ ...each, agentConnected: true }) ?? []);
}

/** Whether an instance of the demo is up that has not registered yet: it may bring the room that lacks. */
export async function isSomeoneComing({ aws, demo }: Scope, members: readonly ContainerInstance[]): Promise<boolean> {
  const found = await aws.ec2.send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: `tag:${tagKeys.demo}`, Values: [demo] },
        { Name: 'instance-state-name', Values: ['pending', 'running'] },
      ],
    }),
  );
  const registered = new Set(members.map(({ ec2InstanceId }) => ec2InstanceId));
  const latest = Date.now() - registrationLimitMs;
  return (found.Reservations ?? [])
    .flatMap(({ Instances }) => Instances ?? [])
    .some(({ InstanceId, LaunchTime }) => !registered.has(InstanceId) && Number(LaunchTime ?? 0) >= latest);
}

/** How a service replaces its tasks; what it does not say is ECS's default. */
export function percentOf(service: Service | undefined): Placing['percent'] {
  const { minimumHealthyPercent = 100, maximumPercent = 200 } = service?.deploymentConfiguration ?? {};
  return { minimumHealthy: minimumHealthyPercent, maximum: maximumPercent };
}
