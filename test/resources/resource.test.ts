// The machinery that all kinds share, on a kind of nothing: whose it is, that plan and action say the same, and removal.
import { describe, expect, it } from 'vitest';
import type { GivenFlags } from '../../src/base/settings.ts';
import {
  converge,
  type Difference,
  guard,
  type Kind,
  type Named,
  plan,
  raced,
  remove,
  shown,
  working,
} from '../../src/resources/resource.ts';
import { aContext, ourTags } from '../helpers/a-context.ts';

interface Wanted extends Named {
  colour: string;
  size: number;
}
interface Seen {
  colour: string;
  size: number;
  tags: { Key: string; Value: string }[];
}
const wanted: Wanted = { name: 'thing', colour: 'red', size: 2 };
const right: Seen = { colour: 'red', size: 2, tags: ourTags };

/** @param world what is there, under the one name there is; calls are written down */
function aKind(world: { seen?: Seen }, more: Partial<Kind<Wanted, Seen>> = {}) {
  const calls: string[] = [];
  const kind: Kind<Wanted, Seen> = {
    type: 'AWS::Test::Thing',
    uses: { look: [] },
    find: async () => world.seen,
    view: ({ tags }) => ({ id: 'id', tags }),
    making: ({ size }) => `size ${size}`,
    async create(at, { colour, size }) {
      calls.push('create');
      return (world.seen = { colour, size, tags: at.tags });
    },
    async adopt(at, _, seen) {
      calls.push('tag');
      return (world.seen = { ...seen, tags: at.tags });
    },
    differences(_, { colour, size }, seen) {
      const paint = async () => {
        calls.push('paint and fit');
        world.seen = { ...seen, colour, size };
      };
      const differences: Difference<Seen>[] = [];
      if (seen.colour !== colour) differences.push({ words: `${seen.colour} → ${colour}`, apply: paint });
      if (seen.size !== size) differences.push({ words: `${seen.size} → ${size}`, apply: paint });
      return differences;
    },
    async remove() {
      calls.push('remove');
      return undefined;
    },
    ...more,
  };
  return { kind, calls };
}

function atWork(flags: GivenFlags = {}, looking = false) {
  const { context, run, events } = aContext(flags);
  const changes = () => events.flatMap((event) => (event.type === 'changed' ? [event.change] : []));
  return { at: working({ ...context, looking }, run, 'step'), changes };
}

describe('plan and converge', () => {
  it.each<[string, Seen | undefined, string[]]>([
    ['what is absent', undefined, ['create']],
    ['what is right', right, []],
    ['two differences that one call mends', { ...right, colour: 'blue', size: 1 }, ['paint and fit']],
  ])('of %s say the same', async (_, seen, expected) => {
    const { kind, calls } = aKind(seen === undefined ? {} : { seen });
    const { at, changes } = atWork();
    const planned = plan(kind, at, wanted, seen).changes;
    expect(calls).toEqual([]);
    await converge(kind, at, wanted, seen);
    expect(calls).toEqual(expected);
    const words = (all: typeof planned) => all.map(({ action, detail }) => `${action} ${detail}`).join(', ');
    expect(words(changes()).replaceAll(', update', ',').replaceAll('update ', '')).toBe(
      words(planned).replaceAll(', update', ',').replaceAll('update ', ''),
    );
  });

  it('do and show what creation alone does not give, and tell of nothing that has no words', async () => {
    const { kind, calls } = aKind({}, { unfinished: () => [{ apply: async () => void calls.push('note') }] });
    const { at, changes } = atWork();
    expect(plan(kind, at, wanted, undefined).changes).toHaveLength(1);
    await converge(kind, at, wanted, undefined);
    expect(calls).toEqual(['create', 'note']);
    expect(changes().map(({ action }) => action)).toEqual(['create']);
  });

  it('take what another run made meanwhile for what was found, and mend it', async () => {
    const world: { seen?: Seen } = {};
    const create: Kind<Wanted, Seen>['create'] = async () => {
      world.seen = { ...right, colour: 'blue' };
      return raced;
    };
    const { kind, calls } = aKind(world, { create });
    const { at, changes } = atWork();
    await converge(kind, at, wanted, undefined);
    expect(calls).toEqual(['paint and fit']);
    expect(changes().map(({ action }) => action)).toEqual(['update']);
  });

  it('tell of no change that another run was faster with', async () => {
    const { kind } = aKind({}, { differences: () => [{ words: 'x', apply: async () => raced }] });
    const { at, changes } = atWork();
    await converge(kind, at, wanted, right);
    expect(changes()).toEqual([]);
  });
});

describe('what carries nobody’s tag', () => {
  const foreign = { ...right, colour: 'blue', tags: [] };

  it('is refused by plan, converge and guard, before anything is changed', async () => {
    const { kind, calls } = aKind({ seen: foreign });
    const { at } = atWork();
    expect(() => plan(kind, at, wanted, foreign)).toThrow(expect.objectContaining({ code: 'not-ours' }));
    expect(() => guard(kind, at, wanted, foreign)).toThrow(expect.objectContaining({ code: 'not-ours' }));
    await expect(converge(kind, at, wanted, foreign)).rejects.toMatchObject({ code: 'not-ours' });
    expect((await remove(kind, at, wanted, foreign)).kept).toMatchObject([{ owned: false }]);
    expect(calls).toEqual([]);
  });

  it('is shown when the run only looks, and still not removed', async () => {
    const { kind } = aKind({ seen: foreign });
    const { at } = atWork({}, true);
    expect(plan(kind, at, wanted, foreign)).toMatchObject({
      resources: [{ owned: false }],
      changes: [{ detail: 'take it over by tagging it' }, { detail: 'blue → red' }],
    });
    expect((await remove(kind, at, wanted, foreign)).removed).toEqual([]);
  });

  it('is taken over, mended and removed with --adopt', async () => {
    const { kind, calls } = aKind({ seen: foreign });
    const { at } = atWork({ adopt: true });
    expect(shown(kind, at, wanted, await converge(kind, at, wanted, foreign)).owned).toBe(true);
    expect((await remove(kind, at, wanted, foreign)).removed).toHaveLength(1);
    expect(calls).toEqual(['tag', 'paint and fit', 'remove']);
  });

  it('is used as it is and never taken, --adopt or not, when it is shared', async () => {
    const { kind, calls } = aKind({ seen: foreign }, { ownership: 'shared' });
    const { at } = atWork({ adopt: true });
    expect(plan(kind, at, wanted, foreign).changes).toEqual([]);
    expect(await converge(kind, at, wanted, foreign)).toBe(foreign);
    expect((await remove(kind, at, wanted, foreign)).kept).toHaveLength(1);
    expect(calls).toEqual([]);
  });
});

it('keeps what is in use, with the reason', async () => {
  const { kind } = aKind({ seen: right }, { remove: async () => 'it is in use' });
  const { at, changes } = atWork();
  expect(await remove(kind, at, wanted, right)).toMatchObject({ removed: [], kept: [{ reason: 'it is in use' }] });
  expect(changes()).toEqual([]);
});
