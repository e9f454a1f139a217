import { describe, expect, it } from 'vitest';
import {
  AuthorizeSecurityGroupIngress,
  DescribeSecurityGroupRules,
  RevokeSecurityGroupIngress,
} from '../../../src/sandbox/ec2/security-group-rules.ts';
import {
  CreateSecurityGroup,
  DeleteSecurityGroup,
  DescribeSecurityGroups,
} from '../../../src/sandbox/ec2/security-groups.ts';
import { aWorld, refusal } from './world-context.ts';
import type { TestWorld } from './world-context.ts';

function aGroup({ context }: TestWorld, GroupName = 'my-ecs-sg'): string {
  return CreateSecurityGroup(context, { GroupName, Description: 'a group' }).GroupId ?? '';
}

const port80 = (CidrIp: string) => ({
  IpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp }] }],
});

describe('CreateSecurityGroup', () => {
  it('makes a group that lets everything out and nothing in', () => {
    const world = aWorld();
    const GroupId = aGroup(world);
    expect(DescribeSecurityGroups(world.context, { GroupIds: [GroupId] }).SecurityGroups).toMatchObject([
      {
        GroupName: 'my-ecs-sg',
        VpcId: world.vpcId,
        IpPermissions: [],
        IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
      },
    ]);
  });

  it('takes names as the same whatever their case, and only within a VPC', () => {
    const world = aWorld();
    aGroup(world);
    expect(refusal(() => aGroup(world, 'MY-ECS-sg'))).toBe(
      `InvalidGroup.Duplicate: The security group 'MY-ECS-sg' already exists for VPC '${world.vpcId}'`,
    );
    world.context.world.vpcs['vpc-2'] = { vpcId: 'vpc-2', cidrBlock: '10.0.0.0/16', isDefault: false, tags: [] };
    expect(
      CreateSecurityGroup(world.context, { GroupName: 'my-ecs-sg', Description: 'x', VpcId: 'vpc-2' }).GroupId,
    ).toMatch(/^sg-/);
  });

  it.each([
    [{ GroupName: 'sg-mine', Description: 'x' }, 'InvalidParameterValue'],
    [{ GroupName: 'a'.repeat(256), Description: 'x' }, 'InvalidParameterValue'],
    [{ GroupName: 'gruppe-ü', Description: 'x' }, 'InvalidParameterValue'],
    [{ GroupName: 'default', Description: 'x' }, 'InvalidParameterValue'],
    [{ GroupName: 'a', Description: '' }, 'MissingParameter'],
    [{ GroupName: 'a', Description: 'x', VpcId: 'vpc-404' }, 'InvalidVpcID.NotFound'],
    [{ GroupName: 'a', Description: 'x', DryRun: true }, 'DryRunOperation'],
    [
      { GroupName: 'a', Description: 'x', TagSpecifications: [{ ResourceType: 'instance' as const, Tags: [] }] },
      'InvalidParameterValue',
    ],
  ])('refuses %o with %s and makes nothing', (input, code) => {
    const { context } = aWorld();
    const before = Object.keys(context.world.securityGroups);
    expect(refusal(() => CreateSecurityGroup(context, input))).toContain(`${code}:`);
    expect(Object.keys(context.world.securityGroups)).toEqual(before);
  });
});

describe('AuthorizeSecurityGroupIngress', () => {
  it('judges duplicates on the canonical block, and whatever the description', () => {
    const world = aWorld();
    const GroupId = aGroup(world);
    AuthorizeSecurityGroupIngress(world.context, { GroupId, ...port80('100.68.0.18/18') });
    const again = {
      GroupId,
      IpPermissions: [
        { IpProtocol: '6', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '100.68.0.0/18', Description: 'again' }] },
      ],
    };
    expect(refusal(() => AuthorizeSecurityGroupIngress(world.context, again))).toBe(
      'InvalidPermission.Duplicate: the specified rule "peer: 100.68.0.0/18, TCP, from port: 80, to port: 80, ALLOW" already exists',
    );
  });

  it('takes all rules of a call or none', () => {
    const world = aWorld();
    const GroupId = aGroup(world);
    AuthorizeSecurityGroupIngress(world.context, { GroupId, ...port80('0.0.0.0/0') });
    const both = {
      GroupId,
      IpPermissions: [...port80('10.0.0.0/8').IpPermissions, ...port80('0.0.0.0/0').IpPermissions],
    };
    expect(refusal(() => AuthorizeSecurityGroupIngress(world.context, both))).toContain('InvalidPermission.Duplicate');
    expect(world.context.world.securityGroups[GroupId]?.rules.filter((rule) => !rule.isEgress)).toHaveLength(1);
  });

  it('gives each rule an id and its tags, and finds it by them', () => {
    const world = aWorld();
    const GroupId = aGroup(world);
    const made = AuthorizeSecurityGroupIngress(world.context, {
      GroupId,
      ...port80('0.0.0.0/0'),
      TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: [{ Key: 'demo', Value: 'my' }] }],
    });
    const found = DescribeSecurityGroupRules(world.context, { Filters: [{ Name: 'tag:demo', Values: ['m?'] }] });
    expect(found.SecurityGroupRules).toEqual(made.SecurityGroupRules);
  });

  it.each([
    [{ IpPermissions: [{ IpProtocol: 'tcp', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] }, 'InvalidParameterValue'],
    [
      { IpPermissions: [{ IpProtocol: 'tcp', FromPort: 90, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] },
      'InvalidParameterValue',
    ],
    [
      { IpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '10.0.0.0/33' }] }] },
      'InvalidParameterValue',
    ],
    [{ IpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80 }] }, 'MissingParameter'],
    [
      { IpPermissions: [{ IpProtocol: 'tcp', FromPort: 1, ToPort: 2, UserIdGroupPairs: [{ GroupId: 'sg-404' }] }] },
      'InvalidGroup.NotFound',
    ],
    [{}, 'MissingParameter'],
  ])('refuses %o with %s', (input, code) => {
    const world = aWorld();
    const GroupId = aGroup(world);
    expect(refusal(() => AuthorizeSecurityGroupIngress(world.context, { GroupId, ...input }))).toContain(`${code}:`);
  });
});

describe('RevokeSecurityGroupIngress', () => {
  it('in the default VPC lists what matched nothing and succeeds', () => {
    const world = aWorld();
    const GroupId = aGroup(world);
    expect(RevokeSecurityGroupIngress(world.context, { GroupId, ...port80('0.0.0.0/0') })).toMatchObject({
      Return: true,
      UnknownIpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
      RevokedSecurityGroupRules: [],
    });
  });

  it('refuses it in another VPC, and refuses unknown ids everywhere', () => {
    const { context } = aWorld();
    context.world.vpcs['vpc-2'] = { vpcId: 'vpc-2', cidrBlock: '10.0.0.0/16', isDefault: false, tags: [] };
    const GroupId = CreateSecurityGroup(context, { GroupName: 'g', Description: 'x', VpcId: 'vpc-2' }).GroupId ?? '';
    expect(refusal(() => RevokeSecurityGroupIngress(context, { GroupId, ...port80('0.0.0.0/0') }))).toContain(
      'InvalidPermission.NotFound',
    );
    expect(
      refusal(() => RevokeSecurityGroupIngress(context, { GroupId, SecurityGroupRuleIds: ['sgr-404'] })),
    ).toContain('InvalidSecurityGroupRuleId.NotFound');
  });
});

describe('DeleteSecurityGroup', () => {
  it('is refused while another group names it, until the group that holds the rule is gone', () => {
    const world = aWorld();
    const ecs = aGroup(world, 'my-ecs-sg');
    const elb = aGroup(world, 'my-elb-sg');
    AuthorizeSecurityGroupIngress(world.context, {
      GroupId: ecs,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 1, ToPort: 65535, UserIdGroupPairs: [{ GroupId: elb }] }],
    });
    expect(refusal(() => DeleteSecurityGroup(world.context, { GroupId: elb }))).toBe(
      `DependencyViolation: resource ${elb} has a dependent object`,
    );
    DeleteSecurityGroup(world.context, { GroupId: ecs });
    expect(DeleteSecurityGroup(world.context, { GroupId: elb })).toMatchObject({ Return: true });
    expect(refusal(() => DeleteSecurityGroup(world.context, { GroupId: elb }))).toContain('InvalidGroup.NotFound');
  });

  it('never deletes the default group', () => {
    const { context } = aWorld();
    expect(refusal(() => DeleteSecurityGroup(context, { GroupName: 'default' }))).toContain('CannotDelete:');
  });
});

describe('DescribeSecurityGroups', () => {
  it('gives an empty list for a filter without a match and an error for an id or name without one', () => {
    const { context } = aWorld();
    expect(
      DescribeSecurityGroups(context, { Filters: [{ Name: 'group-name', Values: ['nobody'] }] }).SecurityGroups,
    ).toEqual([]);
    expect(refusal(() => DescribeSecurityGroups(context, { GroupIds: ['sg-404'] }))).toContain('InvalidGroup.NotFound');
    expect(refusal(() => DescribeSecurityGroups(context, { GroupNames: ['nobody'] }))).toContain(
      'InvalidGroup.NotFound',
    );
    expect(refusal(() => DescribeSecurityGroups(context, { GroupIds: ['my-ecs-sg'] }))).toContain(
      'InvalidGroupId.Malformed',
    );
    expect(
      refusal(() => DescribeSecurityGroups(context, { Filters: [{ Name: 'colour', Values: ['red'] }] })),
    ).toContain('InvalidParameterValue');
  });

  it('pages without losing or doubling a group', () => {
    const world = aWorld();
    const names = Array.from({ length: 13 }, (_, index) => `group-${index}`);
    for (const name of names) aGroup(world, name);
    const seen: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = DescribeSecurityGroups(world.context, {
        MaxResults: 5,
        NextToken,
        Filters: [{ Name: 'group-name', Values: ['group-*'] }],
      });
      seen.push(...(page.SecurityGroups ?? []).map((group) => group.GroupName));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(seen).toEqual(names);
    expect(refusal(() => DescribeSecurityGroups(world.context, { MaxResults: 4 }))).toContain('InvalidParameterValue');
  });
});
