// One owner per directory, and no lock that outlives its owner.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findOwner, startOf, takeLock } from '../../src/sandbox/owner-lock.ts';
import { temporaryDir } from './temporary-dir.ts';

const lockOf = (dir: string): string => join(dir, 'lock');

test('a second taker is told the owner; after release the next one gets it', () => {
  const dir = temporaryDir();
  const first = takeLock(dir);
  expect(takeLock(dir)).toEqual({ owner: { pid: process.pid, started: startOf(process.pid) } });
  if ('release' in first) first.release();
  expect(findOwner(dir)).toBeUndefined();
  expect(takeLock(dir)).toHaveProperty('release');
});

test('the lock of a process that was killed is taken over', async () => {
  const dir = temporaryDir();
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  writeFileSync(lockOf(dir), JSON.stringify({ pid, started: startOf(pid) }));
  expect(takeLock(dir)).toEqual({ owner: { pid, started: startOf(pid) } });
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(takeLock(dir)).toHaveProperty('release');
});

test('a pid that now belongs to another program is no owner', () => {
  const dir = temporaryDir();
  writeFileSync(lockOf(dir), JSON.stringify({ pid: process.pid, started: 'long ago' }));
  expect(takeLock(dir)).toHaveProperty('release');
  expect(JSON.parse(readFileSync(lockOf(dir), 'utf8'))).toEqual({ pid: process.pid, started: startOf(process.pid) });
});

test.each(['', '{', '{"pid":"x"}'])('a lock file that says nothing (%j) holds nobody', (text) => {
  const dir = temporaryDir();
  writeFileSync(lockOf(dir), text);
  expect(takeLock(dir)).toHaveProperty('release');
});

test('a takeover that was killed halfway does not block the next', () => {
  const dir = temporaryDir();
  const mutex = join(dir, 'lock.takeover');
  mkdirSync(mutex);
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(mutex, longAgo, longAgo);
  expect(takeLock(dir)).toHaveProperty('release');
});
