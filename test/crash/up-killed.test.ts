// `up` on an empty account, and on an instance that was changed by hand, killed at every call.
import { expect, it } from 'vitest';
import { walk } from './killed.ts';
import { upAddressed, upDrifted, upFresh } from './stories.ts';

it('up killed at any call is finished by another up, and removed by destroy', async () => {
  expect(await walk(upFresh)).toEqual([]);
});

it('up of tasks with interfaces of their own, killed at any call, is finished by another up, and removed by destroy', async () => {
  expect(await walk(upAddressed)).toEqual([]);
});

it('up killed while it puts an instance right is finished by another up, and removed by destroy', async () => {
  expect(await walk(upDrifted)).toEqual([]);
});
