// npm run test:node: unit, wire and e2e tests on each Node that ecsdemo runs on, one line per Node at the end. Options: the
// Nodes to take ("22", "24"); what follows -- goes to vitest. Node comes as an npm package, into node_modules/.cache.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The oldest that package.json allows, and the two lines after it. */
const supported = ['20.19', '22', '24'];

const words = process.argv.slice(2);
const end = words.includes('--') ? words.indexOf('--') : words.length;
const { positionals } = parseArgs({ args: words.slice(0, end), allowPositionals: true });
const forVitest = words.slice(end + 1);

/** The newest Node of that line, from the npm registry or from an earlier run; undefined when there is none to be had. */
function nodeOf(version) {
  const packageName = `node-${process.platform}-${process.arch}`;
  const directory = join(root, 'node_modules', '.cache', 'ecsdemo-nodes', version);
  const path = join(directory, 'node_modules', packageName, 'bin', 'node');
  mkdirSync(directory, { recursive: true });
  const { status, stderr } = spawnSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', directory, `${packageName}@${version}`],
    { encoding: 'utf8' },
  );
  if (status !== 0 && !existsSync(path)) process.stderr.write(`${stderr}\n`);
  return existsSync(path) ? path : undefined;
}

/** @returns the line about it, and whether it went well */
function testOn(version) {
  const node = nodeOf(version);
  if (node === undefined) return { good: true, line: `Node ${version}: skipped, the npm registry does not give it` };
  const exact = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1);
  const report = join(dirname(dirname(node)), 'report.json');
  rmSync(report, { force: true });
  process.stderr.write(`\nNode ${exact}\n`);
  const projects = ['unit', 'wire', 'e2e'].flatMap((name) => ['--project', name]);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const startedAt = performance.now();
  const { status } = spawnSync(
    node,
    [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...projects, ...reporters, ...forVitest],
    // What looks for `node` itself shall find the same.
    { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` } },
  );
  if (!existsSync(report)) return { good: false, line: `Node ${exact}: failed, the tests did not run` };
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  return {
    good: status === 0,
    line: `Node ${exact}: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped, ${seconds} s${status === 0 ? '' : ', red'}`,
  };
}

if (!['linux', 'darwin'].includes(process.platform)) {
  process.stdout.write(`skipped: npm has no Node to run from its package for ${process.platform}\n`);
} else {
  const results = (positionals.length === 0 ? supported : positionals).map((version) => testOn(version));
  process.stdout.write(`\n${results.map(({ line }) => line).join('\n')}\n`);
  process.exitCode = results.every(({ good }) => good) ? 0 : 1;
}
