// Security groups: create, describe, delete. Their rules are in security-group-rules.ts.
import type {
  CreateSecurityGroupRequest,
  CreateSecurityGroupResult,
  DeleteSecurityGroupRequest,
  DeleteSecurityGroupResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
  SecurityGroup as ApiSecurityGroup,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { SecurityGroup, SecurityGroupRule } from './records.ts';
import type { World } from '../world.ts';
import { refuseDryRun } from './dry-run.ts';
import type { FilterFields } from './filters.ts';
import { filterItems } from './filters.ts';
import { describeVpc, findDefaultVpc } from './network.ts';
import { pageOf, refusePagingWithIds } from './paging.ts';
import { arnOf } from '../arn.ts';
import { toPermissions } from './rule-permissions.ts';
import { readTagSpecifications, toApiTags } from './tag-rules.ts';

const allowedText = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/;

export function arnOfGroup(world: World, groupId: string): string {
  return arnOf(world, 'ec2', `security-group/${groupId}`);
}

/** @throws AwsError `InvalidGroupId.Malformed`, `InvalidGroup.NotFound`. */
export function describeGroup(world: World, groupId: string): SecurityGroup {
  if (!groupId.startsWith('sg-'))
    throw new AwsError('InvalidGroupId.Malformed', `Invalid id: "${groupId}" (expecting "sg-...")`);
  const group = world.securityGroups[groupId];
  if (group === undefined)
    throw new AwsError('InvalidGroup.NotFound', `The security group '${groupId}' does not exist`);
  return group;
}

/** By name, which only works in the default VPC. Names are compared ignoring case. @throws AwsError `InvalidGroup.NotFound`. */
export function describeGroupByName(world: World, groupName: string): SecurityGroup {
  const vpcId = findDefaultVpc(world)?.vpcId;
  const group = Object.values(world.securityGroups).find(
    (one) => one.vpcId === vpcId && one.groupName.toLowerCase() === groupName.toLowerCase(),
  );
  if (group === undefined) {
    throw new AwsError(
      'InvalidGroup.NotFound',
      `The security group '${groupName}' does not exist in default VPC '${vpcId ?? ''}'`,
    );
  }
  return group;
}

/** By id or by name, as Authorize, Revoke and Delete take it. @throws AwsError `MissingParameter` and those of the above. */
export function describeNamedGroup(
  world: World,
  input: { GroupId?: string | undefined; GroupName?: string | undefined },
): SecurityGroup {
  if (input.GroupId !== undefined) return describeGroup(world, input.GroupId);
  if (input.GroupName !== undefined) return describeGroupByName(world, input.GroupName);
  throw new AwsError('MissingParameter', 'The request must contain the parameter groupName or groupId');
}

function checkText(parameter: 'groupName' | 'groupDescription', text: string | undefined): string {
  const name = parameter === 'groupName' ? 'GroupName' : 'GroupDescription';
  if (text === undefined || text === '')
    throw new AwsError('MissingParameter', `The request must contain the parameter ${name}`);
  if (text.length > 255 || !allowedText.test(text)) {
    throw new AwsError(
      'InvalidParameterValue',
      `Value (${text}) for parameter ${name} is invalid. Character sets beyond ASCII are not supported.` +
        ' Valid are up to 255 of: a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$*',
    );
  }
  return text;
}

/** @throws AwsError `InvalidGroup.Duplicate`, `InvalidGroup.Reserved`, `InvalidParameterValue`, `InvalidVpcID.NotFound`, … */
export function CreateSecurityGroup(
  { world, ids }: Context,
  input: CreateSecurityGroupRequest,
): CreateSecurityGroupResult {
  const groupName = checkText('groupName', input.GroupName).trim();
  const description = checkText('groupDescription', input.Description);
  if (groupName.startsWith('sg-')) {
    throw new AwsError(
      'InvalidParameterValue',
      `Invalid value '${groupName}' for parameter GroupName. Group names may not be in the format sg-*.`,
    );
  }
  if (groupName.toLowerCase() === 'default') {
    throw new AwsError('InvalidParameterValue', 'Cannot use reserved security group name: default');
  }
  const vpcId = input.VpcId ?? findDefaultVpc(world)?.vpcId;
  if (vpcId === undefined) throw new AwsError('VPCIdNotSpecified', 'No default VPC for this user.');
  describeVpc(world, vpcId);
  const taken = Object.values(world.securityGroups).some(
    (group) => group.vpcId === vpcId && group.groupName.toLowerCase() === groupName.toLowerCase(),
  );
  if (taken)
    throw new AwsError('InvalidGroup.Duplicate', `The security group '${groupName}' already exists for VPC '${vpcId}'`);
  const tags = readTagSpecifications(input.TagSpecifications, ['security-group'])['security-group'] ?? [];
  refuseDryRun(input);
  const groupId = ids.ec2('sg');
  const everythingOut: SecurityGroupRule = {
    securityGroupRuleId: ids.ec2('sgr'),
    isEgress: true,
    ipProtocol: '-1',
    fromPort: -1,
    toPort: -1,
    cidrIpv4: '0.0.0.0/0',
    tags: [],
  };
  world.securityGroups[groupId] = { groupId, groupName, description, vpcId, tags, rules: [everythingOut] };
  return { GroupId: groupId, SecurityGroupArn: arnOfGroup(world, groupId), Tags: toApiTags(tags) };
}

function toApiGroup(world: World, group: SecurityGroup): ApiSecurityGroup {
  return {
    GroupId: group.groupId,
    GroupName: group.groupName,
    Description: group.description,
    VpcId: group.vpcId,
    OwnerId: world.account,
    SecurityGroupArn: arnOfGroup(world, group.groupId),
    IpPermissions: toPermissions(
      world.account,
      group.rules.filter((rule) => !rule.isEgress),
    ),
    IpPermissionsEgress: toPermissions(
      world.account,
      group.rules.filter((rule) => rule.isEgress),
    ),
    Tags: toApiTags(group.tags),
  };
}

/** `ip-permission.*` and `egress.ip-permission.*`: each looks at all rules of one direction. */
function permissionFields(world: World, prefix: string, isEgress: boolean): FilterFields<SecurityGroup> {
  const rules = (group: SecurityGroup): SecurityGroupRule[] => group.rules.filter((rule) => rule.isEgress === isEgress);
  const withPorts = (group: SecurityGroup): SecurityGroupRule[] =>
    rules(group).filter((rule) => rule.ipProtocol !== '-1');
  const peers = (group: SecurityGroup): string[] => rules(group).flatMap((rule) => rule.referencedGroupId ?? []);
  return {
    [`${prefix}.cidr`]: (group) => rules(group).map((rule) => rule.cidrIpv4),
    [`${prefix}.ipv6-cidr`]: (group) => rules(group).map((rule) => rule.cidrIpv6),
    [`${prefix}.from-port`]: (group) => withPorts(group).map((rule) => rule.fromPort),
    [`${prefix}.to-port`]: (group) => withPorts(group).map((rule) => rule.toPort),
    [`${prefix}.protocol`]: (group) => rules(group).map((rule) => rule.ipProtocol),
    [`${prefix}.group-id`]: peers,
    [`${prefix}.group-name`]: (group) => peers(group).map((groupId) => world.securityGroups[groupId]?.groupName),
    [`${prefix}.user-id`]: (group) => peers(group).map(() => world.account),
  };
}

/**
 * A filter that finds nothing gives an empty list; an id or a name that is not there is an error.
 * @throws AwsError `InvalidGroup.NotFound`, `InvalidGroupId.Malformed`.
 */
export function DescribeSecurityGroups(
  { world }: Context,
  input: DescribeSecurityGroupsRequest,
): DescribeSecurityGroupsResult {
  refuseDryRun(input);
  refusePagingWithIds(input, input.GroupIds, 'groupIds');
  const named = [
    ...(input.GroupIds ?? []).map((groupId) => describeGroup(world, groupId)),
    ...(input.GroupNames ?? []).map((groupName) => describeGroupByName(world, groupName)),
  ];
  const matching = filterItems(
    named.length > 0 ? [...new Set(named)] : Object.values(world.securityGroups),
    input.Filters,
    {
      description: (group) => group.description,
      'group-id': (group) => group.groupId,
      'group-name': (group) => group.groupName,
      'owner-id': () => world.account,
      'vpc-id': (group) => group.vpcId,
      ...permissionFields(world, 'ip-permission', false),
      ...permissionFields(world, 'egress.ip-permission', true),
    },
    (group) => group.tags,
  );
  const page = pageOf(matching, input, { key: (group) => group.groupId, min: 5, max: 1000 });
  return { SecurityGroups: page.items.map((group) => toApiGroup(world, group)), NextToken: page.nextToken };
}

/** True while an interface holds the group or a rule of another group names it. */
function isDependedOn(world: World, groupId: string): boolean {
  return (
    Object.values(world.networkInterfaces).some((one) => one.groupIds.includes(groupId)) ||
    Object.values(world.securityGroups).some(
      (other) => other.groupId !== groupId && other.rules.some((rule) => rule.referencedGroupId === groupId),
    )
  );
}

/** @throws AwsError `InvalidGroup.NotFound`, `CannotDelete` (the default group), `DependencyViolation`. */
export function DeleteSecurityGroup({ world }: Context, input: DeleteSecurityGroupRequest): DeleteSecurityGroupResult {
  const group = describeNamedGroup(world, input);
  if (group.groupName === 'default') {
    throw new AwsError(
      'CannotDelete',
      `the specified group: "${group.groupId}" name: "default" cannot be deleted by a user`,
    );
  }
  if (isDependedOn(world, group.groupId)) {
    throw new AwsError('DependencyViolation', `resource ${group.groupId} has a dependent object`);
  }
  refuseDryRun(input);
  delete world.securityGroups[group.groupId];
  return { Return: true, GroupId: group.groupId };
}
