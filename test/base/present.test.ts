import { expect, it } from 'vitest';
import { present } from '../../src/base/present.ts';

it('leaves out what is absent, and nothing else', () => {
  const told: { name: string; id?: string; none: null } = present({ name: '', id: undefined, none: null });
  expect(Object.keys(told)).toEqual(['name', 'none']);
  expect(present({ count: 0, on: false })).toEqual({ count: 0, on: false });
});
