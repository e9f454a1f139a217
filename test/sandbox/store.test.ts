// What survives: the newest intact generation, whatever happened to the files.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  createStore,
  damagedStateFile,
  loadWorld,
  previousStateFile,
  stateFile,
  type Store,
} from '../../src/sandbox/store.ts';
import { trackChanges } from '../../src/sandbox/world-changes.ts';
import type { World } from '../../src/sandbox/world.ts';
import { emptyWorld } from './empty-world.ts';
import { failureOf } from './tiny-server.ts';
import { temporaryDir } from './temporary-dir.ts';

function worldWith(counter: number): World {
  return { ...emptyWorld('123456789012', 'us-east-1'), counters: { a: counter } };
}

interface Kept extends Store {
  /** Sets the counter, as a handler would. */
  set(counter: number): void;
}

function keep(dir: string, world = worldWith(0)): Kept {
  const changes = trackChanges(world);
  const store = createStore({ dir, changes });
  return {
    ...store,
    set(counter) {
      changes.tracked.counters['a'] = counter;
      store.changed();
    },
  };
}

/** Two generations: a=1, then a=2. */
async function saveTwice(dir: string): Promise<void> {
  for (const counter of [1, 2]) {
    const store = keep(dir, worldWith(counter));
    await store.saved();
    await store.close();
  }
}

const damage = (path: string): void =>
  writeFileSync(path, readFileSync(path, 'utf8').replace('123456789012', '123456789013'));

test('a world comes back as it was saved, readable by its owner alone', async () => {
  const dir = temporaryDir();
  expect(await loadWorld(dir)).toEqual({});
  await saveTwice(dir);
  expect(await loadWorld(dir)).toEqual({ world: worldWith(2) });
  expect(statSync(join(dir, stateFile)).mode & 0o777).toBe(0o600);
});

test('saved means on disk, also for changes made while a write is under way, which share one', async () => {
  const dir = temporaryDir();
  const store = keep(dir);
  const saves = [];
  for (let count = 1; count <= 50; count++) {
    store.set(count);
    saves.push(
      store.saved().then(async () => expect((await loadWorld(dir)).world?.counters['a']).toBeGreaterThanOrEqual(count)),
    );
  }
  await Promise.all(saves);
  await store.close();
  expect(readdirSync(dir).filter((name) => name.endsWith('.new'))).toEqual([]);
});

test('a change nobody waits for is written by closing', async () => {
  const dir = temporaryDir();
  const store = keep(dir);
  store.set(7);
  await store.close();
  expect((await loadWorld(dir)).world?.counters['a']).toBe(7);
});

test('a damaged file: the generation before it, said aloud, and the damaged one kept', async () => {
  const dir = temporaryDir();
  await saveTwice(dir);
  damage(join(dir, stateFile));
  const damaged = readFileSync(join(dir, stateFile), 'utf8');
  const { world, notice } = await loadWorld(dir);
  expect(world).toEqual(worldWith(1));
  expect(notice).toContain('does not match its checksum');
  expect(readFileSync(join(dir, damagedStateFile), 'utf8')).toBe(damaged);
});

test.each(['', '{"format":1', 'not json at all\n{}', '{"format":99,"sha256":""}\n{}'])(
  'both generations unreadable (%j): an error that names the file, once',
  async (text) => {
    const dir = temporaryDir();
    await saveTwice(dir);
    writeFileSync(join(dir, stateFile), text);
    damage(join(dir, previousStateFile));
    const error = await failureOf(loadWorld(dir));
    expect(error).toMatchObject({ code: 'sandbox-state-damaged' });
    expect(error.message).toContain(join(dir, stateFile));
    expect(readFileSync(join(dir, damagedStateFile), 'utf8')).toBe(text);
    expect(await loadWorld(dir)).toEqual({});
  },
);

test('killed between the two renames: the generation before is the world, with nothing to complain of', async () => {
  const dir = temporaryDir();
  await saveTwice(dir);
  writeFileSync(join(dir, `${stateFile}.new`), 'half a fi');
  writeFileSync(join(dir, previousStateFile), readFileSync(join(dir, stateFile)));
  expect(await loadWorld(dir)).toEqual({ world: worldWith(2) });
});

test('a write that fails is told to those who waited, and the next one has it all', async () => {
  const dir = temporaryDir();
  const store = keep(join(dir, 'missing'));
  store.set(1);
  await expect(store.saved()).rejects.toMatchObject({ code: 'ENOENT' });
  mkdirSync(join(dir, 'missing'));
  await store.saved();
  expect((await loadWorld(join(dir, 'missing'))).world).toEqual(worldWith(1));
  await store.close();
});
