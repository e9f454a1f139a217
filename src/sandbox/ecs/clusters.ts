// Clusters: the names that services, tasks and container instances belong to.
// Knows what may not be there for a cluster to go; does not place or start anything.
import type {
  Cluster as ApiCluster,
  ClusterSetting,
  CreateClusterRequest,
  CreateClusterResponse,
  DeleteClusterRequest,
  DeleteClusterResponse,
  DescribeClustersRequest,
  DescribeClustersResponse,
  ListClustersRequest,
  ListClustersResponse,
  UpdateClusterRequest,
  UpdateClusterResponse,
  UpdateClusterSettingsRequest,
  UpdateClusterSettingsResponse,
} from '@aws-sdk/client-ecs';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import { ensureServiceLinkedRole } from '../iam/service-linked-roles.ts';
import type { Cluster } from './records.ts';
import type { World } from '../world.ts';
import { describeCluster, ecsArn, findCluster, invalidParameter, isLive } from './lookups.ts';
import { pageOf } from './paging.ts';
import { checkTags } from './tags.ts';

const defaultSettings = [{ name: 'containerInsights', value: 'disabled' }];

function checkSettings(settings: ClusterSetting[] | undefined): { name: string; value: string }[] {
  return (settings ?? []).map(({ name, value }) => {
    if (name !== 'containerInsights') throw invalidParameter(`Invalid cluster setting name: ${name ?? ''}.`);
    if (!['enabled', 'disabled', 'enhanced'].includes(value ?? '')) {
      throw invalidParameter(`Invalid cluster setting value: ${value ?? ''}.`);
    }
    return { name, value: value ?? '' };
  });
}

function toApi(world: World, cluster: Cluster, include: readonly string[] = []): ApiCluster {
  const tasks = Object.values(world.tasks).filter((task) => task.clusterArn === cluster.clusterArn && isLive(task));
  const running = tasks.filter((task) => task.lastStatus === 'RUNNING').length;
  const pending = tasks.filter((task) => ['PROVISIONING', 'PENDING', 'ACTIVATING'].includes(task.lastStatus)).length;
  return {
    clusterArn: cluster.clusterArn,
    clusterName: cluster.clusterName,
    status: cluster.status,
    registeredContainerInstancesCount: instancesOf(world, cluster).length,
    runningTasksCount: running,
    pendingTasksCount: pending,
    activeServicesCount: Object.values(world.services).filter(
      (service) => service.clusterArn === cluster.clusterArn && service.status === 'ACTIVE',
    ).length,
    statistics: include.includes('STATISTICS')
      ? [
          { name: 'runningEC2TasksCount', value: String(running) },
          { name: 'pendingEC2TasksCount', value: String(pending) },
        ]
      : [],
    tags: include.includes('TAGS') ? cluster.tags : [],
    settings: include.includes('SETTINGS') ? (cluster.settings as ClusterSetting[]) : [],
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
  };
}

function instancesOf(world: World, cluster: Cluster): World['containerInstances'][string][] {
  return Object.values(world.containerInstances).filter(
    (instance) => instance.clusterArn === cluster.clusterArn && instance.status !== 'INACTIVE',
  );
}

/**
 * Repeating it with the same settings returns the cluster as it is; a deleted one is revived. Changed tags alone are
 * taken as a repeat and not applied: whether AWS calls that inconsistent is not confirmed (aws-facts §19.3).
 * @throws InvalidParameterException for a bad name, or other settings than the cluster has.
 */
export function CreateCluster(context: Context, input: CreateClusterRequest): CreateClusterResponse {
  const { world } = context;
  const name = input.clusterName ?? 'default';
  if (name === '' || name.length > 255 || !/^[A-Za-z0-9_-]+$/.test(name)) {
    throw invalidParameter(
      'Identifiers must contain only alphanumeric characters, hyphens or underscores and be at most 255 characters long.',
    );
  }
  if (input.capacityProviders?.length || input.defaultCapacityProviderStrategy?.length) {
    throw invalidParameter('The sandbox offers no capacity providers.');
  }
  const asked = checkSettings(input.settings);
  const settings = asked.length > 0 ? asked : defaultSettings;
  const tags = checkTags(input.tags);
  const existing = findCluster(world, name);
  if (existing?.status === 'ACTIVE') {
    if (JSON.stringify(existing.settings) !== JSON.stringify(settings)) {
      throw invalidParameter(
        'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
      );
    }
    return { cluster: toApi(world, existing, ['TAGS', 'SETTINGS']) };
  }
  ensureServiceLinkedRole(context, 'ecs.amazonaws.com');
  const clusterArn = ecsArn(world, `cluster/${name}`);
  const cluster: Cluster = { clusterArn, clusterName: name, status: 'ACTIVE', settings, tags, createdAt: context.now };
  world.clusters[clusterArn] = cluster;
  return { cluster: toApi(world, cluster, ['TAGS', 'SETTINGS']) };
}

export function DescribeClusters(context: Context, input: DescribeClustersRequest): DescribeClustersResponse {
  const { world } = context;
  const references = input.clusters?.length ? input.clusters : ['default'];
  if (references.length > 100) throw invalidParameter('Clusters cannot have more than 100 elements.');
  const clusters: ApiCluster[] = [];
  const failures: { arn: string; reason: string }[] = [];
  for (const reference of new Set(references)) {
    const cluster = findCluster(world, reference);
    if (cluster) clusters.push(toApi(world, cluster, input.include));
    else
      failures.push({
        arn: reference.startsWith('arn:') ? reference : ecsArn(world, `cluster/${reference}`),
        reason: 'MISSING',
      });
  }
  return { clusters, failures };
}

/** INACTIVE clusters are not listed. */
export function ListClusters(context: Context, input: ListClustersRequest): ListClustersResponse {
  const arns = Object.values(context.world.clusters)
    .filter(({ status }) => status === 'ACTIVE')
    .map(({ clusterArn }) => clusterArn)
    .sort();
  const { entries, ...rest } = pageOf(arns, input);
  return { clusterArns: entries, ...rest };
}

export function UpdateCluster(context: Context, input: UpdateClusterRequest): UpdateClusterResponse {
  const cluster = describeCluster(context.world, input.cluster);
  const settings = checkSettings(input.settings);
  if (settings.length > 0) cluster.settings = settings;
  return { cluster: toApi(context.world, cluster, ['TAGS', 'SETTINGS']) };
}

export function UpdateClusterSettings(
  context: Context,
  input: UpdateClusterSettingsRequest,
): UpdateClusterSettingsResponse {
  if (!input.settings?.length) throw invalidParameter('Settings cannot be empty.');
  return UpdateCluster(context, input);
}

/** Deleting an INACTIVE cluster again answers with it, as AWS does (aws-cli issue 2078). */
export function DeleteCluster(context: Context, input: DeleteClusterRequest): DeleteClusterResponse {
  const { world } = context;
  if (!input.cluster) throw invalidParameter('Cluster can not be blank.');
  const cluster = findCluster(world, input.cluster);
  if (!cluster) throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
  if (cluster.status === 'INACTIVE') return { cluster: toApi(world, cluster) };
  const mine = ({ clusterArn }: { clusterArn: string }): boolean => clusterArn === cluster.clusterArn;
  if (instancesOf(world, cluster).length > 0) {
    throw new AwsError(
      'ClusterContainsContainerInstancesException',
      'The Cluster cannot be deleted while Container Instances are active or draining.',
    );
  }
  if (Object.values(world.services).some((service) => mine(service) && service.status !== 'INACTIVE')) {
    throw new AwsError('ClusterContainsServicesException', 'The Cluster cannot be deleted while Services are active.');
  }
  if (Object.values(world.tasks).some((task) => mine(task) && isLive(task))) {
    throw new AwsError('ClusterContainsTasksException', 'The Cluster cannot be deleted while Tasks are active.');
  }
  cluster.status = 'INACTIVE';
  cluster.inactiveAt = context.now;
  return { cluster: toApi(world, cluster) };
}
