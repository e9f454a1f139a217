import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromTagText, toTagText } from '../../src/base/tag-text.ts';

test.each([
  ['42', '42'],
  ['nginx', 'nginx'],
  ['Welcome to nginx!', 'Welcome to nginx=21'],
  ['<h1>ü</h1>', '=3Ch1=3E=C3=BC=3C/h1=3E'],
  ['100%', '100=25'],
  [' x ', '=20x=20'],
  ['aws:x', '=61ws:x'],
  ['a=b', 'a=3Db'],
])('%j is the tag %j, and comes back', (text, tag) => {
  expect(toTagText(text)).toBe(tag);
  expect(fromTagText(tag)).toBe(text);
});

test('every text that fits comes back as it was, in what load balancing takes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (text) => {
      const tag = toTagText(text);
      if (tag === undefined) return;
      expect(tag).toMatch(/^[A-Za-z0-9 +\-=._:/@]{1,256}$/);
      expect(fromTagText(tag)).toBe(text);
    }),
  );
});

test('what is too long is no tag; what a person wrote is taken as it is', () => {
  expect(toTagText('x'.repeat(257))).toBeUndefined();
  expect(fromTagText('=FF=FE')).toBe('=FF=FE');
});
