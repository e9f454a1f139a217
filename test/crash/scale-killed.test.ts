// `scale` of tasks and of container instances, up and down, killed at every call.
import { expect, it } from 'vitest';
import { up, walk, type Story } from './killed.ts';

const scale = (flags: Story['command']['flags']): Story['command'] => ({ command: 'scale', flags });

it('scale --count 4 killed at any call is finished by another, and removed by destroy', async () => {
  expect(await walk({ given: [up], command: scale({ count: '4' }) })).toEqual([]);
});

it('scale --instances 2 killed at any call is finished by another, and removed by destroy', async () => {
  expect(await walk({ given: [up], command: scale({ instances: '2' }) })).toEqual([]);
});

it('scale --instances 1 of two killed at any call is finished by another, and removed by destroy', async () => {
  expect(await walk({ given: [{ command: 'up', flags: { instances: '2' } }], command: scale({ instances: '1' }) })).toEqual([]);
});
