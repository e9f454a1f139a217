// `up` on an empty account, killed at every call.
import { expect, it } from 'vitest';
import { up, walk } from './killed.ts';

it('up killed at any call is finished by another up, and removed by destroy', async () => {
  expect(await walk({ given: [], command: up })).toEqual([]);
});
