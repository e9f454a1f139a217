// Regions, zones, VPCs and subnets: the ground a demo stands on. Only the default VPC can be made here.
import type {
  AvailabilityZone,
  CreateDefaultVpcRequest,
  CreateDefaultVpcResult,
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult,
  DescribeRegionsRequest,
  DescribeRegionsResult,
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  DescribeVpcsRequest,
  DescribeVpcsResult,
  Subnet as ApiSubnet,
  Vpc as ApiVpc,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Subnet, Vpc } from './records.ts';
import type { World } from '../world.ts';
import { availableIpCount } from './addresses.ts';
import { refuseDryRun } from './dry-run.ts';
import { filterItems } from './filters.ts';
import { pageOf, refusePagingWithIds } from './paging.ts';
import { arnOf } from '../arn.ts';
import { knownRegions, zonesOf } from './regions.ts';
import { createDefaultNetwork } from './seed.ts';
import { toApiTags } from './tag-rules.ts';

/** @throws AwsError `InvalidVpcID.NotFound`. */
export function describeVpc(world: World, vpcId: string): Vpc {
  const vpc = world.vpcs[vpcId];
  if (vpc === undefined) throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${vpcId}' does not exist`);
  return vpc;
}

/** @throws AwsError `InvalidSubnetID.NotFound`. */
export function describeSubnet(world: World, subnetId: string): Subnet {
  const subnet = world.subnets[subnetId];
  if (subnet === undefined)
    throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${subnetId}' does not exist`);
  return subnet;
}

export function findDefaultVpc(world: World): Vpc | undefined {
  return Object.values(world.vpcs).find((vpc) => vpc.isDefault);
}

/** Every VPC has one; made with it. */
export function findDefaultGroupId(world: World, vpcId: string): string | undefined {
  return Object.values(world.securityGroups).find((group) => group.vpcId === vpcId && group.groupName === 'default')
    ?.groupId;
}

function toApiVpc(world: World, vpc: Vpc): ApiVpc {
  return {
    VpcId: vpc.vpcId,
    CidrBlock: vpc.cidrBlock,
    State: 'available',
    IsDefault: vpc.isDefault,
    InstanceTenancy: 'default',
    DhcpOptionsId: `dopt-${vpc.vpcId.slice('vpc-'.length)}`,
    OwnerId: world.account,
    CidrBlockAssociationSet: [
      {
        AssociationId: `vpc-cidr-assoc-${vpc.vpcId.slice('vpc-'.length)}`,
        CidrBlock: vpc.cidrBlock,
        CidrBlockState: { State: 'associated' },
      },
    ],
    Tags: toApiTags(vpc.tags),
  };
}

function toApiSubnet(world: World, subnet: Subnet): ApiSubnet {
  return {
    SubnetId: subnet.subnetId,
    SubnetArn: arnOf(world, 'ec2', `subnet/${subnet.subnetId}`),
    VpcId: subnet.vpcId,
    CidrBlock: subnet.cidrBlock,
    AvailabilityZone: subnet.availabilityZone,
    AvailabilityZoneId: subnet.availabilityZoneId,
    AvailableIpAddressCount: availableIpCount(world, subnet),
    DefaultForAz: subnet.defaultForAz,
    MapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch,
    MapCustomerOwnedIpOnLaunch: false,
    AssignIpv6AddressOnCreation: false,
    Ipv6CidrBlockAssociationSet: [],
    Ipv6Native: false,
    EnableDns64: false,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: 'ip-name',
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    OwnerId: world.account,
    State: 'available',
    Tags: toApiTags(subnet.tags),
  };
}

export function DescribeVpcs({ world }: Context, input: DescribeVpcsRequest): DescribeVpcsResult {
  refuseDryRun(input);
  refusePagingWithIds(input, input.VpcIds, 'vpcIds');
  const named = input.VpcIds ?? [];
  const vpcs = named.length > 0 ? named.map((vpcId) => describeVpc(world, vpcId)) : Object.values(world.vpcs);
  const matching = filterItems(
    vpcs,
    input.Filters,
    {
      cidr: (vpc) => vpc.cidrBlock,
      'cidr-block-association.cidr-block': (vpc) => vpc.cidrBlock,
      'is-default': (vpc) => vpc.isDefault,
      isDefault: (vpc) => vpc.isDefault,
      'owner-id': () => world.account,
      state: () => 'available',
      'vpc-id': (vpc) => vpc.vpcId,
    },
    (vpc) => vpc.tags,
  );
  const page = pageOf(matching, input, { key: (vpc) => vpc.vpcId, min: 5, max: 1000 });
  return { Vpcs: page.items.map((vpc) => toApiVpc(world, vpc)), NextToken: page.nextToken };
}

export function DescribeSubnets({ world }: Context, input: DescribeSubnetsRequest): DescribeSubnetsResult {
  refuseDryRun(input);
  refusePagingWithIds(input, input.SubnetIds, 'subnetIds');
  const named = input.SubnetIds ?? [];
  const subnets =
    named.length > 0 ? named.map((subnetId) => describeSubnet(world, subnetId)) : Object.values(world.subnets);
  const defaultForAz = (subnet: Subnet): boolean => subnet.defaultForAz;
  const zone = (subnet: Subnet): string => subnet.availabilityZone;
  const cidr = (subnet: Subnet): string => subnet.cidrBlock;
  const matching = filterItems(
    subnets,
    input.Filters,
    {
      'availability-zone': zone,
      availabilityZone: zone,
      'availability-zone-id': (subnet) => subnet.availabilityZoneId,
      'available-ip-address-count': (subnet) => availableIpCount(world, subnet),
      cidr,
      cidrBlock: cidr,
      'cidr-block': cidr,
      'default-for-az': defaultForAz,
      defaultForAz,
      'map-public-ip-on-launch': (subnet) => subnet.mapPublicIpOnLaunch,
      'owner-id': () => world.account,
      state: () => 'available',
      'subnet-id': (subnet) => subnet.subnetId,
      'vpc-id': (subnet) => subnet.vpcId,
    },
    (subnet) => subnet.tags,
  );
  const page = pageOf(matching, input, { key: (subnet) => subnet.subnetId, min: 5, max: 1000 });
  return { Subnets: page.items.map((subnet) => toApiSubnet(world, subnet)), NextToken: page.nextToken };
}

/** @throws AwsError `DefaultVpcAlreadyExists`. */
export function CreateDefaultVpc({ world, ids }: Context, input: CreateDefaultVpcRequest): CreateDefaultVpcResult {
  if (findDefaultVpc(world) !== undefined) {
    throw new AwsError('DefaultVpcAlreadyExists', 'A Default VPC already exists for this account in this region.');
  }
  refuseDryRun(input);
  return { Vpc: toApiVpc(world, describeVpc(world, createDefaultNetwork(world, ids))) };
}

export function DescribeAvailabilityZones(
  { world }: Context,
  input: DescribeAvailabilityZonesRequest,
): DescribeAvailabilityZonesResult {
  refuseDryRun(input);
  const zones = zonesOf(world.region);
  for (const name of input.ZoneNames ?? []) {
    if (!zones.some((zone) => zone.zoneName === name)) {
      throw new AwsError('InvalidParameterValue', `Invalid availability zone: [${name}]`);
    }
  }
  const wanted = zones.filter(
    (zone) =>
      (input.ZoneNames?.includes(zone.zoneName) ?? true) &&
      (input.ZoneIds === undefined || input.ZoneIds.includes(zone.zoneId)),
  );
  const all = wanted.map((zone): AvailabilityZone => ({
    State: 'available',
    OptInStatus: 'opt-in-not-required',
    Messages: [],
    RegionName: world.region,
    ZoneName: zone.zoneName,
    ZoneId: zone.zoneId,
    GroupName: `${world.region}-zg-1`,
    NetworkBorderGroup: world.region,
    ZoneType: 'availability-zone',
  }));
  return {
    AvailabilityZones: filterItems(all, input.Filters, {
      'group-name': (zone) => zone.GroupName,
      'opt-in-status': (zone) => zone.OptInStatus,
      'region-name': (zone) => zone.RegionName,
      state: (zone) => zone.State,
      'zone-id': (zone) => zone.ZoneId,
      'zone-name': (zone) => zone.ZoneName,
      'zone-type': (zone) => zone.ZoneType,
    }),
  };
}

export function DescribeRegions({ world }: Context, input: DescribeRegionsRequest): DescribeRegionsResult {
  refuseDryRun(input);
  const names = [...new Set<string>([...knownRegions, world.region])].toSorted();
  for (const name of input.RegionNames ?? []) {
    if (!names.includes(name)) throw new AwsError('InvalidParameterValue', `Invalid region: [${name}]`);
  }
  const regions = names
    .filter(
      (name) => input.RegionNames === undefined || input.RegionNames.length === 0 || input.RegionNames.includes(name),
    )
    .map((name) => ({ RegionName: name, Endpoint: `ec2.${name}.amazonaws.com`, OptInStatus: 'opt-in-not-required' }));
  return {
    Regions: filterItems(regions, input.Filters, {
      endpoint: (region) => region.Endpoint,
      'opt-in-status': (region) => region.OptInStatus,
      'region-name': (region) => region.RegionName,
    }),
  };
}
