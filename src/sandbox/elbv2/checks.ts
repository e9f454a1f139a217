// What ELBv2 refuses in parameters, in its own words. Pure; looks at values only, never at the world.
import { AwsError } from '../aws-error.ts';
import { checkTags, type TagWords } from '../tags.ts';
import type { Tag } from '../world.ts';

/** Shape of a tag in ELBv2's requests. */
export interface RequestTag {
  Key?: string | undefined;
  Value?: string | undefined;
}

export function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

/**
 * A name of a load balancer or target group: 1–32 letters, digits and hyphens, no hyphen at an end. Two hyphens in
 * a row are refused too, which AWS does not document (aws-facts §3.1).
 * @param what 'Load balancer' or 'Target group'.
 * @throws AwsError `ValidationError`.
 */
export function checkName(what: 'Load balancer' | 'Target group', name: string): void {
  const subject = `${what} name '${name}'`;
  if (name === '') throw invalid(`${what} name cannot be empty`);
  if (name.length > 32) throw invalid(`${subject} cannot be longer than '32' characters`);
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    throw invalid(`${subject} can only contain characters that are alphanumeric characters or hyphens(-)`);
  }
  if (name.startsWith('-') || name.endsWith('-')) throw invalid(`${subject} cannot begin or end with '-'`);
  if (name.includes('--')) throw invalid(`${subject} cannot contain '--'`);
  if (what === 'Load balancer' && name.startsWith('internal-'))
    throw invalid(`${subject} cannot start with 'internal-'`);
}

/** Within `from`–`to` or absent. The text is that of a constraint in AWS's own model. */
export function checkRange(member: string, value: number | undefined, from: number, to: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= from && value <= to)) return;
  const rule = value < from ? `greater than or equal to ${from}` : `less than or equal to ${to}`;
  throw invalid(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have value ${rule}`,
  );
}

/** One of `allowed` or absent. */
export function checkEnum(member: string, value: string | undefined, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return;
  throw invalid(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ` +
      `Member must satisfy enum value set: [${allowed.join(', ')}]`,
  );
}

export const tagWords: TagWords = {
  keyLength: (key) =>
    invalid(key === '' ? 'Tag keys cannot be empty' : `Tag key '${key}' cannot be longer than '128' characters`),
  valueLength: (key) => invalid(`The value of tag '${key}' cannot be longer than '256' characters`),
  reserved: (key) => invalid(`Tag key '${key}' cannot start with the reserved prefix 'aws:'`),
  characters: ({ key }) => invalid(`Tag '${key}' has characters that are not allowed`),
  duplicate: (key) => new AwsError('DuplicateTagKeys', `Tag key was specified more than once: ${key}`),
  tooMany: () => new AwsError('TooManyTags', 'The maximum number of tags has been exceeded: 50'),
};

/**
 * The tags of a request as the world keeps them.
 * @throws AwsError `DuplicateTagKeys`, `TooManyTags` (50), `ValidationError`.
 */
export function toTags(tags: RequestTag[] | undefined): Tag[] {
  return checkTags(
    (tags ?? []).map(({ Key: key = '', Value: value = '' }) => ({ key, value })),
    tagWords,
  );
}

/**
 * Whether `text` is a matcher of HTTP codes that AWS takes (`200`, `200-299`, `200,301`), each within 200–499.
 */
export function isMatcher(text: string): boolean {
  return text.split(',').every((part) => {
    const codes = part.split('-');
    if (codes.length > 2 || !codes.every((code) => /^[2-4]\d\d$/.test(code))) return false;
    return codes.length === 1 || Number(codes[0]) <= Number(codes[1]);
  });
}
