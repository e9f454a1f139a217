// From EC2's nested `IpPermissions` to flat rules with one peer each, and back. Canonical blocks, named protocols.
// Knows what a rule may look like; which group holds it is for security-group-rules.ts.
import type { IpPermission } from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { SecurityGroup, SecurityGroupRule } from './records.ts';
import type { World } from '../world.ts';
import { canonicalIpv4, canonicalIpv6 } from './cidr.ts';

/** A rule before it has an id. */
export type RuleShape = Omit<SecurityGroupRule, 'securityGroupRuleId' | 'tags' | 'isEgress'>;

const protocolNames: Record<string, string> = { '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'icmpv6', all: '-1' };

function readProtocol(text: string | undefined): string {
  if (text === undefined || text === '')
    throw new AwsError('MissingParameter', 'The request must contain the parameter ipProtocol');
  const protocol = protocolNames[text.toLowerCase()] ?? text.toLowerCase();
  if (['-1', 'tcp', 'udp', 'icmp', 'icmpv6'].includes(protocol)) return protocol;
  if (/^\d{1,3}$/.test(protocol) && Number(protocol) <= 255) return protocol;
  throw new AwsError('InvalidParameterValue', `Invalid value '${text}' for IP protocol. Unknown protocol.`);
}

function readPorts(permission: IpPermission, protocol: string): { fromPort: number; toPort: number } {
  const { FromPort: from, ToPort: to } = permission;
  if (protocol !== 'tcp' && protocol !== 'udp') {
    // Ports have no meaning with other protocols; for icmp they are type and code, −1 for any.
    return protocol.startsWith('icmp') ? { fromPort: from ?? -1, toPort: to ?? -1 } : { fromPort: -1, toPort: -1 };
  }
  if (from === undefined || to === undefined) {
    throw new AwsError(
      'InvalidParameterValue',
      "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
    );
  }
  // AWS takes −1 to −1 as every port.
  if (from === -1 && to === -1) return { fromPort: 0, toPort: 65535 };
  const name = protocol.toUpperCase();
  if (from < 0 || from > 65535)
    throw new AwsError(
      'InvalidParameterValue',
      `Invalid value '${from}' for portRange. Invalid ${name} 'from' port (${from})`,
    );
  if (to < 0 || to > 65535)
    throw new AwsError(
      'InvalidParameterValue',
      `Invalid value '${to}' for portRange. Invalid ${name} 'to' port (${to})`,
    );
  if (from > to)
    throw new AwsError(
      'InvalidParameterValue',
      `Invalid value '${from}' for portRange. Invalid ${name} port range (${from}:${to})`,
    );
  return { fromPort: from, toPort: to };
}

function readDescription(text: string | undefined): { description?: string } {
  if (text === undefined) return {};
  if (text.length > 255 || !/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/.test(text)) {
    throw new AwsError(
      'InvalidParameterValue',
      'Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
    );
  }
  return { description: text };
}

function malformed(cidr: string): AwsError {
  return new AwsError('InvalidParameterValue', `CIDR block ${cidr} is malformed`);
}

/** The group that a rule of `owner` names as its peer. @throws AwsError `InvalidGroup.NotFound`, `InvalidGroupId.Malformed`. */
function describePeer(
  world: World,
  owner: SecurityGroup,
  pair: { GroupId?: string | undefined; GroupName?: string | undefined },
): string {
  const { GroupId: groupId, GroupName: groupName } = pair;
  if (groupId !== undefined) {
    if (!groupId.startsWith('sg-'))
      throw new AwsError('InvalidGroupId.Malformed', `Invalid id: "${groupId}" (expecting "sg-...")`);
    const peer = world.securityGroups[groupId];
    if (peer === undefined)
      throw new AwsError('InvalidGroup.NotFound', `The security group '${groupId}' does not exist`);
    if (peer.vpcId !== owner.vpcId) {
      throw new AwsError(
        'InvalidGroup.NotFound',
        'You have specified two resources that belong to different networks.',
      );
    }
    return groupId;
  }
  const byName = Object.values(world.securityGroups).find(
    (group) => group.vpcId === owner.vpcId && group.groupName === groupName,
  );
  if (byName === undefined) {
    throw new AwsError(
      'InvalidGroup.NotFound',
      `The security group '${groupName ?? ''}' does not exist in VPC '${owner.vpcId}'`,
    );
  }
  return byName.groupId;
}

/**
 * One rule per peer, in the order sent.
 * @throws AwsError `InvalidParameterValue`, `MissingParameter`, `InvalidGroup.NotFound`.
 */
export function readPermissions(world: World, owner: SecurityGroup, permissions: readonly IpPermission[]): RuleShape[] {
  return permissions.flatMap((permission) => {
    const ipProtocol = readProtocol(permission.IpProtocol);
    const base = { ipProtocol, ...readPorts(permission, ipProtocol) };
    if ((permission.PrefixListIds ?? []).length > 0) {
      throw new AwsError('InvalidPrefixListID.NotFound', 'The sandbox has no managed prefix lists.');
    }
    const rules: RuleShape[] = [
      ...(permission.IpRanges ?? []).map((range) => {
        const cidrIpv4 = canonicalIpv4(range.CidrIp ?? '');
        if (cidrIpv4 === undefined) throw malformed(range.CidrIp ?? '');
        return { ...base, cidrIpv4, ...readDescription(range.Description) };
      }),
      ...(permission.Ipv6Ranges ?? []).map((range) => {
        const cidrIpv6 = canonicalIpv6(range.CidrIpv6 ?? '');
        if (cidrIpv6 === undefined) throw malformed(range.CidrIpv6 ?? '');
        return { ...base, cidrIpv6, ...readDescription(range.Description) };
      }),
      ...(permission.UserIdGroupPairs ?? []).map((pair) => ({
        ...base,
        referencedGroupId: describePeer(world, owner, pair),
        ...readDescription(pair.Description),
      })),
    ];
    if (rules.length === 0) {
      throw new AwsError(
        'MissingParameter',
        'Missing source specification: include source security group or CIDR information',
      );
    }
    return rules;
  });
}

/** Two rules are the same when all but their description is: a description never makes a rule new. */
export function isSameRule(a: RuleShape, b: RuleShape): boolean {
  return (
    a.ipProtocol === b.ipProtocol &&
    a.fromPort === b.fromPort &&
    a.toPort === b.toPort &&
    a.cidrIpv4 === b.cidrIpv4 &&
    a.cidrIpv6 === b.cidrIpv6 &&
    a.referencedGroupId === b.referencedGroupId
  );
}

/** `peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW`: how EC2 names a rule in its errors. */
export function formatRule(rule: RuleShape): string {
  const peer = rule.cidrIpv4 ?? rule.cidrIpv6 ?? rule.referencedGroupId ?? '';
  if (rule.ipProtocol === '-1') return `peer: ${peer}, ALL, ALLOW`;
  return `peer: ${peer}, ${rule.ipProtocol.toUpperCase()}, from port: ${rule.fromPort}, to port: ${rule.toPort}, ALLOW`;
}

/** Rules joined as DescribeSecurityGroups shows them: one permission for each protocol and port range. */
export function toPermissions(account: string, rules: readonly RuleShape[]): IpPermission[] {
  const joined = new Map<
    string,
    Required<Pick<IpPermission, 'IpRanges' | 'Ipv6Ranges' | 'UserIdGroupPairs' | 'PrefixListIds'>> & IpPermission
  >();
  for (const rule of rules) {
    const key = `${rule.ipProtocol}/${rule.fromPort}/${rule.toPort}`;
    const permission = joined.get(key) ?? {
      IpProtocol: rule.ipProtocol,
      ...(rule.ipProtocol !== '-1' && { FromPort: rule.fromPort, ToPort: rule.toPort }),
      IpRanges: [],
      Ipv6Ranges: [],
      UserIdGroupPairs: [],
      PrefixListIds: [],
    };
    joined.set(key, permission);
    const description = rule.description === undefined ? {} : { Description: rule.description };
    if (rule.cidrIpv4 !== undefined) permission.IpRanges?.push({ CidrIp: rule.cidrIpv4, ...description });
    if (rule.cidrIpv6 !== undefined) permission.Ipv6Ranges?.push({ CidrIpv6: rule.cidrIpv6, ...description });
    if (rule.referencedGroupId !== undefined) {
      permission.UserIdGroupPairs?.push({ GroupId: rule.referencedGroupId, UserId: account, ...description });
    }
  }
  return [...joined.values()];
}
