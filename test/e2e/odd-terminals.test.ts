// The built program where it is not on a plain terminal: readers that go away, full disks, signals, odd directories, and
// from the package as it would be published.
import { execFile, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'bin', 'run.js');

interface Place {
  dir: string;
  /** @param options `script`: in place of bin/run.js */
  start(
    args: string[],
    options?: { stdio?: StdioOptions; env?: Record<string, string>; script?: string; cwd?: string },
  ): ChildProcess;
}

/** A directory with blanks and more in its name; its sandbox is stopped and all is gone when the test ends. */
function aPlace(): Place {
  const dir = join(mkdtempSync(join(tmpdir(), 'ecsdemo-odd-')), 'wo ist – 42?');
  mkdirSync(dir);
  const place: Place = {
    dir,
    start: (args, { stdio, env = {}, script = program, cwd = dir } = {}) =>
      spawn(process.execPath, [script, ...args], {
        cwd,
        stdio: stdio ?? ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: process.env['PATH'],
          ECSDEMO_SANDBOX_DIR: join(dir, 'sand box'),
          AWS_EC2_METADATA_DISABLED: 'true',
          ...env,
        },
      }),
  };
  onTestFinished(async () => {
    await ended(place.start(['sandbox', 'stop']));
    rmSync(join(dir, '..'), { recursive: true, force: true });
  });
  return place;
}

async function ended(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** Resolves when `text` has been seen on stderr. */
function untilSaid(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (more: Buffer) => {
      said += String(more);
      if (said.includes(text)) resolve();
    });
    child.on('close', () => reject(new Error(`ended without saying "${text}": ${said}`)));
  });
}

describe('a reader that goes away', () => {
  it.each([['status'], ['status', '--json'], ['up', '--help'], ['upp', '--json']])(
    'is no failure of ours: %s %s',
    async (...args) => {
      const { start } = aPlace();
      const child = start([...args, ...(args[0] === 'status' ? ['--local'] : [])]);
      child.stdout?.destroy();
      const { code, stderr } = await ended(child);
      expect(code).toBe(args[0] === 'upp' ? 2 : 0);
      expect(stderr).not.toMatch(/EPIPE|^\s+at /m);
    },
  );

  it('of stderr does not stop the work', async () => {
    const { start } = aPlace();
    const child = start(['up', '--local']);
    child.stderr?.destroy();
    const { code, stdout } = await ended(child);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\n$/);
  });
});

describe.skipIf(!existsSync('/dev/full'))('a full disk', () => {
  it.each([[['help', 'errors']], [['up', '--help']], [['status', '--local', '--json']]])(
    'is told in one sentence: %j',
    async (args) => {
      const { start } = aPlace();
      const full = openSync('/dev/full', 'w');
      onTestFinished(() => closeSync(full));
      const { code, stderr } = await ended(start(args, { stdio: ['ignore', full, 'pipe'] }));
      expect(code).toBe(1);
      expect(stderr).toMatch(/^Error \(unexpected\): the output cannot be written: ENOSPC/m);
      expect(stderr).not.toMatch(/^\s+at /m);
    },
  );

  it('does not change how wrong usage ends', async () => {
    const { start } = aPlace();
    const full = openSync('/dev/full', 'w');
    onTestFinished(() => closeSync(full));
    expect((await ended(start(['upp'], { stdio: ['ignore', 'pipe', full] }))).code).toBe(2);
  });
});

describe('streams', () => {
  it('that go to one file carry nothing but the document under --json', async () => {
    const { dir, start } = aPlace();
    const file = join(dir, 'both.json');
    const both = openSync(file, 'w');
    const { code } = await ended(start(['up', '--local', '--json'], { stdio: ['ignore', both, both] }));
    closeSync(both);
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ command: 'up', ok: true });
  });

  it('take colour where it is forced, and still no cursor movement', async () => {
    const { start } = aPlace();
    const { stderr } = await ended(start(['upp'], { env: { FORCE_COLOR: '1', TERM: 'xterm' } }));
    expect(stderr).toContain('\u001B[1m');
    // oxlint-disable-next-line no-control-regex -- colours are the only sequences allowed
    expect(stderr.replaceAll(/\u001B\[\d+m/g, '')).not.toContain('\u001B');
  });
});

describe('a signal in the middle of up', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s stops it, with what is there and how to go on; destroy then leaves nothing',
    async (signal) => {
      const { start } = aPlace();
      const up = start(['up', '--local', '--pace', '20']);
      const end = ended(up);
      await untilSaid(up, 'waiting for');
      up.kill(signal);
      const { code, stdout, stderr } = await end;
      expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
      expect(stderr).toContain('stopping: what is under way is finished first');
      expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(
        /interrupted; this run created \d+ resources, kept for now: .*my-cluster/,
      );
      expect(stderr).toMatch(/^ {2}ecsdemo up --local --pace 20\n {2}ecsdemo destroy --local$/m);
      const gone = await ended(start(['destroy', '--local', '--json']));
      expect(JSON.parse(gone.stdout)).toMatchObject({ ok: true, data: { left: [] } });
    },
  );

  it('ends at once when it comes again', async () => {
    const { start } = aPlace();
    const up = start(['up', '--local', '--pace', '20']);
    const end = ended(up);
    await untilSaid(up, 'waiting for');
    up.kill('SIGINT');
    await untilSaid(up, 'stopping:');
    up.kill('SIGINT');
    const { code, stderr } = await end;
    expect(code).toBe(130);
    // Where the first one has ended it meanwhile, that is told.
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(
      /\(interrupted\): (ended at once, and what AWS was asked for last .*|interrupted); this run created \d+ resources.* ecsdemo destroy --local/,
    );
  });

  it('ends with the same exit code when it comes again and again, also while it is ending', async () => {
    const { start } = aPlace();
    const up = start(['up', '--local', '--pace', '20']);
    const end = ended(up);
    await untilSaid(up, 'waiting for');
    up.kill('SIGINT');
    await untilSaid(up, 'stopping:');
    const again = setInterval(() => up.kill('SIGINT'), 1);
    onTestFinished(() => clearInterval(again));
    expect((await end).code).toBe(130);
  });
});

describe('the program', () => {
  it('runs through a link, from a directory of any name, without a home', async () => {
    const { dir, start } = aPlace();
    const link = join(dir, 'ecsdemo');
    symlinkSync(program, link);
    const { code, stdout, stderr } = await ended(start(['up', '--local', '--quiet'], { script: link }));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^http:/);
  });

  it('says where the sandbox cannot keep its state', async () => {
    const { start } = aPlace();
    const { code, stderr } = await ended(
      start(['up', '--local'], { env: { ECSDEMO_SANDBOX_DIR: join(program, 'x') } }),
    );
    expect(code).toBe(1);
    expect(stderr).toContain('Error (sandbox-failed): the sandbox cannot keep its state in');
    expect(stderr).toContain('Try: export ECSDEMO_SANDBOX_DIR=');
  });

  it('is in the package with all that it needs and nothing else, and works from there', async () => {
    const { dir, start } = aPlace();
    const npm = (...args: string[]) =>
      promisify(execFile)('npm', args, { cwd: root, shell: process.platform === 'win32' });
    const { stdout } = await npm('pack', '--ignore-scripts', '--json', '--pack-destination', dir);
    const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
    expect(
      packed?.files
        .map(({ path }) => path)
        .filter(
          (path) =>
            !/^(bin\/((run|sandbox|load|compiled-code)\.js|package\.json)|dist\/([\w-]+\.cjs|build-id)|templates\/.+|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(
              path,
            ),
        ),
    ).toEqual([]);
    await npm('install', '--offline', '--no-audit', '--no-fund', '--prefix', dir, join(dir, packed?.filename ?? ''));
    const installed = join(dir, 'node_modules', '.bin', 'ecsdemo');
    const up = await ended(start(['up', '--local'], { script: installed, cwd: tmpdir() }));
    expect(up.code).toBe(0);
    const answer = await fetch(up.stdout.trim(), { signal: AbortSignal.timeout(5000) });
    expect((await answer.text()).trim()).toBe('42');
  });
});
