// An internet-facing Application Load Balancer: its subnets and security groups, and the wait until it is active, which
// is the longest of all.
import {
  AddTagsCommand,
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  DescribeLoadBalancersCommand,
  type Listener,
  type LoadBalancer,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
  type Tag,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isDuplicate, orAbsent, transient } from '../../aws/faults.ts';
import { tagValue } from '../../aws/ownership.ts';
import { EcsdemoError } from '../../base/errors.ts';
import { tagKeys } from '../../base/names.ts';
import { type Needed, watchPresence, whileThere } from '../presence.ts';
import { groupNeeded } from '../ec2/security-group.ts';
import { type Kind, type Named, raced, type Work } from '../resource.ts';
import { describeBalancer, look } from './look.ts';

export interface WantedBalancer extends Named {
  /** Ids, in two zones at least. Empty: nobody says, and those it has are right. */
  subnets: readonly string[];
  /** True when a person named the subnets: they are recorded, and a run that only looks goes by them. */
  subnetsNamed: boolean;
  /** Ids. */
  securityGroups: readonly string[];
}

export type SeenBalancer = LoadBalancer & { LoadBalancerArn: string; tags: Tag[]; listeners: Listener[] };

/** In the tag while nobody has named subnets. */
const defaultSubnets = 'default';

function subnetsTag({ subnets, subnetsNamed }: WantedBalancer): Tag & { Value: string } {
  // ELB's tags take no comma.
  return { Key: tagKeys.subnets, Value: subnetsNamed ? subnets.join(' ') : defaultSubnets };
}

function sameMembers(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && new Set([...one, ...other]).size === one.length;
}

function groupsOf(
  at: Pick<Work, 'aws'>,
  { name, securityGroups }: Pick<WantedBalancer, 'name' | 'securityGroups'>,
): Needed[] {
  return securityGroups.map((id) => groupNeeded(at, { name: `${id} of ${name}`, id }));
}

export const loadBalancer: Kind<WantedBalancer, SeenBalancer> = {
  type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  uses: {
    look: [
      'elasticloadbalancing:DescribeLoadBalancers',
      'elasticloadbalancing:DescribeTags',
      'elasticloadbalancing:DescribeListeners',
    ],
    make: ['elasticloadbalancing:CreateLoadBalancer'],
    mend: ['elasticloadbalancing:SetSubnets', 'elasticloadbalancing:SetSecurityGroups', 'elasticloadbalancing:AddTags'],
    adopt: ['elasticloadbalancing:AddTags'],
    remove: ['elasticloadbalancing:DeleteLoadBalancer'],
  },
  find: async (at, { name }) => (await look(at, { balancers: [name] })).balancers[0],
  view: ({ LoadBalancerArn, State, tags }) => ({ id: LoadBalancerArn, state: State?.Code, tags }),
  create(at, wanted) {
    const { aws, run, tags } = at;
    const { name, subnets, securityGroups } = wanted;
    const Tags = wanted.subnetsNamed ? [...tags, subnetsTag(wanted)] : tags;
    return run.retry({
      what: `creating the load balancer ${name}`,
      limitMs: 120_000,
      transient: transient.newSecurityGroup,
      recheck: whileThere(...groupsOf(at, wanted)),
      attempt: async () => {
        try {
          const created = await aws.elbv2.send(
            new CreateLoadBalancerCommand({
              Name: name,
              Type: 'application',
              Scheme: 'internet-facing',
              IpAddressType: 'ipv4',
              Subnets: [...subnets],
              SecurityGroups: [...securityGroups],
              Tags,
            }),
          );
          const [made] = created.LoadBalancers ?? [];
          return { ...made, LoadBalancerArn: made?.LoadBalancerArn ?? '', tags: Tags, listeners: [] };
        } catch (error) {
          if (!isDuplicate(error)) throw error;
          return raced;
        }
      },
    });
  },
  async adopt({ aws, tags }, _, seen) {
    await aws.elbv2.send(new AddTagsCommand({ ResourceArns: [seen.LoadBalancerArn], Tags: tags }));
    return { ...seen, tags: [...seen.tags, ...tags] };
  },
  differences({ aws, looking }, wanted, seen) {
    const { LoadBalancerArn, SecurityGroups: hasGroups = [], AvailabilityZones = [] } = seen;
    const SecurityGroups = [...wanted.securityGroups];
    const recorded = tagValue(seen.tags, tagKeys.subnets) ?? defaultSubnets;
    const tag = subnetsTag(wanted);
    const Subnets = looking && recorded !== defaultSubnets ? recorded.split(' ') : [...wanted.subnets];
    const hasSubnets = AvailabilityZones.map(({ SubnetId }) => SubnetId ?? '');
    const record = async () =>
      void (await aws.elbv2.send(new AddTagsCommand({ ResourceArns: [LoadBalancerArn], Tags: [tag] })));
    const setSubnets = async (now: SeenBalancer) => {
      const set = await aws.elbv2.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets }));
      return { ...now, AvailabilityZones: set.AvailabilityZones ?? now.AvailabilityZones };
    };
    const setGroups = async () =>
      void (await aws.elbv2.send(new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups })));
    return [
      ...(looking || recorded === tag.Value ? [] : [{ apply: record }]),
      ...(Subnets.length === 0 || sameMembers(hasSubnets, Subnets)
        ? []
        : [{ words: `subnets ${hasSubnets.join(', ')} → ${Subnets.join(', ')}`, apply: setSubnets }]),
      ...(sameMembers(hasGroups, SecurityGroups)
        ? []
        : [
            {
              words: `security groups ${hasGroups.join(', ')} → ${SecurityGroups.join(', ') || 'the new one'}`,
              apply: setGroups,
            },
          ]),
    ];
  },
  async remove({ aws, run }, { name }, { LoadBalancerArn }) {
    await aws.elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    await run.wait({
      what: `the load balancer ${name} to be gone`,
      typicalMs: 10_000,
      look: async () => {
        const found = await orAbsent(
          aws.elbv2.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [LoadBalancerArn] })),
        );
        const [still] = found?.LoadBalancers ?? [];
        return still === undefined
          ? { done: true, value: undefined }
          : { done: false, state: still.State?.Code ?? 'listed' };
      },
    });
    return undefined;
  },
};

/** What is not listed so long after its creation may have been taken away. */
const unlistedMs = 1000;

/** The load balancer once it is active. No call when it is. @throws EcsdemoError `load-balancer-failed`, `demo-absent` */
export async function untilActive(at: Work, wanted: WantedBalancer, seen: SeenBalancer): Promise<SeenBalancer> {
  if (seen.State?.Code === 'active') return seen;
  const { name } = wanted;
  const presence = watchPresence(`load balancer "${name}"`);
  // Taken away before it was ever listed, it would be waited for as a new one: but its security group goes with it.
  const withGroups = whileThere(...groupsOf(at, wanted));
  return at.run.wait({
    what: `the load balancer ${name} to be active`,
    typicalMs: 150_000,
    look: async (elapsedMs) => {
      // Just after its creation a load balancer may not be found by name yet.
      const now = await describeBalancer(at, name);
      presence.look(now !== undefined);
      if (now === undefined && elapsedMs >= unlistedMs) await withGroups(elapsedMs);
      const state = now?.State?.Code ?? 'not listed';
      if (state === 'failed') {
        throw new EcsdemoError(
          'load-balancer-failed',
          `load balancer "${name}" failed: ${now?.State?.Reason ?? 'no reason given'}`,
          { suggestions: [{ command: 'destroy', next: { command: 'up' } }] },
        );
      }
      if (now === undefined || (state !== 'active' && state !== 'active_impaired')) return { done: false, state };
      return { done: true, value: { ...seen, ...now, LoadBalancerArn: now.LoadBalancerArn ?? '' } };
    },
  });
}
