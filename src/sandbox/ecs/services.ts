// Services: what callers ask of them. What then happens is service-schedule.ts's; the rules of arguments are apart, too.
import { createHash } from 'node:crypto';
import type {
  CreateServiceRequest,
  CreateServiceResponse,
  DeleteServiceRequest,
  DeleteServiceResponse,
  DescribeServicesRequest,
  DescribeServicesResponse,
  ListServicesRequest,
  ListServicesResponse,
  UpdateServiceRequest,
  UpdateServiceResponse,
} from '@aws-sdk/client-ecs';
import { globalArnOf } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import { strike, untilCleared } from '../faults/active-faults.ts';
import type { Context } from '../handler.ts';
import { ensureServiceLinkedRole } from '../iam/service-linked-roles.ts';
import type { Service } from './records.ts';
import { openDeployment } from './deployments.ts';
import {
  describeCluster,
  describeService,
  describeUsableTaskDefinition,
  ecsArn,
  findService,
  invalidParameter,
} from './lookups.ts';
import { checkReferences, pageOf } from './paging.ts';
import {
  checkDesiredCount,
  checkGracePeriod,
  checkLoadBalancers,
  checkPlacement,
  checkRole,
  refuseUnoffered,
  toDeploymentConfiguration,
} from './service-arguments.ts';
import { toApiService } from './service-shape.ts';
import { checkTags } from './tags.ts';
import { documentOf } from './task-definition-document.ts';
import { checkNetworkConfiguration, toApiNetwork } from './task-network.ts';

/** How much longer it drains under the fault service-stays-draining, as on AWS. */
const faultDrainingMs = 120_000;

const notIdempotent = 'Creation of service was not idempotent.';

/** The order of members does not matter to what a token stands for. */
function digestOf(input: CreateServiceRequest): string {
  const sorted = JSON.stringify(input, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(sorted).digest('hex');
}

function checkZoneRebalancing(
  asked: string | undefined,
  maximumPercent: number,
): Service['availabilityZoneRebalancing'] {
  if (asked === undefined) return maximumPercent > 100 ? 'ENABLED' : 'DISABLED';
  if (asked !== 'ENABLED' && asked !== 'DISABLED')
    throw invalidParameter(`Invalid availabilityZoneRebalancing: ${asked}.`);
  if (asked === 'ENABLED' && maximumPercent <= 100) {
    throw invalidParameter('Availability Zone rebalancing requires maximumPercent to be greater than 100.');
  }
  return asked;
}

function checkPropagation(asked: string | undefined): Service['propagateTags'] {
  if (asked === undefined) return 'NONE';
  if (asked !== 'SERVICE' && asked !== 'TASK_DEFINITION' && asked !== 'NONE')
    throw invalidParameter(`Invalid propagateTags: ${asked}.`);
  return asked;
}

/**
 * Repeating it is an error, even with the same arguments, unless the same client token comes with them (aws-facts §4).
 * @throws InvalidParameterException, ClientException, ClusterNotFoundException as AWS does.
 */
export function CreateService(context: Context, input: CreateServiceRequest): CreateServiceResponse {
  const { world } = context;
  const cluster = describeCluster(world, input.cluster);
  const serviceName = input.serviceName ?? '';
  if (serviceName === '') throw invalidParameter('Service name can not be blank.');
  if (serviceName.length > 255 || !/^[A-Za-z0-9_-]+$/.test(serviceName)) {
    throw invalidParameter(
      'Service names must contain only alphanumeric characters, hyphens or underscores and be at most 255 characters long.',
    );
  }
  if (input.clientToken !== undefined && !/^[\x21-\x7e]{1,36}$/.test(input.clientToken)) {
    throw invalidParameter('Client tokens must be at most 36 ASCII characters in the range 33-126.');
  }
  refuseUnoffered(input);
  const existing = findService(world, cluster, serviceName);
  const tokenKey = `ecs:${cluster.clusterArn}:${input.clientToken ?? ''}`;
  const used = input.clientToken === undefined ? undefined : world.clientTokens[tokenKey];
  if (
    existing &&
    existing.status !== 'INACTIVE' &&
    used?.result === existing.serviceArn &&
    existing.status === 'ACTIVE'
  ) {
    if (used.parameters !== digestOf(input)) throw invalidParameter(notIdempotent);
    return { service: toApiService(world, existing, true) };
  }
  if (existing?.status === 'ACTIVE') throw invalidParameter(notIdempotent);
  if (existing?.status === 'DRAINING') throw invalidParameter('Unable to Start a service that is still Draining.');

  const desiredCount = checkDesiredCount(input.desiredCount);
  const taskDefinition = describeUsableTaskDefinition(world, input.taskDefinition);
  const document = documentOf(taskDefinition);
  const network = checkNetworkConfiguration(world, input.networkConfiguration, document.networkMode);
  const loadBalancers = checkLoadBalancers(world, input.loadBalancers, taskDefinition);
  const deploymentConfiguration = toDeploymentConfiguration(input.deploymentConfiguration);
  const roleArn = checkRole(world, input.role, loadBalancers.length > 0, network !== undefined);
  const service: Service = {
    serviceArn: ecsArn(world, `service/${cluster.clusterName}/${serviceName}`),
    serviceName,
    clusterArn: cluster.clusterArn,
    status: 'ACTIVE',
    taskDefinitionArn: taskDefinition.taskDefinitionArn,
    desiredCount,
    launchType: 'EC2',
    loadBalancers,
    ...(network === undefined ? {} : { network }),
    deploymentConfiguration,
    healthCheckGracePeriodSeconds: checkGracePeriod(input.healthCheckGracePeriodSeconds, loadBalancers.length > 0),
    availabilityZoneRebalancing: checkZoneRebalancing(
      input.availabilityZoneRebalancing,
      deploymentConfiguration.maximumPercent,
    ),
    ...checkPlacement(input.placementStrategy, input.placementConstraints),
    schedulingStrategy: 'REPLICA',
    propagateTags: checkPropagation(input.propagateTags),
    enableEcsManagedTags: input.enableECSManagedTags ?? false,
    enableExecuteCommand: input.enableExecuteCommand ?? false,
    ...(roleArn === undefined ? {} : { roleArn }),
    events: [],
    deployments: [],
    createdAt: context.now,
    createdBy: globalArnOf(world, 'iam', 'root'),
    ...(input.clientToken === undefined ? {} : { clientToken: input.clientToken }),
    tags: checkTags(input.tags),
  };
  ensureServiceLinkedRole(context, 'ecs.amazonaws.com');
  world.services[service.serviceArn] = service;
  openDeployment(context, service, taskDefinition.taskDefinitionArn);
  if (input.clientToken !== undefined)
    world.clientTokens[tokenKey] = { parameters: digestOf(input), result: service.serviceArn };
  return { service: toApiService(world, service, true) };
}

export function DescribeServices(context: Context, input: DescribeServicesRequest): DescribeServicesResponse {
  const { world } = context;
  const references = checkReferences(input.services, 'Services', 10);
  const cluster = describeCluster(world, input.cluster);
  const withTags = input.include?.includes('TAGS') ?? false;
  const services: CreateServiceResponse['service'][] = [];
  const failures: { arn: string; reason: string }[] = [];
  for (const reference of new Set(references)) {
    const service = findService(world, cluster, reference);
    if (service) services.push(toApiService(world, service, withTags));
    else
      failures.push({
        arn: reference.startsWith('arn:') ? reference : ecsArn(world, `service/${cluster.clusterName}/${reference}`),
        reason: 'MISSING',
      });
  }
  return { services: services.flatMap((service) => service ?? []), failures };
}

/** DRAINING services are not listed, DescribeServices shows them. Ten to a page unless asked otherwise. */
export function ListServices(context: Context, input: ListServicesRequest): ListServicesResponse {
  const cluster = describeCluster(context.world, input.cluster);
  const arns = Object.values(context.world.services)
    .filter(({ clusterArn, status }) => clusterArn === cluster.clusterArn && status === 'ACTIVE')
    .filter(
      ({ launchType, schedulingStrategy }) =>
        (input.launchType ?? launchType) === launchType &&
        (input.schedulingStrategy ?? schedulingStrategy) === schedulingStrategy,
    )
    .map(({ serviceArn }) => serviceArn)
    .sort();
  const { entries, ...rest } = pageOf(arns, input, 10);
  return { serviceArns: entries, ...rest };
}

/**
 * A change of the desired count alone opens no deployment; another task definition, other load balancers or
 * `forceNewDeployment` do.
 * @throws ServiceNotActiveException for one that is DRAINING or INACTIVE.
 */
export function UpdateService(context: Context, input: UpdateServiceRequest): UpdateServiceResponse {
  const { world } = context;
  const cluster = describeCluster(world, input.cluster);
  const service = describeService(world, cluster, input.service ?? '');
  if (service.status !== 'ACTIVE') throw new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.');
  const { service: _name, ...rest } = input;
  refuseUnoffered(rest);
  const taskDefinition =
    input.taskDefinition === undefined ? undefined : describeUsableTaskDefinition(world, input.taskDefinition);
  const current = taskDefinition ?? world.taskDefinitions[service.taskDefinitionArn];
  const desiredCount = input.desiredCount === undefined ? service.desiredCount : checkDesiredCount(input.desiredCount);
  const loadBalancers =
    current && (input.loadBalancers !== undefined || taskDefinition)
      ? checkLoadBalancers(world, input.loadBalancers ?? service.loadBalancers, current)
      : service.loadBalancers;
  const asked = input.networkConfiguration ?? toApiNetwork(service.network);
  const network = current && checkNetworkConfiguration(world, asked, documentOf(current).networkMode);
  const deploymentConfiguration = toDeploymentConfiguration(
    input.deploymentConfiguration,
    service.deploymentConfiguration,
  );
  const placement = checkPlacement(
    input.placementStrategy ?? (service.placementStrategy as []),
    input.placementConstraints ?? (service.placementConstraints as []),
  );
  const grace =
    input.healthCheckGracePeriodSeconds === undefined
      ? service.healthCheckGracePeriodSeconds
      : checkGracePeriod(input.healthCheckGracePeriodSeconds, loadBalancers.length > 0);
  const rebalancing =
    input.availabilityZoneRebalancing === undefined
      ? service.availabilityZoneRebalancing
      : checkZoneRebalancing(input.availabilityZoneRebalancing, deploymentConfiguration.maximumPercent);
  const propagateTags =
    input.propagateTags === undefined ? service.propagateTags : checkPropagation(input.propagateTags);

  const changed =
    (taskDefinition !== undefined && taskDefinition.taskDefinitionArn !== service.taskDefinitionArn) ||
    JSON.stringify(loadBalancers) !== JSON.stringify(service.loadBalancers) ||
    JSON.stringify(network) !== JSON.stringify(service.network) ||
    input.forceNewDeployment === true;
  if (desiredCount !== service.desiredCount) {
    service.desiredCount = desiredCount;
    delete service.steadyAt;
  }
  Object.assign(service, placement, { loadBalancers, deploymentConfiguration, propagateTags });
  if (network !== undefined) service.network = network;
  service.healthCheckGracePeriodSeconds = grace;
  service.availabilityZoneRebalancing = rebalancing;
  service.enableExecuteCommand = input.enableExecuteCommand ?? service.enableExecuteCommand;
  service.enableEcsManagedTags = input.enableECSManagedTags ?? service.enableEcsManagedTags;
  // Any update is a new chance for starts that were throttled (aws-facts §11).
  service.failedStarts = 0;
  delete service.throttledUntil;
  if (changed)
    openDeployment(context, service, (taskDefinition ?? current)?.taskDefinitionArn ?? service.taskDefinitionArn);
  return { service: toApiService(world, service, true) };
}

/** `force` scales to 0 and deletes in one; without it the service must have been scaled to 0 first. */
export function DeleteService(context: Context, input: DeleteServiceRequest): DeleteServiceResponse {
  const { world } = context;
  const cluster = describeCluster(world, input.cluster);
  const service = describeService(world, cluster, input.service ?? '');
  if (service.status === 'INACTIVE') throw new AwsError('ServiceNotFoundException', 'Service not found.');
  if (service.status === 'DRAINING') return { service: toApiService(world, service, true) };
  if (input.force !== true) {
    if (service.desiredCount > 0) throw invalidParameter('The service cannot be stopped while it is scaled above 0.');
    if (service.deployments.length > 1)
      throw invalidParameter('The service cannot be stopped while deployments are active.');
  }
  service.status = 'DRAINING';
  service.desiredCount = 0;
  service.deletedAt = context.now;
  const struck = strike(world, 'service-stays-draining');
  if (struck !== undefined)
    service.drainsUntil = struck.lasting ? untilCleared : context.now + context.pace.scale(faultDrainingMs);
  return { service: toApiService(world, service, true) };
}
