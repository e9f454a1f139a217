import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonLines } from '../../src/document/json-lines.ts';

const text = `{
  "family": "x",
  "containerDefinitions": [
    { "name": "one" },
    {
      "name": "two",
      "portMappings": [
        { "containerPort": 80 }
      ]
    }
  ]
}`;

describe('lineOf', () => {
  it.each([
    [[], 1],
    [['family'], 2],
    [['containerDefinitions', 0, 'name'], 4],
    [['containerDefinitions', 1], 5],
    [['containerDefinitions', 1, 'name'], 6],
    [['containerDefinitions', 1, 'portMappings', 0, 'containerPort'], 8],
  ])('of %j is %i', (path, line) => {
    expect(jsonLines(text).lineOf(path)).toBe(line);
  });

  it('is that of the name, when name and value are on lines of their own', () => {
    expect(jsonLines('{\n"a"\n:\n1}').lineOf(['a'])).toBe(2);
  });

  it('of a member that is missing is that of what it is missing from', () => {
    expect(jsonLines(text).lineOf(['containerDefinitions', 1, 'image'])).toBe(5);
  });
});

describe('mistake', () => {
  it.each([
    ['{\n"a":}', 2],
    ['{\n"a": 1\n"b": 2}', 3],
    ['{"a": 1,\n}', 2],
    ['[1,\n2', 2],
    ['{"a": 1}\n\nx', 3],
    ['{\n"a": 01}', 2],
    ["{\n\n'a': 1}", 3],
    ['', 1],
  ])('in %j is on line %i', (wrong, line) => {
    expect(jsonLines(wrong).mistake).toBe(line);
  });

  it('is there exactly when JSON.parse finds one', () => {
    const parses = (candidate: string): boolean => {
      try {
        JSON.parse(candidate);
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', '0', '\n', 'x'), (json, at, put) => {
        const cut = at % (json.length + 1);
        for (const candidate of [
          json,
          json.slice(0, cut) + put + json.slice(cut),
          json.slice(0, cut) + json.slice(cut + 1),
        ]) {
          expect([candidate, jsonLines(candidate).mistake === undefined]).toEqual([candidate, parses(candidate)]);
        }
      }),
    );
  });
});
