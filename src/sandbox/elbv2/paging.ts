// PageSize and Marker as ELBv2 has them, in its own words.
import { pageOf } from '../paging.ts';
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
  const sorted = items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const { items: given, next } = pageOf(sorted, { size: PageSize ?? 400, token: Marker }, keyOf, (marker) =>
    invalid(`'${marker}' is not a valid marker`),
  );
  return { items: given, ...(next !== undefined && { nextMarker: next }) };
}
