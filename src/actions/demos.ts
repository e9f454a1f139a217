// Every demo of the account in this region, found by tag: what it consists of, how old it is, when it expires and what
// it costs. Reads only.
import type { Clients } from '../aws/clients.ts';
import { tagValue } from '../aws/ownership.ts';
import { type Cost, costOf } from '../base/cost.ts';
import { namesByType, tagKeys } from '../base/names.ts';
import type { Resource } from '../engine/types.ts';
import { findTagged, type Tagged } from '../resources/search.ts';
import { toResource } from './leftovers.ts';

/** A demo as its tags tell of it. */
export interface FoundDemo {
  name: string;
  /** The oldest of its resources; undefined when none says. */
  createdAt: Date | undefined;
  /** Undefined: it may live for ever. */
  expiresAt: Date | undefined;
  cost: Cost;
  resources: Resource[];
}

/** All demos, the oldest first. */
export async function findDemos(aws: Clients, region: string): Promise<FoundDemo[]> {
  const pieces = new Map<string, Tagged[]>();
  for (const each of await findTagged({ aws, region, namesOf: namesByType }))
    pieces.set(each.demo, [...(pieces.get(each.demo) ?? []), each]);
  return [...pieces]
    .map(([name, own]) => toDemo(name, own))
    .toSorted((one, other) => Number(one.createdAt ?? 0) - Number(other.createdAt ?? 0));
}

/** The cluster's expiry is the demo's; without a cluster the latest of the others'. */
function toDemo(name: string, pieces: readonly Tagged[]): FoundDemo {
  const dates = (key: string, from = pieces): Date[] =>
    from.map(({ tags }) => new Date(tagValue(tags, key) ?? '')).filter((date) => !Number.isNaN(date.getTime()));
  const born = pieces.flatMap(({ bornAt }) => bornAt ?? []);
  const made = dates(tagKeys.createdAt);
  const [createdAt] = (made.length > 0 ? made : born).toSorted((one, other) => Number(one) - Number(other));
  const clusters = pieces.filter(({ type }) => type === 'AWS::ECS::Cluster');
  const expiresAt = dates(tagKeys.expiresAt, clusters.length > 0 ? clusters : pieces)
    .toSorted((one, other) => Number(one) - Number(other))
    .at(-1);
  const cost = costOf({
    instanceTypes: pieces.flatMap((each) => (isStopped(each) ? [] : (each.instanceType ?? []))),
    stoppedInstances: pieces.filter(isStopped).length,
    loadBalancerSubnets: pieces.flatMap(({ subnets }) => subnets ?? []),
  });
  return { name, createdAt, expiresAt, cost, resources: pieces.map((each) => toResource(each)) };
}

/** Only a volume is paid: that of a stopped instance, or one that outlived its instance. */
function isStopped({ type, state }: Tagged): boolean {
  return type === 'AWS::EC2::Volume' || (type === 'AWS::EC2::Instance' && state.startsWith('stop'));
}
