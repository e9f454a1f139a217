// Writes what the README repeats from the code between its markers: the tables of exit codes, error codes, faults and
// each chapter's steps.
// With --check it only says whether they are up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = `${root}README.md`;

/** Node 20 does not read TypeScript: a module with tables is bundled and loaded from memory. */
async function load(entry) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

const errorsFile = 'src/base/errors.ts';
const faultsFile = 'src/sandbox/faults/scenarios.ts';
const { errorCodes, exitCodes, exitMeanings } = await load(errorsFile);
const { scenarios } = await load(faultsFile);
const often = (times) => (times === 0 ? 'until it is cleared' : times === 1 ? 'once' : `${times} times`);
const { chapters } = await load('src/chapters/all.ts');
const stepsOf = ({ outline: { id, steps, numbers } }, index) => [
  `steps of ${id}`,
  [
    `src/chapters/${id}/outline.ts`,
    '| # | step | what it makes, and finds again by name and tag |',
    '|---|---|---|',
    ...steps.map((step) => `| ${step.tutorialStep} | \`${step.id}\` | ${step.makes} |`),
    `| ${numbers.scale} | \`ecsdemo ${index === 0 ? '' : `${id} `}scale --count 4\` | says beforehand whether four fit; waits until four are running and healthy |`,
    `| ${numbers.remove} | \`ecsdemo ${index === 0 ? '' : `${id} `}destroy\` | everything that is ours, then an independent scan that fails if anything is left |`,
  ],
];
const tables = {
  ...Object.fromEntries(chapters.map(stepsOf)),
  'exit codes': [
    errorsFile,
    '| code | meaning |',
    '|---|---|',
    '| 0 | done, and proven |',
    ...Object.entries(exitCodes).map(([name, code]) => `| ${code} | ${exitMeanings[name]} |`),
  ],
  'error codes': [
    errorsFile,
    '| `error.code` | exit | meaning |',
    '|---|---|---|',
    ...Object.entries(errorCodes).map(([code, [exit, meaning]]) => `| \`${code}\` | ${exitCodes[exit]} | ${meaning} |`),
  ],
  faults: [
    faultsFile,
    '| fault | what happens | strikes |',
    '|---|---|---|',
    ...Object.entries(scenarios).map(([name, { summary, times }]) => `| \`${name}\` | ${summary} | ${often(times)} |`),
  ],
};

const before = readFileSync(file, 'utf8');
let after = before;
for (const [name, [source, ...lines]] of Object.entries(tables)) {
  const [start, end] = [`<!-- ${name}: from ${source}, by npm run fix -->`, `<!-- end of ${name} -->`];
  const from = after.indexOf(start);
  const to = after.indexOf(end);
  if (from < 0 || to < 0) throw new Error(`README.md lacks the markers of "${name}"`);
  after = `${after.slice(0, from)}${start}\n${lines.join('\n')}\n${after.slice(to)}`;
}
if (process.argv.includes('--check')) {
  if (after !== before) {
    process.stderr.write("README.md's tables differ from the code: run npm run fix\n");
    process.exit(1);
  }
} else if (after !== before) writeFileSync(file, after);
