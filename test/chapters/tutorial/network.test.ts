import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GivenFlags } from '../../../src/base/settings.ts';
import { network } from '../../../src/chapters/tutorial/network.ts';
import type { EngineEvent } from '../../../src/engine/types.ts';
import { grants, tcpFromCidr } from '../../../src/resources/ec2/security-group.ts';
import { onePerZone } from '../../../src/resources/ec2/subnets.ts';
import { aContext, fault, inTurn, ourTags } from '../../helpers/a-context.ts';

const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const subnets = zones.map((AvailabilityZone, index) => ({
  SubnetId: `subnet-${index}`,
  AvailabilityZone,
  VpcId: 'vpc-1',
}));
const fromWorld: IpPermission = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
const fromElb: IpPermission = {
  IpProtocol: 'tcp',
  FromPort: 1,
  ToPort: 65_535,
  UserIdGroupPairs: [{ GroupId: 'sg-elb' }],
};
const elbGroup: SecurityGroup = {
  GroupId: 'sg-elb',
  GroupName: 'my-elb-sg',
  VpcId: 'vpc-1',
  Tags: ourTags,
  IpPermissions: [fromWorld],
};
const ecsGroup: SecurityGroup = {
  GroupId: 'sg-ecs',
  GroupName: 'my-ecs-sg',
  VpcId: 'vpc-1',
  Tags: ourTags,
  IpPermissions: [fromElb],
};

function aNetwork(groups: SecurityGroup[], flags: GivenFlags = {}) {
  const made = aContext(flags);
  made.ec2.on(DescribeSubnetsCommand).resolves({ Subnets: subnets });
  made.ec2
    .on(DescribeInstanceTypeOfferingsCommand)
    .resolves({ InstanceTypeOfferings: zones.map((Location) => ({ Location })) });
  made.ec2.on(DescribeSecurityGroupsCommand).resolves({ SecurityGroups: groups });
  made.elbv2.on(DescribeLoadBalancersCommand).rejects(fault('LoadBalancerNotFoundException'));
  return made;
}

describe('onePerZone', () => {
  it('takes one subnet of each zone, in the order of the zones, whatever comes in', () => {
    const subnet = fc.record({
      SubnetId: fc.stringMatching(/^subnet-[0-9a-f]{4}$/),
      AvailabilityZone: fc.constantFrom(...zones),
    });
    fc.assert(
      fc.property(fc.array(subnet), (given) => {
        const taken = onePerZone(given);
        const takenZones = taken.map(({ AvailabilityZone }) => AvailabilityZone);
        expect(takenZones).toEqual([...new Set(given.map(({ AvailabilityZone }) => AvailabilityZone))].toSorted());
        expect(
          taken.every(({ SubnetId, AvailabilityZone }) =>
            given.some((one) => one.SubnetId === SubnetId && one.AvailabilityZone === AvailabilityZone),
          ),
        ).toBe(true);
      }),
    );
  });

  it('leaves out what has no id or zone', () => {
    expect(onePerZone([{ SubnetId: 'subnet-1' }, { AvailabilityZone: 'us-east-1a' }])).toEqual([]);
  });
});

describe('grants', () => {
  it.each([
    ['the very rule', fromElb, true],
    ['all traffic of that group', { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-elb' }] }, true],
    ['fewer ports', { ...fromElb, FromPort: 32_768 }, false],
    ['another protocol', { ...fromElb, IpProtocol: 'udp' }, false],
    ['another group', { ...fromElb, UserIdGroupPairs: [{ GroupId: 'sg-other' }] }, false],
    [
      'the group among others',
      { ...fromElb, UserIdGroupPairs: [{ GroupId: 'sg-other' }, { GroupId: 'sg-elb', UserId: '1' }] },
      true,
    ],
    [
      'everything from the world, which names no group',
      { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      false,
    ],
  ])('%s: %#', (_, permission, expected) => {
    expect(grants({ IpPermissions: [permission] }, fromElb)).toBe(expected);
  });

  it('compares the blocks too', () => {
    const narrow = { ...fromWorld, IpRanges: [{ CidrIp: '10.0.0.0/8' }] };
    expect(grants({ IpPermissions: [narrow] }, fromWorld)).toBe(false);
    expect(
      grants(
        { IpPermissions: [narrow, { ...fromWorld, IpRanges: [...narrow.IpRanges, { CidrIp: '0.0.0.0/0' }] }] },
        fromWorld,
      ),
    ).toBe(true);
  });

  it('is not confused by other rules beside the one that grants', () => {
    const rule = fc.record({
      IpProtocol: fc.constantFrom('tcp', 'udp', '-1'),
      FromPort: fc.nat(65_535),
      ToPort: fc.nat(65_535),
    });
    fc.assert(
      fc.property(fc.array(rule), (others) => {
        expect(grants({ IpPermissions: [...others, fromElb] }, fromElb)).toBe(true);
        expect(grants({ IpPermissions: others }, fromElb)).toBe(false);
      }),
    );
  });
});

describe('ensure', () => {
  it('with everything there makes three reads and no change', async () => {
    const { context, run, operations } = aNetwork([elbGroup, ecsGroup]);
    const resources = await network.ensure(context, run);
    expect(operations().toSorted()).toEqual([
      'DescribeInstanceTypeOfferings',
      'DescribeSecurityGroups',
      'DescribeSubnets',
    ]);
    expect(resources.map(({ id, owned }) => [id, owned])).toEqual([
      ['vpc-1', false],
      ['sg-elb', true],
      ['sg-ecs', true],
    ]);
    // Two zones are enough for a load balancer, and each costs a public address.
    expect(context.facts.network?.subnets.map(({ SubnetId }) => SubnetId)).toEqual(['subnet-0', 'subnet-1']);
  });

  it('opens only what is shut, one rule per call', async () => {
    const { context, run, ec2, mutating } = aNetwork([elbGroup, { ...ecsGroup, IpPermissions: [] }]);
    ec2.on(AuthorizeSecurityGroupIngressCommand).callsFake(async () => {
      ec2.on(DescribeSecurityGroupsCommand).resolves({ SecurityGroups: [elbGroup, ecsGroup] });
      return {};
    });
    await network.ensure(context, run);
    expect(mutating()).toEqual(['AuthorizeSecurityGroupIngress']);
    expect(ec2.commandCalls(AuthorizeSecurityGroupIngressCommand)[0]?.args[0].input).toEqual({
      GroupId: 'sg-ecs',
      IpPermissions: [fromElb],
    });
    expect(context.facts.network?.ecsSecurityGroup?.IpPermissions).toEqual([fromElb]);
  });

  it('opens SSH to IPv6 addresses, and finds the rule again as AWS writes it', async () => {
    const { permission, words } = tcpFromCidr(22, '2001:DB8:0:1::7/64');
    expect(words).toBe('tcp 22 from 2001:db8:0:1::/64');
    const group = {
      ...ecsGroup,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, Ipv6Ranges: [{ CidrIpv6: '2001:db8:0:1::/64' }] }],
    };
    expect(grants(group, permission)).toBe(true);
    expect(grants(group, tcpFromCidr(22, '2001:db8::/32').permission)).toBe(false);
    expect(grants(group, tcpFromCidr(22, '0.0.0.0/0').permission)).toBe(false);
  });

  it('says when zones are passed over because they lack the instance type', async () => {
    const { context, run, ec2 } = aNetwork([elbGroup, ecsGroup]);
    const messages: string[] = [];
    const told = {
      ...run,
      report: (event: EngineEvent) => void (event.type === 'warning' && messages.push(event.message)),
    };
    await network.ensure(context, told);
    expect(messages).toEqual([]);
    const [first = '', ...others] = zones;
    ec2
      .on(DescribeInstanceTypeOfferingsCommand)
      .resolves({ InstanceTypeOfferings: others.map((Location) => ({ Location })) });
    await network.ensure(context, told);
    await network.inspect(context, told);
    await network.inspect({ ...context, looking: true }, told);
    expect(messages).toHaveLength(2);
    expect(messages[1]).toMatch(
      new RegExp(`^t3.micro is not offered in ${first}: .* are in ${others[0]} and ${others[1]}$`),
    );
  });

  it('compares --ssh-from as AWS writes it', async () => {
    const ssh = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '100.68.0.0/18' }] };
    const { context, run, mutating } = aNetwork([elbGroup, { ...ecsGroup, IpPermissions: [fromElb, ssh] }], {
      'ssh-from': '100.68.0.18/18',
    });
    await network.ensure(context, run);
    expect(mutating()).toEqual([]);
  });

  it('goes on with the group that another run made between look and create', async () => {
    const { context, run, ec2, mutating } = aNetwork([elbGroup]);
    ec2.on(CreateSecurityGroupCommand).callsFake(async () => {
      ec2.on(DescribeSecurityGroupsCommand).resolves({ SecurityGroups: [elbGroup, ecsGroup] });
      throw fault('InvalidGroup.Duplicate');
    });
    await network.ensure(context, run);
    expect(mutating()).toEqual(['CreateSecurityGroup']);
    expect(context.facts.network?.ecsSecurityGroup?.GroupId).toBe('sg-ecs');
  });

  it('rides out that the new group is not seen everywhere, and takes a duplicate rule for granted', async () => {
    const { context, run, ec2, events, clock } = aNetwork([elbGroup]);
    ec2.on(CreateSecurityGroupCommand).resolves({ GroupId: 'sg-ecs' });
    ec2
      .on(AuthorizeSecurityGroupIngressCommand)
      .rejectsOnce(fault('InvalidGroup.NotFound'))
      .rejectsOnce(fault('InvalidGroup.NotFound'))
      .callsFake(async () => {
        ec2
          .on(DescribeSecurityGroupsCommand)
          .callsFake(
            inTurn(
              { SecurityGroups: [elbGroup] },
              { SecurityGroups: [elbGroup, { ...ecsGroup, IpPermissions: [] }] },
              { SecurityGroups: [elbGroup, ecsGroup] },
            ),
          );
        throw fault('InvalidPermission.Duplicate');
      });
    await network.ensure(context, run);
    expect(events.filter(({ type }) => type === 'retrying')).toHaveLength(1);
    // Its rules are only reported once AWS lists them: verify reads them from here.
    expect(context.facts.network?.ecsSecurityGroup?.IpPermissions).toEqual([fromElb]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'waiting', state: 'group not listed' }));
    expect(events).toContainEqual(expect.objectContaining({ type: 'waiting', state: 'rules not listed' }));
    expect(clock.elapsed()).toBeGreaterThan(0);
  });

  it.each([
    ['another’s', []],
    ['another demo’s', [{ Key: 'ecsdemo:demo', Value: 'other' }]],
  ])('touches nothing when a group is %s', async (_, Tags) => {
    const { context, run, mutating } = aNetwork([{ ...ecsGroup, Tags }]);
    await expect(network.ensure(context, run)).rejects.toMatchObject({ code: 'not-ours', exitCode: 4 });
    expect(mutating()).toEqual([]);
  });

  it('refuses a region without default VPC, with what to do', async () => {
    const { context, run, ec2, mutating } = aNetwork([]);
    ec2.on(DescribeSubnetsCommand).resolves({ Subnets: [] });
    ec2.on(DescribeVpcsCommand).resolves({ Vpcs: [] });
    await expect(network.ensure(context, run)).rejects.toMatchObject({
      code: 'no-default-vpc',
      suggestions: expect.arrayContaining([{ aws: 'ec2 create-default-vpc', next: { flags: {} } }]),
    });
    expect(mutating()).toEqual([]);
  });

  it('refuses an instance type that too few zones offer, and one that none does', async () => {
    const few = aNetwork([]);
    few.ec2.on(DescribeInstanceTypeOfferingsCommand).resolves({ InstanceTypeOfferings: [{ Location: 'us-east-1b' }] });
    await expect(network.ensure(few.context, few.run)).rejects.toMatchObject({
      code: 'instance-type-not-offered',
      message: expect.stringContaining('fewer than two'),
    });
    const none = aNetwork([], { 'instance-type': 'x9.huge' });
    none.ec2.on(DescribeInstanceTypeOfferingsCommand).resolves({ InstanceTypeOfferings: [] });
    await expect(network.ensure(none.context, none.run)).rejects.toMatchObject({
      code: 'instance-type-not-offered',
      message: expect.stringContaining('x9.huge'),
    });
  });

  it('uses only zones that offer the type', async () => {
    const { context, run, ec2 } = aNetwork([elbGroup, ecsGroup]);
    ec2
      .on(DescribeInstanceTypeOfferingsCommand)
      .resolves({ InstanceTypeOfferings: [{ Location: 'us-east-1c' }, { Location: 'us-east-1b' }] });
    await network.ensure(context, run);
    expect(context.facts.network?.subnets.map(({ AvailabilityZone }) => AvailabilityZone)).toEqual([
      'us-east-1b',
      'us-east-1c',
    ]);
  });

  it('refuses a subnet that is not in the VPC', async () => {
    const flags = { 'vpc-id': 'vpc-0123abcd', 'subnet-ids': 'subnet-0123abcd,subnet-1123abcd' };
    const { context, run } = aNetwork([], flags);
    await expect(network.ensure(context, run)).rejects.toMatchObject({
      code: 'subnets-unsuitable',
      message: expect.stringContaining('subnet-0123abcd'),
    });
  });

  it('does not build a second pair of groups for a demo that lives in another VPC', async () => {
    const { context, run, mutating } = aNetwork([
      { ...elbGroup, VpcId: 'vpc-own' },
      { ...ecsGroup, VpcId: 'vpc-own' },
    ]);
    await expect(network.ensure(context, run)).rejects.toMatchObject({
      code: 'subnets-unsuitable',
      message: expect.stringContaining('vpc-own'),
    });
    expect(mutating()).toEqual([]);
  });
});

describe('inspect', () => {
  it('names every change of a first run', async () => {
    const { context, run, mutating } = aNetwork([]);
    const { changes } = await network.inspect(context, run);
    expect(changes.map(({ action, name, detail }) => [action, name, detail])).toEqual([
      ['create', 'my-elb-sg', undefined],
      ['create', 'my-elb-sg', 'tcp 80 from 0.0.0.0/0'],
      ['create', 'my-ecs-sg', undefined],
      ['create', 'my-ecs-sg', 'tcp 1-65535 from my-elb-sg'],
    ]);
    expect(mutating()).toEqual([]);
  });

  it('that only looks finds a demo in a VPC of its own, and misses no default VPC', async () => {
    const own = aNetwork([
      { ...elbGroup, VpcId: 'vpc-own' },
      { ...ecsGroup, VpcId: 'vpc-own' },
    ]);
    own.ec2.on(DescribeSubnetsCommand).resolves({ Subnets: [] });
    const { resources, changes } = await network.inspect({ ...own.context, looking: true }, own.run);
    expect(resources.map(({ id }) => id)).toEqual(['vpc-own', 'sg-elb', 'sg-ecs']);
    expect(changes).toEqual([]);
    const empty = aNetwork([]);
    empty.ec2.on(DescribeSubnetsCommand).resolves({ Subnets: [] });
    expect(
      (await network.inspect({ ...empty.context, looking: true }, empty.run)).resources.map(({ state }) => state),
    ).toEqual(['absent', 'absent']);
  });
});

describe('remove', () => {
  it('takes the reference away first, and rides out interfaces that are being released', async () => {
    const { context, run, ec2, mutating } = aNetwork([elbGroup, ecsGroup]);
    ec2.on(RevokeSecurityGroupIngressCommand).resolves({});
    ec2.on(DescribeNetworkInterfacesCommand).resolves({
      NetworkInterfaces: [
        { NetworkInterfaceId: 'eni-1', Description: 'ELB app/my-elb/abc' },
        { NetworkInterfaceId: 'eni-2', TagSet: ourTags },
      ],
    });
    ec2
      .on(DescribeSecurityGroupsCommand, { Filters: [{ Name: 'ip-permission.group-id', Values: ['sg-elb'] }] })
      .resolves({ SecurityGroups: [ecsGroup] });
    ec2.on(DeleteSecurityGroupCommand).resolves({});
    ec2
      .on(DeleteSecurityGroupCommand, { GroupId: 'sg-elb' })
      .rejectsOnce(fault('DependencyViolation'))
      .rejectsOnce(fault('DependencyViolation'))
      .resolves({});
    const { removed, kept } = await network.remove(context, run);
    expect(removed.map(({ name }) => name).toSorted()).toEqual(['my-ecs-sg', 'my-elb-sg']);
    expect(kept).toEqual([]);
    expect(mutating()[0]).toBe('RevokeSecurityGroupIngress');
    expect(mutating().filter((operation) => operation === 'DeleteSecurityGroup')).toHaveLength(4);
  });

  it('keeps a group that somebody else uses, with the reason, and without waiting', async () => {
    const { context, run, ec2, clock } = aNetwork([ecsGroup]);
    ec2.on(RevokeSecurityGroupIngressCommand).resolves({});
    ec2.on(DeleteSecurityGroupCommand).rejects(fault('DependencyViolation'));
    ec2
      .on(DescribeNetworkInterfacesCommand)
      .resolves({ NetworkInterfaces: [{ NetworkInterfaceId: 'eni-9', Attachment: { InstanceId: 'i-theirs' } }] });
    ec2
      .on(DescribeInstancesCommand)
      .resolves({ Reservations: [{ Instances: [{ InstanceId: 'i-theirs', Tags: [] }] }] });
    const { removed, kept } = await network.remove(context, run);
    expect(removed).toEqual([]);
    expect(kept).toMatchObject([{ id: 'sg-ecs', owned: true, reason: 'network interface eni-9 (i-theirs) uses it' }]);
    expect(clock.elapsed()).toBe(0);
  });

  it('keeps a group that a rule of another group names', async () => {
    const { context, run, ec2 } = aNetwork([{ ...ecsGroup, IpPermissions: [] }]);
    ec2.on(DeleteSecurityGroupCommand).rejects(fault('DependencyViolation'));
    ec2.on(DescribeNetworkInterfacesCommand).resolves({ NetworkInterfaces: [] });
    ec2
      .on(DescribeSecurityGroupsCommand, { Filters: [{ Name: 'ip-permission.group-id', Values: ['sg-ecs'] }] })
      .resolves({ SecurityGroups: [{ GroupId: 'sg-db', GroupName: 'db', Tags: [] }] });
    const { kept } = await network.remove(context, run);
    expect(kept).toMatchObject([{ reason: 'a rule of db (sg-db) names it' }]);
  });

  it('leaves what is not ours, and takes it with --adopt', async () => {
    const theirs = { ...ecsGroup, Tags: [], IpPermissions: [] };
    const plain = aNetwork([theirs]);
    expect((await network.remove(plain.context, plain.run)).kept).toMatchObject([{ id: 'sg-ecs', owned: false }]);
    expect(plain.mutating()).toEqual([]);
    const adopting = aNetwork([theirs], { adopt: true });
    adopting.ec2.on(DeleteSecurityGroupCommand).rejects(fault('InvalidGroup.NotFound'));
    expect((await network.remove(adopting.context, adopting.run)).removed).toHaveLength(1);
  });
});
