// DescribeNetworkInterfaces: who holds a security group or an address. Interfaces come and go with their owners.
import type {
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
  InstanceNetworkInterface,
  NetworkInterface as ApiInterface,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { NetworkInterface } from './records.ts';
import type { World } from '../world.ts';
import { refuseDryRun } from './dry-run.ts';
import { filterItems } from './filters.ts';
import { pageOf, refusePagingWithIds } from './paging.ts';
import { privateDnsName, publicDnsName } from './regions.ts';
import { toApiTags } from './tag-rules.ts';

const suffix = (id: string): string => id.slice(id.indexOf('-') + 1);

/** Whose request made it. Absent: the account's own. ECS acts in its service-linked role. */
function requesterOf(world: World, one: NetworkInterface): string | undefined {
  if (!one.requesterManaged) return undefined;
  if (one.ofTask !== true) return one.instanceOwnerId;
  const role = Object.values(world.roles).find(({ roleName }) => roleName === 'AWSServiceRoleForECS');
  return `${role?.roleId ?? ''}:ecs-eni-provisioning`;
}

/** That of a task is left alone by the end of its task, and of its instance, until ECS takes it away. */
function isAttached(world: World, { ofTask, instanceId = '', releaseAt }: NetworkInterface): boolean {
  if (ofTask !== true) return true;
  return releaseAt === undefined && !['terminated', undefined].includes(world.instances[instanceId]?.state);
}

/** 0 is the instance's own; those of its tasks follow in the order in which they came. */
function deviceIndexOf(world: World, one: NetworkInterface): number {
  if (one.instanceId === undefined) return 1;
  if (one.ofTask !== true) return 0;
  const beside = Object.values(world.networkInterfaces).filter(
    ({ ofTask, instanceId }) => ofTask && instanceId === one.instanceId,
  );
  return 1 + beside.findIndex(({ networkInterfaceId }) => networkInterfaceId === one.networkInterfaceId);
}

function attachmentOf(world: World, one: NetworkInterface): ApiInterface['Attachment'] {
  if (!isAttached(world, one)) return undefined;
  return {
    AttachmentId: attachmentIdOf(one),
    DeviceIndex: deviceIndexOf(world, one),
    DeleteOnTermination: one.instanceId !== undefined && one.ofTask !== true,
    InstanceId: one.instanceId,
    InstanceOwnerId: one.instanceOwnerId,
    Status: 'attached',
    ...(one.instanceId !== undefined && { AttachTime: new Date(world.instances[one.instanceId]?.launchedAt ?? 0) }),
  };
}

function toApiInterface(world: World, one: NetworkInterface): ApiInterface {
  const association =
    one.publicIp === undefined
      ? undefined
      : { PublicIp: one.publicIp, PublicDnsName: publicDnsName(world.region, one.publicIp), IpOwnerId: ownerOfIp(one) };
  const privateName = privateDnsName(world.region, one.privateIpAddress);
  return {
    NetworkInterfaceId: one.networkInterfaceId,
    SubnetId: one.subnetId,
    VpcId: one.vpcId,
    AvailabilityZone: one.availabilityZone,
    Description: one.description,
    OwnerId: world.account,
    RequesterId: requesterOf(world, one),
    RequesterManaged: one.requesterManaged,
    Status: isAttached(world, one) ? 'in-use' : 'available',
    InterfaceType: 'interface',
    MacAddress: macOf(one),
    PrivateIpAddress: one.privateIpAddress,
    PrivateDnsName: privateName,
    PrivateIpAddresses: [
      { Primary: true, PrivateIpAddress: one.privateIpAddress, PrivateDnsName: privateName, Association: association },
    ],
    Association: association,
    SourceDestCheck: true,
    Ipv6Addresses: [],
    Groups: one.groupIds.map((groupId) => ({ GroupId: groupId, GroupName: world.securityGroups[groupId]?.groupName })),
    Attachment: attachmentOf(world, one),
    TagSet: toApiTags(one.tags),
  };
}

/** As DescribeInstances shows them: the instance's own, then those of its tasks. What its schema lacks is not written. */
export function interfacesOf(world: World, { instanceId }: { instanceId: string }): InstanceNetworkInterface[] {
  return Object.values(world.networkInterfaces)
    .filter((one) => one.instanceId === instanceId && isAttached(world, one))
    .toSorted((a, b) => Number(a.ofTask === true) - Number(b.ofTask === true))
    .map((one) => ({
      ...toApiInterface(world, one),
      Attachment: { ...attachmentOf(world, one), NetworkCardIndex: 0 },
    }));
}

/** Public addresses of load balancers belong to Amazon, and so do those that subnets hand out. */
function ownerOfIp(one: NetworkInterface): string {
  return one.requesterManaged ? 'amazon-elb' : 'amazon';
}

/** `eni-attach-…`, derived so that it needs no record of its own. */
export function attachmentIdOf(one: NetworkInterface): string {
  return `eni-attach-${suffix(one.networkInterfaceId)}`;
}

/** A locally administered address, derived from the interface's id. */
export function macOf(one: { networkInterfaceId: string }): string {
  return `02:${(suffix(one.networkInterfaceId).slice(1, 11).match(/../g) ?? []).join(':')}`;
}

export function DescribeNetworkInterfaces(
  { world }: Context,
  input: DescribeNetworkInterfacesRequest,
): DescribeNetworkInterfacesResult {
  refuseDryRun(input);
  refusePagingWithIds(input, input.NetworkInterfaceIds, 'networkInterfaceIds');
  const named = (input.NetworkInterfaceIds ?? []).map((id) => {
    const one = world.networkInterfaces[id];
    if (one === undefined) {
      throw new AwsError('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${id}' does not exist`);
    }
    return one;
  });
  const matching = filterItems(
    named.length > 0 ? named : Object.values(world.networkInterfaces),
    input.Filters,
    {
      'addresses.private-ip-address': (one) => one.privateIpAddress,
      'association.public-ip': (one) => one.publicIp,
      'attachment.attachment-id': (one) => attachmentOf(world, one)?.AttachmentId,
      'attachment.delete-on-termination': (one) => attachmentOf(world, one)?.DeleteOnTermination,
      'attachment.device-index': (one) => attachmentOf(world, one)?.DeviceIndex,
      'attachment.instance-id': (one) => attachmentOf(world, one)?.InstanceId,
      'attachment.instance-owner-id': (one) => attachmentOf(world, one)?.InstanceOwnerId,
      'attachment.status': (one) => attachmentOf(world, one)?.Status,
      'availability-zone': (one) => one.availabilityZone,
      description: (one) => one.description,
      'group-id': (one) => one.groupIds,
      'group-name': (one) => one.groupIds.map((groupId) => world.securityGroups[groupId]?.groupName),
      'interface-type': () => 'interface',
      'mac-address': macOf,
      'network-interface-id': (one) => one.networkInterfaceId,
      'owner-id': () => world.account,
      'private-dns-name': (one) => privateDnsName(world.region, one.privateIpAddress),
      'private-ip-address': (one) => one.privateIpAddress,
      'requester-id': (one) => requesterOf(world, one),
      'requester-managed': (one) => one.requesterManaged,
      status: (one) => (isAttached(world, one) ? 'in-use' : 'available'),
      'subnet-id': (one) => one.subnetId,
      'vpc-id': (one) => one.vpcId,
    },
    (one) => one.tags,
  );
  const page = pageOf(matching, input, { key: (one) => one.networkInterfaceId, min: 5, max: 1000 });
  return { NetworkInterfaces: page.items.map((one) => toApiInterface(world, one)), NextToken: page.nextToken };
}
