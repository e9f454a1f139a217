// Completion in real shells, each where it is on the machine: what a person sees who presses the key.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { inOwnDirectory } from './built-program.ts';

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

type Shell = 'bash' | 'zsh' | 'fish';

const isThere = (shell: Shell): boolean => spawnSync(shell, ['-c', 'exit'], { stdio: 'ignore' }).status === 0;

/** The completions of what was typed, as the shell itself finds them with our script loaded. */
function completions(shell: Shell, typed: string): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'ecsdemo-shell-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'ecsdemo'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(join(dir, 'ecsdemo'), 0o755);
  const env = {
    PATH: `${dir}:${process.env['PATH']}`,
    HOME: dir,
    ECSDEMO_SANDBOX_DIR: join(dir, 'sandbox'),
    TYPED: typed,
  };
  return execFileSync(shell, [...(shell === 'zsh' ? ['-f'] : []), '-c', scripts[shell]], {
    env,
    cwd: dir,
    encoding: 'utf8',
  })
    .split('\n')
    .map((line) => line.replace(/\t.*$/, '').trim())
    .filter((line) => line !== '');
}

const scripts: Record<Shell, string> = {
  bash: `eval "$(ecsdemo completion bash)"
    COMP_LINE=$TYPED COMP_POINT=\${#TYPED}
    compopt() { echo "compopt $*"; }
    _ecsdemo
    printf '%s\\n' "\${COMPREPLY[@]}"`,
  // The widget itself needs a terminal; the function is called with what zsh sets, and what it offers is written down.
  zsh: `autoload -Uz compinit; compinit -u
    eval "$(ecsdemo completion zsh)"
    _describe() { print -rl -- "\${(@P)2%%:*}" }
    _files() { print -r -- compopt -o default }
    [[ -n "\${_comps[ecsdemo]}" ]] || print not registered
    words=("\${(@s: :)TYPED}"); CURRENT=\${#words}
    _ecsdemo`,
  fish: `ecsdemo completion fish | source; complete -C "$TYPED"`,
};

describe.each<Shell>(['bash', 'zsh', 'fish'])('%s', (shell) => {
  const there = isThere(shell);
  it.skipIf(!there)(`${there ? '' : `skipped, ${shell} is not on this machine: `}commands, flags and values`, () => {
    expect(completions(shell, 'ecsdemo s')).toEqual(
      expect.arrayContaining(['scale', 'status', 'sweep', 'smoke', 'sandbox']),
    );
    expect(completions(shell, 'ecsdemo up --through ')).toEqual(
      expect.arrayContaining(['network', 'cluster', 'service']),
    );
    expect(completions(shell, 'ecsdemo sandbox fault thr')).toEqual(['throttling']);
    expect(completions(shell, 'ecsdemo scale --cou')).toEqual(['--count']);
    expect(completions(shell, 'ecsdemo nonsense --x')).toEqual([]);
  });
});

it('names of files are left to the shell', () => {
  expect(completions('bash', 'ecsdemo up --task-definition ')).toEqual(['compopt -o default']);
});

it('demos on the sandbox are named', async () => {
  const run = inOwnDirectory();
  expect((await run(['up', '--local', '--name', 'shop', '--through', 'load-balancer'])).code).toBe(0);
  const { stdout } = await run(['destroy', '--local', '--name', 's'], { ECSDEMO_COMPLETE: 'bash' });
  expect(stdout).toBe('shop\n');
});

it('a flag that was given is not offered again, one after = is', async () => {
  const run = inOwnDirectory();
  const asked = async (...words: string[]): Promise<string[]> =>
    (await run(words, { ECSDEMO_COMPLETE: 'bash' })).stdout.trimEnd().split('\n');
  const flags = await asked('up', '--count', '2', '--local', '--');
  expect(flags).toContain('--instances');
  expect([flags.includes('--count'), flags.includes('--local')]).toEqual([false, false]);
  expect(await asked('up', '--pace=f')).toEqual(['--pace=fast']);
});

it('what is no shell is refused', async () => {
  const run = inOwnDirectory();
  expect(await run(['completion', 'bsh'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean "bash"'),
  });
  expect(await run(['completion'])).toMatchObject({ code: 2 });
});
