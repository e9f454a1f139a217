// Where a demo lives: a VPC and one subnet in each usable zone. They are shared: used, never changed.
import {
  DescribeInstanceTypeOfferingsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  type Subnet,
} from '@aws-sdk/client-ec2';
import { EcsdemoError } from '../../base/errors.ts';
import { sameAgain } from '../../base/suggestion.ts';
import type { Scope } from '../resource.ts';
import type { Uses } from '../uses.ts';

/** What finding them calls. */
export const networkUses: Uses = {
  look: [],
  inspect: ['ec2:DescribeSubnets', 'ec2:DescribeInstanceTypeOfferings'],
  make: ['ec2:DescribeVpcs'],
};

export interface WantedSubnets {
  /** Undefined: the default VPC. */
  vpcId: string | undefined;
  /** Undefined: the default subnets. */
  subnetIds: readonly string[] | undefined;
  /** The zones must offer it. */
  instanceType: string;
}

export type KnownSubnet = Subnet & { SubnetId: string; AvailabilityZone: string };

export interface Network {
  /** Empty: there is none, for a run that only looks. */
  vpcId: string;
  /** One per zone that offers the instance type, sorted by zone; those the demo uses. */
  subnets: KnownSubnet[];
  /** Zones that would have been used if they offered the instance type. Absent: none. */
  passedOver?: string[];
}

/** One subnet per zone, sorted by zone: a load balancer takes at most one of each (aws-facts §1.2). */
export function onePerZone(subnets: readonly Subnet[]): KnownSubnet[] {
  const byZone = new Map<string, KnownSubnet>();
  for (const subnet of subnets) {
    const { SubnetId, AvailabilityZone } = subnet;
    if (SubnetId === undefined || AvailabilityZone === undefined || byZone.has(AvailabilityZone)) continue;
    byZone.set(AvailabilityZone, { ...subnet, SubnetId, AvailabilityZone });
  }
  // Not localeCompare: its first use loads a collator, which takes as long as five calls.
  return [...byZone.values()].toSorted((one, other) => (one.AvailabilityZone < other.AvailabilityZone ? -1 : 1));
}

/**
 * @param homes asked beside the first reads: ids of the VPCs in which the demo is already
 * @throws EcsdemoError when there is no VPC, too few usable subnets, or the demo is elsewhere; of these only the last when
 * the scope is only looking, since a demo in a VPC of its own must be found without the flags it was made with
 */
export async function findNetwork(at: Scope, wanted: WantedSubnets, homes: Promise<string[]>): Promise<Network> {
  const { aws, looking } = at;
  const { subnetIds, instanceType } = wanted;
  const [found, offerings, inVpcs] = await Promise.all([
    aws.ec2.send(
      new DescribeSubnetsCommand({
        Filters: [
          subnetIds === undefined
            ? { Name: 'default-for-az', Values: ['true'] }
            : { Name: 'subnet-id', Values: [...subnetIds] },
          { Name: 'state', Values: ['available'] },
        ],
      }),
    ),
    aws.ec2.send(
      new DescribeInstanceTypeOfferingsCommand({
        LocationType: 'availability-zone',
        Filters: [{ Name: 'instance-type', Values: [instanceType] }],
      }),
    ),
    homes,
  ]);
  const [home] = inVpcs;
  // Default subnets are in the default VPC and nowhere else, so the VPC itself need not be asked for.
  const named = wanted.vpcId ?? found.Subnets?.[0]?.VpcId;
  const vpcId = looking ? (home ?? named) : (named ?? (await findDefaultVpc(at)));
  if (vpcId === undefined) {
    if (!looking) throw noVpc();
    return { vpcId: '', subnets: [] };
  }
  if (home !== undefined && !inVpcs.includes(vpcId)) {
    throw new EcsdemoError('subnets-unsuitable', `the demo "${at.demo}" is in VPC ${home}, not in ${vpcId}`, {
      suggestions: [{ command: 'up', flags: { 'vpc-id': home, 'subnet-ids': '…' } }, { command: 'destroy' }],
    });
  }
  const inVpc = (found.Subnets ?? []).filter((subnet) => subnet.VpcId === vpcId);
  const missing = subnetIds?.find((each) => !inVpc.some(({ SubnetId }) => SubnetId === each));
  if (missing !== undefined && !looking) {
    throw new EcsdemoError('subnets-unsuitable', `subnet ${missing} is not in VPC ${vpcId}, or not available`, {
      suggestions: [{ aws: `ec2 describe-subnets --filters Name=vpc-id,Values=${vpcId}`, note: 'shows which are' }],
    });
  }
  const zones = new Set((offerings.InstanceTypeOfferings ?? []).map(({ Location }) => Location));
  const usable = onePerZone(inVpc.filter(({ AvailabilityZone }) => zones.has(AvailabilityZone)));
  // Each subnet of a load balancer costs a public address: two are enough (aws-facts §1.2), unless they were named.
  const subnets = subnetIds === undefined ? usable.slice(0, 2) : usable;
  if (subnets.length < 2 && !looking) throw tooFewZones(instanceType, inVpc, zones.size);
  const passedOver = (subnetIds === undefined ? onePerZone(inVpc).slice(0, 2) : onePerZone(inVpc))
    .map(({ AvailabilityZone }) => AvailabilityZone)
    .filter((zone) => !zones.has(zone));
  return { vpcId, subnets, ...(passedOver.length === 0 ? {} : { passedOver }) };
}

/** Only asked when no default subnet was found: then the VPC's own absence or its lack of subnets is the news. */
async function findDefaultVpc({ aws }: Scope): Promise<string | undefined> {
  const found = await aws.ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }));
  return found.Vpcs?.[0]?.VpcId;
}

const ownVpc = { command: 'up', flags: { 'vpc-id': 'vpc-…', 'subnet-ids': 'subnet-…,subnet-…' } };

function noVpc(): EcsdemoError {
  return new EcsdemoError('no-default-vpc', 'this region has no default VPC', {
    suggestions: [
      { aws: 'ec2 create-default-vpc', next: sameAgain },
      ownVpc,
      { command: 'up', flags: { region: 'us-east-1' } },
    ],
  });
}

function tooFewZones(instanceType: string, subnets: readonly Subnet[], zonesOffering: number): EcsdemoError {
  const zones = new Set(subnets.map(({ AvailabilityZone }) => AvailabilityZone));
  const smaller = (type: string) => ({ command: 'up', flags: { 'instance-type': type } });
  if (zonesOffering === 0) {
    return new EcsdemoError(
      'instance-type-not-offered',
      `instance type ${instanceType} is not offered in this region`,
      {
        suggestions: [
          smaller(instanceType === 't3.micro' ? 't3.small' : 't3.micro'),
          { aws: 'ec2 describe-instance-type-offerings', note: 'shows what is' },
        ],
      },
    );
  }
  if (zones.size >= 2) {
    return new EcsdemoError(
      'instance-type-not-offered',
      `instance type ${instanceType} is offered in fewer than two of the zones ${[...zones].join(', ')}`,
      { suggestions: [smaller('t3.small'), { ...ownVpc, note: 'subnets in other zones' }] },
    );
  }
  return new EcsdemoError(
    'subnets-unsuitable',
    `a load balancer needs subnets in two zones; found ${[...zones].join(', ') || 'none'}`,
    { suggestions: [ownVpc, { aws: 'ec2 create-default-subnet --availability-zone …', next: sameAgain }] },
  );
}
