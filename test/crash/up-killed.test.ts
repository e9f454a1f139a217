// `up` on an empty account, killed at every call.
import { expect, it } from 'vitest';
import { walk } from './killed.ts';
import { upFresh } from './stories.ts';

it('up killed at any call is finished by another up, and removed by destroy', async () => {
  expect(await walk(upFresh)).toEqual([]);
});
