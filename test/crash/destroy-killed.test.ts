// `destroy` of a whole demo, killed at every call.
import { expect, it } from 'vitest';
import { walk } from './killed.ts';
import { destroyAll } from './stories.ts';

it('destroy killed at any call is finished by another', async () => {
  expect(await walk(destroyAll)).toEqual([]);
});
