// What is around a service when its tasks are to be placed: the container instances of its cluster, the tasks on them, and
// what is on its way in or out. Reads only; what follows from it is placement.ts's to say.
import { DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2';
import {
  type ContainerInstance,
  DescribeTasksCommand,
  paginateListTasks,
  type Service,
  type Task,
} from '@aws-sdk/client-ecs';
import type { EcsdemoError } from '../../base/errors.ts';
import { tagKeys } from '../../base/names.ts';
import { instancesById } from '../ec2/instances-by-id.ts';
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
  /** EC2 ids of instances that go, and count for nothing. */
  going?: ReadonlySet<string>;
  /** To be launched. */
  coming?: readonly Host[];
  /** ARN of the revision that the tasks are to be of; undefined: one that is not registered yet. */
  revision: string | undefined;
}

export interface Around extends Pick<Placing, 'hosts' | 'staying' | 'replaced' | 'others'> {
  /** Those that ECS lists, ACTIVE or not. */
  members: ContainerInstance[];
}

/** Instances and tasks as they are, with the room that leaving tasks make already given back. */
export async function lookAround(at: Scope, known: Known): Promise<Around> {
  const { cluster, service, coming = [], going = new Set(), revision } = known;
  // Side by side: of another moment the one would have what the other has not.
  const [all, running, stopped] = await Promise.all([
    describeMembers(at, cluster),
    tasksIn(at, cluster, 'RUNNING'),
    tasksIn(at, cluster, 'STOPPED'),
  ]);
  const gone = await goneOf(at, all);
  const members = all.filter(({ ec2InstanceId = '' }) => !going.has(ec2InstanceId) && !gone.has(ec2InstanceId));
  const leaving = stopped.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  const own = running.filter(({ group }) => group === `service:${service}`);
  return {
    members,
    hosts: [...without(withInterfacesOf(hostsOf(members), [...running, ...leaving]), leaving, []), ...coming],
    staying: own.filter(({ taskDefinitionArn }) => taskDefinitionArn === revision),
    replaced: own.filter(({ taskDefinitionArn }) => taskDefinitionArn !== revision),
    others: running.filter((task) => !own.includes(task)),
  };
}

/** EC2 ids of those whose instance is gone: ECS lists them for a while. Only who lost its connection is asked about. */
async function goneOf(at: Scope, members: readonly ContainerInstance[]): Promise<ReadonlySet<string>> {
  const lost = members.flatMap(({ agentConnected, ec2InstanceId }) =>
    agentConnected === true || ec2InstanceId === undefined ? [] : [ec2InstanceId],
  );
  const byId = await instancesById(at, lost);
  return new Set(
    lost.filter((id) => ['shutting-down', 'terminated'].includes(byId.get(id)?.State?.Name ?? 'terminated')),
  );
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
  return (found.Reservations ?? [])
    .flatMap(({ Instances }) => Instances ?? [])
    .some((instance) => isArriving(instance, members));
}

/** Up, not registered yet, and not for so long that it never will be. */
export function isArriving({ InstanceId, LaunchTime }: Instance, members: readonly ContainerInstance[]): boolean {
  const registered = members.some(({ ec2InstanceId }) => ec2InstanceId === InstanceId);
  return !registered && Number(LaunchTime ?? Date.now()) >= Date.now() - registrationLimitMs;
}

/** How a service replaces its tasks; what it does not say is ECS's default. */
export function percentOf(service: Service | undefined): Placing['percent'] {
  const { minimumHealthyPercent = 100, maximumPercent = 200 } = service?.deploymentConfiguration ?? {};
  return { minimumHealthy: minimumHealthyPercent, maximum: maximumPercent };
}

/**
 * Looks until it is sure: what is read while tasks come and go may be of no one moment, and a refusal must not be.
 * @param judge the refusal, of what is around; undefined: there is none
 */
export async function surely(
  at: Scope,
  known: Known,
  judge: (around: Around) => EcsdemoError | undefined,
): Promise<EcsdemoError | undefined> {
  const first = judge(await lookAround(at, known));
  return first === undefined ? undefined : judge(await lookAround(at, known));
}
