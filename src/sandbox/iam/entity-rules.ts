// What IAM asks of names, paths, policy documents and tags, and how it pages. Knows no role and no profile.
import type { Tag as ApiTag } from '@aws-sdk/client-iam';
import { AwsError } from '../aws-error.ts';
import { globalArnOf } from '../arn.ts';
import { pageOf } from '../paging.ts';
import { checkTags, mergeTags as merge, type TagWords } from '../tags.ts';
import type { Tag, World } from '../world.ts';

export function noSuchEntity(message: string): AwsError {
  return new AwsError('NoSuchEntity', message, 404);
}

export function conflict(code: 'EntityAlreadyExists' | 'DeleteConflict' | 'LimitExceeded', message: string): AwsError {
  return new AwsError(code, message, 409);
}

export function invalid(value: string, member: string, constraint: string): AwsError {
  return new AwsError(
    'ValidationError',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}

/** A name as given. @throws AwsError `ValidationError`. */
export function checkEntityName(member: string, name: string | undefined, maxLength: number): string {
  if (name === undefined) throw invalid('null', member, 'Member must not be null');
  if (name.length < 1) throw invalid(name, member, 'Member must have length greater than or equal to 1');
  if (name.length > maxLength)
    throw invalid(name, member, `Member must have length less than or equal to ${maxLength}`);
  if (!/^[\w+=,.@-]+$/.test(name)) {
    throw new AwsError(
      'ValidationError',
      `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
    );
  }
  return name;
}

/** `/` when absent. @throws AwsError `ValidationError`. */
export function checkPath(path: string | undefined): string {
  if (path === undefined) return '/';
  if (path.length > 512 || !/^(\/|\/[\u0021-\u007e]+\/)$/.test(path)) {
    throw new AwsError(
      'ValidationError',
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
    );
  }
  return path;
}

export function entityArn(world: World, kind: 'role' | 'instance-profile', path: string, name: string): string {
  return globalArnOf(world, 'iam', `${kind}${path}${name}`);
}

/** RFC 3986 encoding, which is how IAM gives policy documents back. */
export function encodePolicy(document: string): string {
  return encodeURIComponent(document).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function malformed(message: string): AwsError {
  return new AwsError('MalformedPolicyDocument', message);
}

interface StatementDocument {
  Effect?: unknown;
  Action?: unknown;
  NotAction?: unknown;
  Resource?: unknown;
  NotResource?: unknown;
  Principal?: unknown;
}

/** @throws AwsError `MalformedPolicyDocument`. */
export function checkPolicyDocument(kind: 'trust' | 'identity', document: string | undefined): string {
  const member = kind === 'trust' ? 'assumeRolePolicyDocument' : 'policyDocument';
  if (document === undefined || document === '') throw invalid('null', member, 'Member must not be null');
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    throw malformed(kind === 'trust' ? 'This policy contains invalid Json' : 'Syntax errors in policy.');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw malformed('Syntax errors in policy.');
  const { Statement, Version } = parsed as { Statement?: unknown; Version?: unknown };
  if (Version !== undefined && Version !== '2012-10-17' && Version !== '2008-10-17') {
    throw malformed('Policy document must be version 2012-10-17 or greater.');
  }
  const statements = (Array.isArray(Statement) ? Statement : [Statement]) as (StatementDocument | undefined)[];
  if (Statement === undefined || statements.length === 0) throw malformed('Missing required field Statement');
  for (const statement of statements) checkStatement(kind, statement);
  return document;
}

function checkStatement(kind: 'trust' | 'identity', statement: StatementDocument | undefined): void {
  if (typeof statement !== 'object' || statement === null) throw malformed('Syntax errors in policy.');
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') throw malformed('Missing required field Effect');
  if (statement.Action === undefined && statement.NotAction === undefined)
    throw malformed('Missing required field Action');
  if (kind === 'identity') {
    if (statement.Principal !== undefined) throw malformed('Policy document should not specify a principal.');
    if (statement.Resource === undefined && statement.NotResource === undefined)
      throw malformed('Policy statement must contain resources.');
    return;
  }
  if (statement.Resource !== undefined) throw malformed('Has prohibited field Resource');
  if (statement.Principal === undefined) throw malformed('Missing required field Principal');
  const services = (statement.Principal as { Service?: unknown }).Service;
  for (const service of Array.isArray(services) ? services : [services]) {
    if (service !== undefined && !/^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(String(service))) {
      throw malformed(`Invalid principal in policy: "SERVICE":"${String(service)}"`);
    }
  }
}

export function toApiTags(tags: readonly Tag[]): ApiTag[] {
  return tags.map((tag) => ({ Key: tag.key, Value: tag.value }));
}

const tagWords: TagWords = {
  keyLength: (key) => invalid(key, 'tags.1.member.key', 'Member must have length between 1 and 128'),
  valueLength: (_key, value) =>
    invalid(value, 'tags.1.member.value', 'Member must have length less than or equal to 256'),
  reserved: () => new AwsError('InvalidInput', 'aws: prefixed tag key names are not allowed for external use.'),
  characters: (tag, broken) =>
    invalid(
      tag[broken],
      `tags.1.member.${broken}`,
      'Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+',
    ),
  duplicate: () =>
    new AwsError('InvalidInput', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.'),
  tooMany: () => conflict('LimitExceeded', 'The number of tags has reached the maximum limit.'),
  ignoresCase: true,
};

/**
 * `tags` with those sent over them.
 * @throws AwsError `InvalidInput`, `ValidationError`, `LimitExceeded` (more than 50).
 */
export function mergeTags(tags: readonly Tag[], sent: readonly ApiTag[] | undefined): Tag[] {
  const added = (sent ?? []).map(({ Key: key = '', Value: value = '' }) => ({ key, value }));
  return merge(tags, checkTags(added, tagWords), tagWords);
}

/** `tags` without the keys named, ignoring case. */
export function withoutTags(tags: readonly Tag[], keys: readonly string[] | undefined): Tag[] {
  const gone = (keys ?? []).map((key) => key.toLowerCase());
  return tags.filter((tag) => !gone.includes(tag.key.toLowerCase()));
}

export interface Listing<Item> {
  items: Item[];
  IsTruncated: boolean;
  Marker?: string;
}

/**
 * One page in the order of `key`.
 * @throws AwsError `ValidationError` for MaxItems outside 1–1000 or a marker that is none.
 */
export function listing<Item>(
  items: readonly Item[],
  input: { Marker?: string | undefined; MaxItems?: number | undefined },
  key: (item: Item) => string,
): Listing<Item> {
  const size = input.MaxItems ?? 100;
  if (size < 1) throw invalid(String(size), 'maxItems', 'Member must have value greater than or equal to 1');
  if (size > 1000) throw invalid(String(size), 'maxItems', 'Member must have value less than or equal to 1000');
  const sorted = items.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  const { items: page, next } = pageOf(
    sorted,
    { size, token: input.Marker },
    key,
    (marker) => new AwsError('ValidationError', `Invalid Marker: ${marker}`),
  );
  return { items: page, IsTruncated: next !== undefined, ...(next !== undefined && { Marker: next }) };
}
