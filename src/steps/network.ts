// Step 1, the network: the default VPC with one subnet in each usable zone, and the two security groups with their rules.
// The VPC and its subnets are shared: used, never changed.
import {
  DescribeInstanceTypeOfferingsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  type SecurityGroup,
  type Subnet,
} from '@aws-sdk/client-ec2';
import { claim, isOurs } from '../aws/ownership.ts';
import { EcsdemoError } from '../base/errors.ts';
import { defaults } from '../base/settings.ts';
import type { Change, Inspection, Resource, Step, StepRun } from '../engine/types.ts';
import { absent, type Network, type StepContext } from './context.ts';
import {
  ecsRules,
  elbRules,
  ensureGroup,
  ensureRules,
  findGroups,
  grants,
  groupType,
  removeGroups,
  type Rule,
  ruleType,
  toClaim,
  toResource,
  waitListed,
} from './security-groups.ts';

const id = 'network';

/** One subnet per zone, sorted by zone: a load balancer takes at most one of each (aws-facts §1.2). */
export function onePerZone(subnets: readonly Subnet[]): Network['subnets'] {
  const byZone = new Map<string, Network['subnets'][number]>();
  for (const subnet of subnets) {
    const { SubnetId, AvailabilityZone } = subnet;
    if (SubnetId === undefined || AvailabilityZone === undefined || byZone.has(AvailabilityZone)) continue;
    byZone.set(AvailabilityZone, { ...subnet, SubnetId, AvailabilityZone });
  }
  // Not localeCompare: its first use loads a collator, which takes as long as five calls.
  return [...byZone.values()].toSorted((one, other) => (one.AvailabilityZone < other.AvailabilityZone ? -1 : 1));
}

/**
 * @throws EcsdemoError when there is no VPC, or too few usable subnets; not when the context is only `looking`, since
 * a demo in a VPC of its own must be found by status and destroy without the flags it was made with.
 */
async function observe(context: StepContext): Promise<Network> {
  const { aws, settings, names, looking } = context;
  const chosen = settings.subnetIds;
  const [subnets, offerings, groups] = await Promise.all([
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
        Filters: [{ Name: 'instance-type', Values: [settings.instanceType ?? defaults.instanceType] }],
      }),
    ),
    findGroups(context),
  ]);
  const own = groups.find(({ Tags }) => isOurs(Tags, names.demo))?.VpcId;
  // Default subnets are in the default VPC and nowhere else, so the VPC itself need not be asked for.
  const wanted = settings.vpcId ?? subnets.Subnets?.[0]?.VpcId;
  const vpcId = looking ? (own ?? wanted) : (wanted ?? (await findDefaultVpc(context)));
  if (vpcId === undefined) {
    if (!looking) throw noVpc();
    return (context.facts.network = { vpcId: '', subnets: [] });
  }
  if (
    own !== undefined &&
    own !== vpcId &&
    !groups.some((group) => group.VpcId === vpcId && isOurs(group.Tags, names.demo))
  ) {
    throw new EcsdemoError('subnets-unsuitable', `the demo "${names.demo}" is in VPC ${own}, not in ${vpcId}`, {
      suggestions: [`ecsdemo up --vpc-id ${own} --subnet-ids …`, 'ecsdemo destroy'],
    });
  }
  const zones = new Set((offerings.InstanceTypeOfferings ?? []).map(({ Location }) => Location));
  const inVpc = (subnets.Subnets ?? []).filter((subnet) => subnet.VpcId === vpcId);
  const missing = chosen?.find((each) => !inVpc.some(({ SubnetId }) => SubnetId === each));
  if (missing !== undefined && !looking) {
    throw new EcsdemoError('subnets-unsuitable', `subnet ${missing} is not in VPC ${vpcId}, or not available`, {
      suggestions: [`aws ec2 describe-subnets --filters Name=vpc-id,Values=${vpcId}`],
    });
  }
  const usable = onePerZone(inVpc.filter(({ AvailabilityZone }) => zones.has(AvailabilityZone)));
  // Each subnet of a load balancer costs a public address: two are enough (aws-facts §1.2), unless they were named.
  const used = chosen === undefined ? usable.slice(0, 2) : usable;
  if (used.length < 2 && !looking) throw tooFewZones(context, inVpc, zones.size);
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

/** Only asked when no default subnet was found: then the VPC's own absence or its lack of subnets is the news. */
async function findDefaultVpc({ aws }: StepContext): Promise<string | undefined> {
  const found = await aws.ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }));
  return found.Vpcs?.[0]?.VpcId;
}

function noVpc(): EcsdemoError {
  return new EcsdemoError('no-default-vpc', 'this region has no default VPC', {
    suggestions: [
      'aws ec2 create-default-vpc',
      'ecsdemo up --vpc-id vpc-… --subnet-ids subnet-…,subnet-…',
      'ecsdemo up --region us-east-1',
    ],
  });
}

function tooFewZones({ settings }: StepContext, subnets: Subnet[], zonesOffering: number): EcsdemoError {
  const wanted = settings.instanceType ?? defaults.instanceType;
  const zones = new Set(subnets.map(({ AvailabilityZone }) => AvailabilityZone));
  if (zonesOffering === 0) {
    return new EcsdemoError('instance-type-not-offered', `instance type ${wanted} is not offered in this region`, {
      suggestions: [
        `ecsdemo up --instance-type ${wanted === 't3.micro' ? 't3.small' : 't3.micro'}`,
        'aws ec2 describe-instance-type-offerings',
      ],
    });
  }
  if (zones.size >= 2) {
    return new EcsdemoError(
      'instance-type-not-offered',
      `instance type ${wanted} is offered in fewer than two of the zones ${[...zones].join(', ')}`,
      { suggestions: ['ecsdemo up --instance-type t3.small', 'choose subnets in other zones with --subnet-ids'] },
    );
  }
  return new EcsdemoError(
    'subnets-unsuitable',
    `a load balancer needs subnets in two zones; found ${[...zones].join(', ') || 'none'}`,
    {
      suggestions: [
        'ecsdemo up --vpc-id vpc-… --subnet-ids subnet-…,subnet-…',
        'aws ec2 create-default-subnet --availability-zone …',
      ],
    },
  );
}

function inspection(context: StepContext, network: Network): Inspection {
  const { names, settings } = context;
  const resources: Resource[] = network.vpcId === '' ? [] : [toVpcResource(network)];
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

function toVpcResource({ vpcId }: Network): Resource {
  return { step: id, type: 'AWS::EC2::VPC', name: vpcId, id: vpcId, state: 'available', owned: false };
}

async function ensure(context: StepContext, run: StepRun): Promise<Resource[]> {
  const { names, settings } = context;
  // Observe.
  const network = await observe(context);
  // Neither group is touched before both are known to be ours to touch.
  for (const group of [network.elbSecurityGroup, network.ecsSecurityGroup]) {
    if (group !== undefined) claim(toClaim(group), names.demo, settings.adopt);
  }
  // Ensure.
  const [elb, ecs] = await Promise.all([
    ensureGroup(
      context,
      run,
      network.vpcId,
      names.elbSecurityGroup,
      'ecsdemo: HTTP from the world to the load balancer',
      network.elbSecurityGroup,
    ),
    ensureGroup(
      context,
      run,
      network.vpcId,
      names.ecsSecurityGroup,
      'ecsdemo: the load balancer to the container instances',
      network.ecsSecurityGroup,
    ),
  ]);
  // Sync.
  const synced = async (group: SecurityGroup & { GroupId: string }, rules: Rule[]): Promise<SecurityGroup> =>
    (await ensureRules(context, run, group, rules)) === 0 ? group : waitListed(context, run, group, rules);
  const [elbSecurityGroup, ecsSecurityGroup] = await Promise.all([
    synced(elb, elbRules()),
    synced(ecs, ecsRules(context, elb.GroupId)),
  ]);
  // Return: verify reads the rules from here.
  context.facts.network = { ...network, elbSecurityGroup, ecsSecurityGroup };
  return [toVpcResource(network), ...[elb, ecs].map((group) => ({ ...toResource(group, names.demo), owned: true }))];
}

export const network: Step<StepContext> = {
  id,
  title: 'Network and security groups',
  tutorialStep: 1,
  needs: [],
  inspect: async (context) => inspection(context, await observe(context)),
  ensure,
  remove: removeGroups,
};
