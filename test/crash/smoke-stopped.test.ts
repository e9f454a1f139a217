import { expect, it } from 'vitest';
import { walkStopped } from './stopped.ts';

it('a smoke run stopped at any call takes away what it made', async () => {
  expect(await walkStopped()).toEqual([]);
});
