// npm run test:node: unit, wire and e2e tests on each Node that ecsdemo runs on, one line per Node at the end. Options: the
// Nodes to take (22 24), by default all; what follows a second -- goes to vitest.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeOf, supported } from './nodes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const report = join(root, 'node_modules', '.cache', 'ecsdemo-nodes', 'report.json');

const words = process.argv.slice(2);
const end = words.includes('--') ? words.indexOf('--') : words.length;
const versions = end === 0 ? supported : words.slice(0, end);
const forVitest = words.slice(end + 1);

/** @returns the line about it, and whether it went well */
function testOn(version) {
  const node = nodeOf(version);
  if (node === undefined) {
    return { good: true, line: `Node ${version}: skipped, npm has none for ${process.platform}-${process.arch} now` };
  }
  const exact = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1);
  rmSync(report, { force: true });
  process.stderr.write(`\nNode ${exact}\n`);
  const projects = ['unit', 'wire', 'e2e'].flatMap((name) => ['--project', name]);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const startedAt = performance.now();
  const { status } = spawnSync(node, [vitest, 'run', ...projects, ...reporters, ...forVitest], {
    cwd: root,
    stdio: 'inherit',
    // What looks for `node` itself shall find the same.
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
  });
  const good = status === 0;
  if (!existsSync(report)) return { good: false, line: `Node ${exact}: the tests did not run` };
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  // A test file that does not load has no failed tests in it.
  const notLoaded = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  const counts = `${numPassedTests} passed, ${numFailedTests + notLoaded} failed, ${numPendingTests} skipped`;
  return { good, line: `Node ${exact}: ${counts}, ${seconds} s${good ? '' : ', red'}` };
}

const results = versions.map((version) => testOn(version));
process.stdout.write(`\n${results.map(({ line }) => line).join('\n')}\n`);
process.exitCode = results.every(({ good }) => good) ? 0 : 1;
