// A generation cut at every byte, and with every byte changed: what is read is the world after some of the changes that
// were saved, never another; and all of them while nothing is damaged.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readGeneration, writeSnapshot } from '../../src/sandbox/state-file.ts';
import type { World } from '../../src/sandbox/world.ts';
import { trackChanges } from '../../src/sandbox/world-changes.ts';
import { emptyWorld } from './empty-world.ts';
import { temporaryDir } from './temporary-dir.ts';

/** A file with five changes, where it stood after each, and the world as JSON then. */
async function written(): Promise<{ path: string; bytes: Buffer; ends: number[]; worlds: string[] }> {
  const path = join(temporaryDir(), 'state.json');
  const changes = trackChanges(emptyWorld('123456789012', 'us-east-1'));
  const file = await writeSnapshot(path, changes.raw);
  const ends = [file.snapshotBytes];
  const worlds = [JSON.stringify(changes.raw)];
  const clusters = changes.tracked.clusters as unknown as Record<string, { name: string } | undefined>;
  const steps: (() => void)[] = [
    () => (clusters['a'] = { name: 'ä\n"' }),
    () => (clusters['b'] = { name: 'b' }),
    () => delete clusters['a'],
    () => (changes.tracked.counters['n'] = 1),
    () => (changes.tracked.hidden = { x: 1 }),
  ];
  for (const change of steps) {
    change();
    file.append(changes.text(false));
    changes.clear();
    ends.push(file.snapshotBytes + file.journalBytes);
    worlds.push(JSON.stringify(changes.raw));
  }
  await file.close();
  return { path, bytes: readFileSync(path), ends, worlds };
}

const json = (world: World | undefined): string | undefined =>
  world === undefined ? undefined : JSON.stringify(world);

test('cut at every byte: every change that is whole, no part of the next, and what is missing is said', async () => {
  const { path, bytes, ends, worlds } = await written();
  expect(ends.at(-1)).toBe(bytes.length);
  expect(bytes.length).toBeGreaterThan(800);
  for (let length = 0; length <= bytes.length; length++) {
    writeFileSync(path, bytes.subarray(0, length));
    const { world, problem } = await readGeneration(path);
    const whole = ends.filter((end) => end <= length).length;
    // The snapshot may lack its last line break.
    if (whole === 0 && length < (ends[0] ?? 0) - 1) expect({ length, world }).toEqual({ length, world: undefined });
    else expect({ length, world: json(world) }).toEqual({ length, world: worlds[Math.max(whole, 1) - 1] });
    if (!ends.includes(length) && length !== (ends[0] ?? 0) - 1)
      expect(problem).toMatch(/^(is damaged|does not match)/);
    else expect(problem).toBeUndefined();
  }
});

test('any byte changed: the changes before it, never a wrong world', async () => {
  const { path, bytes, ends, worlds } = await written();
  for (let at = 0; at < bytes.length; at++) {
    for (const flip of [1, 0x80]) {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8((bytes[at] ?? 0) ^ flip, at);
      writeFileSync(path, damaged);
      const { world, problem } = await readGeneration(path);
      expect(problem).toBeDefined();
      const whole = ends.filter((end) => end <= at).length;
      if (world !== undefined)
        expect({ at, world: json(world) }).toEqual({ at, world: worlds[Math.max(whole, 1) - 1] });
      else expect(whole).toBe(0);
    }
  }
});

test('a line that is missing, doubled or of another file ends what is believed', async () => {
  const { path, bytes, worlds } = await written();
  const other = await written();
  const lines = bytes.toString('utf8').split('\n');
  const foreign = other.bytes.toString('utf8').split('\n');
  for (const [wrong, believed] of [
    [lines.toSpliced(3, 1), 1],
    [lines.toSpliced(3, 0, lines[2] ?? ''), 1],
    [[...lines.slice(0, 4), lines[5] ?? '', lines[4] ?? '', ''], 2],
    [[...foreign.slice(0, 1), lines[1]?.replace('us-east-1', 'us-east-2') ?? '', ...lines.slice(2)], undefined],
  ] as const) {
    writeFileSync(path, wrong.join('\n'));
    const { world, problem } = await readGeneration(path);
    expect(json(world)).toBe(believed === undefined ? undefined : worlds[believed]);
    expect(problem).toBeDefined();
  }
});

test('a world that is larger than a piece is the same world again', async () => {
  const world = emptyWorld('123456789012', 'us-east-1');
  const text = 'x'.repeat(1000);
  for (let index = 0; index < 1000; index++)
    world.clientTokens[`t${index}`] = { parameters: text, result: String(index) };
  const path = join(temporaryDir(), 'state.json');
  const file = await writeSnapshot(path, world);
  await file.close();
  expect(file.snapshotBytes).toBe(readFileSync(path).length);
  expect(json((await readGeneration(path)).world)).toBe(json(world));
});
