// A policy from the command line to the sandbox that enforces it, as somebody tries it before asking for it.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { inOwnDirectory } from './built-program.ts';
import { temporaryDir } from '../sandbox/temporary-dir.ts';

const words = (text: string): string => text.replaceAll(/\s+/g, ' ');

it('what policy prints is enough, and what it leaves out is denied by name', async () => {
  const run = inOwnDirectory();
  const file = `${temporaryDir()}/policy.json`;
  const printed = await run(['policy', '--region', 'us-east-1']);
  expect([printed.code, printed.stderr]).toEqual([0, expect.stringContaining('of the 6144 characters')]);
  writeFileSync(file, printed.stdout);
  const started = await run(['sandbox', 'start', '--policy', file]);
  expect([started.code, started.stderr.includes(`enforces ${file}`)]).toEqual([0, true]);
  for (const args of [['up', '--yes'], ['verify'], ['scale', '--count', '2'], ['status'], ['destroy', '--yes']])
    expect([args, (await run([...args, '--local'])).code]).toEqual([args, 0]);
  const swept = await run(['sweep', '--local', '--dry-run']);
  expect([swept.code, words(swept.stderr).includes('may not do ecs:ListClusters')]).toEqual([5, true]);
  const other = await run(['up', '--local', '--name', 'other', '--yes']);
  expect([other.code, words(other.stderr)]).toEqual([
    5,
    expect.stringMatching(/may not do \w+:\w+: .*no identity-based policy/),
  ]);
  const again = await run(['sandbox', 'start', '--policy', `${file}x`]);
  expect([again.code, words(again.stderr)]).toEqual([2, expect.stringContaining('cannot be read')]);
  writeFileSync(`${file}x`, readFileSync(file));
  const different = await run(['sandbox', 'start', '--policy', `${file}x`]);
  expect([different.code, words(different.stderr)]).toEqual([2, expect.stringContaining('already running')]);
  expect((await run(['sandbox', 'status'])).stdout).toContain(file);
});
