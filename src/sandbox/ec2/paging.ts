// MaxResults and NextToken as EC2 has them, in its own words.
import { AwsError } from '../aws-error.ts';
import { pageOf as page } from '../paging.ts';

/**
 * One page of `items`. Without MaxResults: all of them.
 * @param limits `key`: a stable id of an item; `min`, `max`: the range of MaxResults; `clamps`: more than `max` counts as
 *   `max`, which AWS does for volumes.
 * @throws AwsError `InvalidParameterValue` outside the range, `InvalidNextToken`.
 */
export function pageOf<Item>(
  items: readonly Item[],
  input: { MaxResults?: number | undefined; NextToken?: string | undefined },
  limits: { key: (item: Item) => string; min: number; max: number; clamps?: true },
): { items: Item[]; nextToken: string | undefined } {
  const { NextToken: token } = input;
  const size =
    limits.clamps && input.MaxResults !== undefined ? Math.min(input.MaxResults, limits.max) : input.MaxResults;
  if (size !== undefined && (size < limits.min || size > limits.max)) {
    throw new AwsError(
      'InvalidParameterValue',
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value between ${limits.min} and ${limits.max}.`,
    );
  }
  const { items: given, next } = page(
    items,
    { size: size ?? Infinity, token },
    limits.key,
    (bad) => new AwsError('InvalidNextToken', `The token '${bad}' is invalid.`),
  );
  return { items: given, nextToken: next };
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
