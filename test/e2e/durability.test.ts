// The sandbox's process killed at random moments of its work, and its state file damaged: what was acknowledged is there
// again, what cannot be read is said and kept, and no process or port outlives the sandbox.
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClustersCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { CreateSecurityGroupCommand, CreateTagsCommand, DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { settingsFrom, type GivenFlags, type Settings } from '../../src/base/settings.ts';
import { destroy, scale, up } from '../helpers/one-action.ts';
import {
  describeSandbox,
  findSandbox,
  startDetached,
  stopSandbox,
  type Connection,
} from '../../src/sandbox/control.ts';
import { bundleSandbox } from '../sandbox/sandbox-bundle.ts';
import { clientsFor, failureOf } from '../sandbox/tiny-server.ts';

let entry = '';
let removeBundle = (): void => undefined;

beforeAll(async () => {
  const bundle = await bundleSandbox();
  entry = bundle.entry;
  removeBundle = bundle.remove;
});

afterAll(() => removeBundle());

const rounds = Number(process.env['ECSDEMO_TEST_KILLS'] ?? '12');
const seed = Number(process.env['ECSDEMO_TEST_SEED'] ?? '42');

function home(): string {
  const dir = join(mkdtempSync(join(tmpdir(), 'ecsdemo-test-')), 'state');
  onTestFinished(async () => {
    await stopSandbox(dir);
    rmSync(join(dir, '..'), { recursive: true, force: true });
  });
  return dir;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function kill({ pid }: Connection): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => isAlive(pid), { interval: 5 }).toBe(false);
}

/** Processes of the bundle's task stand-ins that were started for this state directory: their logs lie in it. */
function taskPids(dir: string): number[] {
  const pids: number[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const files = readdirSync(`/proc/${name}/fd`).map((fd) => readlinkSync(`/proc/${name}/fd/${fd}`));
      if (files.some((file) => file.startsWith(join(dir, 'tasks')))) pids.push(Number(name));
    } catch {
      // Gone meanwhile, or somebody else's.
    }
  }
  return pids;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

const settingsOf = (connection: Connection, flags: GivenFlags = {}): Settings => ({
  ...settingsFrom({ timeout: '60s', local: true, ...flags }, {}, Object.keys(flags)),
  region: connection.region,
  endpoint: { url: connection.endpoint, region: connection.region, credentials: connection.credentials },
});

const quiet = (): void => undefined;
const signal = new AbortController().signal;
const answer = (url: string): Promise<string> =>
  fetch(url, { signal: AbortSignal.timeout(2000) }).then(
    async (response) => (await response.text()).trim(),
    () => 'nobody',
  );

test(`killed ${rounds} times while it is worked with: every acknowledged change is there after the next start`, async () => {
  const dir = home();
  // When it is killed: so many acknowledged changes into the round, and a few milliseconds into the next one.
  const moment = fc.record({ acknowledged: fc.integer({ min: 0, max: 60 }), ms: fc.integer({ min: 0, max: 15 }) });
  const [moments = []] = fc.sample(fc.array(moment, { minLength: rounds, maxLength: rounds }), { numRuns: 1, seed });
  const clusters = new Set<string>();
  const deleted = new Set<string>();
  const groups = new Map<string, string>();
  const revisions = new Set<number>();
  let acknowledged = 0;
  for (const [round, at] of moments.entries()) {
    const connection = await startDetached({ dir, entry });
    const { ecs, ec2 } = clientsFor(connection.endpoint, connection.credentials, { region: connection.region });
    // First what the rounds before were told.
    const names = [...clusters];
    for (let from = 0; from < names.length; from += 100) {
      const page = names.slice(from, from + 100);
      const found = await ecs.send(new DescribeClustersCommand({ clusters: page }));
      const status = new Map((found.clusters ?? []).map((each) => [each.clusterName, each.status]));
      expect(page.filter((name) => status.get(name) !== (deleted.has(name) ? 'INACTIVE' : 'ACTIVE'))).toEqual([]);
    }
    if (groups.size > 0) {
      const found = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [...groups.keys()] }));
      expect(new Map(found.SecurityGroups?.map(({ GroupId, Tags }) => [GroupId, Tags?.[0]?.Value ?? '']))).toEqual(
        groups,
      );
    }
    // Then more work, until it is killed in the midst of it. An answer that came is a promise.
    let stopped = false;
    const work = async (worker: number): Promise<void> => {
      for (let step = 0; !stopped && step < 500; step++) {
        const name = `c-${round}-${worker}-${step}`;
        await ecs.send(new CreateClusterCommand({ clusterName: name }));
        clusters.add(name);
        acknowledged++;
        if (step % 3 === 0) {
          await ecs.send(new DeleteClusterCommand({ cluster: name }));
          deleted.add(name);
          acknowledged++;
        }
        const made = await ec2.send(new CreateSecurityGroupCommand({ GroupName: name, Description: 'd' }));
        const id = made.GroupId ?? '';
        groups.set(id, '');
        await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'k', Value: name }] })).then(
          () => groups.set(id, name),
          (error: unknown) => {
            // It may have been done all the same: then nothing is known of the tag.
            groups.delete(id);
            throw error;
          },
        );
        acknowledged += 2;
        const registered = await ecs.send(
          new RegisterTaskDefinitionCommand({
            family: 'f',
            containerDefinitions: [{ name: 'a', image: 'nginx', memory: 32 }],
          }),
        );
        const revision = registered.taskDefinition?.revision ?? 0;
        expect(revisions.has(revision)).toBe(false);
        revisions.add(revision);
        acknowledged++;
      }
    };
    // A deletion under way when the process dies may have been done: its cluster is not asked for again.
    const workers = [0, 1, 2].map((worker) => work(worker).catch(() => undefined));
    const before = acknowledged;
    await expect.poll(() => acknowledged - before, { interval: 1 }).toBeGreaterThanOrEqual(at.acknowledged);
    await new Promise((resolve) => setTimeout(resolve, at.ms));
    await kill(connection);
    stopped = true;
    await Promise.all(workers);
    for (const worker of [0, 1, 2]) {
      const last = [...clusters].filter((name) => name.startsWith(`c-${round}-${worker}-`)).at(-1);
      if (last !== undefined && Number(last.split('-').at(-1)) % 3 === 0 && !deleted.has(last)) clusters.delete(last);
    }
  }
  process.stderr.write(`durability: ${rounds} kills, ${acknowledged} acknowledged changes, none lost\n`);
  expect(acknowledged).toBeGreaterThan(rounds * 10);
});

test('a demo whose sandbox is killed serves again on the same URL; no task outlives its sandbox', async () => {
  const dir = home();
  const first = await startDetached({ dir, entry });
  const made = await up(settingsOf(first), quiet, signal);
  await scale(settingsOf(first, { count: '4' }), quiet, signal);
  const url = made.data.url ?? '';
  let connection = first;
  for (let round = 0; round < 3; round++) {
    await expect.poll(() => taskPids(dir).length, { interval: 20 }).toBeGreaterThanOrEqual(4);
    const before = taskPids(dir);
    await kill(connection);
    // Each has a line to the sandbox that closes with it.
    await expect.poll(() => before.filter(isAlive), { interval: 20 }).toEqual([]);
    expect(await accepts(Number(new URL(url).port))).toBe(false);
    expect(await accepts(Number(new URL(connection.endpoint).port))).toBe(false);
    connection = await startDetached({ dir, entry });
    expect(connection.endpoint).toBe(first.endpoint);
    await expect.poll(() => answer(url)).toBe('42');
    await expect.poll(async () => (await describeSandbox(connection)).counts.tasks).toBe(4);
  }
  const again = await up(settingsOf(connection), quiet, signal);
  expect(again.data).toMatchObject({ url, desired: 4, running: 4, healthy: 4 });
  const gone = await destroy(settingsOf(connection), quiet, signal);
  expect(gone.data.left).toEqual([]);
  expect(taskPids(dir)).toEqual([]);
  expect(await accepts(Number(new URL(url).port))).toBe(false);
});

test('stopped: no process, no port, no file but the kept state and its logs', async () => {
  const dir = home();
  const connection = await startDetached({ dir, entry });
  const made = await up(settingsOf(connection), quiet, signal);
  const before = taskPids(dir);
  expect(before.length).toBeGreaterThan(0);
  expect(await stopSandbox(dir)).toBe(true);
  expect(before.filter(isAlive)).toEqual([]);
  // The process itself may be waiting for its parent, which is us, to take note of its end.
  await expect.poll(() => isAlive(connection.pid), { interval: 5 }).toBe(false);
  expect(await accepts(Number(new URL(made.data.url ?? '').port))).toBe(false);
  expect(await accepts(Number(new URL(connection.endpoint).port))).toBe(false);
  expect(readdirSync(dir).toSorted()).toEqual([
    'calls.log',
    'identity.json',
    'sandbox.log',
    'state.json',
    'state.previous.json',
    'tasks',
  ]);
});

test('a state file cut short or with flipped bytes: the state before it, or a clear error; never a wrong world', async () => {
  const dir = home();
  const first = await startDetached({ dir, entry });
  const { ecs } = clientsFor(first.endpoint, first.credentials, { region: first.region });
  for (const clusterName of ['a', 'b', 'c']) await ecs.send(new CreateClusterCommand({ clusterName }));
  await stopSandbox(dir);
  const kept = mkdtempSync(join(tmpdir(), 'ecsdemo-test-'));
  onTestFinished(() => rmSync(kept, { recursive: true, force: true }));
  const files = ['state.json', 'state.previous.json'];
  for (const file of files) copyFileSync(join(dir, file), join(kept, file));
  const { loadWorld } = await import('../../src/sandbox/store.ts');
  const whole = readFileSync(join(kept, 'state.json'));
  const damage: Buffer[] = [];
  for (let part = 0; part < 40; part++) damage.push(whole.subarray(0, Math.floor((whole.length * part) / 40)));
  for (let part = 1; part < 60; part++) {
    const flipped = Buffer.from(whole);
    const at = Math.floor(((whole.length - 1) * part) / 60);
    flipped.writeUInt8((flipped[at] ?? 0) ^ (1 << (part % 8)), at);
    damage.push(flipped);
  }
  damage.push(Buffer.concat([whole, Buffer.from('}')]), Buffer.alloc(whole.length), Buffer.alloc(0));
  let previous = 0;
  for (const bytes of damage) {
    for (const file of readdirSync(dir).filter((name) => name.startsWith('state.'))) rmSync(join(dir, file));
    copyFileSync(join(kept, 'state.previous.json'), join(dir, 'state.previous.json'));
    writeFileSync(join(dir, 'state.json'), bytes);
    const { world, notice } = await loadWorld(dir);
    const names = Object.values(world?.clusters ?? {}).map(({ clusterName }) => clusterName);
    // One generation back at most, and what was damaged is kept beside it.
    expect(names.length).toBeGreaterThanOrEqual(2);
    expect(notice).toContain('state.damaged.json');
    expect(readFileSync(join(dir, 'state.damaged.json')).equals(bytes)).toBe(true);
    previous++;
  }
  // Both damaged: said, nothing deleted, and the start after that begins anew.
  for (const file of readdirSync(dir).filter((name) => name.startsWith('state.'))) rmSync(join(dir, file));
  for (const file of files) writeFileSync(join(dir, file), readFileSync(join(kept, file)).subarray(0, 100));
  expect(await failureOf(startDetached({ dir, entry }))).toMatchObject({ code: 'sandbox-state-damaged' });
  const left = readdirSync(dir).filter((name) => name.includes('damaged'));
  expect(left).toHaveLength(2);
  const next = await startDetached({ dir, entry });
  expect((await describeSandbox(next)).counts.clusters).toBe(0);
  process.stderr.write(`durability: ${previous} damaged state files, each answered by the state before it\n`);
});

test('two in one directory are one; a port that is taken is named', async () => {
  const dir = home();
  const [one, two] = await Promise.all([startDetached({ dir, entry }), startDetached({ dir, entry })]);
  expect(two).toEqual(one);
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const other = home();
  expect(await failureOf(startDetached({ dir: other, entry, port }))).toMatchObject({
    code: 'port-in-use',
    message: expect.stringContaining(String(port)),
  });
  expect(await findSandbox(other)).toBeUndefined();
  expect(existsSync(join(other, 'lock'))).toBe(false);
  // A port that was its own and is taken by another now: it takes a free one.
  const third = home();
  const had = await startDetached({ dir: third, entry });
  await kill(had);
  const thief = createServer();
  await new Promise<void>((resolve) => thief.listen(Number(new URL(had.endpoint).port), '127.0.0.1', resolve));
  onTestFinished(() => void thief.close());
  const moved = await startDetached({ dir: third, entry });
  expect(moved.endpoint).not.toBe(had.endpoint);
});
