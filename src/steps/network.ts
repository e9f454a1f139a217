// Step 1, the network: the default VPC with one subnet in each usable zone, and the two security groups with their rules.
// The VPC and its subnets are shared: used, never changed.
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
  type Subnet,
} from '@aws-sdk/client-ec2';
import { ignoreAbsent, isAlreadyThere, transient } from '../aws/faults.ts';
import { claim, isOurs } from '../aws/ownership.ts';
import { EcsdemoError } from '../base/errors.ts';
import type { Change, Inspection, Removal, Resource, Step, StepRun } from '../engine/types.ts';
import { absent, changed, type Network, type StepContext } from './context.ts';

const id = 'network';
const groupType = 'AWS::EC2::SecurityGroup';
const ruleType = 'AWS::EC2::SecurityGroupIngress';

/** An ingress rule that the demo wants, with the words to show for it. */
interface Rule {
  words: string;
  permission: IpPermission;
}

/** One subnet per zone, sorted by zone: a load balancer takes at most one of each (aws-facts §1.2). */
export function onePerZone(subnets: readonly Subnet[]): Network['subnets'] {
  const byZone = new Map<string, Network['subnets'][number]>();
  for (const subnet of subnets) {
    const { SubnetId, AvailabilityZone } = subnet;
    if (SubnetId === undefined || AvailabilityZone === undefined || byZone.has(AvailabilityZone)) continue;
    byZone.set(AvailabilityZone, { ...subnet, SubnetId, AvailabilityZone });
  }
  return [...byZone.values()].toSorted((one, other) => one.AvailabilityZone.localeCompare(other.AvailabilityZone));
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
    const sources = (wanted.IpRanges ?? []).every((range) => permission.IpRanges?.some(({ CidrIp }) => CidrIp === range.CidrIp));
    const groups = (wanted.UserIdGroupPairs ?? []).every((pair) =>
      permission.UserIdGroupPairs?.some(({ GroupId }) => GroupId === pair.GroupId),
    );
    return covers && sources && groups;
  });
}

function tcp(from: number, to: number, source: Pick<IpPermission, 'IpRanges' | 'UserIdGroupPairs'>): IpPermission {
  return { IpProtocol: 'tcp', FromPort: from, ToPort: to, ...source };
}

function elbRules(): Rule[] {
  return [{ words: 'tcp 80 from 0.0.0.0/0', permission: tcp(80, 80, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] }) }];
}

/** `elbGroupId` absent: the group does not exist yet, which the plan must be able to show. */
function ecsRules({ settings, names }: StepContext, elbGroupId: string | undefined): Rule[] {
  const rules = [
    {
      words: `tcp 1-65535 from ${names.elbSecurityGroup}`,
      permission: tcp(1, 65535, { UserIdGroupPairs: [{ GroupId: elbGroupId ?? 'absent' }] }),
    },
  ];
  if (settings.sshFrom !== undefined) {
    rules.push({ words: `tcp 22 from ${settings.sshFrom}`, permission: tcp(22, 22, { IpRanges: [{ CidrIp: settings.sshFrom }] }) });
  }
  return rules;
}

async function observe(context: StepContext): Promise<Network> {
  const { aws, settings, names } = context;
  const chosen = settings.subnetIds;
  const [vpcs, subnets, offerings, groups] = await Promise.all([
    aws.ec2.send(
      new DescribeVpcsCommand(
        settings.vpcId === undefined
          ? { Filters: [{ Name: 'is-default', Values: ['true'] }] }
          : { Filters: [{ Name: 'vpc-id', Values: [settings.vpcId] }] },
      ),
    ),
    aws.ec2.send(
      new DescribeSubnetsCommand({
        Filters: [
          chosen === undefined ? { Name: 'default-for-az', Values: ['true'] } : { Name: 'subnet-id', Values: chosen },
          { Name: 'state', Values: ['available'] },
        ],
      }),
    ),
    aws.ec2.send(
      new DescribeInstanceTypeOfferingsCommand({
        LocationType: 'availability-zone',
        Filters: [{ Name: 'instance-type', Values: [settings.instanceType] }],
      }),
    ),
    findGroups(context),
  ]);
  const vpcId = vpcs.Vpcs?.[0]?.VpcId;
  if (vpcId === undefined) throw noVpc(settings.vpcId);
  const zones = new Set((offerings.InstanceTypeOfferings ?? []).map(({ Location }) => Location));
  const inVpc = (subnets.Subnets ?? []).filter((subnet) => subnet.VpcId === vpcId);
  const missing = chosen?.find((wanted) => !inVpc.some(({ SubnetId }) => SubnetId === wanted));
  if (missing !== undefined) {
    throw new EcsdemoError('subnets-unsuitable', `subnet ${missing} is not in VPC ${vpcId}, or not available`, {
      suggestions: [`aws ec2 describe-subnets --filters Name=vpc-id,Values=${vpcId}`],
    });
  }
  const usable = onePerZone(inVpc.filter(({ AvailabilityZone }) => zones.has(AvailabilityZone)));
  // Each subnet of a load balancer costs a public address: two are enough (aws-facts §1.2), unless they were named.
  const used = chosen === undefined ? usable.slice(0, 2) : usable;
  if (used.length < 2) throw tooFewZones(context, inVpc, zones.size);
  const ofVpc = (name: string): SecurityGroup | undefined =>
    groups.find(({ GroupName, VpcId }) => GroupName === name && VpcId === vpcId);
  const ecsSecurityGroup = ofVpc(names.ecsSecurityGroup);
  const elbSecurityGroup = ofVpc(names.elbSecurityGroup);
  const network: Network = {
    vpcId,
    subnets: used,
    ...(ecsSecurityGroup === undefined ? {} : { ecsSecurityGroup }),
    ...(elbSecurityGroup === undefined ? {} : { elbSecurityGroup }),
  };
  context.facts.network = network;
  return network;
}

/** Filters, not GroupNames: those only work in the default VPC and throw on a miss (aws-facts §1.4). */
async function findGroups({ aws, names }: StepContext): Promise<SecurityGroup[]> {
  const found = await aws.ec2.send(
    new DescribeSecurityGroupsCommand({
      Filters: [{ Name: 'group-name', Values: [names.ecsSecurityGroup, names.elbSecurityGroup] }],
    }),
  );
  return found.SecurityGroups ?? [];
}

function noVpc(asked: string | undefined): EcsdemoError {
  if (asked !== undefined) {
    return new EcsdemoError('no-default-vpc', `VPC ${asked} does not exist in this region`, { suggestions: ['aws ec2 describe-vpcs'] });
  }
  return new EcsdemoError('no-default-vpc', 'this region has no default VPC', {
    suggestions: ['aws ec2 create-default-vpc', 'ecsdemo up --vpc-id vpc-… --subnet-ids subnet-…,subnet-…', 'ecsdemo up --region us-east-1'],
  });
}

function tooFewZones({ settings }: StepContext, subnets: Subnet[], zonesOffering: number): EcsdemoError {
  const zones = new Set(subnets.map(({ AvailabilityZone }) => AvailabilityZone));
  if (zonesOffering === 0) {
    return new EcsdemoError('instance-type-not-offered', `instance type ${settings.instanceType} is not offered in this region`, {
      suggestions: ['ecsdemo up --instance-type t3.micro', 'aws ec2 describe-instance-type-offerings'],
    });
  }
  if (zones.size >= 2) {
    return new EcsdemoError(
      'instance-type-not-offered',
      `instance type ${settings.instanceType} is offered in fewer than two of the zones ${[...zones].join(', ')}`,
      { suggestions: ['ecsdemo up --instance-type t3.small', 'choose subnets in other zones with --subnet-ids'] },
    );
  }
  return new EcsdemoError('subnets-unsuitable', `a load balancer needs subnets in two zones; found ${[...zones].join(', ') || 'none'}`, {
    suggestions: ['ecsdemo up --vpc-id vpc-… --subnet-ids subnet-…,subnet-…', 'aws ec2 create-default-subnet --availability-zone …'],
  });
}

function toResource(group: SecurityGroup, demo: string): Resource {
  return {
    step: id,
    type: groupType,
    name: group.GroupName ?? '',
    id: group.GroupId ?? '',
    state: 'present',
    owned: isOurs(group.Tags, demo),
  };
}

function inspection(context: StepContext, network: Network): Inspection {
  const { names, settings } = context;
  const resources: Resource[] = [{ step: id, type: 'AWS::EC2::VPC', name: network.vpcId, id: network.vpcId, state: 'available', owned: false }];
  const changes: Change[] = [];
  const wanted: [string, SecurityGroup | undefined, Rule[]][] = [
    [names.elbSecurityGroup, network.elbSecurityGroup, elbRules()],
    [names.ecsSecurityGroup, network.ecsSecurityGroup, ecsRules(context, network.elbSecurityGroup?.GroupId)],
  ];
  for (const [name, group, rules] of wanted) {
    resources.push(group === undefined ? absent(id, groupType, name) : toResource(group, names.demo));
    if (group === undefined) changes.push({ step: id, action: 'create', type: groupType, name });
    else if (claim(toClaim(group), names.demo, settings.adopt) === 'adopt') {
      changes.push({ step: id, action: 'update', type: groupType, name, detail: 'take it over by tagging it' });
    }
    for (const rule of rules) {
      if (group !== undefined && grants(group, rule.permission)) continue;
      changes.push({ step: id, action: 'create', type: ruleType, name, detail: rule.words });
    }
  }
  return { resources, changes };
}

function toClaim(group: SecurityGroup): Parameters<typeof claim>[0] {
  return { type: groupType, name: group.GroupName ?? '', id: group.GroupId ?? '', tags: group.Tags };
}

async function ensureGroup(
  context: StepContext,
  run: StepRun,
  name: string,
  description: string,
  found: SecurityGroup | undefined,
): Promise<SecurityGroup & { GroupId: string }> {
  const { aws, names, settings, tags } = context;
  const { vpcId } = context.facts.network ?? {};
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
          const same = (await findGroups(context)).find(({ GroupName, VpcId }) => GroupName === name && VpcId === vpcId);
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

/** @returns how many rules were missing. */
async function ensureRules(context: StepContext, run: StepRun, group: SecurityGroup & { GroupId: string }, rules: Rule[]): Promise<number> {
  const missing = rules.filter((rule) => !grants(group, rule.permission));
  // Sync: one rule per call, since one duplicate would reject them all (aws-facts §1.5).
  for (const rule of missing) {
    await run.retry({
      what: `opening ${group.GroupName} to ${rule.words}`,
      limitMs: 120_000,
      transient: transient.newSecurityGroup,
      attempt: async () => {
        try {
          await context.aws.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group.GroupId, IpPermissions: [rule.permission] }));
          changed(run, id, 'create', ruleType, group.GroupName ?? '', rule.words);
        } catch (error) {
          if (!isAlreadyThere(error)) throw error;
        }
      },
    });
  }
  return missing.length;
}

async function ensure(context: StepContext, run: StepRun): Promise<Resource[]> {
  const { names } = context;
  // Observe.
  const network = await observe(context);
  const [elb, ecs] = await Promise.all([
    ensureGroup(context, run, names.elbSecurityGroup, 'ecsdemo: HTTP from the world to the load balancer', network.elbSecurityGroup),
    ensureGroup(context, run, names.ecsSecurityGroup, 'ecsdemo: the load balancer to the container instances', network.ecsSecurityGroup),
  ]);
  const opened = await Promise.all([
    ensureRules(context, run, elb, elbRules()),
    ensureRules(context, run, ecs, ecsRules(context, elb.GroupId)),
  ]);
  // Return: verify reads the rules from here, so after a change they are read again.
  const fresh = opened.some((count) => count > 0) ? await findGroups(context) : [];
  const current = (group: SecurityGroup): SecurityGroup => fresh.find(({ GroupId }) => GroupId === group.GroupId) ?? group;
  context.facts.network = { ...network, elbSecurityGroup: current(elb), ecsSecurityGroup: current(ecs) };
  return [
    { step: id, type: 'AWS::EC2::VPC', name: network.vpcId, id: network.vpcId, state: 'available', owned: false },
    ...[elb, ecs].map((group) => ({ ...toResource(group, names.demo), owned: true })),
  ];
}

async function remove(context: StepContext, run: StepRun): Promise<Removal> {
  const { aws, names } = context;
  const removal: Removal = { removed: [], kept: [] };
  const groups = await findGroups(context);
  const ours: SecurityGroup[] = [];
  for (const group of groups) {
    if (isOurs(group.Tags, names.demo)) ours.push(group);
    else removal.kept.push({ ...toResource(group, names.demo), reason: `it does not carry the tag of the demo ${names.demo}` });
  }
  // A rule that names the other group holds that group back: take our own rules away first, so that both can go at once.
  await Promise.all(
    ours.map(async (group) => {
      const references = (group.IpPermissions ?? []).filter(({ UserIdGroupPairs }) => (UserIdGroupPairs ?? []).length > 0);
      if (references.length === 0) return;
      const permissions = references.map(({ IpProtocol, FromPort, ToPort, UserIdGroupPairs }) => ({
        IpProtocol,
        FromPort,
        ToPort,
        UserIdGroupPairs: (UserIdGroupPairs ?? []).map(({ GroupId }) => ({ GroupId })),
      }));
      await aws.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: group.GroupId, IpPermissions: permissions })).catch(ignoreAbsent);
    }),
  );
  await Promise.all(
    ours.map(async (group) => {
      await run.retry({
        what: `deleting ${group.GroupName}`,
        limitMs: 900_000,
        transient: transient.securityGroupInUse,
        attempt: () => aws.ec2.send(new DeleteSecurityGroupCommand({ GroupId: group.GroupId })).catch(ignoreAbsent),
      });
      changed(run, id, 'delete', groupType, group.GroupName ?? '');
      removal.removed.push({ ...toResource(group, names.demo), state: 'deleted' });
    }),
  );
  return removal;
}

export const network: Step<StepContext> = {
  id,
  title: 'Network and security groups',
  tutorialStep: 1,
  needs: [],
  inspect: async (context) => inspection(context, await observe(context)),
  ensure,
  remove,
};
