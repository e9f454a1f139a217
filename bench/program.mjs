// The program under test: what a person would install, packed and unpacked into a directory of its own, and sandboxes
// for it. A build that somebody starts meanwhile changes nothing here.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './processes.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Removed at the end. */
export const scratch = mkdtempSync(join(tmpdir(), 'ecsdemo-bench-'));
const sandboxes = new Set();

/** What was packed: size of the tarball in bytes, and where it is unpacked. */
export const packed = (() => {
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', scratch], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  execFileSync('tar', ['xzf', filename], { cwd: scratch });
  return { bytes: statSync(join(scratch, filename)).size, dir: join(scratch, 'package') };
})();

export const entry = join(packed.dir, 'bin', 'run.js');

/** Nothing of the caller's own AWS set-up may reach a measurement, nor what an earlier run compiled. */
const cleanEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS_|ECSDEMO_|NODE_OPTIONS|NODE_DISABLE_COMPILE)/.test(name)),
  ),
  XDG_CACHE_HOME: scratch,
};

/**
 * A new sandbox, or with `start: false` only the place for one.
 * @param {{ pace?: string | number, latencyMs?: number, start?: boolean }} options pace of the sandbox, milliseconds added to every call
 */
export async function aSandbox({ pace = 'fast', latencyMs = 0, start = true } = {}) {
  const dir = mkdtempSync(join(scratch, 'sandbox-'));
  const env = { ...cleanEnv, ECSDEMO_SANDBOX_DIR: dir };
  const ecsdemo = (args, options = {}) => run(process.execPath, [entry, ...args], { ...options, env });
  const sandbox = {
    dir,
    env,
    /** Runs a command; `run`'s result. */
    ecsdemo,
    /** Runs a command on the sandbox with --json; its document, with the wall time of the whole process in `wallMs`. */
    async json(args, options) {
      const { ms, out } = await ecsdemo([...args, '--local', '--json'], options);
      return { ...JSON.parse(out), wallMs: ms };
    },
    /** The environment of a program that shall use this sandbox as AWS. */
    asAws() {
      const { endpoint, region, credentials, account, pid } = this.connection();
      return {
        ...env,
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        BENCH_ACCOUNT: account,
        BENCH_PID: String(pid),
      };
    },
    connection: () => JSON.parse(readFileSync(join(dir, 'connection.json'), 'utf8')),
    async stop() {
      if (!sandboxes.delete(sandbox)) return;
      await ecsdemo(['sandbox', 'stop']);
      rmSync(dir, { recursive: true, force: true });
    },
  };
  sandboxes.add(sandbox);
  mkdirSync(dir, { recursive: true });
  if (start) await ecsdemo(['sandbox', 'start', '--pace', String(pace), '--latency', String(latencyMs)]);
  return sandbox;
}

/** Runs `work` with a new sandbox and stops it, whatever happens. */
export async function withSandbox(options, work) {
  const sandbox = await aSandbox(options);
  try {
    return await work(sandbox);
  } finally {
    await sandbox.stop();
  }
}

/** Stops every sandbox that is left and removes all files. */
export async function cleanUp() {
  for (const sandbox of sandboxes) await sandbox.stop().catch((error) => process.stderr.write(`${error.message}\n`));
  rmSync(scratch, { recursive: true, force: true });
}
