// What survives: the newest intact generation, whatever happened to the files.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readGeneration } from '../../src/sandbox/state-file.ts';
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

test('a disk that is full: nothing half is kept, the reason is told once, and what was not saved goes with the next', async () => {
  const dir = temporaryDir();
  const told: (string | undefined)[] = [];
  const changes = trackChanges(worldWith(0));
  const store = createStore({ dir, changes, onTrouble: (trouble) => told.push(trouble?.message) });
  await store.saved();
  // A directory in the way of the next generation, and the file gone: nothing can be written.
  mkdirSync(join(dir, `${stateFile}.new`, 'x'), { recursive: true });
  rmSync(join(dir, stateFile));
  for (const counter of [1, 2]) {
    changes.tracked.counters['a'] = counter;
    store.changed();
    await expect(store.saved()).rejects.toMatchObject({ name: 'SaveError', code: 'ERR_FS_EISDIR' });
    expect(store.trouble()?.message).toContain(join(dir, stateFile));
  }
  expect(told).toHaveLength(1);
  rmSync(join(dir, `${stateFile}.new`), { recursive: true });
  await store.saved();
  expect(store.trouble()).toBeUndefined();
  expect(told).toEqual([expect.stringContaining('cannot save its state'), undefined]);
  expect((await loadWorld(dir)).world).toEqual(worldWith(2));
  await store.close();
});

test('lines outgrow the snapshot: a new generation, the one before with all its lines, and nothing lost meanwhile', async () => {
  const dir = temporaryDir();
  const changes = trackChanges(worldWith(0));
  const store = createStore({ dir, changes });
  const generation = (): number => statSync(join(dir, stateFile)).ino;
  await store.saved();
  const first = generation();
  const tokens = changes.tracked.clientTokens;
  let count = 0;
  while (generation() === first && count < 10_000) {
    tokens[`t${count % 50}`] = { parameters: 'x'.repeat(5000), result: String(count++) };
    store.changed();
    await store.saved();
  }
  expect(generation()).not.toBe(first);
  // The first generation, closed for good, holds what was saved until the second took its place.
  expect(statSync(join(dir, previousStateFile)).ino).toBe(first);
  const previous = (await readGeneration(join(dir, previousStateFile))).world;
  expect(Number(previous?.clientTokens[`t${(count - 2) % 50}`]?.result)).toBeGreaterThanOrEqual(count - 2);
  expect(JSON.stringify((await loadWorld(dir)).world)).toBe(JSON.stringify(changes.raw));
  expect(statSync(join(dir, stateFile)).size).toBeLessThan(1_000_000);
  await store.close();
  expect(JSON.stringify((await loadWorld(dir)).world)).toBe(JSON.stringify(changes.raw));
});

test('a state directory that is taken away: said, and written anew where it is again', async () => {
  const dir = join(temporaryDir(), 'state');
  mkdirSync(dir);
  const store = keep(dir);
  store.set(1);
  await store.saved();
  rmSync(dir, { recursive: true });
  store.set(2);
  await expect(store.saved()).rejects.toMatchObject({ code: 'ENOENT' });
  mkdirSync(dir);
  await store.saved();
  expect((await loadWorld(dir)).world).toEqual(worldWith(2));
  await store.close();
});

test('a last change that is torn: the world without it, and the file as it was beside', async () => {
  const dir = temporaryDir();
  const store = keep(dir);
  for (const counter of [1, 2]) {
    store.set(counter);
    await store.saved();
  }
  const torn = readFileSync(join(dir, stateFile)).subarray(0, -5);
  writeFileSync(join(dir, stateFile), torn);
  const { world, notice } = await loadWorld(dir);
  expect(world).toEqual(worldWith(1));
  expect(notice).toContain(damagedStateFile);
  expect(readFileSync(join(dir, damagedStateFile)).equals(torn)).toBe(true);
  // Whoever is killed now still has it all; the next sandbox begins a generation of its own.
  expect((await loadWorld(dir)).world).toEqual(worldWith(1));
  const next = keep(dir, world);
  await next.saved();
  await next.close();
  expect(await loadWorld(dir)).toEqual({ world: worldWith(1) });
  expect(readFileSync(join(dir, damagedStateFile)).equals(torn)).toBe(true);
  await store.close();
});

test('a state of format 1, which had no lines, is read', async () => {
  const dir = temporaryDir();
  const body = JSON.stringify(worldWith(5));
  const sha256 = createHash('sha256').update(body).digest('hex');
  writeFileSync(join(dir, stateFile), `${JSON.stringify({ format: 1, sha256 })}\n${body}`);
  expect(await loadWorld(dir)).toEqual({ world: worldWith(5) });
});
