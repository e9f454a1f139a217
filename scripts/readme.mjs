// Writes what the README repeats from the code between its markers: the tables of exit codes and error codes.
// With --check it only says whether they are up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = `${root}README.md`;

/** Node 20 does not read TypeScript: the one module with the tables is bundled and loaded from memory. */
async function loadErrors() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/base/errors.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

const { errorCodes, exitCodes, exitMeanings } = await loadErrors();
const tables = {
  'exit codes': [
    '| code | meaning |',
    '|---|---|',
    '| 0 | done, and proven |',
    ...Object.entries(exitCodes).map(([name, code]) => `| ${code} | ${exitMeanings[name]} |`),
  ],
  'error codes': [
    '| `error.code` | exit | meaning |',
    '|---|---|---|',
    ...Object.entries(errorCodes).map(([code, [exit, meaning]]) => `| \`${code}\` | ${exitCodes[exit]} | ${meaning} |`),
  ],
};

const before = readFileSync(file, 'utf8');
let after = before;
for (const [name, lines] of Object.entries(tables)) {
  const [start, end] = [`<!-- ${name}: from src/base/errors.ts, by npm run fix -->`, `<!-- end of ${name} -->`];
  const from = after.indexOf(start);
  const to = after.indexOf(end);
  if (from < 0 || to < 0) throw new Error(`README.md lacks the markers of "${name}"`);
  after = `${after.slice(0, from)}${start}\n${lines.join('\n')}\n${after.slice(to)}`;
}
if (process.argv.includes('--check')) {
  if (after !== before) {
    process.stderr.write("README.md's tables differ from src/base/errors.ts: run npm run fix\n");
    process.exit(1);
  }
} else if (after !== before) writeFileSync(file, after);
