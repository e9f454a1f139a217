// A sample of the crash suite (npm run test:crash): the built program killed at some of its calls, and run again.
import { expect, it } from 'vitest';
import { walk } from '../crash/killed.ts';
import { destroyAll, scaleTasks, upFresh } from '../crash/stories.ts';

it.each([
  ['up', upFresh, 15],
  ['scale', scaleTasks, 11],
  ['destroy', destroyAll, 13],
] as const)('%s killed at a call is finished by another, and removed by destroy', async (_name, story, every) => {
  expect(await walk(story, every)).toEqual([]);
});
