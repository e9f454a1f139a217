// Step 1, the two security groups and their rules: how to find, ensure and delete them. Knows nothing of subnets.
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ignoreAbsent, isAlreadyThere, orAbsent, transient } from '../aws/faults.ts';
import { claim, isOurs, isRemovable } from '../aws/ownership.ts';
import type { Removal, Resource, StepRun } from '../engine/types.ts';
import { instancesById } from './container-instances.ts';
import { changed, type StepContext } from './context.ts';

const id = 'network';
export const groupType = 'AWS::EC2::SecurityGroup';
export const ruleType = 'AWS::EC2::SecurityGroupIngress';

/** An ingress rule that the demo wants, with the words to show for it. */
export interface Rule {
  words: string;
  permission: IpPermission;
}

/** True when one of the group's permissions grants all that `wanted` asks for. */
export function grants(group: SecurityGroup, wanted: IpPermission): boolean {
  return (group.IpPermissions ?? []).some((permission) => {
    const allTraffic = permission.IpProtocol === '-1';
    const covers =
      allTraffic ||
      (permission.IpProtocol === wanted.IpProtocol &&
        (permission.FromPort ?? -1) <= (wanted.FromPort ?? 0) &&
        (permission.ToPort ?? -1) >= (wanted.ToPort ?? 0));
    const sources = (wanted.IpRanges ?? []).every((range) =>
      permission.IpRanges?.some(({ CidrIp }) => CidrIp === range.CidrIp),
    );
    const groups = (wanted.UserIdGroupPairs ?? []).every((pair) =>
      permission.UserIdGroupPairs?.some(({ GroupId }) => GroupId === pair.GroupId),
    );
    return covers && sources && groups;
  });
}

function tcp(from: number, to: number, source: Pick<IpPermission, 'IpRanges' | 'UserIdGroupPairs'>): IpPermission {
  return { IpProtocol: 'tcp', FromPort: from, ToPort: to, ...source };
}

/** The world may reach the load balancer. */
export function elbRules(): Rule[] {
  return [{ words: 'tcp 80 from 0.0.0.0/0', permission: tcp(80, 80, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] }) }];
}

/** AWS keeps and compares blocks with the host bits zeroed: 100.68.0.18/18 is 100.68.0.0/18 (aws-facts §1.5). */
export function canonicalCidr(cidr: string): string {
  const [address = '', bits = '32'] = cidr.split('/');
  const value = address.split('.').reduce((total, octet) => total * 256 + Number(octet), 0);
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(value / size) * size;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${bits}`;
}

/** `elbGroupId` absent: the group does not exist yet, which the plan must be able to show. */
export function ecsRules({ settings, names }: StepContext, elbGroupId: string | undefined): Rule[] {
  const rules = [
    {
      words: `tcp 1-65535 from ${names.elbSecurityGroup}`,
      permission: tcp(1, 65535, { UserIdGroupPairs: [{ GroupId: elbGroupId ?? 'absent' }] }),
    },
  ];
  if (settings.sshFrom !== undefined) {
    const CidrIp = canonicalCidr(settings.sshFrom);
    rules.push({ words: `tcp 22 from ${CidrIp}`, permission: tcp(22, 22, { IpRanges: [{ CidrIp }] }) });
  }
  return rules;
}

/** Filters, not GroupNames: those only work in the default VPC and throw on a miss (aws-facts §1.4). */
export async function findGroups({ aws, names }: StepContext): Promise<SecurityGroup[]> {
  const found = await aws.ec2.send(
    new DescribeSecurityGroupsCommand({
      Filters: [{ Name: 'group-name', Values: [names.ecsSecurityGroup, names.elbSecurityGroup] }],
    }),
  );
  return found.SecurityGroups ?? [];
}

/** The group as people see it. */
export function toResource(group: SecurityGroup, demo: string): Resource {
  return {
    step: id,
    type: groupType,
    name: group.GroupName ?? '',
    id: group.GroupId ?? '',
    state: 'present',
    owned: isOurs(group.Tags, demo),
  };
}

/** What `claim` needs to know of the group. */
export function toClaim(group: SecurityGroup): Parameters<typeof claim>[0] {
  return { type: groupType, name: group.GroupName ?? '', id: group.GroupId ?? '', tags: group.Tags };
}

/** The group `name`, made if absent, taken over if allowed. @throws EcsdemoError `not-ours`. */
export async function ensureGroup(
  context: StepContext,
  run: StepRun,
  vpcId: string,
  name: string,
  description: string,
  found: SecurityGroup | undefined,
): Promise<SecurityGroup & { GroupId: string }> {
  const { aws, names, settings, tags } = context;
  let group = found;
  // Ensure: create if absent; a duplicate means that another run was faster.
  if (group === undefined) {
    try {
      const created = await aws.ec2.send(
        new CreateSecurityGroupCommand({
          GroupName: name,
          Description: description,
          VpcId: vpcId,
          TagSpecifications: [{ ResourceType: 'security-group', Tags: tags }],
        }),
      );
      changed(run, id, 'create', groupType, name);
      return { GroupId: created.GroupId ?? '', GroupName: name, Tags: tags, IpPermissions: [] };
    } catch (error) {
      if (!isAlreadyThere(error)) throw error;
      group = await run.wait({
        what: `${name} to be listed`,
        limitMs: 120_000,
        look: async () => {
          const same = (await findGroups(context)).find(
            ({ GroupName, VpcId }) => GroupName === name && VpcId === vpcId,
          );
          return same === undefined ? { done: false, state: 'not listed' } : { done: true, value: same };
        },
      });
    }
  }
  const groupId = group.GroupId ?? '';
  if (claim(toClaim(group), names.demo, settings.adopt) === 'adopt') {
    await aws.ec2.send(new CreateTagsCommand({ Resources: [groupId], Tags: tags }));
    changed(run, id, 'update', groupType, name, 'taken over by tagging it');
  }
  return { ...group, GroupId: groupId };
}

/** Opens what is not open yet. @returns how many rules were missing. */
export async function ensureRules(
  context: StepContext,
  run: StepRun,
  group: SecurityGroup & { GroupId: string },
  rules: Rule[],
): Promise<number> {
  const missing = rules.filter((rule) => !grants(group, rule.permission));
  // Sync: one rule per call, since one duplicate would reject them all (aws-facts §1.5).
  for (const rule of missing) {
    await run.retry({
      what: `opening ${group.GroupName} to ${rule.words}`,
      limitMs: 120_000,
      transient: transient.newSecurityGroup,
      attempt: async () => {
        try {
          await context.aws.ec2.send(
            new AuthorizeSecurityGroupIngressCommand({ GroupId: group.GroupId, IpPermissions: [rule.permission] }),
          );
          changed(run, id, 'create', ruleType, group.GroupName ?? '', rule.words);
        } catch (error) {
          if (!isAlreadyThere(error)) throw error;
        }
      },
    });
  }
  return missing.length;
}

/** The group once AWS lists it with all `rules`: a description read right after a change may be older than it. */
export async function waitListed(
  context: StepContext,
  run: StepRun,
  group: SecurityGroup,
  rules: Rule[],
): Promise<SecurityGroup> {
  return run.wait({
    what: `the rules of ${group.GroupName} to be listed`,
    limitMs: 120_000,
    look: async () => {
      const seen = (await findGroups(context)).find(({ GroupId }) => GroupId === group.GroupId);
      if (seen !== undefined && rules.every((rule) => grants(seen, rule.permission)))
        return { done: true, value: seen };
      return { done: false, state: seen === undefined ? 'group not listed' : 'rules not listed' };
    },
  });
}

/**
 * What holds the group and will not go with this demo, in words: an interface of somebody else's, or another group's
 * rule that names it. Undefined: only what is on its way out. Asked when AWS answers DependencyViolation, so that
 * nobody waits a quarter of an hour for what will never happen.
 */
async function foreignUser(context: StepContext, groupId: string): Promise<string | undefined> {
  const { aws, names } = context;
  const [interfaces, naming] = await Promise.all([
    aws.ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'group-id', Values: [groupId] }] })),
    aws.ec2.send(
      new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'ip-permission.group-id', Values: [groupId] }] }),
    ),
  ]);
  const untagged = (interfaces.NetworkInterfaces ?? []).filter(
    ({ TagSet, Description }) =>
      !isOurs(TagSet, names.demo) && !(Description ?? '').startsWith(`ELB app/${names.loadBalancer}/`),
  );
  const ids = (interfaces.NetworkInterfaces ?? []).flatMap(({ Attachment }) =>
    Attachment?.InstanceId === undefined ? [] : [Attachment.InstanceId],
  );
  const instances = await instancesById(context, ids);
  const foreign = untagged.find(
    ({ Attachment }) => !isOurs(instances.get(Attachment?.InstanceId ?? '')?.Tags, names.demo),
  );
  if (foreign !== undefined) {
    const of = foreign.Attachment?.InstanceId ?? foreign.Description ?? '';
    return `network interface ${foreign.NetworkInterfaceId}${of === '' ? '' : ` (${of})`} uses it`;
  }
  // Destroy has taken away all instances and the load balancer before: what is there now came after, or would not go.
  const staying = [...instances].find(([, { State }]) => !['shutting-down', 'terminated'].includes(State?.Name ?? ''));
  if (staying !== undefined)
    return `instance ${staying[0]} of this demo is ${staying[1].State?.Name ?? 'there'} and uses it`;
  if (
    interfaces.NetworkInterfaces?.some(({ Description }) =>
      (Description ?? '').startsWith(`ELB app/${names.loadBalancer}/`),
    ) === true
  ) {
    const balancers = await orAbsent(aws.elbv2.send(new DescribeLoadBalancersCommand({ Names: [names.loadBalancer] })));
    if ((balancers?.LoadBalancers ?? []).length > 0)
      return `load balancer ${names.loadBalancer} is still there, or there again, and uses it`;
  }
  const other = (naming.SecurityGroups ?? []).find(
    ({ GroupId, Tags }) => GroupId !== groupId && !isOurs(Tags, names.demo),
  );
  return other === undefined ? undefined : `a rule of ${other.GroupName} (${other.GroupId}) names it`;
}

/** A rule that names the other group holds that group back: taken away first, both can go at once. */
async function revokeReferences({ aws }: StepContext, group: SecurityGroup): Promise<void> {
  const references = (group.IpPermissions ?? []).filter(({ UserIdGroupPairs }) => (UserIdGroupPairs ?? []).length > 0);
  if (references.length === 0) return;
  const IpPermissions = references.map(({ IpProtocol, FromPort, ToPort, UserIdGroupPairs }) => ({
    IpProtocol,
    FromPort,
    ToPort,
    UserIdGroupPairs: (UserIdGroupPairs ?? []).map(({ GroupId }) => ({ GroupId })),
  }));
  await aws.ec2
    .send(new RevokeSecurityGroupIngressCommand({ GroupId: group.GroupId, IpPermissions }))
    .catch(ignoreAbsent);
}

/** Deletes both groups, in whatever VPC they are, waiting for the network interfaces of the demo to be released. */
export async function removeGroups(context: StepContext, run: StepRun): Promise<Removal> {
  const { aws, names, settings } = context;
  const removal: Removal = { removed: [], kept: [] };
  const ours: SecurityGroup[] = [];
  for (const group of await findGroups(context)) {
    if (isRemovable(group.Tags, names.demo, settings.adopt)) ours.push(group);
    else
      removal.kept.push({
        ...toResource(group, names.demo),
        reason: `it does not carry the tag of the demo ${names.demo}`,
      });
  }
  await Promise.all(ours.map((group) => revokeReferences(context, group)));
  await Promise.all(
    ours.map(async (group) => {
      const GroupId = group.GroupId ?? '';
      const user = await run.retry({
        what: `deleting ${group.GroupName}`,
        limitMs: 900_000,
        transient: transient.securityGroupInUse,
        attempt: async () => {
          try {
            await aws.ec2.send(new DeleteSecurityGroupCommand({ GroupId })).catch(ignoreAbsent);
            return undefined;
          } catch (error) {
            const foreign =
              transient.securityGroupInUse(error) === undefined ? undefined : await foreignUser(context, GroupId);
            if (foreign === undefined) throw error;
            return foreign;
          }
        },
      });
      if (user !== undefined) {
        removal.kept.push({ ...toResource(group, names.demo), reason: user });
        return;
      }
      changed(run, id, 'delete', groupType, group.GroupName ?? '');
      removal.removed.push({ ...toResource(group, names.demo), state: 'deleted' });
    }),
  );
  return removal;
}
