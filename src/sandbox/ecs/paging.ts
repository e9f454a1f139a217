// Pages of ECS's List calls. A token names the last entry handed out, so entries that come or go meanwhile
// neither repeat nor hide others.
import { invalidParameter } from './lookups.ts';

/**
 * One page of `entries`.
 * @param maxResults 1 to 100; absent means `limit`.
 * @throws InvalidParameterException for a size out of range or a token that is not ours.
 */
export function pageOf(
  entries: string[],
  { maxResults, nextToken }: { maxResults?: number | undefined; nextToken?: string | undefined },
  limit = 100,
): { entries: string[]; nextToken?: string } {
  if (maxResults !== undefined && (maxResults < 1 || maxResults > 100)) {
    throw invalidParameter('MaxResults must be between 1 and 100.');
  }
  let start = 0;
  if (nextToken !== undefined && nextToken !== '') {
    const after = Buffer.from(nextToken, 'base64url').toString('utf8');
    if (!after.startsWith('after:')) throw invalidParameter('Invalid token.');
    const last = after.slice('after:'.length);
    const index = entries.indexOf(last);
    start = index >= 0 ? index + 1 : entries.findIndex((entry) => entry > last);
    if (start < 0) start = entries.length;
  }
  const page = entries.slice(start, start + (maxResults ?? limit));
  const last = page.at(-1);
  if (last === undefined || start + page.length >= entries.length) return { entries: page };
  return { entries: page, nextToken: Buffer.from(`after:${last}`).toString('base64url') };
}

/** The references that a Describe call was given. @throws InvalidParameterException when there are none or too many. */
export function checkReferences(references: string[] | undefined, what: string, limit: number): string[] {
  if (!references || references.length === 0) throw invalidParameter(`${what} cannot be empty.`);
  if (references.length > limit) throw invalidParameter(`${what} cannot have more than ${limit} elements.`);
  return references;
}
