// A sample of the crash suite (npm run test:crash): a smoke run stopped at some of its calls.
import { expect, it } from 'vitest';
import { walkStopped } from '../crash/stopped.ts';

it('a smoke run stopped at a call takes away what it made', async () => {
  expect(await walkStopped(37)).toEqual([]);
});
