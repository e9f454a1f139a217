import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterItems, wildcard } from '../../../src/sandbox/ec2/filters.ts';
import { refusal } from './world-context.ts';

describe('wildcards', () => {
  it('match a text without * ? \\ by itself alone', () => {
    const plain = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[*?\\]/g, ''));
    fc.assert(
      fc.property(plain, plain, (pattern, text) => {
        expect(wildcard(pattern).test(text)).toBe(pattern === text);
      }),
    );
  });

  it('match any text around a piece of it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (before, piece, after) => {
        const literal = piece.replace(/[*?\\]/g, '\\$&');
        expect(wildcard(`*${literal}*`).test(before + piece + after)).toBe(true);
      }),
    );
  });

  it.each([
    ['my-*', 'my-elb-sg', true],
    ['my-?', 'my-', false],
    ['my-?', 'my-x', true],
    ['a.c', 'abc', false],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['MY', 'my', false],
  ])('%s on %s is %s', (pattern, text, expected) => {
    expect(wildcard(pattern).test(text)).toBe(expected);
  });
});

describe('filterItems', () => {
  const items = [
    { name: 'a', size: 1, tags: [{ key: 'demo', value: 'my' }] },
    { name: 'b', size: 2, tags: [] },
  ];
  const names = (filters: { Name: string; Values: string[] }[]): string[] =>
    filterItems(items, filters, { name: (one) => one.name, size: (one) => one.size }, (one) => one.tags).map(
      (one) => one.name,
    );

  it('joins filters with and, values with or', () => {
    expect(names([{ Name: 'name', Values: ['a', 'b'] }])).toEqual(['a', 'b']);
    expect(
      names([
        { Name: 'name', Values: ['a', 'b'] },
        { Name: 'size', Values: ['2'] },
      ]),
    ).toEqual(['b']);
    expect(names([{ Name: 'tag:demo', Values: ['*'] }])).toEqual(['a']);
    expect(names([{ Name: 'tag-key', Values: ['nobody'] }])).toEqual([]);
  });

  it('refuses a filter that there is not', () => {
    expect(refusal(() => names([{ Name: 'toString', Values: ['x'] }]))).toBe(
      "InvalidParameterValue: The filter 'toString' is invalid",
    );
  });
});
