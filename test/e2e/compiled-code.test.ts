// The code that V8 kept when the bundle was built (bin/load.cjs): it is there, this Node takes it, what another Node made is
// not even read, and a cache that is cut short or gone only costs time.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { packageRoot } from '../../src/base/package-root.ts';

/** A copy of what is shipped, to damage. */
function copyOfPackage(): string {
  const copy = mkdtempSync(join(tmpdir(), 'ecsdemo-package-'));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  for (const part of ['bin', 'dist', 'templates', 'package.json'])
    cpSync(join(packageRoot(), part), join(copy, part), { recursive: true });
  return copy;
}

function help(root: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin', 'run.js'), '--help'], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** Files of the chunks that were loaded with the program, and whether V8 refused what was kept of them. */
function refusals(root: string): [string, boolean | null][] {
  const script = `const { load, loaded } = require(${JSON.stringify(join(root, 'bin', 'load.cjs'))}); load('cli');
    console.log(JSON.stringify([...loaded].map(([file, { script }]) => [file, script.cachedDataRejected ?? null])));`;
  return JSON.parse(spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout) as ReturnType<
    typeof refusals
  >;
}

// From Node 22.1 on Node keeps such caches itself, and ours are not read.
describe.skipIf('enableCompileCache' in module)('what V8 compiled at the build', () => {
  it('is taken for every chunk that a command starts with', () => {
    const seen = refusals(packageRoot());
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.filter(([, refused]) => refused !== false)).toEqual([]);
  });

  it.each<[string, (cache: string) => void]>([
    ['cut short', (cache) => truncateSync(cache, 40)],
    ['empty', (cache) => truncateSync(cache, 0)],
    ['not of V8', (cache) => writeFileSync(cache, Buffer.alloc(5000, 7))],
    ['gone', (cache) => rmSync(cache)],
    ['of another Node', (cache) => renameSync(cache, cache.replace(process.version, 'v20.19.0'))],
  ])('is compiled anew when a cache is %s', (_how, damage) => {
    const root = copyOfPackage();
    const whole = help(root);
    const caches = readdirSync(join(root, 'dist')).filter((name) => name.endsWith('.cache'));
    expect(caches.length).toBeGreaterThan(1);
    for (const name of caches) damage(join(root, 'dist', name));
    expect(refusals(root).filter(([, refused]) => refused === false)).toEqual([]);
    expect(help(root)).toEqual(whole);
    expect(whole.status).toBe(0);
  });
});
