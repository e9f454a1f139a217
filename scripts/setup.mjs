// Makes a fresh clone ready: dependencies when they are missing or older than the lock file, dist/ when it is missing or
// older than what it is made of. Plain Node, because nothing is installed yet. Quiet when there is nothing to do.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Milliseconds since the epoch; 0 for what does not exist, so that it is older than anything. */
function changedAt(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** The newest change in a folder, itself included: a deleted file changes its folder. */
function newestIn(path) {
  const absolute = join(root, path);
  if (!existsSync(absolute)) return 0;
  if (!statSync(absolute).isDirectory()) return changedAt(path);
  return Math.max(changedAt(path), ...readdirSync(absolute).map((name) => newestIn(join(path, name))));
}

function run(what, command, args) {
  process.stderr.write(`${what} …\n`);
  const startedAt = Date.now();
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });
  if (done.status !== 0) {
    process.stderr.write(`${done.stdout ?? ''}${done.stderr ?? ''}${done.error?.message ?? ''}\n${what}: failed\n`);
    process.exit(1);
  }
  process.stderr.write(`${what}: done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`ecsdemo needs Node 20.19 or newer; this is ${process.version}\n`);
  process.exit(1);
}
// npm writes this file last, so it is also the sign that an installation was not broken off.
if (changedAt('node_modules/.package-lock.json') < changedAt('package-lock.json')) {
  run('installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}
const sources = Math.max(...['src', 'scripts/build.mjs', 'package-lock.json'].map(newestIn));
if (Math.min(changedAt('dist/cli.cjs'), changedAt('dist/sandbox.cjs'), changedAt('dist/build-id')) < sources) {
  run('building', process.execPath, ['scripts/build.mjs']);
}
