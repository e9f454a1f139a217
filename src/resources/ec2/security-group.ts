// A security group and the rules that let traffic in. Knows nothing of subnets.
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  type CreateSecurityGroupCommandInput,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { parseBlock } from '../../base/address-block.ts';
import { ignoreAbsent, isAlreadyThere, transient } from '../../aws/faults.ts';
import { type Needed, watchPresence, whileThere } from '../presence.ts';
import { applied, type Difference, type Kind, type Named, raced, type Scope, type Work } from '../resource.ts';
import { dryRun } from './dry-run.ts';
import { groupUser } from './group-user.ts';

export interface WantedSecurityGroup extends Named {
  vpcId: string;
  description: string;
  /** Names of the demo's load balancers: their interfaces hold the group for a while and are no reason to keep it. */
  balancers: readonly string[];
}

/** An ingress rule, with the words to show for it. */
export interface Rule {
  words: string;
  permission: IpPermission;
}

/** TCP on one port from a block of IPv4 or IPv6 addresses, as AWS keeps and compares it. */
export function tcpFromCidr(port: number, cidr: string): Rule {
  const { family, text } = parseBlock(cidr) ?? { family: 4, text: cidr };
  return {
    words: `tcp ${port} from ${text}`,
    permission: {
      IpProtocol: 'tcp',
      FromPort: port,
      ToPort: port,
      ...(family === 4 ? { IpRanges: [{ CidrIp: text }] } : { Ipv6Ranges: [{ CidrIpv6: text }] }),
    },
  };
}

/** TCP on a range of ports from whatever is in another group. @param group `id` undefined: it does not exist yet */
export function tcpFromGroup(from: number, to: number, group: { name: string; id: string | undefined }): Rule {
  return {
    words: `tcp ${from === to ? from : `${from}-${to}`} from ${group.name}`,
    permission: {
      IpProtocol: 'tcp',
      FromPort: from,
      ToPort: to,
      UserIdGroupPairs: [{ GroupId: group.id ?? 'absent' }],
    },
  };
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
    const sources6 = (wanted.Ipv6Ranges ?? []).every((range) =>
      permission.Ipv6Ranges?.some(({ CidrIpv6 }) => CidrIpv6 === range.CidrIpv6),
    );
    const groups = (wanted.UserIdGroupPairs ?? []).every((pair) =>
      permission.UserIdGroupPairs?.some(({ GroupId }) => GroupId === pair.GroupId),
    );
    return covers && sources && sources6 && groups;
  });
}

/** All of these names, in whatever VPC. Filters, not GroupNames: those only work in the default VPC and throw on a miss (aws-facts §1.4). */
export async function findGroups({ aws }: Scope, names: readonly string[]): Promise<SecurityGroup[]> {
  const found = await aws.ec2.send(
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: [...names] }] }),
  );
  return found.SecurityGroups ?? [];
}

/** For retries that end when somebody took the group away. */
export function groupNeeded(
  { aws }: Pick<Scope, 'aws'>,
  { name, id = '' }: { name: string; id: string | undefined },
): Needed {
  return {
    what: `security group "${name}"`,
    async isThere() {
      const Filters = [{ Name: 'group-id', Values: [id] }];
      const found = await aws.ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
      return (found.SecurityGroups ?? []).length > 0;
    },
  };
}

function asCreated(
  { tags }: Scope,
  { name, vpcId, description }: WantedSecurityGroup,
): CreateSecurityGroupCommandInput {
  const TagSpecifications = [{ ResourceType: 'security-group' as const, Tags: tags }];
  return { GroupName: name, Description: description, VpcId: vpcId, TagSpecifications };
}

/** Whether EC2 would make it. @throws AWS's refusal; that there is one of the name is none */
export async function tryCreate(at: Scope, wanted: WantedSecurityGroup): Promise<void> {
  const command = new CreateSecurityGroupCommand({ ...asCreated(at, wanted), DryRun: true });
  await dryRun(at.aws.ec2.send(command)).catch((error: unknown) => {
    if (!isAlreadyThere(error)) throw error;
  });
}

export const securityGroup: Kind<WantedSecurityGroup, SecurityGroup> = {
  type: 'AWS::EC2::SecurityGroup',
  uses: {
    look: ['ec2:DescribeSecurityGroups'],
    make: ['ec2:CreateSecurityGroup', 'ec2:AuthorizeSecurityGroupIngress'],
    mend: ['ec2:AuthorizeSecurityGroupIngress'],
    adopt: ['ec2:CreateTags'],
    remove: ['ec2:RevokeSecurityGroupIngress', 'ec2:DeleteSecurityGroup', 'ec2:DescribeNetworkInterfaces'],
  },
  find: async (at, { name, vpcId }) =>
    (await findGroups(at, [name])).find(({ GroupName, VpcId }) => GroupName === name && VpcId === vpcId),
  view: ({ GroupId = '', Tags }) => ({ id: GroupId, tags: Tags }),
  async create(at, wanted) {
    const { aws, tags } = at;
    const { name } = wanted;
    try {
      const created = await aws.ec2.send(new CreateSecurityGroupCommand(asCreated(at, wanted)));
      return { GroupId: created.GroupId ?? '', GroupName: name, Tags: tags, IpPermissions: [] };
    } catch (error) {
      if (!isAlreadyThere(error)) throw error;
      return raced;
    }
  },
  async adopt({ aws, tags }, _, seen) {
    await aws.ec2.send(new CreateTagsCommand({ Resources: [seen.GroupId ?? ''], Tags: tags }));
    return { ...seen, Tags: [...(seen.Tags ?? []), ...tags] };
  },
  /** Waits for the network interfaces of the demo to be released. */
  remove(at, { name, balancers }, { GroupId = '' }) {
    return at.run.retry({
      what: `deleting ${name}`,
      limitMs: 900_000,
      transient: transient.securityGroupInUse,
      attempt: async () => {
        try {
          await at.aws.ec2.send(new DeleteSecurityGroupCommand({ GroupId })).catch(ignoreAbsent);
          return undefined;
        } catch (error) {
          const inUse = transient.securityGroupInUse(error) !== undefined;
          const user = inUse ? await groupUser(at, GroupId, balancers) : undefined;
          if (user === undefined) throw error;
          return user;
        }
      },
    });
  },
};

/** The rules that the group lacks. One per call, since one duplicate would reject them all (aws-facts §1.5). */
export function missingRules(at: Work, group: SecurityGroup, rules: readonly Rule[]): Difference<SecurityGroup>[] {
  const open = (rule: Rule) => () =>
    at.run.retry({
      what: `opening ${group.GroupName} to ${rule.words}`,
      limitMs: 120_000,
      transient: transient.newSecurityGroup,
      recheck: whileThere(groupNeeded(at, { name: group.GroupName ?? '', id: group.GroupId })),
      attempt: async () => {
        const IpPermissions = [rule.permission];
        try {
          await at.aws.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group.GroupId, IpPermissions }));
          return undefined;
        } catch (error) {
          if (!isAlreadyThere(error)) throw error;
          return raced;
        }
      },
    });
  return rules
    .filter((rule) => !grants(group, rule.permission))
    .map((rule) => ({
      words: rule.words,
      action: 'create',
      type: 'AWS::EC2::SecurityGroupIngress',
      apply: open(rule),
    }));
}

/** Opens what is not open yet. @returns the group once AWS lists it so: a description right after a change may be older. */
export async function ensureRules(at: Work, group: SecurityGroup, rules: readonly Rule[]): Promise<SecurityGroup> {
  const missing = missingRules(at, group, rules);
  if (missing.length === 0) return group;
  const { GroupName = '' } = group;
  await applied(securityGroup, at, GroupName, group, missing);
  const presence = watchPresence(`security group "${GroupName}"`);
  return at.run.wait({
    what: `the rules of ${GroupName} to be listed`,
    limitMs: 120_000,
    look: async () => {
      const seen = (await findGroups(at, [GroupName])).find(({ GroupId }) => GroupId === group.GroupId);
      presence.look(seen !== undefined);
      if (seen !== undefined && rules.every((rule) => grants(seen, rule.permission)))
        return { done: true, value: seen };
      return { done: false, state: seen === undefined ? 'group not listed' : 'rules not listed' };
    },
  });
}

/** A rule that names another group holds that group back: taken away first, both can go at once. */
export async function revokeReferences({ aws }: Scope, group: SecurityGroup): Promise<void> {
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
