import { expect, it } from 'vitest';
import { suggestionsInSources } from './inventory.ts';
import { notTaken } from './not-taken.ts';
import { stories } from './stories.ts';

const taken = Object.values(stories).flatMap(({ sites }) => sites);
const excused = notTaken.flatMap(({ sites }) => sites);

it('has a story for every suggestion of the sources, or a reason why not', () => {
  const known = new Set([...taken, ...excused]);
  expect(suggestionsInSources().filter((site) => !known.has(site))).toEqual([]);
});

it('knows no suggestion that is gone', () => {
  const there = new Set(suggestionsInSources());
  expect([...taken, ...excused].filter((site) => !there.has(site))).toEqual([]);
});

it('excuses none that is taken', () => {
  expect(excused.filter((site) => taken.includes(site))).toEqual([]);
});
