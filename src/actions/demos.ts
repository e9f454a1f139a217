// Every demo of the account in this region, found by tag: what it consists of, how old it is, when it expires and what
// it costs. Reads only.
import { tagValue } from '../aws/ownership.ts';
import { type Cost, costOf } from '../base/cost.ts';
import { isDemoName, tagKeys } from '../base/names.ts';
import type { Chapter, ChapterContext } from '../chapters/chapter.ts';
import type { Resource } from '../engine/types.ts';
import { findTagged, type NamesByType, type Tagged } from '../resources/search.ts';
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

/** All demos of these chapters, the oldest first. */
export async function findDemos({ aws, region }: ChapterContext, chapters: readonly Chapter[]): Promise<FoundDemo[]> {
  const pieces = new Map<string, Tagged[]>();
  for (const each of await findTagged({ aws, region, namesOf: (demo) => namesInAll(chapters, demo) }))
    pieces.set(each.demo, [...(pieces.get(each.demo) ?? []), each]);
  return [...pieces]
    .map(([name, own]) => toDemo(name, own, chapters))
    .toSorted((one, other) => Number(one.createdAt ?? 0) - Number(other.createdAt ?? 0));
}

/** The cluster's expiry is the demo's; without a cluster the latest of the others'. */
function toDemo(name: string, pieces: readonly Tagged[], chapters: readonly Chapter[]): FoundDemo {
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
  const chapter = chapterOf({ name, resources: pieces }, chapters);
  return { name, createdAt, expiresAt, cost, resources: pieces.map((each) => toResource(chapter, each)) };
}

function namesInAll(chapters: readonly Chapter[], demo: string): NamesByType {
  const all: Record<string, readonly string[]> = {};
  for (const chapter of chapters)
    for (const [type, names] of Object.entries(chapter.names(demo))) all[type] = [...(all[type] ?? []), ...names];
  return all;
}

/** The chapter that the demo is of: the one whose names its resources have; the first for what nobody can tell. */
export function chapterOf(
  { name, resources }: { name: string; resources: readonly { type: string; name: string }[] },
  chapters: readonly Chapter[],
): Chapter {
  const isNamedBy = (chapter: Chapter): boolean => {
    const names = isDemoName(name) ? chapter.names(name) : {};
    return resources.some((each) => names[each.type]?.includes(each.name) === true);
  };
  const chapter = chapters.find(isNamedBy) ?? chapters[0];
  if (chapter === undefined) throw new Error('there is no chapter');
  return chapter;
}

/** Only a volume is paid: that of a stopped instance, or one that outlived its instance. */
function isStopped({ type, state }: Tagged): boolean {
  return type === 'AWS::EC2::Volume' || (type === 'AWS::EC2::Instance' && state.startsWith('stop'));
}
