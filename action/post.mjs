// The action's last part, run also for a job that was cancelled: takes away what main was kept from taking away.
import { readFileSync } from 'node:fs';
import { documentOf, ecsdemo } from './program.mjs';
import { fail, ownSandbox, savedState } from './runner.mjs';

/** What main did, by its file of events; none: it did not get so far as to begin. */
function eventsOf(path) {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .map(documentOf)
      .filter((event) => event !== undefined);
  } catch {
    return [];
  }
}

async function takeAway() {
  const events = eventsOf(savedState('events'));
  const name = events.find(({ type }) => type === 'run-started')?.demo;
  if (name === undefined) return;
  const isGone = events.some(
    ({ type, command, error }) => type === 'command-finished' && command === 'destroy' && error === undefined,
  );
  if (isGone) return;
  const ended = events.find(({ type }) => type === 'run-finished');
  if (savedState('keep') === 'true' && ended !== undefined && ended.error?.code !== 'interrupted') {
    process.stdout.write(`demo ${name} is kept, as asked: ecsdemo destroy --name ${name} takes it away\n`);
    return;
  }
  const region = savedState('region');
  const where = savedState('local') === 'true' ? ['--local'] : region === '' ? [] : ['--region', region];
  const { code, stdout } = await ecsdemo(['destroy', '--name', name, '--yes', ...where]);
  process.stdout.write(stdout);
  if (code !== 0) fail(`demo ${name} could not be taken away as a whole: ecsdemo sweep finds the rest`);
}

process.env['ECSDEMO_SANDBOX_DIR'] = ownSandbox();
await takeAway();
if (savedState('local') === 'true' || savedState('sandbox') === 'true') await ecsdemo(['sandbox', 'stop']);
