import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoted, visible } from '../../src/base/quoted.ts';

describe('quoted', () => {
  it.each([
    ['my', '"my"'],
    ['a\nb\tc', String.raw`"a\nb\tc"`],
    ['\u001B[31m', String.raw`"\u001b[31m"`],
    ['a\u202Eb', String.raw`"a\u202eb"`],
    ['ünï 😀', '"ünï 😀"'],
    ['["a"', '"["a""'],
  ])('%j as %s', (text, shown) => {
    expect(quoted(text)).toBe(shown);
  });

  it('never moves a cursor and never fills a screen', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(quoted(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(quoted(text).length).toBeLessThan(1000);
      }),
    );
  });
});

describe('visible', () => {
  it('keeps line breaks', () => {
    expect(visible('a\nb\r\u0007')).toBe('a\nb\\r\\u0007');
  });
});
