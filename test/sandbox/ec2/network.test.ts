import { describe, expect, it } from 'vitest';
import {
  CreateDefaultVpc,
  DescribeAvailabilityZones,
  DescribeSubnets,
  DescribeVpcs,
} from '../../../src/sandbox/ec2/network.ts';
import { seedWorld } from '../../../src/sandbox/ec2/seed.ts';
import { CreateTags, DeleteTags, DescribeTags } from '../../../src/sandbox/ec2/tags.ts';
import { DescribeInstanceTypeOfferings } from '../../../src/sandbox/ec2/type-offerings.ts';
import { allowsEgress, allowsIngress } from '../../../src/sandbox/ec2/security-path.ts';
import { CreateSecurityGroup } from '../../../src/sandbox/ec2/security-groups.ts';
import {
  AuthorizeSecurityGroupIngress,
  RevokeSecurityGroupEgress,
} from '../../../src/sandbox/ec2/security-group-rules.ts';
import { aWorld, countingIds, refusal } from './world-context.ts';

describe('the seeded network', () => {
  it('is a default VPC with a public default subnet in each zone', () => {
    const { context, vpcId } = aWorld();
    expect(DescribeVpcs(context, { Filters: [{ Name: 'is-default', Values: ['true'] }] }).Vpcs).toMatchObject([
      { VpcId: vpcId, CidrBlock: '172.31.0.0/16', IsDefault: true },
    ]);
    const filters = [
      { Name: 'vpc-id', Values: [vpcId] },
      { Name: 'default-for-az', Values: ['true'] },
      { Name: 'state', Values: ['available'] },
    ];
    const subnets = DescribeSubnets(context, { Filters: filters }).Subnets ?? [];
    expect(subnets.map((subnet) => [subnet.AvailabilityZone, subnet.CidrBlock, subnet.MapPublicIpOnLaunch])).toEqual([
      ['us-east-1a', '172.31.0.0/20', true],
      ['us-east-1b', '172.31.16.0/20', true],
      ['us-east-1c', '172.31.32.0/20', true],
      ['us-east-1d', '172.31.48.0/20', true],
      ['us-east-1e', '172.31.64.0/20', true],
      ['us-east-1f', '172.31.80.0/20', true],
    ]);
    expect(subnets[0]?.AvailableIpAddressCount).toBe(4091);
  });

  it('has three zones elsewhere, with the ids of their region', () => {
    const zones = DescribeAvailabilityZones(aWorld('ap-southeast-2').context, {}).AvailabilityZones;
    expect(zones?.map((zone) => [zone.ZoneName, zone.ZoneId])).toEqual([
      ['ap-southeast-2a', 'apse2-az1'],
      ['ap-southeast-2b', 'apse2-az2'],
      ['ap-southeast-2c', 'apse2-az3'],
    ]);
  });

  it('is not made twice', () => {
    const { context } = aWorld();
    seedWorld(context.world, countingIds());
    expect(Object.keys(context.world.vpcs)).toHaveLength(1);
    expect(refusal(() => CreateDefaultVpc(context, {}))).toContain('DefaultVpcAlreadyExists');
    context.world.vpcs = {};
    context.world.subnets = {};
    expect(CreateDefaultVpc(context, {}).Vpc?.IsDefault).toBe(true);
    expect(Object.keys(context.world.subnets)).toHaveLength(6);
  });

  it('lacks t3.micro in one zone', () => {
    const { context } = aWorld();
    const zonesWith = (name: string): (string | undefined)[] | undefined =>
      DescribeInstanceTypeOfferings(context, {
        LocationType: 'availability-zone',
        Filters: [{ Name: 'instance-type', Values: [name] }],
      }).InstanceTypeOfferings?.map((offering) => offering.Location);
    expect(zonesWith('t3.micro')).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1c', 'us-east-1d', 'us-east-1f']);
    expect(zonesWith('t2.micro')).toContain('us-east-1e');
    expect(zonesWith('x9.huge')).toEqual([]);
  });
});

describe('tags', () => {
  it('are put over each other, found, and taken away by key or by key and value', () => {
    const { context, vpcId } = aWorld();
    CreateTags(context, {
      Resources: [vpcId],
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    });
    CreateTags(context, { Resources: [vpcId], Tags: [{ Key: 'a', Value: '3' }] });
    DeleteTags(context, { Resources: [vpcId], Tags: [{ Key: 'a', Value: 'other' }, { Key: 'b' }] });
    expect(DescribeTags(context, { Filters: [{ Name: 'resource-id', Values: [vpcId] }] }).Tags).toEqual([
      { ResourceId: vpcId, ResourceType: 'vpc', Key: 'a', Value: '3' },
    ]);
  });

  it.each([
    [{ Resources: ['i-404'], Tags: [{ Key: 'a', Value: '' }] }, 'InvalidInstanceID.NotFound'],
    [{ Resources: ['vpc'], Tags: [{ Key: 'a', Value: '' }] }, 'InvalidID'],
    [{ Resources: [], Tags: [{ Key: 'a', Value: '' }] }, 'MissingParameter'],
  ])('refuse %o with %s', (input, code) => {
    expect(refusal(() => CreateTags(aWorld().context, input))).toContain(`${code}:`);
  });

  it('refuse reserved keys and more than fifty', () => {
    const { context, vpcId } = aWorld();
    expect(refusal(() => CreateTags(context, { Resources: [vpcId], Tags: [{ Key: 'aws:a', Value: '' }] }))).toContain(
      'InvalidParameterValue',
    );
    const many = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
    expect(refusal(() => CreateTags(context, { Resources: [vpcId], Tags: many }))).toContain('TagLimitExceeded');
  });
});

describe('the way through security groups', () => {
  it('is open to a group, a block and a port that a rule names, and closed otherwise', () => {
    const { context } = aWorld();
    const make = (GroupName: string): string =>
      CreateSecurityGroup(context, { GroupName, Description: 'x' }).GroupId ?? '';
    const [ecs, elb] = [make('ecs'), make('elb')];
    const to = { protocol: 'tcp', port: 32768 } as const;
    expect(allowsIngress(context.world, [ecs], { ...to, fromGroupIds: [elb] })).toBe(false);
    AuthorizeSecurityGroupIngress(context, {
      GroupId: ecs,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 1024, ToPort: 65535, UserIdGroupPairs: [{ GroupId: elb }] }],
    });
    AuthorizeSecurityGroupIngress(context, {
      GroupId: elb,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
    });
    expect(allowsIngress(context.world, [ecs], { ...to, fromGroupIds: [elb] })).toBe(true);
    expect(allowsIngress(context.world, [ecs], { ...to, fromGroupIds: [ecs] })).toBe(false);
    expect(allowsIngress(context.world, [ecs], { ...to, port: 80, fromGroupIds: [elb] })).toBe(false);
    expect(allowsIngress(context.world, [elb], { protocol: 'tcp', port: 80, fromCidr: '10.1.2.3/32' })).toBe(true);
    expect(allowsIngress(context.world, [elb], { protocol: 'tcp', port: 80, fromCidr: '0.0.0.0/0' })).toBe(false);
    expect(allowsEgress(context.world, [ecs], { protocol: 'tcp', port: 443 })).toBe(true);
    RevokeSecurityGroupEgress(context, {
      GroupId: ecs,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    expect(allowsEgress(context.world, [ecs], { protocol: 'tcp', port: 443 })).toBe(false);
  });
});
