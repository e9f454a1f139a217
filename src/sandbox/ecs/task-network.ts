// Network mode `awsvpc`: the network interface that each task has of its own, and what a caller must say of it.
// Its life is the task's: made as the task is started, gone when the task has STOPPED. Knows nothing of placement.
import type { AwsVpcConfiguration, NetworkConfiguration } from '@aws-sdk/client-ecs';
import type { Context } from '../handler.ts';
import { availableIpCount, freePrivateIp } from '../ec2/addresses.ts';
import { moreLingering } from '../ec2/load-balancer-interfaces.ts';
import { untilCleared } from '../faults/active-faults.ts';
import { findDefaultGroupId } from '../ec2/network.ts';
import { macOf } from '../ec2/network-interfaces.ts';
import { privateDnsName } from '../ec2/regions.ts';
import type { Subnet } from '../ec2/records.ts';
import type { Tag, World } from '../world.ts';
import { ecsArn, invalidParameter } from './lookups.ts';
import type { ContainerInstance, Task, TaskInterface, TaskNetwork } from './records.ts';

const maxSubnets = 16;
const maxSecurityGroups = 5;

function checkSubnets(world: World, { subnets = [] }: AwsVpcConfiguration): Subnet[] {
  if (subnets.length === 0) throw invalidParameter('subnets can not be empty.');
  if (subnets.length > maxSubnets) throw invalidParameter(`subnets can have at most ${maxSubnets} items.`);
  return subnets.map((id) => {
    const subnet = world.subnets[id];
    if (subnet !== undefined) return subnet;
    throw invalidParameter(
      `Error retrieving subnet information for [${id}]: The subnet ID '${id}' does not exist (ErrorCode: InvalidSubnetID.NotFound)`,
    );
  });
}

function checkGroups(world: World, { securityGroups = [] }: AwsVpcConfiguration, vpcId: string): string[] {
  if (securityGroups.length > maxSecurityGroups)
    throw invalidParameter(`securityGroups can have at most ${maxSecurityGroups} items.`);
  for (const id of securityGroups) {
    const group = world.securityGroups[id];
    if (group === undefined) {
      throw invalidParameter(
        `Error retrieving security group information for [${id}]: The security group '${id}' does not exist (ErrorCode: InvalidGroup.NotFound)`,
      );
    }
    if (group.vpcId !== vpcId) throw invalidParameter('Subnets and security groups must belong to the same VPC.');
  }
  if (securityGroups.length > 0) return [...new Set(securityGroups)];
  const byDefault = findDefaultGroupId(world, vpcId);
  return byDefault === undefined ? [] : [byDefault];
}

/**
 * What CreateService, UpdateService, RunTask and StartTask say of the network of tasks, checked against the network mode.
 * @returns undefined for every mode but `awsvpc`
 * @throws InvalidParameterException; the texts on subnets of two VPCs and on too many are the sandbox's own
 */
export function checkNetworkConfiguration(
  world: World,
  input: NetworkConfiguration | undefined,
  networkMode: string,
): TaskNetwork | undefined {
  const configuration = input?.awsvpcConfiguration;
  if (networkMode !== 'awsvpc') {
    if (configuration === undefined) return undefined;
    throw invalidParameter('Network Configuration is not valid for the given networkMode of this task definition.');
  }
  if (configuration === undefined)
    throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  if (configuration.assignPublicIp === 'ENABLED')
    throw invalidParameter('Assign public IP is not supported for this launch type.');
  const subnets = checkSubnets(world, configuration);
  const [vpcId = '', ...more] = new Set(subnets.map((subnet) => subnet.vpcId));
  if (more.length > 0) throw invalidParameter('subnets must belong to the same VPC.');
  return {
    subnets: subnets.map(({ subnetId }) => subnetId),
    securityGroups: checkGroups(world, configuration, vpcId),
  };
}

/** As DescribeServices shows it. Undefined: its tasks have no interface of their own. */
export function toApiNetwork(
  network: TaskNetwork | undefined,
): { awsvpcConfiguration: AwsVpcConfiguration } | undefined {
  if (network === undefined) return undefined;
  return { awsvpcConfiguration: { ...network, assignPublicIp: 'DISABLED' } };
}

/** Whether the subnets say anything of the instance's zone: an interface is where its instance is. */
export function isInZoneOf(world: World, network: TaskNetwork, { ec2InstanceId }: ContainerInstance): boolean {
  const host = world.instances[ec2InstanceId];
  return network.subnets.some((id) => {
    const subnet = world.subnets[id];
    return subnet?.vpcId === host?.vpcId && subnet?.availabilityZone === host?.availabilityZone;
  });
}

/** The subnet of a task on this container instance: one in the instance's zone with an address to spare. */
export function subnetFor(world: World, network: TaskNetwork, instance: ContainerInstance): Subnet | undefined {
  const host = world.instances[instance.ec2InstanceId];
  return network.subnets
    .flatMap((id) => world.subnets[id] ?? [])
    .find(
      (subnet) =>
        subnet.vpcId === host?.vpcId &&
        subnet.availabilityZone === host.availabilityZone &&
        availableIpCount(world, subnet) > 0,
    );
}

/**
 * Makes the interface of a task that is about to be started on the instance.
 * @returns undefined when no subnet has room: the placement before it knew better
 */
export function attachInterface(
  context: Context,
  network: TaskNetwork,
  instance: ContainerInstance,
  tags: readonly Tag[],
): TaskInterface | undefined {
  const { world, ids } = context;
  const subnet = subnetFor(world, network, instance);
  if (subnet === undefined) return undefined;
  const attachmentId = ids.uuid();
  const networkInterfaceId = ids.ec2('eni');
  const privateIpAddress = freePrivateIp(context, subnet);
  world.networkInterfaces[networkInterfaceId] = {
    networkInterfaceId,
    subnetId: subnet.subnetId,
    vpcId: subnet.vpcId,
    availabilityZone: subnet.availabilityZone,
    description: ecsArn(world, `attachment/${attachmentId}`),
    groupIds: [...network.securityGroups],
    privateIpAddress,
    requesterManaged: true,
    instanceOwnerId: world.account,
    instanceId: instance.ec2InstanceId,
    ofTask: true,
    tags: tags.filter(({ key }) => key.startsWith('aws:ecs:')),
  };
  return { attachmentId, networkInterfaceId, subnetId: subnet.subnetId, privateIpAddress };
}

/** Gives the interface of a task that has STOPPED back. A task without one is no error. */
export function releaseInterface(context: Context, task: Task): void {
  const { world, now } = context;
  const id = task.attachment?.networkInterfaceId ?? '';
  const own = world.networkInterfaces[id];
  if (own === undefined) return;
  const moreMs = moreLingering(context);
  if (moreMs === 0) delete world.networkInterfaces[id];
  else own.releaseAt = Math.min(untilCleared, now + moreMs);
}

/** What DescribeTasks tells of the interface, name by name. */
export function attachmentDetails(
  { region }: World,
  { subnetId, networkInterfaceId, privateIpAddress }: TaskInterface,
): { name: string; value: string }[] {
  return [
    { name: 'subnetId', value: subnetId },
    { name: 'networkInterfaceId', value: networkInterfaceId },
    { name: 'macAddress', value: macOf({ networkInterfaceId }) },
    { name: 'privateDnsName', value: privateDnsName(region, privateIpAddress) },
    { name: 'privateIPv4Address', value: privateIpAddress },
  ];
}
