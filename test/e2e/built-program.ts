// Runs the built program as a shell would, in a state directory of its own, with no AWS settings of this machine.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const ownProgram = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
/** Of all tests: what V8 compiled of the bundle is the same for each. */
const cache = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** @param watch told of all that was written to stderr until now, each time something is; may send a signal */
export type Run = (
  args: string[],
  env?: Record<string, string>,
  watch?: (stderr: string, signal: (name: NodeJS.Signals) => void) => void,
) => Promise<Ended>;

/** All runs of one test share a state directory; its sandbox is stopped and its files are gone when the test ends. */
export function inOwnDirectory(program = ownProgram): Run {
  const dir = mkdtempSync(join(tmpdir(), 'ecsdemo-test-'));
  const run: Run = (args, env = {}, watch) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [program, ...args], {
        env: {
          PATH: process.env['PATH'],
          HOME: dir,
          XDG_CACHE_HOME: cache,
          AWS_CONFIG_FILE: join(dir, 'none'),
          AWS_SHARED_CREDENTIALS_FILE: join(dir, 'none'),
          AWS_EC2_METADATA_DISABLED: 'true',
          ECSDEMO_SANDBOX_DIR: join(dir, 'sandbox'),
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
        watch?.(stderr, (name) => child.kill(name));
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
  onTestFinished(async () => {
    if (existsSync(join(dir, 'sandbox'))) await run(['sandbox', 'stop']);
    rmSync(dir, { recursive: true, force: true });
  });
  return run;
}
