// Pages of a listing, for every service; each has its own limits and its own words for a token that it never gave.
// Pure.

export interface Page<Item> {
  items: Item[];
  /** Absent on the last page. */
  next?: string;
}

/**
 * One page of `items`. The token names the last item given and the one after it, so that what comes or goes meanwhile
 * neither repeats nor hides others.
 * @param keyOf stable and different for each item.
 * @param refuse the error for a token that is none.
 */
export function pageOf<Item>(
  items: readonly Item[],
  { size, token }: { size: number; token: string | undefined },
  keyOf: (item: Item) => string,
  refuse: (token: string) => Error,
): Page<Item> {
  const from = token === undefined ? 0 : startAfter(items.map(keyOf), readToken(token, refuse));
  const page = items.slice(from, from + size);
  const last = page.at(-1);
  const following = items[from + size];
  if (last === undefined || following === undefined) return { items: page };
  return { items: page, next: Buffer.from(JSON.stringify([keyOf(last), keyOf(following)])).toString('base64url') };
}

function startAfter(keys: string[], [last, following]: [string, string]): number {
  const given = keys.indexOf(last);
  if (given >= 0) return given + 1;
  const kept = keys.indexOf(following);
  const from = kept >= 0 ? kept : keys.findIndex((key) => key > last);
  return from >= 0 ? from : keys.length;
}

function readToken(token: string, refuse: (token: string) => Error): [last: string, following: string] {
  try {
    const [last, following] = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as unknown[];
    if (typeof last === 'string' && typeof following === 'string') return [last, following];
  } catch {
    // Refused below, as what is JSON and no token is.
  }
  throw refuse(token);
}
