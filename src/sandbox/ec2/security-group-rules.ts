// The rules of security groups: authorize, revoke, describe. Rules are judged on their canonical form.
import type {
  AuthorizeSecurityGroupEgressRequest,
  AuthorizeSecurityGroupEgressResult,
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult,
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult,
  IpPermission,
  RevokeSecurityGroupEgressRequest,
  RevokeSecurityGroupEgressResult,
  RevokeSecurityGroupIngressRequest,
  RevokeSecurityGroupIngressResult,
  RevokedSecurityGroupRule,
  SecurityGroupRule as ApiRule,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { SecurityGroup, SecurityGroupRule } from './records.ts';
import type { World } from '../world.ts';
import { refuseDryRun } from './dry-run.ts';
import { filterItems } from './filters.ts';
import { pageOf, refusePagingWithIds } from './paging.ts';
import { arnOf } from '../arn.ts';
import { formatRule, isSameRule, readPermissions, toPermissions } from './rule-permissions.ts';
import { describeNamedGroup } from './security-groups.ts';
import { readTagSpecifications, toApiTags } from './tag-rules.ts';

const maxRulesPerDirection = 60;

type FlatRule = Omit<AuthorizeSecurityGroupIngressRequest, 'GroupId' | 'GroupName' | 'DryRun' | 'TagSpecifications'>;

/** The permissions of a call, be they nested or in the old flat parameters. @throws AwsError `MissingParameter`. */
function permissionsOf(input: FlatRule): IpPermission[] {
  const nested = input.IpPermissions ?? [];
  if (input.SourceSecurityGroupName !== undefined) {
    // The flat form with a source group opens everything to it, whatever ports are given (SDK).
    const pair = { UserIdGroupPairs: [{ GroupName: input.SourceSecurityGroupName }] };
    return [...nested, { IpProtocol: '-1', ...pair }];
  }
  if (input.CidrIp !== undefined || input.IpProtocol !== undefined) {
    const ranges = input.CidrIp === undefined ? [] : [{ CidrIp: input.CidrIp }];
    return [
      ...nested,
      { IpProtocol: input.IpProtocol, FromPort: input.FromPort, ToPort: input.ToPort, IpRanges: ranges },
    ];
  }
  if (nested.length === 0)
    throw new AwsError('MissingParameter', 'The request must contain the parameter ipPermissions');
  return nested;
}

function toApiRule(world: World, group: SecurityGroup, rule: SecurityGroupRule): ApiRule {
  const { region, account } = world;
  return {
    SecurityGroupRuleId: rule.securityGroupRuleId,
    SecurityGroupRuleArn: arnOf({ region, account }, 'ec2', `security-group-rule/${rule.securityGroupRuleId}`),
    GroupId: group.groupId,
    GroupOwnerId: account,
    IsEgress: rule.isEgress,
    IpProtocol: rule.ipProtocol,
    FromPort: rule.fromPort,
    ToPort: rule.toPort,
    CidrIpv4: rule.cidrIpv4,
    CidrIpv6: rule.cidrIpv6,
    ...(rule.referencedGroupId !== undefined && {
      ReferencedGroupInfo: { GroupId: rule.referencedGroupId, UserId: account, VpcId: group.vpcId },
    }),
    Description: rule.description,
    Tags: toApiTags(rule.tags),
  };
}

/** All rules of the call or none: one that is there already refuses the whole call. */
function authorize(
  { world, ids }: Context,
  input: AuthorizeSecurityGroupIngressRequest,
  isEgress: boolean,
): AuthorizeSecurityGroupIngressResult {
  const group = describeNamedGroup(world, input);
  const shapes = readPermissions(world, group, permissionsOf(input));
  const held = group.rules.filter((rule) => rule.isEgress === isEgress);
  for (const [index, shape] of shapes.entries()) {
    if (shapes.some((other, at) => at > index && isSameRule(shape, other))) {
      throw new AwsError('InvalidParameterValue', 'The same permission must not appear multiple times');
    }
    if (held.some((rule) => isSameRule(rule, shape))) {
      throw new AwsError('InvalidPermission.Duplicate', `the specified rule "${formatRule(shape)}" already exists`);
    }
  }
  if (held.length + shapes.length > maxRulesPerDirection) {
    throw new AwsError(
      'RulesPerSecurityGroupLimitExceeded',
      'The maximum number of rules per security group has been reached.',
    );
  }
  const tags = readTagSpecifications(input.TagSpecifications, ['security-group-rule'])['security-group-rule'] ?? [];
  refuseDryRun(input);
  const added = shapes.map((shape): SecurityGroupRule => ({
    securityGroupRuleId: ids.ec2('sgr'),
    isEgress,
    ...shape,
    tags: [...tags],
  }));
  group.rules.push(...added);
  return { Return: true, SecurityGroupRules: added.map((rule) => toApiRule(world, group, rule)) };
}

/**
 * By rule ids, or by exact properties. What matches no rule is only listed in the default VPC, and refused in others (SDK).
 * @throws AwsError `InvalidSecurityGroupRuleId.NotFound`, `InvalidPermission.NotFound`.
 */
function revoke(
  { world }: Context,
  input: RevokeSecurityGroupIngressRequest,
  isEgress: boolean,
): RevokeSecurityGroupIngressResult {
  const group = describeNamedGroup(world, input);
  const held = group.rules.filter((rule) => rule.isEgress === isEgress);
  const ruleIds = input.SecurityGroupRuleIds ?? [];
  const byId = ruleIds.map((ruleId) => {
    const rule = held.find((one) => one.securityGroupRuleId === ruleId);
    if (rule === undefined) {
      throw new AwsError(
        'InvalidSecurityGroupRuleId.NotFound',
        `The security group rule ID '${ruleId}' does not exist`,
      );
    }
    return rule;
  });
  const shapes = ruleIds.length > 0 ? [] : readPermissions(world, group, permissionsOf(input));
  const unknown = shapes.filter((shape) => !held.some((rule) => isSameRule(rule, shape)));
  if (unknown.length > 0 && world.vpcs[group.vpcId]?.isDefault !== true) {
    throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
  }
  refuseDryRun(input);
  const removed = new Set([...byId, ...held.filter((rule) => shapes.some((shape) => isSameRule(rule, shape)))]);
  group.rules = group.rules.filter((rule) => !removed.has(rule));
  return {
    Return: true,
    UnknownIpPermissions: toPermissions(world.account, unknown),
    RevokedSecurityGroupRules: [...removed].map((rule): RevokedSecurityGroupRule => ({
      SecurityGroupRuleId: rule.securityGroupRuleId,
      GroupId: group.groupId,
      IsEgress: isEgress,
      IpProtocol: rule.ipProtocol,
      FromPort: rule.fromPort,
      ToPort: rule.toPort,
      CidrIpv4: rule.cidrIpv4,
      CidrIpv6: rule.cidrIpv6,
      ReferencedGroupId: rule.referencedGroupId,
      Description: rule.description,
    })),
  };
}

export function AuthorizeSecurityGroupIngress(
  context: Context,
  input: AuthorizeSecurityGroupIngressRequest,
): AuthorizeSecurityGroupIngressResult {
  return authorize(context, input, false);
}

export function AuthorizeSecurityGroupEgress(
  context: Context,
  input: AuthorizeSecurityGroupEgressRequest,
): AuthorizeSecurityGroupEgressResult {
  return authorize(context, input, true);
}

export function RevokeSecurityGroupIngress(
  context: Context,
  input: RevokeSecurityGroupIngressRequest,
): RevokeSecurityGroupIngressResult {
  return revoke(context, input, false);
}

export function RevokeSecurityGroupEgress(
  context: Context,
  input: RevokeSecurityGroupEgressRequest,
): RevokeSecurityGroupEgressResult {
  return revoke(context, input, true);
}

export function DescribeSecurityGroupRules(
  { world }: Context,
  input: DescribeSecurityGroupRulesRequest,
): DescribeSecurityGroupRulesResult {
  refuseDryRun(input);
  refusePagingWithIds(input, input.SecurityGroupRuleIds, 'securityGroupRuleIds');
  const all = Object.values(world.securityGroups).flatMap((group) => group.rules.map((rule) => ({ group, rule })));
  const named = (input.SecurityGroupRuleIds ?? []).map((ruleId) => {
    const found = all.find(({ rule }) => rule.securityGroupRuleId === ruleId);
    if (found === undefined) {
      throw new AwsError(
        'InvalidSecurityGroupRuleId.NotFound',
        `The security group rule ID '${ruleId}' does not exist`,
      );
    }
    return found;
  });
  const matching = filterItems(
    named.length > 0 ? named : all,
    input.Filters,
    {
      'group-id': ({ group }) => group.groupId,
      'security-group-rule-id': ({ rule }) => rule.securityGroupRuleId,
    },
    ({ rule }) => rule.tags,
  );
  const page = pageOf(matching, input, { key: ({ rule }) => rule.securityGroupRuleId, min: 5, max: 1000 });
  return {
    SecurityGroupRules: page.items.map(({ group, rule }) => toApiRule(world, group, rule)),
    NextToken: page.nextToken,
  };
}
