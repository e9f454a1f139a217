// Suggestions taken as people take them: a situation is brought about, what the program prints is pasted into a shell, and it
// helps. Which there are is stories.ts's.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { stories, type Story } from './stories.ts';

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const hasAwsCli = spawnSync('aws', ['--version'], { stdio: 'ignore' }).status === 0;

interface Ran {
  code: number | null;
  out: string;
  all: string;
}

/** A directory with a shell in it, where `ecsdemo` is this tree's; its sandbox is stopped at the end. */
function inShell(): { dir: string; sh(lines: string[]): Promise<Ran> } {
  const dir = mkdtempSync(join(tmpdir(), 'ecsdemo-advice-'));
  mkdirSync(join(dir, 'bin'));
  writeFileSync(join(dir, 'bin', 'ecsdemo'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, {
    mode: 0o755,
  });
  const sh = (lines: string[]): Promise<Ran> =>
    new Promise((resolve, reject) => {
      const child = spawn('bash', ['-c', lines.join('\n')], {
        cwd: dir,
        env: {
          PATH: `${join(dir, 'bin')}:${process.env['PATH']}`,
          HOME: dir,
          // Where tools find themselves that are installed per user.
          ...(process.env['PYENV_ROOT'] === undefined ? {} : { PYENV_ROOT: process.env['PYENV_ROOT'] }),
          AWS_EC2_METADATA_DISABLED: 'true',
          AWS_PAGER: '',
          ECSDEMO_SANDBOX_DIR: join(dir, 'sandbox'),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let out = '';
      let all = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => ((out += text), (all += text)));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (all += text));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, out, all }));
    });
  onTestFinished(async () => {
    await sh(['ecsdemo sandbox stop']);
    rmSync(dir, { recursive: true, force: true });
  });
  return { dir, sh };
}

/** The suggestions of the JSON document at the end of what was printed. */
function suggestionsIn(out: string): string[] {
  const { error } = JSON.parse(out.slice(out.indexOf('{'))) as { error: { suggestions: string[] } | null };
  return error?.suggestions ?? [];
}

/** A test for each story. @param every only each so many-th, for a sample. @default 1 */
export function takeSuggestions(every = 1): void {
  it.for(Object.entries(stories).filter((_, index) => index % every === 0))('%s', async ([, story], { skip }) => {
    skip(story.awsCli === true && !hasAwsCli, 'the AWS CLI is missing');
    await play(story);
  });
}

async function play({ files = {}, before = [], fails, takes, fill, first, ...story }: Story): Promise<void> {
  const { dir, sh } = inShell();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const aim = story.asAws === true ? ['ecsdemo sandbox start 2>/dev/null', 'eval "$(ecsdemo sandbox env)"'] : [];
  for (const line of before) {
    const { code, all } = await sh([...aim, line]);
    expect({ line, code, all }).toMatchObject({ line, code: 0 });
  }
  const failed = await sh([...aim, fails]);
  expect(failed).not.toMatchObject({ code: 0 });
  const printed = suggestionsIn(failed.out);
  const line = printed.find((each) => takes.test(each));
  expect(line, `of ${JSON.stringify(printed)}`).toBeDefined();
  const taken = (line ?? '').replaceAll('…', fill ?? '…');
  // What the failing line set in the shell is still set.
  const shell = fails.split('; ').slice(0, -1);
  const typed = story.types === undefined ? '' : ` < ${story.types}`;
  const helped = await sh([
    ...aim,
    ...shell,
    ...(first === undefined ? [] : [first]),
    typed === '' ? taken : `{ ${taken.replace(/ {3}#.*/, '')}; }${typed}`,
    ...(story.again === true ? [fails.split('; ').at(-1) ?? ''] : []),
  ]);
  if (story.looks !== true) expect(helped.code, `${taken}\n${helped.all}`).toBe(0);
  if (story.shows !== undefined) expect(helped.all).toMatch(story.shows);
}
