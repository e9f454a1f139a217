// CloudWatch Logs over the wire: the real SDK client, a real sandbox.
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
  paginateGetLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import { errorName, fastPace } from '../in-process.ts';
import { call } from '../raw-client.ts';

function clientOf(sandbox: Sandbox): CloudWatchLogsClient {
  const { endpoint, region, credentials } = sandbox;
  // One attempt: an error that a test expects must not be tried again.
  const client = new CloudWatchLogsClient({ endpoint, region, credentials, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

async function start(dir?: string): Promise<{ sandbox: Sandbox; logs: CloudWatchLogsClient }> {
  const sandbox = await startSandbox({ pace: fastPace(), ...(dir !== undefined && { dir }) });
  onTestFinished(() => sandbox.close());
  return { sandbox, logs: clientOf(sandbox) };
}

const here = { logGroupName: '/ecs/web', logStreamName: 'web/web/1' };

async function makeStream(logs: CloudWatchLogsClient): Promise<void> {
  await logs.send(new CreateLogGroupCommand({ logGroupName: here.logGroupName, tags: { team: 'a' } }));
  await logs.send(new CreateLogStreamCommand(here));
}

it('keeps groups, streams and events, and reads them in pages', async () => {
  const { logs, sandbox } = await start();
  await makeStream(logs);
  const now = Date.now();
  const logEvents = Array.from({ length: 25 }, (_, index) => ({ timestamp: now + index, message: `line ${index} ☃` }));
  const put = await logs.send(new PutLogEventsCommand({ ...here, logEvents }));
  expect(put.nextSequenceToken).toMatch(/^\d{56}$/);

  const filtered: string[] = [];
  for await (const page of paginateFilterLogEvents({ client: logs, pageSize: 7 }, { logGroupName: here.logGroupName }))
    filtered.push(...(page.events ?? []).map(({ message = '' }) => message));
  expect(filtered).toEqual(logEvents.map(({ message }) => message));
  const got: string[] = [];
  for await (const page of paginateGetLogEvents(
    { client: logs, pageSize: 10, stopOnSameToken: true },
    { ...here, startFromHead: true },
  ))
    got.push(...(page.events ?? []).map(({ message = '' }) => message));
  expect(got).toEqual(filtered);

  const groups = [];
  for await (const page of paginateDescribeLogGroups({ client: logs }, {})) groups.push(...(page.logGroups ?? []));
  expect(groups).toHaveLength(1);
  expect(groups[0]).toMatchObject({ logGroupName: here.logGroupName, metricFilterCount: 0, logGroupClass: 'STANDARD' });
  const arn = `arn:aws:logs:${sandbox.region}:${sandbox.account}:log-group:${here.logGroupName}`;
  expect(groups[0]?.arn).toBe(`${arn}:*`);
  expect((await logs.send(new ListTagsForResourceCommand({ resourceArn: arn }))).tags).toEqual({ team: 'a' });
  const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: here.logGroupName }));
  expect(logStreams?.[0]).toMatchObject({ firstEventTimestamp: now, lastEventTimestamp: now + 24 });
});

it('answers errors as AWS does', async () => {
  const { logs, sandbox } = await start();
  await makeStream(logs);
  expect(await errorName(logs.send(new CreateLogGroupCommand({ logGroupName: here.logGroupName })))).toBe(
    'ResourceAlreadyExistsException',
  );
  expect(await errorName(logs.send(new DeleteLogGroupCommand({ logGroupName: 'none' })))).toBe(
    'ResourceNotFoundException',
  );
  expect(await errorName(logs.send(new GetLogEventsCommand({ logGroupName: 'none', logStreamName: 'x' })))).toBe(
    'ResourceNotFoundException',
  );
  const raw = (operation: string, body: object) =>
    call(sandbox, { service: 'logs', target: `Logs_20140328.${operation}`, body: JSON.stringify(body) });
  expect(await raw('CreateLogStream', { logGroupName: 'x' })).toMatchObject({
    status: 400,
    code: 'InvalidParameterException',
    body: expect.stringContaining(
      "Value null at 'logStreamName' failed to satisfy constraint: Member must not be null",
    ) as unknown,
  });
  expect(await raw('StartLiveTail', {})).toMatchObject({ status: 400, code: 'UnknownOperationException' });
  expect(await raw('PutLogEvents', { ...here, logEvents: [{ timestamp: 'now', message: 'x' }] })).toMatchObject({
    status: 400,
    code: 'SerializationException',
  });
});

it('takes a batch of 1 MiB, however JSON writes it', async () => {
  const { logs } = await start();
  await makeStream(logs);
  // A control character is six bytes in JSON: the worst there is, beside text that is escaped by the sender.
  const message = '"'.repeat(1_048_550);
  await logs.send(new PutLogEventsCommand({ ...here, logEvents: [{ timestamp: Date.now(), message }] }));
  const { events } = await logs.send(new GetLogEventsCommand(here));
  expect(events?.[0]?.message).toBe(message);
});

it('has groups, streams and events again after a restart', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ecsdemo-logs-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const first = await start(dir);
  await makeStream(first.logs);
  await first.logs.send(new PutLogEventsCommand({ ...here, logEvents: [{ timestamp: Date.now(), message: 'kept' }] }));
  const page = await first.logs.send(new FilterLogEventsCommand({ logGroupName: here.logGroupName }));
  await first.sandbox.close();
  const { logs } = await start(dir);
  const again = await logs.send(new FilterLogEventsCommand({ logGroupName: here.logGroupName }));
  expect(again.events).toEqual(page.events);
  expect(again.events?.[0]?.message).toBe('kept');
});

it.each(['../../../tmp/x', '/../../etc/passwd', '..', '.', '/', 'a/../../../b', '__proto__', 'constructor'])(
  'keeps the names %s out of the file system',
  async (name) => {
    const parent = mkdtempSync(join(tmpdir(), 'ecsdemo-logs-'));
    onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
    const dir = join(parent, 'state');
    const { logs } = await start(dir);
    await logs.send(new CreateLogGroupCommand({ logGroupName: name }));
    const at = { logGroupName: name, logStreamName: `${name}/\0\n` };
    await logs.send(new CreateLogStreamCommand(at));
    await logs.send(new PutLogEventsCommand({ ...at, logEvents: [{ timestamp: Date.now(), message: 'hello' }] }));
    expect((await logs.send(new GetLogEventsCommand(at))).events?.[0]?.message).toBe('hello');
    const { readdirSync } = await import('node:fs');
    expect(readdirSync(parent)).toEqual(['state']);
    expect(readdirSync(join(dir, 'log-events'))).toEqual(['0000000001.jsonl']);
  },
);
