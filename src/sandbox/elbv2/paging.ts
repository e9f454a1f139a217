// Pages of a listing by PageSize and Marker. A marker holds the last ARN given, so that a listing goes on correctly
// even when things were made or deleted between two pages.
import { checkRange, invalid } from './checks.ts';

/**
 * The page of `items` after `Marker`, in the order of `keyOf`.
 * @returns `nextMarker` absent on the last page.
 * @throws AwsError `ValidationError` for a page size outside 1–400 or a marker that we did not give.
 */
export function page<Item>(
  items: Item[],
  keyOf: (item: Item) => string,
  { Marker, PageSize }: { Marker?: string | undefined; PageSize?: number | undefined },
): { items: Item[]; nextMarker?: string } {
  checkRange('pageSize', PageSize, 1, 400);
  const sorted = items.map((item) => ({ item, key: keyOf(item) })).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const after = Marker === undefined ? '' : Buffer.from(Marker, 'base64url').toString('utf8');
  if (Marker !== undefined && !after.startsWith('arn:')) throw invalid(`'${Marker}' is not a valid marker`);
  const rest = sorted.filter(({ key }) => key > after);
  const given = rest.slice(0, PageSize ?? 400);
  const last = given.at(-1);
  return {
    items: given.map(({ item }) => item),
    ...(last && rest.length > given.length ? { nextMarker: Buffer.from(last.key, 'utf8').toString('base64url') } : {}),
  };
}
