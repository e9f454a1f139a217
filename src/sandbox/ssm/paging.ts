// MaxResults and NextToken as SSM has them: always in pages, with a default size per operation.
import { AwsError } from '../aws-error.ts';
import { pageOf } from '../paging.ts';

/** @throws AwsError `ValidationException` for a size out of range, `InvalidNextToken`. */
export function ssmPage<Item>(
  items: readonly Item[],
  input: { MaxResults?: number | undefined; NextToken?: string | undefined },
  limits: { key: (item: Item) => string; min: number; max: number; fallback: number },
): { items: Item[]; nextToken: string | undefined } {
  const size = input.MaxResults ?? limits.fallback;
  if (size < limits.min || size > limits.max) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${size}' at 'maxResults' failed to satisfy constraint: Member must have value ` +
        (size < limits.min ? `greater than or equal to ${limits.min}` : `less than or equal to ${limits.max}`),
    );
  }
  const { items: given, next } = pageOf(
    items,
    { size, token: input.NextToken },
    limits.key,
    () => new AwsError('InvalidNextToken', 'The specified token is not valid.'),
  );
  return { items: given, nextToken: next };
}
