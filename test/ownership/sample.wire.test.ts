// A sample of the worlds of `npm run test:ownership`, for every `npm test`.
import { expect, test } from 'vitest';
import { checkWorlds } from './check-worlds.ts';

test('in fifty worlds, up, scale and destroy leave alone what is not ours', async () => {
  const { wrong, worlds, compared } = await checkWorlds(50, 7, 3);
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(worlds).toBe(50);
  expect(compared).toBeGreaterThan(500);
}, 180_000);
