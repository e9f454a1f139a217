// nextToken of the listings: opaque, and a page goes on after what the last one ended with, whatever came or went meanwhile.
import { invalidParameter } from './checks.ts';

/**
 * @param rest what is left after the token's place, in order.
 * @returns `next` absent on the last page.
 */
export function pageOf<Item>(
  rest: Item[],
  limit: number,
  placeOf: (item: Item) => string,
): { items: Item[]; next?: string } {
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return rest.length > limit && last !== undefined ? { items, next: writeToken(placeOf(last)) } : { items };
}

const mark = 'after:';

export function writeToken(place: string): string {
  return Buffer.from(mark + place).toString('base64url');
}

/** The place; undefined without a token. @throws InvalidParameterException for one that was never given out. */
export function readToken(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith(mark) || writeToken(text.slice(mark.length)) !== token) throw badToken();
  return text.slice(mark.length);
}

export function badToken(): Error {
  return invalidParameter('The specified nextToken is invalid.');
}
