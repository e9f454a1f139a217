// One door for every change: what follows from it has happened when it returns, or, for changes that come together, when
// they are settled; once for all of them.
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { Schedule } from '../../src/sandbox/agenda.ts';
import { randomIds } from '../../src/sandbox/ids.ts';
import { createLoop, type Loop } from '../../src/sandbox/loop.ts';
import type { World } from '../../src/sandbox/world.ts';
import { trackChanges, type WorldChanges } from '../../src/sandbox/world-changes.ts';
import { emptyWorld } from './empty-world.ts';
import { fastPace } from './in-process.ts';

/** A loop whose one schedule makes b follow a; how often it was asked, and how often the world was to be saved. */
function loopOf(): { loop: Loop; changes: WorldChanges; counts: { asked: number; saves: number } } {
  const changes = trackChanges(emptyWorld('123456789012', 'us-east-1'));
  const counts = { asked: 0, saves: 0 };
  const follow: Schedule = ({ counters }, { now }) => {
    counts.asked++;
    const { a = 0, b = 0 } = counters;
    if (a === b) return;
    // The record as the schedule found it: its changes must be noted all the same.
    now({ kind: 'follow', subject: 'b', apply: () => (counters['b'] = a) });
  };
  const loop = createLoop({
    changes,
    clock: systemClock,
    ids: randomIds,
    pace: fastPace(),
    reservePort: () => 0,
    schedules: [follow],
    changed: () => counts.saves++,
  });
  onTestFinished(() => loop.close());
  return { loop, changes, counts };
}

const add = ({ world }: { world: World }): number => (world.counters['a'] = (world.counters['a'] ?? 0) + 1);

test('a change is settled when it returns, and what an effect did to a record it was given is noted', () => {
  const { loop, changes } = loopOf();
  loop.change(add);
  expect(changes.raw.counters).toEqual({ a: 1, b: 1 });
  expect(JSON.parse(changes.text(false))).toEqual([
    ['counters', 'a', 1],
    ['counters', 'b', 1],
  ]);
});

test('changes of one turn are settled together, before any of them is told so', async () => {
  const { loop, changes, counts } = loopOf();
  const told: unknown[] = [];
  for (let count = 0; count < 50; count++) {
    loop.changeUnsettled(add);
    void loop.settled().then(() => told.push({ ...changes.raw.counters }));
  }
  expect(changes.raw.counters).toEqual({ a: 50 });
  await loop.settled();
  expect(told).toEqual(Array.from({ length: 50 }, () => ({ a: 50, b: 50 })));
  expect(counts.saves).toBe(1);
  expect(counts.asked).toBeLessThan(5);
});

test('one that fails is settled at once, like what is changed in the ordinary way beside it', async () => {
  const { loop, changes } = loopOf();
  expect(() =>
    loop.changeUnsettled((context) => {
      add(context);
      throw new Error('refused');
    }),
  ).toThrow('refused');
  expect(changes.raw.counters).toEqual({ a: 1, b: 1 });
  loop.changeUnsettled(add);
  loop.change(add);
  expect(changes.raw.counters).toEqual({ a: 3, b: 3 });
  await loop.settled();
  expect(changes.raw.counters).toEqual({ a: 3, b: 3 });
});
