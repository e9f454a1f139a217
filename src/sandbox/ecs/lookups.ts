// Finding ECS's things by what callers write: short name, family:revision or full ARN, everywhere alike.
// Knows the formats of ARNs and the errors for what is absent; changes nothing.
import { arnOf } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import type { Cluster, ContainerInstance, Service, Task, TaskDefinition } from './records.ts';
import type { World } from '../world.ts';

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

export function clientException(message: string): AwsError {
  return new AwsError('ClientException', message);
}

/** `arn:aws:ecs:<region>:<account>:<resource>` */
export function ecsArn(world: World, resource: string): string {
  return arnOf(world, 'ecs', resource);
}

/** What follows the last slash: the id or name that ECS's messages use. */
export function idOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** Undefined when there never was one of that name, or it was forgotten. Absent reference: the cluster `default`. */
export function findCluster(world: World, reference: string | undefined): Cluster | undefined {
  const name = reference === undefined || reference === '' ? 'default' : reference;
  return world.clusters[name.startsWith('arn:') ? name : ecsArn(world, `cluster/${name}`)];
}

/** The ACTIVE cluster. @throws ClusterNotFoundException, with another text for a deleted one (aws-facts §1.9). */
export function describeCluster(world: World, reference: string | undefined): Cluster {
  const cluster = findCluster(world, reference);
  if (!cluster) throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
  if (cluster.status === 'INACTIVE')
    throw new AwsError('ClusterNotFoundException', 'The referenced cluster was inactive.');
  return cluster;
}

/** A service of the cluster in any status. An ARN of another cluster's service is not found. */
export function findService(world: World, cluster: Cluster, reference: string): Service | undefined {
  const arn = reference.startsWith('arn:') ? reference : ecsArn(world, `service/${cluster.clusterName}/${reference}`);
  // The ARN format before 2018 had no cluster in it; callers still hand it in.
  const service = world.services[arn] ?? world.services[ecsArn(world, `service/${cluster.clusterName}/${idOf(arn)}`)];
  return service?.clusterArn === cluster.clusterArn ? service : undefined;
}

/** @throws ServiceNotFoundException */
export function describeService(world: World, cluster: Cluster, reference: string): Service {
  const service = findService(world, cluster, reference);
  if (!service) throw new AwsError('ServiceNotFoundException', 'Service not found.');
  return service;
}

export function findTask(world: World, cluster: Cluster, reference: string): Task | undefined {
  const arn = reference.startsWith('arn:') ? reference : ecsArn(world, `task/${cluster.clusterName}/${reference}`);
  const task = world.tasks[arn];
  return task?.clusterArn === cluster.clusterArn ? task : undefined;
}

export function findContainerInstance(
  world: World,
  cluster: Cluster,
  reference: string,
): ContainerInstance | undefined {
  const arn = reference.startsWith('arn:')
    ? reference
    : ecsArn(world, `container-instance/${cluster.clusterName}/${reference}`);
  const instance = world.containerInstances[arn];
  return instance?.clusterArn === cluster.clusterArn ? instance : undefined;
}

/** `family` and, if the reference names one, `revision`, of `family`, `family:revision` or an ARN. */
export function parseTaskDefinitionReference(reference: string): { family: string; revision?: number } {
  const name = reference.startsWith('arn:') ? idOf(reference) : reference;
  const [family = '', revision] = name.split(':');
  if (revision === undefined) return { family };
  return { family, revision: /^[1-9]\d*$/.test(revision) ? Number(revision) : Number.NaN };
}

/** A family alone means its newest ACTIVE revision; with a revision any status is found. */
export function findTaskDefinition(world: World, reference: string): TaskDefinition | undefined {
  const { family, revision } = parseTaskDefinitionReference(reference);
  let found: TaskDefinition | undefined;
  if (reference.startsWith('arn:') && !reference.startsWith(ecsArn(world, 'task-definition/'))) return undefined;
  if (revision !== undefined) return world.taskDefinitions[ecsArn(world, `task-definition/${family}:${revision}`)];
  for (const candidate of Object.values(world.taskDefinitions)) {
    if (candidate.family !== family || candidate.status !== 'ACTIVE') continue;
    if (!found || candidate.revision > found.revision) found = candidate;
  }
  return found;
}

/** One that new tasks may be started from. @throws ClientException when absent, or no longer ACTIVE. */
export function describeUsableTaskDefinition(world: World, reference: string | undefined): TaskDefinition {
  if (reference === undefined || reference === '') throw invalidParameter('TaskDefinition can not be blank.');
  const found = findTaskDefinition(world, reference);
  if (!found || found.status === 'DELETE_IN_PROGRESS') throw clientException('TaskDefinition not found.');
  if (found.status !== 'ACTIVE') throw clientException('TaskDefinition is inactive');
  return found;
}

export function tasksOfService(world: World, service: Service): Task[] {
  return Object.values(world.tasks).filter((task) => task.serviceArn === service.serviceArn);
}

/** Tasks that still take room or may run: everything but STOPPED. */
export function isLive(task: Task): boolean {
  return task.lastStatus !== 'STOPPED';
}
