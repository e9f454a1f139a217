// The process killed between any two things it does to its files: whatever it was about to do, what it had acknowledged is
// read again. From the given moment on every call that changes a file fails, as if there were nobody left to make it.
import type * as Fs from 'node:fs';
import type * as FsPromises from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { createStore, loadWorld } from '../../src/sandbox/store.ts';
import { trackChanges } from '../../src/sandbox/world-changes.ts';
import { emptyWorld } from './empty-world.ts';
import { temporaryDir } from './temporary-dir.ts';

type Call = (...args: never[]) => unknown;

const fate = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY }));
const mortal = vi.hoisted(
  () =>
    <Given extends Call>(call: Given): Given =>
      ((...args: never[]) => {
        if (fate.left-- <= 0) throw new Error('killed');
        return call(...args);
      }) as Given,
);

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof Fs>();
  const { linkSync, renameSync, rmSync, writeSync, ftruncateSync } = fs;
  return {
    ...fs,
    linkSync: mortal(linkSync),
    renameSync: mortal(renameSync),
    rmSync: mortal(rmSync),
    writeSync: mortal(writeSync as Call),
    ftruncateSync: mortal(ftruncateSync),
  };
});

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof FsPromises>();
  return {
    ...fs,
    rm: mortal(async (...args: Parameters<typeof fs.rm>) => fs.rm(...args)),
    open: mortal(async (...args: Parameters<typeof fs.open>) => {
      const file = await fs.open(...args);
      file.writeFile = mortal(file.writeFile.bind(file));
      file.write = mortal(file.write.bind(file) as Call) as typeof file.write;
      return file;
    }),
  };
});

test('killed at each step of saving and of taking a new generation: every acknowledged change is there', async () => {
  const ends = new Set<string>();
  let steps = 0;
  for (let finished = false; !finished && steps < 200; steps++) {
    const dir = temporaryDir();
    const changes = trackChanges(emptyWorld('123456789012', 'us-east-1'));
    const store = createStore({ dir, changes });
    let acknowledged = 0;
    fate.left = steps;
    for (const count of [1, 2, 3]) {
      changes.tracked.counters['a'] = count;
      store.changed();
      await store.saved().then(
        () => (acknowledged = count),
        () => undefined,
      );
    }
    // The lines become a generation of their own, while a further change is made.
    const closing = store.close();
    changes.tracked.counters['a'] = 4;
    await closing.catch(() => undefined);
    finished = fate.left > 0;
    fate.left = Number.POSITIVE_INFINITY;
    ends.add(readdirSync(dir).toSorted().join(' '));
    const { world, notice } = await loadWorld(dir);
    expect(world?.counters['a'] ?? 0).toBeGreaterThanOrEqual(acknowledged);
    expect({ steps, notice }).toEqual({ steps, notice: undefined });
  }
  expect(steps).toBeGreaterThan(15);
  // Among them those with both generations, one, none, and with a new one half done.
  expect([...ends]).toEqual(
    expect.arrayContaining(['', 'state.json', 'state.json state.json.new', 'state.json state.previous.json']),
  );
});
