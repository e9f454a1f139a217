import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { newerVersion } from '../../src/commands/newer-version.ts';

/** What npm said a minute ago; undefined: it was never asked. */
function cache(latest?: string, ageMs = 60_000) {
  const dir = mkdtempSync(join(tmpdir(), 'ecsdemo-cache-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'ecsdemo', 'latest-version');
  if (latest !== undefined) {
    mkdirSync(join(dir, 'ecsdemo'));
    writeFileSync(file, latest);
    const then = (Date.now() - ageMs) / 1000;
    utimesSync(file, then, then);
  }
  // Without a PATH there is no npm to be asked.
  return { file, env: { XDG_CACHE_HOME: dir, PATH: '/nowhere' } };
}

const own = { name: 'ecsdemo', version: '1.2.3', isTerminal: true };

test.each([
  ['1.2.4\n', true],
  ['1.10.0', true],
  ['2.0.0', true],
  ['1.2.3', false],
  ['1.2.2', false],
  ['0.9.9', false],
  ['2.0.0-beta.1', false],
  ['', false],
  ['\u001B[31m9.9.9', false],
])('of %j the line is told: %s', (latest, isTold) => {
  const line = newerVersion({ ...own, env: cache(latest).env });
  expect(line !== undefined).toBe(isTold);
  if (isTold) expect(line).toContain(latest.trim());
});

test.each([
  ['no terminal', { isTerminal: false }, {}],
  ['a CI job', {}, { CI: 'true' }],
  ['who said no', {}, { ECSDEMO_NO_UPDATE_CHECK: '1' }],
  ['who said no to all', {}, { NO_UPDATE_NOTIFIER: '1' }],
])('%s: no line, and nobody is asked', (_, asked, env) => {
  const known = cache();
  expect(newerVersion({ ...own, ...asked, env: { ...known.env, ...env } })).toBeUndefined();
  expect(existsSync(known.file)).toBe(false);
  const old = cache('9.9.9');
  expect(newerVersion({ ...own, ...asked, env: { ...old.env, ...env } })).toBeUndefined();
});

test('npm is asked once a day, beside the run, and told at the next one', async () => {
  const { file, env } = cache('1.2.3', 90_000_000);
  const bin = mkdtempSync(join(tmpdir(), 'ecsdemo-npm-'));
  onTestFinished(() => rmSync(bin, { recursive: true, force: true }));
  writeFileSync(
    join(bin, 'npm'),
    '#!/bin/sh\necho "$3 of $2" >&2\n[ "$1 $2 $3" = "view ecsdemo version" ] && echo 9.9.9\n',
  );
  chmodSync(join(bin, 'npm'), 0o755);
  const found = { ...env, PATH: `${bin}:/usr/bin:/bin` };
  expect(newerVersion({ ...own, env: found })).toBeUndefined();
  await vi.waitFor(() => expect(readFileSync(file, 'utf8')).toBe('9.9.9\n'));
  // Nobody is asked again: without npm nothing changes.
  expect(newerVersion({ ...own, env })).toContain('9.9.9');
  expect(readFileSync(file, 'utf8')).toBe('9.9.9\n');
});
