// The sandbox's process killed while events are put: every batch that was acknowledged is there after the next start, once.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startDetached, stopSandbox, type Connection } from '../../src/sandbox/control.ts';
import { bundleSandbox } from '../sandbox/sandbox-bundle.ts';

let entry = '';
let removeBundle = (): void => undefined;

beforeAll(async () => {
  const bundle = await bundleSandbox();
  entry = bundle.entry;
  removeBundle = bundle.remove;
});

afterAll(() => removeBundle());

const here = { logGroupName: '/ecs/web', logStreamName: 'web/web/1' };

function clientOf({ endpoint, region, credentials }: Connection): CloudWatchLogsClient {
  const client = new CloudWatchLogsClient({ endpoint, region, credentials, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

async function start(): Promise<{ dir: string; connection: Connection }> {
  const dir = join(mkdtempSync(join(tmpdir(), 'ecsdemo-test-')), 'state');
  onTestFinished(async () => {
    await stopSandbox(dir);
    rmSync(join(dir, '..'), { recursive: true, force: true });
  });
  return { dir, connection: await startDetached({ dir, entry }) };
}

async function makeStream(logs: CloudWatchLogsClient): Promise<void> {
  await logs.send(new CreateLogGroupCommand(here));
  await logs.send(new CreateLogStreamCommand(here));
}

test('killed in the midst of PutLogEvents, it has every acknowledged event once', async () => {
  const { dir, connection: first } = await start();
  await makeStream(clientOf(first));
  const acknowledged: string[] = [];
  for (let round = 0; round < 5; round++) {
    const connection = round === 0 ? first : await startDetached({ dir, entry });
    const logs = clientOf(connection);
    const put = async (worker: number): Promise<void> => {
      for (let step = 0; ; step++) {
        const message = `${round}-${worker}-${step} ${'.'.repeat(500)}`;
        await logs.send(new PutLogEventsCommand({ ...here, logEvents: [{ timestamp: Date.now(), message }] }));
        acknowledged.push(message);
        if (step === 20 + round * 7 && worker === 0) process.kill(connection.pid, 'SIGKILL');
      }
    };
    await Promise.all([0, 1, 2, 3].map((worker) => put(worker).catch(() => undefined)));
  }
  const logs = clientOf(await startDetached({ dir, entry }));
  const found = new Map<string, number>();
  for await (const { events = [] } of paginateFilterLogEvents(
    { client: logs, pageSize: 100 },
    { logGroupName: here.logGroupName },
  ))
    for (const { message = '' } of events) found.set(message, (found.get(message) ?? 0) + 1);
  expect(acknowledged.length).toBeGreaterThan(150);
  expect(acknowledged.filter((message) => found.get(message) !== 1)).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'when its file may not grow it refuses events, says so once, and takes them again when there is room',
  async () => {
    const { dir, connection } = await start();
    const logs = clientOf(connection);
    await makeStream(logs);
    const put = (message: string): Promise<unknown> =>
      logs.send(new PutLogEventsCommand({ ...here, logEvents: [{ timestamp: Date.now(), message }] }));
    await put('first');
    execFileSync('prlimit', [`--pid=${connection.pid}`, '--fsize=100000:unlimited']);
    await put('x'.repeat(60_000));
    for (let attempt = 0; attempt < 3; attempt++)
      await expect(put('y'.repeat(60_000))).rejects.toMatchObject({
        name: 'ServiceUnavailableException',
        message: expect.stringContaining('EFBIG') as unknown,
      });
    await put('small');
    execFileSync('prlimit', [`--pid=${connection.pid}`, '--fsize=unlimited']);
    await put('last');
    expect(readFileSync(join(dir, 'sandbox.log'), 'utf8').match(/CloudWatch Logs cannot write events/g)).toHaveLength(
      1,
    );
    process.kill(connection.pid, 'SIGKILL');
    const again = clientOf(await startDetached({ dir, entry }));
    const { events = [] } = await again.send(new FilterLogEventsCommand({ logGroupName: here.logGroupName }));
    expect(events.map(({ message = '' }) => message.slice(0, 5))).toEqual(['first', 'xxxxx', 'small', 'last']);
  },
);
