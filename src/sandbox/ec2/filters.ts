// EC2's `Filters`: names given are joined with AND, values of one with OR, `*` and `?` are wildcards, case counts.
// Knows no resource: each describe hands in where a filter's values are.
import type { Filter } from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Tag } from '../world.ts';

/** What an item has under a filter's name; undefined or an empty list never match. */
export type FilterValue = string | number | boolean | undefined | readonly (string | number | undefined)[];

export type FilterFields<Item> = Record<string, (item: Item) => FilterValue>;

/** A filter value as a pattern: `*` any run of characters, `?` exactly one, a backslash takes the next one literally. */
export function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/\\?[\s\S]/g, (part) => {
    if (part === '*') return '[\\s\\S]*';
    if (part === '?') return '[\\s\\S]';
    const literal = part.length === 2 ? part.slice(1) : part;
    return literal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, 'u');
}

function toTexts(value: FilterValue): string[] {
  if (value === undefined) return [];
  const list = typeof value === 'object' ? value : [value];
  return list.filter((one) => one !== undefined).map(String);
}

/**
 * The items that match every filter.
 * @param fields filter name → its values on an item. With `tagsOf`, `tag:<key>`, `tag-key` and `tag-value` work too.
 * @throws AwsError `InvalidParameterValue` for a filter that the operation does not have.
 */
export function filterItems<Item>(
  items: readonly Item[],
  filters: readonly Filter[] | undefined,
  fields: FilterFields<Item>,
  tagsOf?: (item: Item) => readonly Tag[],
): Item[] {
  const tests = (filters ?? []).map((filter) => {
    const name = filter.Name ?? '';
    const values = filter.Values ?? [];
    if (values.length > 200) {
      throw new AwsError(
        'FilterLimitExceeded',
        'The maximum number of filter values specified on a single call is 200.',
      );
    }
    const patterns = values.map(wildcard);
    return { valuesOf: readerOf(name, fields, tagsOf), patterns };
  });
  return items.filter((item) =>
    tests.every(({ valuesOf, patterns }) => {
      const texts = toTexts(valuesOf(item));
      return patterns.some((pattern) => texts.some((text) => pattern.test(text)));
    }),
  );
}

function readerOf<Item>(
  name: string,
  fields: FilterFields<Item>,
  tagsOf: ((item: Item) => readonly Tag[]) | undefined,
): (item: Item) => FilterValue {
  if (tagsOf !== undefined) {
    if (name.startsWith('tag:')) {
      const key = name.slice('tag:'.length);
      return (item) =>
        tagsOf(item)
          .filter((tag) => tag.key === key)
          .map((tag) => tag.value);
    }
    if (name === 'tag-key') return (item) => tagsOf(item).map((tag) => tag.key);
    if (name === 'tag-value') return (item) => tagsOf(item).map((tag) => tag.value);
  }
  const reader = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (reader === undefined) throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`);
  return reader;
}
