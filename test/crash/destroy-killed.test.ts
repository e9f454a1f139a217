// `destroy` of a whole demo, killed at every call.
import { expect, it } from 'vitest';
import { destroy, up, walk } from './killed.ts';

it('destroy killed at any call is finished by another', async () => {
  expect(await walk({ given: [up], command: destroy })).toEqual([]);
});
