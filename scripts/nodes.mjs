// The Nodes that ecsdemo runs on, as npm packages in node_modules/.cache: for the tests and the bench.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The oldest that package.json allows, and the two lines after it. */
export const supported = ['20.19', '22', '24'];

const cache = fileURLToPath(new URL('../node_modules/.cache/ecsdemo-nodes', import.meta.url));

/**
 * The newest Node of one line.
 * @param {string} version as '22'
 * @returns {string | undefined} its path; undefined when neither the npm registry nor an earlier run has it for this platform
 */
export function nodeOf(version) {
  if (!['linux', 'darwin'].includes(process.platform)) return undefined;
  const packageName = `node-${process.platform}-${process.arch}`;
  const directory = join(cache, version);
  const path = join(directory, 'node_modules', packageName, 'bin', 'node');
  mkdirSync(directory, { recursive: true });
  const options = ['--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1', '--prefix', directory];
  spawnSync('npm', ['install', ...options, `${packageName}@${version}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  return existsSync(path) ? path : undefined;
}
