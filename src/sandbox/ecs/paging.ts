// Pages of ECS's List calls, and how many a Describe call may name, in ECS's own words.
import { pageOf as page } from '../paging.ts';
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
  const { items, next } = page(
    entries,
    { size: maxResults ?? limit, token: nextToken || undefined },
    (entry) => entry,
    () => invalidParameter('Invalid token.'),
  );
  return { entries: items, ...(next !== undefined && { nextToken: next }) };
}

/** The references that a Describe call was given. @throws InvalidParameterException when there are none or too many. */
export function checkReferences(references: string[] | undefined, what: string, limit: number): string[] {
  if (!references || references.length === 0) throw invalidParameter(`${what} cannot be empty.`);
  if (references.length > limit) throw invalidParameter(`${what} cannot have more than ${limit} elements.`);
  return references;
}
