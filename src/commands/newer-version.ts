// One line when a newer version is out: for people at a terminal, never in CI, and not when it is not wanted. npm is asked
// once a day, beside the run and by npm itself, so that a run waits for nobody; what it said is told at the next run.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../base/settings.ts';

const dayMs = 86_400_000;

export interface Asked {
  env: Environment;
  /** Its own, as in package.json. */
  version: string;
  name: string;
  /** True when somebody sees the line. */
  isTerminal: boolean;
}

/** The line; undefined: nothing newer is known, or nobody wants to know. */
export function newerVersion({ env, version, name, isTerminal }: Asked): string | undefined {
  const unwanted = env['NO_UPDATE_NOTIFIER'] || env['ECSDEMO_NO_UPDATE_CHECK'] || env['CI'];
  if (!isTerminal || unwanted) return undefined;
  const dir = join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), name);
  const file = join(dir, 'latest-version');
  try {
    const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0 };
    const known = mtimeMs === 0 ? '' : readFileSync(file, 'utf8').trim();
    if (Date.now() - mtimeMs > dayMs) askNpm(name, dir, file, env);
    if (!isNewer(known, version)) return undefined;
    return `${name} ${known} is out, this is ${version}: npm install --global ${name} (ECSDEMO_NO_UPDATE_CHECK=1 says no more of it)`;
  } catch {
    // A cache that cannot be read or written is no concern of the run.
    return undefined;
  }
}

/** Its answer goes straight into the file; whatever else npm has to say, nobody hears. */
function askNpm(name: string, dir: string, file: string, env: Environment): void {
  mkdirSync(dir, { recursive: true });
  const answer = openSync(file, 'w');
  const npm = spawn('npm', ['view', name, 'version'], {
    detached: true,
    env: { ...env },
    stdio: ['ignore', answer, 'ignore'],
    shell: process.platform === 'win32',
  });
  npm.on('error', () => undefined);
  npm.unref();
  closeSync(answer);
}

/** False for what is no version. Versions that are only tried out count for nothing. */
function isNewer(known: string, own: string): boolean {
  const parts = (version: string): number[] | undefined =>
    /^\d+\.\d+\.\d+$/.test(version) ? version.split('.').map(Number) : undefined;
  const [theirs, ours] = [parts(known), parts(own)];
  if (theirs === undefined || ours === undefined) return false;
  const differing = theirs.findIndex((part, index) => part !== ours[index]);
  return differing !== -1 && (theirs[differing] ?? 0) > (ours[differing] ?? 0);
}
