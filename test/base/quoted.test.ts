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
  it('keeps line breaks, and shows the rest as people know it', () => {
    expect(visible('a\nb\r\u0007')).toBe('a\nb\\r\\x07');
    expect(visible('\u001B[31m\u009B\u202E\u{E0041}')).toBe(String.raw`\x1b[31m\x9b\u202e\ue0041`);
  });
});
