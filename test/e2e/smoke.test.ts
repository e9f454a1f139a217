// `ecsdemo smoke` as a CI job runs it: reports, exit codes, and nothing left whenever it is stopped.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { inOwnDirectory, type Run } from './built-program.ts';

interface Document {
  ok: boolean;
  demo: { name: string };
  data: { commands: { command: string; status: string }[]; left: unknown[] | null };
  error: { code: string } | null;
  warnings: string[];
}

function ownFiles(): (name: string) => string {
  const dir = mkdtempSync(join(tmpdir(), 'ecsdemo-reports-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return (name) => join(dir, name);
}

async function sandboxIsEmpty(run: Run): Promise<boolean> {
  const { code, stdout } = await run(['sweep', '--local', '--dry-run', '--json']);
  return code === 0 && (JSON.parse(stdout) as { data: { demos: unknown[] } }).data.demos.length === 0;
}

it('runs as a GitHub job: named after the run, on the page of its summary, nothing left', async () => {
  const run = inOwnDirectory();
  const at = ownFiles();
  const env = { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '123', GITHUB_STEP_SUMMARY: at('page.md') };
  const files = ['--junit', at('junit.xml'), '--events', at('events.jsonl'), '--trace', at('trace.jsonl')];
  const { code, stdout, stderr } = await run(['smoke', '--local', '--count', '2', '--json', ...files], env);
  expect([code, stderr]).toEqual([0, '']);
  const { demo, data } = JSON.parse(stdout) as Document;
  expect(demo.name).toMatch(/^ci-123-[0-9a-f]{4}$/);
  expect([data.commands.at(-1), data.left]).toMatchObject([{ command: 'destroy', status: 'passed' }, []]);
  expect(readFileSync(at('page.md'), 'utf8')).toContain('nothing is left');
  expect(readFileSync(at('junit.xml'), 'utf8')).toContain('ecsdemo scale --count 2');
  const events = readFileSync(at('events.jsonl'), 'utf8').trimEnd().split('\n');
  expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({ type: 'run-finished', exitCode: 0, number: events.length });
  const trace = readFileSync(at('trace.jsonl'), 'utf8').trimEnd().split('\n');
  expect(trace.length).toBeGreaterThan(50);
  expect(trace.join('')).not.toContain('Credential=');
  expect(stderr).not.toContain('::error');
  expect(await sandboxIsEmpty(run)).toBe(true);
});

it('a broken run ends with the first cause, GitHub is told once, and nothing is left', async () => {
  const run = inOwnDirectory();
  const { code, stdout, stderr } = await run(['smoke', '--local', '--image', 'no/such', '--json'], {
    GITHUB_ACTIONS: 'true',
    GITHUB_RUN_ID: '7',
  });
  const { error, data } = JSON.parse(stdout) as Document;
  expect([code, error?.code, data.left]).toEqual([3, 'cannot-pull', []]);
  expect(stderr.split('\n').filter((line) => line.startsWith('::error'))).toHaveLength(1);
  expect(await sandboxIsEmpty(run)).toBe(true);
});

it.each([
  ['SIGTERM', 'up …'],
  ['SIGINT', 'Container instance …'],
  ['SIGTERM', '✔ up ('],
  ['SIGINT', 'scale --count 2 …'],
  ['SIGTERM', '✔ scale --count 2 ('],
] as const)('%s at "%s": what was made is taken away, exit 130', async (name, at) => {
  const run = inOwnDirectory();
  let sent = false;
  const { code, stderr } = await run(['smoke', '--local', '--count', '2'], {}, (text, signal) => {
    if (sent || !text.includes(at)) return;
    sent = true;
    signal(name);
  });
  expect(sent).toBe(true);
  expect([code, stderr]).toEqual([
    130,
    expect.stringMatching(/Error \(interrupted\): interrupted; .*(nothing is left|destroy was not run)/),
  ]);
  expect(await sandboxIsEmpty(run)).toBe(true);
});

it('in CI it works on no account that it was not told', async () => {
  const run = inOwnDirectory();
  const { code, stderr } = await run(['smoke'], { CI: 'true' });
  expect([code, stderr]).toEqual([2, expect.stringContaining('--account')]);
});

it('a report that cannot be written is found before anything is made', async () => {
  const run = inOwnDirectory();
  const at = ownFiles();
  for (const flag of ['--junit', '--summary', '--events', '--trace']) {
    const { code, stderr } = await run(['up', '--local', flag, at('none/file')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`${flag} "`)]);
  }
  const { code, stderr } = await run(['up', '--local', '--junit', at('one'), '--events', at('one')]);
  expect([code, stderr]).toEqual([2, expect.stringContaining('--junit goes there too')]);
  expect((await run(['sandbox', 'status'])).stderr).toContain('no sandbox is running');
});

it('a report that is lost on the way is a warning, and the run its own result', async () => {
  if (!existsSync('/dev/full')) return;
  const run = inOwnDirectory();
  const { code, stdout } = await run(['up', '--local', '--json', '--junit', '/dev/full']);
  const { ok, warnings } = JSON.parse(stdout) as Document;
  expect([code, ok, warnings]).toEqual([
    0,
    true,
    [expect.stringContaining('--junit "/dev/full" could not be written')],
  ]);
});
