// Every fault that passes by itself, at every call that can meet it: the command succeeds all the same.
import { expect, it } from 'vitest';
import { wordsOf } from './cases.ts';
import { walkPassing } from './faulted.ts';
import { anywhere, inTime } from './faults.ts';
import { destroyAll, fewerInstances, moreInstances, scaleTasks, upFresh } from './stories.ts';

const stories = [upFresh, scaleTasks, moreInstances, fewerInstances, destroyAll].map(
  (story) => [wordsOf(story.command), story] as const,
);

it.each(stories)('%s rides out what can happen to any call', async (_words, story) => {
  expect(await walkPassing(story, anywhere)).toEqual([]);
});

it.each(stories)('%s rides out what AWS has not seen everywhere yet, and says so', async (_words, story) => {
  expect(await walkPassing(story, inTime)).toEqual([]);
});
