// What a fresh account has in its region: the default VPC, a default subnet per zone, the default security group.
// Images and parameters need no seed (images.ts); service-linked roles appear when a service first needs them.
import type { Ids } from '../ids.ts';
import type { World } from '../world.ts';
import { formatIpv4, parseIpv4Block } from './cidr.ts';
import { zonesOf } from './regions.ts';

export const defaultVpcCidr = '172.31.0.0/16';

/** Makes the default VPC with everything in it, and returns its id. There must be none. */
export function createDefaultNetwork(world: World, ids: Ids): string {
  const vpcId = ids.ec2('vpc');
  world.vpcs[vpcId] = { vpcId, cidrBlock: defaultVpcCidr, isDefault: true, tags: [] };
  const block = parseIpv4Block(defaultVpcCidr);
  for (const [index, zone] of zonesOf(world.region).entries()) {
    const subnetId = ids.ec2('subnet');
    world.subnets[subnetId] = {
      subnetId,
      vpcId,
      cidrBlock: `${formatIpv4((block?.first ?? 0) + index * 4096)}/20`,
      availabilityZone: zone.zoneName,
      availabilityZoneId: zone.zoneId,
      defaultForAz: true,
      mapPublicIpOnLaunch: true,
      tags: [],
    };
  }
  const groupId = ids.ec2('sg');
  world.securityGroups[groupId] = {
    groupId,
    groupName: 'default',
    description: 'default VPC security group',
    vpcId,
    tags: [],
    rules: [
      {
        securityGroupRuleId: ids.ec2('sgr'),
        isEgress: false,
        ipProtocol: '-1',
        fromPort: -1,
        toPort: -1,
        referencedGroupId: groupId,
        tags: [],
      },
      {
        securityGroupRuleId: ids.ec2('sgr'),
        isEgress: true,
        ipProtocol: '-1',
        fromPort: -1,
        toPort: -1,
        cidrIpv4: '0.0.0.0/0',
        tags: [],
      },
    ],
  };
  return vpcId;
}

/** Gives an empty world what a fresh AWS account has. A world that has a default VPC is left as it is. */
export function seedWorld(world: World, ids: Ids): void {
  if (!Object.values(world.vpcs).some((vpc) => vpc.isDefault)) createDefaultNetwork(world, ids);
}
