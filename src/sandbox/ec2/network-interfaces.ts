// DescribeNetworkInterfaces: who holds a security group or an address. Interfaces come and go with their owners.
import type {
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
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
    RequesterId: one.requesterManaged ? one.instanceOwnerId : undefined,
    RequesterManaged: one.requesterManaged,
    Status: 'in-use',
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
    Attachment: {
      AttachmentId: attachmentIdOf(one),
      DeviceIndex: one.instanceId === undefined ? 1 : 0,
      DeleteOnTermination: one.instanceId !== undefined,
      InstanceId: one.instanceId,
      InstanceOwnerId: one.instanceOwnerId,
      Status: 'attached',
      ...(one.instanceId !== undefined && { AttachTime: new Date(world.instances[one.instanceId]?.launchedAt ?? 0) }),
    },
    TagSet: toApiTags(one.tags),
  };
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
      'attachment.attachment-id': attachmentIdOf,
      'attachment.instance-id': (one) => one.instanceId,
      'attachment.instance-owner-id': (one) => one.instanceOwnerId,
      'attachment.status': () => 'attached',
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
      'requester-id': (one) => (one.requesterManaged ? one.instanceOwnerId : undefined),
      'requester-managed': (one) => one.requesterManaged,
      status: () => 'in-use',
      'subnet-id': (one) => one.subnetId,
      'vpc-id': (one) => one.vpcId,
    },
    (one) => one.tags,
  );
  const page = pageOf(matching, input, { key: (one) => one.networkInterfaceId, min: 5, max: 1000 });
  return { NetworkInterfaces: page.items.map((one) => toApiInterface(world, one)), NextToken: page.nextToken };
}
