// Whose a resource is: found by name, owned by tag. Pure; the three tag shapes of the six services are told apart here.
import { EcsdemoError } from '../base/errors.ts';
import { tagKeys } from '../base/names.ts';

/** EC2, ELBv2 and IAM write Key and Value, ECS key and value. */
export type AnyTag =
  | { Key?: string | undefined; Value?: string | undefined }
  | { key?: string | undefined; value?: string | undefined };

/** The value of one tag; undefined when the resource does not carry it. */
export function tagValue(tags: readonly AnyTag[] | undefined, key: string): string | undefined {
  for (const tag of tags ?? []) {
    if ('Key' in tag && tag.Key === key) return tag.Value;
    if ('key' in tag && tag.key === key) return tag.value;
  }
  return undefined;
}

export function isOurs(tags: readonly AnyTag[] | undefined, demo: string): boolean {
  return tagValue(tags, tagKeys.demo) === demo;
}

/**
 * May destroy take it away? Ours always; what nobody has tagged only with --adopt; another demo's never.
 * Not for the role: an untagged ecsInstanceRole is shared, whatever --adopt says.
 */
export function isRemovable(tags: readonly AnyTag[] | undefined, demo: string, adopt: boolean): boolean {
  const owner = tagValue(tags, tagKeys.demo);
  return owner === demo || (adopt && owner === undefined);
}

/**
 * The tags every resource of the demo carries, in the spelling of EC2, ELBv2 and IAM.
 * @param ttlMs how long it may live, counted from `createdAt`; absent: for ever
 */
export function demoTags(demo: string, createdAt: Date, ttlMs?: number): { Key: string; Value: string }[] {
  const expiry =
    ttlMs === undefined ? [] : [{ Key: tagKeys.expiresAt, Value: new Date(createdAt.getTime() + ttlMs).toISOString() }];
  return [{ Key: tagKeys.demo, Value: demo }, { Key: tagKeys.createdAt, Value: createdAt.toISOString() }, ...expiry];
}

/** The tag that says that the demo's role is used in this region. */
export function usedInTag(region: string): { Key: string; Value: string } {
  return { Key: `${tagKeys.usedIn}${region}`, Value: 'true' };
}

/** The regions in which a demo uses the role that carries these tags. */
export function regionsUsing(tags: readonly AnyTag[] | undefined): string[] {
  return (tags ?? []).flatMap((tag) =>
    'Key' in tag && tag.Key?.startsWith(tagKeys.usedIn) === true ? [tag.Key.slice(tagKeys.usedIn.length)] : [],
  );
}

/** The same in the spelling of ECS. */
export function toEcsTags(tags: readonly { Key: string; Value: string }[]): { key: string; value: string }[] {
  return tags.map(({ Key, Value }) => ({ key: Key, value: Value }));
}

export interface Claim {
  /** In CloudFormation's words. */
  type: string;
  name: string;
  id: string;
  tags: readonly AnyTag[] | undefined;
}

/**
 * Guards every change to something that was found by name.
 * @returns 'ours', or 'adopt' when it is untagged and `adopt` allows taking it over.
 * @throws EcsdemoError `not-ours` otherwise. Another demo's resource is never adopted.
 */
export function claim(resource: Claim, demo: string, adopt: boolean): 'ours' | 'adopt' {
  const owner = tagValue(resource.tags, tagKeys.demo);
  if (owner === demo) return 'ours';
  const what = `${resource.type} "${resource.name}" (${resource.id})`;
  if (owner !== undefined) {
    throw new EcsdemoError('not-ours', `${what} belongs to the demo "${owner}"`, {
      suggestions: [
        { command: 'up', flags: { name: 'mine' }, note: 'a demo of another name' },
        { command: 'status', flags: { name: owner }, note: 'shows that one' },
      ],
    });
  }
  if (adopt) return 'adopt';
  throw new EcsdemoError('not-ours', `${what} exists and does not carry the tag ${tagKeys.demo}=${demo}`, {
    suggestions: [
      { command: 'up', flags: { name: 'mine' }, note: 'a demo of another name' },
      { command: 'up', flags: { adopt: true }, note: 'takes it over, if it is yours' },
    ],
  });
}
