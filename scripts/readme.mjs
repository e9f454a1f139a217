// Writes what the README repeats from the code between its markers: the tables of exit codes, error codes, faults,
// permissions and each chapter's steps.
// With --check it only says whether they are up to date.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
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

/** The same of what stands on the SDK, which is CommonJS in part and asks for Node's modules by `require`. */
async function loadWhole(contents) {
  const outfile = `${root}node_modules/.ecsdemo-readme.cjs`;
  const stdin = { contents, resolveDir: root, loader: 'ts' };
  await build({ stdin, bundle: true, outfile, platform: 'node', mainFields: ['module', 'main'], logLevel: 'error' });
  try {
    return createRequire(import.meta.url)(outfile);
  } finally {
    rmSync(outfile);
  }
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
const { grantsFor, tutorial } = await loadWhole(
  "export { grantsFor } from './src/actions/policy.ts'; export { tutorial } from './src/chapters/tutorial/chapter.ts';",
);
/** What a policy for the command allows. */
function actionsOf(command, onInstance = false) {
  const asked = { commands: [command], demo: { name: 'my' }, onInstance, adopt: false };
  return grantsFor(tutorial, asked).map(([{ action }]) => action);
}
/** '`ec2:CreateTags`, `RunInstances`; `ecs:CreateCluster`', less what `known` has. */
function actionsText(actions, known = []) {
  const byService = new Map();
  for (const action of [...new Set(actions)].filter((each) => !known.includes(each)).toSorted()) {
    const [service, name] = action.split(':');
    byService.set(service, [...(byService.get(service) ?? []), name]);
  }
  return [...byService]
    .map(([service, names]) => names.map((name, at) => `\`${at === 0 ? `${service}:` : ''}${name}\``).join(', '))
    .join('; ');
}
const everybody = ['status', 'verify', 'up', 'scale', 'destroy', 'doctor'].map((command) => actionsOf(command));
const looks = everybody[0].filter((action) => everybody.every((actions) => actions.includes(action)));
const permissionRows = [
  ['all but `sweep`', actionsText(looks)],
  ['`status`', actionsText(actionsOf('status'), looks)],
  ['`verify`', actionsText(actionsOf('verify'), looks)],
  ['`verify --on-instance`', actionsText(actionsOf('verify', true), actionsOf('verify'))],
  ['`up`', actionsText(actionsOf('up'), looks)],
  ['`scale`', actionsText(actionsOf('scale'), looks)],
  ['`destroy`', actionsText(actionsOf('destroy'), looks)],
  ['`doctor`', actionsText(actionsOf('doctor'), looks)],
  ['`sweep`, what `destroy` has and', actionsText(actionsOf('sweep'), actionsOf('destroy'))],
];
const tables = {
  permissions: [
    'src/actions/policy.ts',
    '| command | actions |',
    '|---|---|',
    ...permissionRows.map(([command, actions]) => `| ${command} | ${actions} |`),
  ],
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
