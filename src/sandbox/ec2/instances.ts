// RunInstances, DescribeInstances, DescribeInstanceStatus. What a launch may not be is in launch-checks.ts; what time does
// to an instance is in schedule.ts.
import type {
  DescribeInstanceStatusRequest,
  DescribeInstanceStatusResult,
  DescribeInstancesRequest,
  DescribeInstancesResult,
  InstanceStatus,
  Reservation,
  RunInstancesRequest,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import { afflictInstance } from '../faults/afflictions.ts';
import type { Context } from '../handler.ts';
import type { Instance } from './records.ts';
import type { Tag, World } from '../world.ts';
import { freePrivateIp, freePublicIp } from './addresses.ts';
import { findByClientToken, rememberClientToken } from './client-tokens.ts';
import { refuseDryRun } from './dry-run.ts';
import { filterItems } from './filters.ts';
import { instanceFilters, toApiInstance, toApiState } from './instance-view.ts';
import { describeKeyPair } from './key-pairs.ts';
import {
  checkCount,
  checkImage,
  checkInstanceProfile,
  checkInstanceType,
  checkNetwork,
  checkUserData,
  checkVcpuQuota,
} from './launch-checks.ts';
import { checkMetadataOptions, checkRootVolume, refuseUnplayed } from './launch-options.ts';
import type { LaunchNetwork } from './launch-checks.ts';
import { pageOf, refusePagingWithIds } from './paging.ts';
import { readTagSpecifications } from './tag-rules.ts';

/**
 * The instances named, in that order; one bad id refuses all.
 * @throws AwsError `InvalidInstanceID.Malformed`, `InvalidInstanceID.NotFound`.
 */
export function describeInstancesById(world: World, ids: readonly string[]): Instance[] {
  for (const id of ids) {
    if (!/^i-[0-9a-f]{8,17}$/.test(id)) throw new AwsError('InvalidInstanceID.Malformed', `Invalid id: "${id}"`);
  }
  const missing = ids.filter((id) => world.instances[id] === undefined);
  if (missing.length === 1)
    throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${missing[0] ?? ''}' does not exist`);
  if (missing.length > 1)
    throw new AwsError('InvalidInstanceID.NotFound', `The instance IDs '${missing.join(', ')}' do not exist`);
  return ids.map((id) => world.instances[id]).filter((instance) => instance !== undefined);
}

function toReservation(world: World, instances: readonly Instance[]): Reservation {
  return {
    ReservationId: instances[0]?.reservationId,
    OwnerId: world.account,
    Groups: [],
    Instances: instances.map((instance) => toApiInstance(world, instance)),
  };
}

function addInterface(context: Context, network: LaunchNetwork, instanceId: string, tags: Tag[]): string {
  const { world, ids } = context;
  const { subnet } = network;
  const networkInterfaceId = ids.ec2('eni');
  world.networkInterfaces[networkInterfaceId] = {
    networkInterfaceId,
    subnetId: subnet.subnetId,
    vpcId: subnet.vpcId,
    availabilityZone: subnet.availabilityZone,
    description: '',
    groupIds: [...network.groupIds],
    privateIpAddress: network.privateIp ?? freePrivateIp(context, subnet),
    ...(network.associatePublicIp && { publicIp: freePublicIp(context) }),
    requesterManaged: false,
    instanceOwnerId: world.account,
    instanceId,
    tags,
  };
  return networkInterfaceId;
}

/**
 * The same ClientToken with the same parameters gives the first reservation again, and so does a terminated instance's
 * until it is forgotten. DryRun goes through all checks.
 * @throws AwsError `IdempotentParameterMismatch`, and whatever launch-checks.ts refuses.
 */
export function RunInstances(context: Context, input: RunInstancesRequest): Reservation {
  const { world, ids, now, pace } = context;
  const earlier = findByClientToken(world, input.ClientToken, input);
  if (earlier !== undefined) {
    const launched = Object.values(world.instances).filter((instance) => instance.reservationId === earlier);
    if (launched.length > 0) return toReservation(world, launched);
  }
  const count = checkCount(input);
  const image = checkImage(world, input.ImageId);
  const type = checkInstanceType(input.InstanceType, image);
  refuseUnplayed(input, type);
  if (input.KeyName !== undefined) describeKeyPair(world, input.KeyName);
  const network = checkNetwork(world, input, type);
  const profile = checkInstanceProfile(context, input.IamInstanceProfile);
  const userData = checkUserData(input.UserData);
  const metadataOptions = checkMetadataOptions(input.MetadataOptions, image);
  const volume = checkRootVolume(input, image);
  const tags = readTagSpecifications(input.TagSpecifications, ['instance', 'volume', 'network-interface']);
  checkVcpuQuota(world, type, count);
  refuseDryRun(input);

  const reservationId = ids.ec2('r');
  const credits =
    input.CreditSpecification?.CpuCredits ?? (/^(t3|t3a|t4g)\./.test(type.instanceType) ? 'unlimited' : undefined);
  const launched = Array.from({ length: count }, (_, launchIndex): Instance => {
    const instanceId = ids.ec2('i');
    const networkInterfaceId = addInterface(context, network, instanceId, [...(tags['network-interface'] ?? [])]);
    const own = world.networkInterfaces[networkInterfaceId];
    return {
      instanceId,
      reservationId,
      imageId: image.imageId,
      instanceType: type.instanceType,
      ...(input.KeyName !== undefined && { keyName: input.KeyName }),
      subnetId: network.subnet.subnetId,
      vpcId: network.subnet.vpcId,
      availabilityZone: network.subnet.availabilityZone,
      privateIpAddress: own?.privateIpAddress ?? '',
      ...(own?.publicIp !== undefined && { publicIpAddress: own.publicIp }),
      securityGroupIds: [...network.groupIds],
      ...(profile !== undefined && {
        instanceProfileArn: profile.arn,
        instanceProfileId: profile.instanceProfileId,
      }),
      ...(userData !== undefined && { userData }),
      state: 'pending',
      launchedAt: now,
      stateEndsAt: now + pace.of('instancePending'),
      ...(input.DisableApiStop === true && { stopProtection: true }),
      ...(input.EbsOptimized === true && { ebsOptimized: true }),
      terminationProtection: input.DisableApiTermination ?? false,
      metadataOptions,
      ...(credits !== undefined && { creditSpecification: credits }),
      monitoring: input.Monitoring?.Enabled ?? false,
      ...(input.ClientToken !== undefined && { clientToken: input.ClientToken }),
      networkInterfaceId,
      volumeId: ids.ec2('vol'),
      ...volume,
      associatePublicIp: network.associatePublicIp,
      launchIndex,
      ...(input.InstanceInitiatedShutdownBehavior !== undefined && {
        shutdownBehavior: input.InstanceInitiatedShutdownBehavior,
      }),
      tags: [...(tags.instance ?? [])],
      volumeTags: [...(tags.volume ?? [])],
    };
  });
  for (const instance of launched) {
    afflictInstance(context, instance);
    world.instances[instance.instanceId] = instance;
  }
  rememberClientToken(world, input.ClientToken, input, reservationId);
  return toReservation(world, launched);
}

/** Filters that find nothing give an empty list; an id that is not there is an error. Pages count instances. */
export function DescribeInstances({ world }: Context, input: DescribeInstancesRequest): DescribeInstancesResult {
  refuseDryRun(input);
  refusePagingWithIds(input, input.InstanceIds, 'instancesSet');
  const named = describeInstancesById(world, input.InstanceIds ?? []);
  const matching = filterItems(
    named.length > 0 ? [...new Set(named)] : Object.values(world.instances),
    input.Filters,
    instanceFilters(world),
    (instance) => instance.tags,
  );
  const page = pageOf(matching, input, { key: (instance) => instance.instanceId, min: 5, max: 1000 });
  const byReservation = new Map<string, Instance[]>();
  for (const instance of page.items) {
    byReservation.set(instance.reservationId, [...(byReservation.get(instance.reservationId) ?? []), instance]);
  }
  return {
    Reservations: [...byReservation.values()].map((instances) => toReservation(world, instances)),
    NextToken: page.nextToken,
  };
}

/** The checks pass once the system has booted; before that they are initializing. */
function toStatus(instance: Instance, now: number): InstanceStatus {
  const running = instance.state === 'running';
  const booted = running && instance.bootedAt !== undefined && instance.bootedAt <= now;
  const status = running ? (booted ? 'ok' : 'initializing') : 'not-applicable';
  const details = running
    ? [{ Name: 'reachability' as const, Status: booted ? ('passed' as const) : ('initializing' as const) }]
    : [];
  return {
    InstanceId: instance.instanceId,
    AvailabilityZone: instance.availabilityZone,
    InstanceState: toApiState(instance.state),
    InstanceStatus: { Status: status, Details: details },
    SystemStatus: { Status: status, Details: details },
    Events: [],
  };
}

/** Running instances only, unless IncludeAllInstances. */
export function DescribeInstanceStatus(
  { world, now }: Context,
  input: DescribeInstanceStatusRequest,
): DescribeInstanceStatusResult {
  refuseDryRun(input);
  refusePagingWithIds(input, input.InstanceIds, 'instancesSet');
  const named = describeInstancesById(world, input.InstanceIds ?? []);
  const considered = (named.length > 0 ? named : Object.values(world.instances)).filter(
    (instance) => input.IncludeAllInstances === true || instance.state === 'running',
  );
  const matching = filterItems(
    considered.map((instance) => toStatus(instance, now)),
    input.Filters,
    {
      'availability-zone': (one) => one.AvailabilityZone,
      'instance-state-code': (one) => one.InstanceState?.Code,
      'instance-state-name': (one) => one.InstanceState?.Name,
      'instance-status.reachability': (one) => one.InstanceStatus?.Details?.map((detail) => detail.Status),
      'instance-status.status': (one) => one.InstanceStatus?.Status,
      'system-status.reachability': (one) => one.SystemStatus?.Details?.map((detail) => detail.Status),
      'system-status.status': (one) => one.SystemStatus?.Status,
    },
  );
  const page = pageOf(matching, input, { key: (one) => one.InstanceId ?? '', min: 5, max: 1000 });
  return { InstanceStatuses: page.items, NextToken: page.nextToken };
}
