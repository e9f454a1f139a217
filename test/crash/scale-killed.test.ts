// `scale` of tasks and of container instances, up and down, killed at every call.
import { expect, it } from 'vitest';
import { wordsOf } from './cases.ts';
import { walk } from './killed.ts';
import { fewerInstances, moreInstances, scaleTasks } from './stories.ts';

it.each([scaleTasks, moreInstances, fewerInstances].map((story) => [wordsOf(story.command), story] as const))(
  '%s killed at any call is finished by another, and removed by destroy',
  async (_words, story) => {
    expect(await walk(story)).toEqual([]);
  },
);
