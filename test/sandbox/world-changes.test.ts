// What is written to the world behind the membrane is noted, all of it, and nothing else: a copy that is only told what
// changed stays the same world, to the order of its keys.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { World } from '../../src/sandbox/world.ts';
import { applyEntry, trackChanges, type Entry, type WorldChanges } from '../../src/sandbox/world-changes.ts';
import { emptyWorld } from './empty-world.ts';

/** What records of these tests may have in them. */
interface Thing {
  name: string;
  tags: object[];
  deep: { er: { list: number[] } };
  deployments: { id: number }[];
  more: object;
  list: number[];
  in: { n: number };
  extra: unknown;
}

type Loose = Record<string, Record<string, Partial<Thing> | undefined> | undefined>;

function aWorld(): World {
  return emptyWorld('123456789012', 'us-east-1');
}

/** A world beside the tracked one, brought up to date by what `text` tells. */
function follower(changes: WorldChanges): { copy: World; follow(): Entry[] } {
  const copy = aWorld();
  return {
    copy,
    follow() {
      const entries = JSON.parse(changes.text(false) || '[]') as Entry[];
      changes.clear();
      for (const entry of entries) applyEntry(copy, entry);
      return entries;
    },
  };
}

const loose = (world: World): Loose => world as unknown as Loose;
/** For where the test knows what is there. */
const things = (world: World, table: string): Record<string, Thing> => loose(world)[table] as Record<string, Thing>;

test('a change tells the record it changed, a change that changes nothing tells nothing', () => {
  const changes = trackChanges(aWorld());
  const { follow } = follower(changes);
  const clusters = things(changes.tracked, 'clusters');
  clusters['a'] = { name: 'a', tags: [{ key: 'k', value: '1' }], deep: { er: { list: [1, 2] } } } as unknown as Thing;
  clusters['b'] = { name: 'b' } as Thing;
  expect(follow().map(([table, key]) => `${table}/${key}`)).toEqual(['clusters/a', 'clusters/b']);
  clusters['a']?.deep.er.list.push(3);
  expect(follow()).toEqual([['clusters', 'a', changes.raw.clusters['a']]]);
  // The same again, by another way; and there and back.
  clusters['a'].tags = [{ key: 'k', value: '1' }];
  clusters['b'].name = 'c';
  clusters['b'].name = 'b';
  delete clusters['never'];
  expect(follow()).toEqual([]);
  delete clusters['a'];
  expect(follow()).toEqual([['clusters', 'a']]);
  expect(changes.text(false)).toBe('');
});

test('records and parts of them that are moved about within the world stay themselves', () => {
  const changes = trackChanges(aWorld());
  const { copy, follow } = follower(changes);
  const services = things(changes.tracked, 'services');
  const service = (): Thing => services['s'] as Thing;
  services['s'] = { deployments: [{ id: 1 }, { id: 2 }, { id: 3 }] } as Thing;
  follow();
  const [, second] = service().deployments as [unknown, { id: number }];
  service().deployments = service().deployments.filter(({ id }) => id !== 1);
  service().deployments.sort((one, other) => other.id - one.id);
  expect(service().deployments[1]).toBe(second);
  expect(service().deployments.indexOf(second)).toBe(1);
  follow();
  second.id = 4;
  services['s'] = { ...service(), more: { of: [second] } };
  follow();
  second.id = 5;
  follow();
  expect(copy).toEqual(changes.raw);
  expect(changes.raw.services['s']).toEqual({ deployments: [{ id: 3 }, { id: 5 }], more: { of: [{ id: 5 }] } });
});

/** One step of a handler, on a few names so that they meet. */
type Step =
  | { do: 'set'; table: string; key: string; value: unknown }
  | { do: 'delete' | 'touch' | 'push' | 'sort' | 'splice' | 'drop'; table: string; key: string; value: number }
  | { do: 'table'; table: string; value: Record<string, unknown> | undefined }
  | { do: 'move'; table: string; key: string; to: string }
  | { do: 'save' };

const keys = fc.constantFrom('a', 'b', '__proto__', 'constructor', 'd', '7');
const tables = fc.constantFrom('clusters', 'tasks', 'counters', 'faults');
const record = fc.record({
  n: fc.nat(3),
  list: fc.array(fc.nat(3), { maxLength: 3 }),
  in: fc.record({ n: fc.nat(3) }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('set' as const), table: tables, key: keys, value: fc.oneof(record, fc.nat(3)) }),
  fc.record({
    do: fc.constantFrom('delete', 'touch', 'push', 'sort', 'splice', 'drop'),
    table: tables,
    key: keys,
    value: fc.nat(3),
  }),
  fc.record({
    do: fc.constant('table' as const),
    table: fc.constant('faults'),
    value: fc.option(fc.dictionary(keys, record, { maxKeys: 2, noNullPrototype: false }), { nil: undefined }),
  }),
  fc.record({ do: fc.constant('move' as const), table: tables, key: keys, to: keys }),
  fc.constant({ do: 'save' as const }),
);

function carryOut(world: Loose, given: Step): void {
  if (given.do === 'save') return;
  if (given.do === 'table') {
    if (given.value === undefined) delete world[given.table];
    else world[given.table] = Object.assign(Object.create(null), given.value);
    return;
  }
  const table = world[given.table];
  if (table === undefined) return;
  const one = table[given.key];
  if (given.do === 'set') table[given.key] = structuredClone(given.value) as Thing;
  else if (given.do === 'delete') delete table[given.key];
  else if (given.do === 'move') {
    if (one !== undefined) {
      delete table[given.key];
      table[given.to] = one;
    }
  } else if (typeof one === 'object' && Array.isArray(one.list)) {
    if (given.do === 'touch' && one.in) one.in.n = given.value;
    else if (given.do === 'push') one.list.push(given.value);
    else if (given.do === 'sort') one.list.sort();
    else if (given.do === 'splice') one.list.splice(given.value, 1);
    else if (given.do === 'drop') delete one.extra;
  }
}

test('any handler: the copy is the world, to the order of its keys', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const changes = trackChanges(aWorld());
      const plain = aWorld();
      const { copy, follow } = follower(changes);
      for (const given of steps) {
        carryOut(loose(changes.tracked), given);
        carryOut(loose(plain), given);
        if (given.do === 'save') follow();
      }
      follow();
      expect(JSON.stringify(changes.raw)).toBe(JSON.stringify(plain));
      expect(JSON.stringify(copy)).toBe(JSON.stringify(plain));
    }),
    { numRuns: 2000, seed: 42 },
  );
});

test('an entry with hostile names is only data', () => {
  const world = aWorld();
  for (const entry of [
    ['__proto__', 'polluted', true],
    ['clusters', '__proto__', { polluted: true }],
    ['constructor', 'prototype', { polluted: true }],
    ['__proto__', null, { polluted: true }],
    ['toString', 'x'],
  ] satisfies Entry[])
    applyEntry(world, entry);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect((world.clusters as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(Object.keys(world.clusters)).toEqual(['__proto__']);
});
