// The sandbox as a process: started, found, described, stopped, killed, started twice at once. Real processes of the bundled entry.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { CreateClusterCommand, DescribeClustersCommand, ECSClient } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Connection } from '../../src/sandbox/connection.ts';
import {
  describeSandbox,
  findSandbox,
  readLogs,
  sandboxDir,
  startDetached,
  stopSandbox,
} from '../../src/sandbox/control.ts';
import { failureOf } from './tiny-server.ts';
import { bundleSandbox } from './sandbox-bundle.ts';
import { temporaryDir } from './temporary-dir.ts';

let entry = '';
let removeBundle = (): void => undefined;

beforeAll(async () => {
  ({ entry, remove: removeBundle } = await bundleSandbox());
});

afterAll(() => removeBundle());

/** A state directory whose sandbox is stopped when the test ends. */
function sandboxHome(): string {
  const dir = join(temporaryDir(), 'state');
  onTestFinished(async () => {
    await stopSandbox(dir);
  });
  return dir;
}

function ecsClient({ endpoint, credentials, region }: Connection): ECSClient {
  const client = new ECSClient({ endpoint, credentials: { ...credentials }, region, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('start, find, describe, stop: and nothing answers any more', async () => {
  const dir = sandboxHome();
  expect(await findSandbox(dir)).toBeUndefined();
  const started = await startDetached({ dir, entry });
  expect(await findSandbox(dir)).toEqual(started);
  expect(await startDetached({ dir, entry })).toEqual(started);
  expect(await describeSandbox(started)).toMatchObject({
    pid: started.pid,
    account: started.account,
    counts: { clusters: 0 },
    loadBalancers: [],
  });
  expect(await stopSandbox(dir)).toBe(true);
  await expect.poll(() => isAlive(started.pid)).toBe(false);
  expect(await findSandbox(dir)).toBeUndefined();
  expect(await stopSandbox(dir)).toBe(false);
  expect(await failureOf(describeSandbox(started))).toMatchObject({ code: 'sandbox-not-running' });
});

test('nothing in the state directory is readable by others', async () => {
  const dir = sandboxHome();
  await startDetached({ dir, entry });
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  const loose = readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((each) => each.isFile())
    .filter((each) => (statSync(join(each.parentPath, each.name)).mode & 0o077) !== 0)
    .map(({ name }) => name);
  expect(loose).toEqual([]);
});

test('two that start at once get one sandbox', async () => {
  const dir = sandboxHome();
  const [first, ...others] = await Promise.all([1, 2, 3].map(() => startDetached({ dir, entry })));
  expect(others).toEqual([first, first]);
});

test('a killed sandbox: the next start has the same world, credentials and endpoint', async () => {
  const dir = sandboxHome();
  const killed = await startDetached({ dir, entry });
  await ecsClient(killed).send(new CreateClusterCommand({ clusterName: 'kept' }));
  process.kill(killed.pid, 'SIGKILL');
  await expect.poll(() => isAlive(killed.pid)).toBe(false);
  const next = await startDetached({ dir, entry });
  expect(next).toEqual({ ...killed, pid: next.pid, startedAt: next.startedAt });
  expect(next.pid).not.toBe(killed.pid);
  const { clusters } = await ecsClient(next).send(new DescribeClustersCommand({ clusters: ['kept'] }));
  expect(clusters?.map(({ status }) => status)).toEqual(['ACTIVE']);
});

test('a port that another program has', async () => {
  const dir = sandboxHome();
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const error = await failureOf(startDetached({ dir, entry, port }));
  expect(error).toMatchObject({ code: 'port-in-use', message: `port ${port} is taken by another program` });
});

test('a damaged state file is named, and the start after that begins anew', async () => {
  const dir = sandboxHome();
  await startDetached({ dir, entry });
  await stopSandbox(dir);
  const state = join(dir, 'state.json');
  writeFileSync(state, 'damaged');
  writeFileSync(join(dir, 'state.previous.json'), 'damaged');
  const error = await failureOf(startDetached({ dir, entry }));
  expect(error).toMatchObject({ code: 'sandbox-state-damaged' });
  expect(error.message).toContain(state);
  expect(readFileSync(join(dir, 'state.damaged.json'), 'utf8')).toBe('damaged');
  expect(await findSandbox(dir)).toBeUndefined();
  await startDetached({ dir, entry });
});

test('an entry that cannot start: its own words, and no process left', async () => {
  const dir = sandboxHome();
  const broken = join(temporaryDir(), 'broken.mjs');
  writeFileSync(broken, "throw new Error('no luck');");
  const error = await failureOf(startDetached({ dir, entry: broken }));
  expect(error).toMatchObject({ code: 'sandbox-failed' });
  expect(error.message).toContain('no luck');
});

test('closing the terminal does not end it', async () => {
  const dir = sandboxHome();
  const { pid } = await startDetached({ dir, entry });
  process.kill(pid, 'SIGHUP');
  expect(await findSandbox(dir)).toMatchObject({ pid });
});

test('the port of a dead sandbox in the hands of another program is not taken for it', async () => {
  const dir = sandboxHome();
  const connection = await startDetached({ dir, entry });
  const written = readFileSync(join(dir, 'connection.json'), 'utf8');
  await stopSandbox(dir);
  const other = spawn(
    process.execPath,
    [
      '-e',
      `require('http').createServer((q, r) => r.end('{}')).listen(${new URL(connection.endpoint).port}, '127.0.0.1', () => console.log('up'))`,
    ],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  onTestFinished(() => void other.kill('SIGKILL'));
  await new Promise((resolve) => other.stdout.once('data', resolve));
  writeFileSync(join(dir, 'connection.json'), written);
  expect(await findSandbox(dir)).toBeUndefined();
});

test('logs: the calls with their outcome, after the sandbox has stopped as well', async () => {
  const dir = sandboxHome();
  const connection = await startDetached({ dir, entry });
  await ecsClient(connection).send(new CreateClusterCommand({ clusterName: 'a' }));
  await stopSandbox(dir);
  expect(await readLogs(dir)).toMatch(/ecs:CreateCluster [\d.]+ ms/);
  expect(existsSync(join(dir, 'lock'))).toBe(false);
});

test('where the state lies', () => {
  expect(sandboxDir({ ECSDEMO_SANDBOX_DIR: '/a', XDG_STATE_HOME: '/b', HOME: '/c' })).toBe('/a');
  expect(sandboxDir({ XDG_STATE_HOME: '/b', HOME: '/c' })).toBe('/b/ecsdemo/sandbox');
  expect(sandboxDir({ XDG_STATE_HOME: '', HOME: '/c' })).toBe('/c/.local/state/ecsdemo/sandbox');
});
