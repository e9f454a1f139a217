// Commands that oclif itself loads and runs, from the package as it is: the same document, exit codes and refusals.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inOwnDirectory } from './built-program.ts';

const throughOclif = fileURLToPath(new URL('oclif-program.mjs', import.meta.url));

describe("oclif's own run", () => {
  it('runs commands: one JSON document, the exit code, and the sandbox of the directory', async () => {
    const run = inOwnDirectory(throughOclif);
    const made = await run(['up', '--local', '--json', '--through', 'cluster']);
    expect(JSON.parse(made.stdout)).toMatchObject({ command: 'up', ok: true, demo: { target: 'local' }, error: null });
    expect(made.code).toBe(0);
    const status = await run(['status', '--local']);
    expect([status.code, status.stdout]).toEqual([0, expect.stringContaining('my-cluster')]);
    const absent = await run(['verify', '--local', '--json']);
    expect([absent.code, JSON.parse(absent.stdout)]).toEqual([
      3,
      expect.objectContaining({ ok: false, error: expect.objectContaining({ code: 'demo-absent', exitCode: 3 }) }),
    ]);
    const gone = await run(['destroy', '--local', '--quiet']);
    expect([gone.code, gone.stdout]).toEqual([0, expect.stringContaining('nothing is left')]);
  });

  it('runs the commands of a topic, with words between or colons', async () => {
    const run = inOwnDirectory(throughOclif);
    for (const words of [['sandbox', 'status'], ['sandbox:status']]) {
      const { code, stdout } = await run([...words, '--json']);
      expect([code, JSON.parse(stdout)]).toEqual([
        1,
        expect.objectContaining({
          command: 'sandbox status',
          error: expect.objectContaining({ code: 'sandbox-not-running' }),
        }),
      ]);
    }
  });

  it.each([
    [['up', '--cuont', '3'], 'up has no flag --cuont; did you mean --count?', 'ecsdemo up --help'],
    [['destroy', '--count', '3'], 'destroy has no flag --count; up, scale, smoke have it', 'ecsdemo destroy --help'],
    [
      ['up', '--local', '--path', 'health'],
      `--path "health" does not start with '/'`,
      'ecsdemo up --local --json --path /health',
    ],
    [['scale', '--local', '4'], 'scale takes no argument: "4"', 'ecsdemo scale --local --json --count 4'],
  ])('refuses %j in our words', async (args, message, suggestion) => {
    const run = inOwnDirectory(throughOclif);
    const { code, stdout } = await run([...args, '--json']);
    const { error } = JSON.parse(stdout) as { error: { message: string; suggestions: string[] } };
    expect(code).toBe(2);
    expect(error.message).toContain(message);
    expect(error.suggestions).toContain(suggestion);
  });
});
