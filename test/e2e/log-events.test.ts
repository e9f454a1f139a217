// The sandbox's process killed while events are put: every batch that was acknowledged is there after the next start, once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
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

test('killed in the midst of PutLogEvents, it has every acknowledged event once', async () => {
  const dir = join(mkdtempSync(join(tmpdir(), 'ecsdemo-test-')), 'state');
  onTestFinished(async () => {
    await stopSandbox(dir);
    rmSync(join(dir, '..'), { recursive: true, force: true });
  });
  const acknowledged: string[] = [];
  for (let round = 0; round < 5; round++) {
    const connection = await startDetached({ dir, entry });
    const logs = clientOf(connection);
    if (round === 0) {
      await logs.send(new CreateLogGroupCommand(here));
      await logs.send(new CreateLogStreamCommand(here));
    }
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
