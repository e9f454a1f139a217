// MaxResults and NextToken as EC2 has them. A token names the next item, so that a page boundary survives deletions.
import { AwsError } from '../aws-error.ts';

export interface Page<Item> {
  items: Item[];
  /** Absent on the last page. */
  nextToken: string | undefined;
}

function readToken(token: string): { key: string; at: number } {
  try {
    const [key, at] = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as unknown[];
    if (typeof key === 'string' && typeof at === 'number') return { key, at };
  } catch {
    // Falls through to AWS's answer for a token that is none.
  }
  throw new AwsError('InvalidNextToken', `The token '${token}' is invalid.`);
}

/**
 * One page of `items`. Without MaxResults: all of them.
 * @param limits `key`: a stable id of an item; `min`, `max`: the range of MaxResults.
 * @throws AwsError `InvalidParameterValue` outside the range, `InvalidNextToken`.
 */
export function pageOf<Item>(
  items: readonly Item[],
  input: { MaxResults?: number | undefined; NextToken?: string | undefined },
  limits: { key: (item: Item) => string; min: number; max: number },
): Page<Item> {
  const { MaxResults: size, NextToken: token } = input;
  if (size !== undefined && (size < limits.min || size > limits.max)) {
    throw new AwsError(
      'InvalidParameterValue',
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value between ${limits.min} and ${limits.max}.`,
    );
  }
  let from = 0;
  if (token !== undefined) {
    const { key, at } = readToken(token);
    const found = items.findIndex((item) => limits.key(item) === key);
    from = found < 0 ? at : found;
  }
  const to = size === undefined ? items.length : Math.min(items.length, from + size);
  const next = items[to];
  return {
    items: items.slice(from, to),
    nextToken:
      next === undefined ? undefined : Buffer.from(JSON.stringify([limits.key(next), to])).toString('base64url'),
  };
}

/** EC2 refuses MaxResults together with ids. @throws AwsError `InvalidParameterCombination`. */
export function refusePagingWithIds(
  input: { MaxResults?: number | undefined },
  ids: readonly string[] | undefined,
  parameter: string,
): void {
  if (input.MaxResults !== undefined && ids !== undefined && ids.length > 0) {
    throw new AwsError(
      'InvalidParameterCombination',
      `The parameter ${parameter} cannot be used with the parameter maxResults`,
    );
  }
}
