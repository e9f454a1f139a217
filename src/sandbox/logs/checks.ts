// The constraints of the API's model on names, numbers and tags, and CloudWatch Logs' words for what breaks them.
// Pure; knows nothing of what exists. Texts of this folder that say so are worded by the sandbox: AWS's own are not confirmed.
import { AwsError } from '../aws-error.ts';

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

/** @param member in the API's spelling: `logGroupName`. */
export function brokenConstraint(member: string, value: unknown, rule: string): AwsError {
  return invalidParameter(
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );
}

export function missingMember(member: string): AwsError {
  return invalidParameter(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
}

interface TextRule {
  max: number;
  pattern: RegExp;
  /** As the message shows it. */
  shown: string;
}

const groupName: TextRule = { max: 512, pattern: /^[.\-_/#A-Za-z0-9]+$/, shown: '[\\.\\-_/#A-Za-z0-9]+' };
const streamName: TextRule = { max: 512, pattern: /^[^:*]*$/, shown: '[^:*]*' };
const tagKey: TextRule = {
  max: 128,
  pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u,
  shown: '^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+)$',
};
const tagValue: TextRule = {
  max: 256,
  pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u,
  shown: '^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$',
};

function checkText(member: string, value: string, { max, pattern, shown }: TextRule, min = 1): void {
  if (value.length < min) throw brokenConstraint(member, value, `have length greater than or equal to ${min}`);
  if (value.length > max) throw brokenConstraint(member, value, `have length less than or equal to ${max}`);
  if (!pattern.test(value)) throw brokenConstraint(member, value, `satisfy regular expression pattern: ${shown}`);
}

/** Each given member that is a group's name or the beginning of one. @throws InvalidParameterException */
export function checkGroupNames(members: Record<string, string | undefined>): void {
  for (const [member, value] of Object.entries(members)) if (value !== undefined) checkText(member, value, groupName);
}

/** Each given member that is a stream's name or the beginning of one. @throws InvalidParameterException */
export function checkStreamNames(members: Record<string, string | undefined>): void {
  for (const [member, value] of Object.entries(members)) if (value !== undefined) checkText(member, value, streamName);
}

/** @throws InvalidParameterException when a given number is below 0, or above `max`. */
export function checkTimes(members: Record<string, number | undefined>): void {
  for (const [member, value] of Object.entries(members))
    if (value !== undefined && !(value >= 0))
      throw brokenConstraint(member, value, 'have value greater than or equal to 0');
}

/** @throws InvalidParameterException */
export function checkOneOf(member: string, value: string | undefined, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.includes(value))
    throw brokenConstraint(member, value, `satisfy enum value set: [${allowed.join(', ')}]`);
}

/** How many are asked for. @throws InvalidParameterException outside 1 to `max`. */
export function checkLimit(limit: number | undefined, max: number): number {
  if (limit === undefined) return max;
  if (!(limit >= 1)) throw brokenConstraint('limit', limit, 'have value greater than or equal to 1');
  if (limit > max) throw brokenConstraint('limit', limit, `have value less than or equal to ${max}`);
  return Math.floor(limit);
}

const maxTags = 50;

/**
 * `added` over `existing`.
 * @throws InvalidParameterException for a key or value AWS would not take, TooManyTagsException above 50.
 */
export function mergedTags(existing: Record<string, string>, added: Record<string, string>): Record<string, string> {
  for (const [key, value] of Object.entries(added)) {
    checkText('tags', key, tagKey);
    checkText('tags', value, tagValue, 0);
    // Worded by the sandbox, as the next.
    if (/^aws:/i.test(key)) throw invalidParameter('aws: prefixed tag key names are not allowed for external use.');
  }
  const merged = { ...existing, ...added };
  if (Object.keys(merged).length > maxTags)
    throw new AwsError('TooManyTagsException', 'A resource can have no more than 50 tags.');
  return merged;
}
