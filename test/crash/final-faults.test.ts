// Every fault that stays, from every call on: named with its code and exit status, soon, and nothing is left after destroy.
import { expect, it } from 'vitest';
import { wordsOf } from './cases.ts';
import { walkFinal } from './faulted.ts';
import { final } from './faults.ts';
import { destroyAll, fewerInstances, moreInstances, scaleTasks, upFresh } from './stories.ts';

const stories = [upFresh, scaleTasks, moreInstances, fewerInstances, destroyAll].map(
  (story) => [wordsOf(story.command), story] as const,
);

it.each(stories)(
  '%s names what it may not do, lacks or has lost, and destroy leaves nothing',
  async (_words, story) => {
    expect(await walkFinal(story, final)).toEqual([]);
  },
);
