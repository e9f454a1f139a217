// The action's main part: a smoke run, or a sandbox for the steps after it.
import { join } from 'node:path';
import { documentOf, ecsdemo, makeReady } from './program.mjs';
import { exportVariable, fail, input, isOn, jobDirectory, mask, ownSandbox, saveState, setOutput } from './runner.mjs';

/** Inputs that are flags of `ecsdemo smoke` by the same name. */
const valued = [
  'account',
  'container',
  'container-port',
  'count',
  'expect',
  'image',
  'name',
  'pace',
  'path',
  'region',
  'steps',
  'task-definition',
  'timeout',
  'ttl',
];
const switches = ['local', 'keep', 'retry'];

function flags() {
  return [
    ...valued.flatMap((name) => (input(name) === '' ? [] : [`--${name}=${input(name)}`])),
    ...switches.flatMap((name) => (isOn(name) ? [`--${name}`] : [])),
  ];
}

async function smoke() {
  const dir = jobDirectory();
  const junit = join(dir, 'junit.xml');
  const events = join(dir, 'events.jsonl');
  // Said before anything is made: whoever cancels the job must find it in post.
  saveState('events', events);
  saveState('local', String(isOn('local')));
  saveState('region', input('region'));
  saveState('keep', String(isOn('keep')));
  const { code, stdout } = await ecsdemo([
    'smoke',
    ...flags(),
    '--junit',
    junit,
    '--events',
    events,
    '--json',
    '--verbose',
  ]);
  const document = documentOf(stdout);
  setOutput('name', document?.demo?.name ?? '');
  setOutput('result', code === 0 ? 'passed' : 'failed');
  setOutput('error-code', document?.error?.code ?? '');
  // What is ours and kept because something uses it is left, too.
  const { left, kept = [] } = document?.data ?? {};
  setOutput('left', left ? left.length + kept.filter(({ owned }) => owned).length : '');
  setOutput('junit', junit);
  setOutput('events', events);
  // The cause is on the page already: the program tells GitHub itself.
  process.exitCode = code;
}

async function sandbox() {
  saveState('sandbox', 'true');
  const pace = input('pace');
  const started = await ecsdemo(['sandbox', 'start', '--json', ...(pace === '' ? [] : ['--pace', pace])]);
  if (started.code !== 0) throw new Error(documentOf(started.stdout)?.error?.message ?? 'the sandbox did not start');
  const { data } = documentOf((await ecsdemo(['sandbox', 'env', '--json'])).stdout);
  // A later step cannot be told to forget a variable; empty is as good as absent to the AWS CLI and the SDKs.
  for (const name of data.unset) if (process.env[name]) exportVariable(name, '');
  for (const [name, value] of Object.entries(data.variables)) {
    if (name.includes('SECRET')) mask(value);
    exportVariable(name, value);
  }
  // For `ecsdemo … --local` in a later step.
  exportVariable('ECSDEMO_SANDBOX_DIR', process.env['ECSDEMO_SANDBOX_DIR']);
  setOutput('endpoint', data.variables['AWS_ENDPOINT_URL']);
  setOutput('result', 'passed');
}

try {
  const mode = input('mode') || 'smoke';
  if (mode !== 'smoke' && mode !== 'sandbox') throw new Error(`mode "${mode}" is neither smoke nor sandbox`);
  process.env['ECSDEMO_SANDBOX_DIR'] = ownSandbox();
  makeReady();
  await (mode === 'smoke' ? smoke() : sandbox());
} catch (error) {
  setOutput('result', 'failed');
  fail(error.message);
}
