// What every test of a foreign client needs: a sandbox, the environment that `sandbox env` gives, a program run to its end,
// and a place for what is installed once. Knows no client.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { fastPace } from '../sandbox/in-process.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where clients are installed, once for all runs. */
export function installedIn(name: string): string {
  const dir = join(root, 'node_modules', '.cache', 'clients', name);
  mkdirSync(dir, { recursive: true });
  return dir;
}

/** Does the command run and succeed? What it needs may take a minute to install. */
export function works(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 300_000 }).status === 0;
}

export async function aSandbox(): Promise<Sandbox> {
  const sandbox = await startSandbox({ pace: fastPace() });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ecsdemo-client-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export interface Ran {
  code: number | null;
  stdout: string;
  /** Both outputs as they came. */
  all: string;
}

/** Runs a client against the sandbox, with nothing of this machine's AWS settings. */
export function run(
  sandbox: Sandbox,
  command: string,
  args: string[],
  { cwd = root, env = {} }: { cwd?: string; env?: Record<string, string | undefined> } = {},
): Promise<Ran> {
  const { endpoint, region, credentials } = sandbox;
  const child = spawn(command, args, {
    cwd,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      AWS_CONFIG_FILE: join(root, 'none'),
      AWS_SHARED_CREDENTIALS_FILE: join(root, 'none'),
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_PAGER: '',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill());
  const ran: Ran = { code: null, stdout: '', all: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    ran.stdout += chunk.toString();
    ran.all += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => (ran.all += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...ran, code }));
  });
}

/** Nothing is left of a demo but what remembers that it was: ended things, and roles that AWS itself made. */
export function expectNothingLeft({ world }: Sandbox): void {
  const left = {
    loadBalancers: Object.keys(world.loadBalancers),
    targetGroups: Object.keys(world.targetGroups),
    listeners: Object.keys(world.listeners),
    groups: Object.values(world.securityGroups).flatMap(({ groupName }) => (groupName === 'default' ? [] : groupName)),
    instances: Object.values(world.instances).filter(({ state }) => state !== 'terminated'),
    clusters: Object.values(world.clusters).filter(({ status }) => status === 'ACTIVE'),
    services: Object.values(world.services).filter(({ status }) => status === 'ACTIVE'),
    profiles: Object.keys(world.instanceProfiles),
    roles: Object.values(world.roles).filter(({ path }) => !path.startsWith('/aws-service-role/')),
  };
  expect(left).toEqual(Object.fromEntries(Object.keys(left).map((name) => [name, []])));
}
