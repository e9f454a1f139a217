// What a call asks of IAM, and how a service of the sandbox says it: one action on one resource, with what conditions can see.
// Types, and what every service's asks are made with.
import type { Call } from '../server.ts';
import type { Tag, World } from '../world.ts';

export interface Ask {
  /** 'ecs:CreateCluster' */
  action: string;
  /** An ARN; '*' where AWS takes none. What does not exist yet ends in '/*', as AWS has it. */
  resource: string;
  /** Condition keys of the request and the resource, beside those that every request has. Absent ones are undefined. */
  keys: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What IAM knows of one service. */
export interface Authorization {
  /**
   * All that must be allowed for the call, in the order in which AWS refuses it. Reads the world and changes nothing.
   * Empty: the call needs no permission.
   */
  asks(call: Call, world: World): Ask[];
  /** Condition keys that its asks may have; 'ec2:ResourceTag/' stands for all that start so. Others a policy cannot use here. */
  keys: readonly string[];
  /** True: a denial of what has no ARN does not say "on resource: *". */
  silentOnAll?: true;
}

/** The tags of a resource, under `aws:` and under the service's own prefix. */
export function resourceTags(tags: readonly Tag[] | undefined, own?: string): Record<string, string> {
  const prefixes = own === undefined ? ['aws:ResourceTag/'] : ['aws:ResourceTag/', own];
  return Object.fromEntries(
    (tags ?? []).flatMap(({ key, value }) => prefixes.map((prefix) => [`${prefix}${key}`, value])),
  );
}

/** The tags that a request gives. */
export function requestTags(tags: readonly { key: string; value: string }[]): Ask['keys'] {
  if (tags.length === 0) return {};
  return {
    ...Object.fromEntries(tags.map(({ key, value }) => [`aws:RequestTag/${key}`, value])),
    'aws:TagKeys': tags.map(({ key }) => key),
  };
}

/** `Tags` or `tags` of an input, in either spelling. */
export function tagsIn(value: unknown): { key: string; value: string }[] {
  if (!Array.isArray(value)) return [];
  return (value as Record<string, unknown>[]).flatMap((tag) => {
    const key = tag['Key'] ?? tag['key'];
    return typeof key === 'string' ? [{ key, value: textOf(tag['Value'] ?? tag['value']) ?? '' }] : [];
  });
}

/** A member of an input that must be text to name something. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The texts of a list, or none. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? (value as unknown[]).flatMap((each) => textOf(each) ?? []) : [];
}
