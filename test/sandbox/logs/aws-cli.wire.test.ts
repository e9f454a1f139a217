// `aws logs …` against a running sandbox, with what `sandbox env` exports. Skipped where the AWS CLI is missing; what only
// its version 2 has (`aws logs tail`) is skipped where it is version 1.
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { CloudWatchLogsClient, FilterLogEventsCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { startSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import { fastPace } from '../in-process.ts';

const version = /^aws-cli\/(\d+)/.exec(spawnSync('aws', ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1];
const group = '/ecs/web';
const here = { logGroupName: group, logStreamName: 'web/web/1' };

async function start() {
  const sandbox = await startSandbox({ pace: fastPace() });
  onTestFinished(() => sandbox.close());
  const { endpoint, region, credentials } = sandbox;
  const logs = new CloudWatchLogsClient({ endpoint, region, credentials });
  onTestFinished(() => logs.destroy());
  return { sandbox, logs };
}

function put(logs: CloudWatchLogsClient, ...messages: string[]): Promise<unknown> {
  const logEvents = messages.map((message) => ({ timestamp: Date.now(), message }));
  return logs.send(new PutLogEventsCommand({ ...here, logEvents }));
}

// By a flag: versions before 2.13 do not read AWS_ENDPOINT_URL.
function launch(sandbox: Sandbox, args: string[]) {
  const child = spawn('aws', ['--endpoint-url', sandbox.endpoint, 'logs', ...args], {
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      AWS_ACCESS_KEY_ID: sandbox.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: sandbox.credentials.secretAccessKey,
      AWS_REGION: sandbox.region,
      AWS_DEFAULT_REGION: sandbox.region,
      AWS_PAGER: '',
      // What is followed comes line by line into a pipe, too.
      PYTHONUNBUFFERED: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill());
  return child;
}

/** What `aws logs …` prints; what it complains of where it fails. */
function aws(sandbox: Sandbox, ...args: string[]): Promise<string> {
  const child = launch(sandbox, args);
  let [out, complaint] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(out) : reject(new Error(complaint.trim()))));
  });
}

it.skipIf(version === undefined)('works with the AWS CLI (skipped: there is no `aws` here)', async () => {
  const { sandbox, logs } = await start();
  await aws(sandbox, 'create-log-group', '--log-group-name', group, '--tags', 'team=a');
  await aws(sandbox, 'create-log-stream', '--log-group-name', group, '--log-stream-name', here.logStreamName);
  const again = aws(sandbox, 'create-log-group', '--log-group-name', group);
  await expect(again).rejects.toThrow(
    'An error occurred (ResourceAlreadyExistsException) when calling the CreateLogGroup operation: The specified log group already exists',
  );
  const event = `timestamp=${Date.now()},message=first`;
  await aws(
    sandbox,
    'put-log-events',
    '--log-group-name',
    group,
    '--log-stream-name',
    here.logStreamName,
    '--log-events',
    event,
  );
  await put(logs, 'second', 'third');
  const filtered = await aws(
    sandbox,
    'filter-log-events',
    '--log-group-name',
    group,
    '--page-size',
    '2',
    '--query',
    'events[].message',
    '--output',
    'text',
  );
  expect(filtered.trim().split(/\s+/)).toEqual(['first', 'second', 'third']);
  const described = JSON.parse(await aws(sandbox, 'describe-log-groups', '--output', 'json')) as {
    logGroups: object[];
  };
  expect(described.logGroups).toMatchObject([{ logGroupName: group, arn: expect.stringMatching(/:\*$/) as unknown }]);
  await aws(sandbox, 'put-retention-policy', '--log-group-name', group, '--retention-in-days', '7');
  await aws(sandbox, 'delete-log-group', '--log-group-name', group);
});

it.skipIf(version === undefined || version === '1')(
  'is tailed, and followed, by the AWS CLI (skipped: this needs its version 2)',
  async () => {
    const { sandbox, logs } = await start();
    await aws(sandbox, 'create-log-group', '--log-group-name', group);
    await aws(sandbox, 'create-log-stream', '--log-group-name', group, '--log-stream-name', here.logStreamName);
    await put(logs, 'first', 'second');
    expect(await aws(sandbox, 'tail', group, '--since', '1h', '--format', 'short')).toMatch(
      /^\S+ first\n\S+ second\n$/,
    );
    const lines = createInterface({ input: launch(sandbox, ['tail', group, '--follow', '--format', 'short']).stdout });
    const seen: string[] = [];
    for await (const line of lines) {
      seen.push(line.replace(/^\S+ /, ''));
      if (seen.length === 2) await put(logs, 'third');
      if (seen.length === 3) break;
    }
    expect(seen).toEqual(['first', 'second', 'third']);
  },
);

it('gives a client that polls as `aws logs tail --follow` does every event once', async () => {
  const { sandbox, logs } = await start();
  const { loop } = sandbox;
  const { CreateLogGroup } = await import('../../../src/sandbox/logs/groups.ts');
  const { CreateLogStream } = await import('../../../src/sandbox/logs/streams.ts');
  loop.change((context) => (CreateLogGroup(context, here), CreateLogStream(context, here)));
  const seen: string[] = [];
  // Its way: pages while there is a token, then again from the time of the newest event, whose ids it has seen.
  let known = new Map<string, number>();
  let startTime = Date.now() - 600_000;
  let nextToken: string | undefined;
  for (let poll = 0; poll < 40; poll++) {
    if (poll % 4 === 0) await put(logs, `a${poll}`, `b${poll}`, `c${poll}`);
    const page = await logs.send(
      new FilterLogEventsCommand({ logGroupName: group, interleaved: true, startTime, nextToken, limit: 2 }),
    );
    for (const { eventId = '', message = '', timestamp = 0 } of page.events ?? []) {
      if (!known.has(eventId)) seen.push(message);
      known.set(eventId, timestamp);
    }
    nextToken = page.nextToken;
    if (nextToken !== undefined) continue;
    startTime = Math.max(startTime, ...known.values());
    known = new Map([...known].filter(([, timestamp]) => timestamp === startTime));
  }
  const wanted = Array.from({ length: 10 }, (_, index) => [`a${index * 4}`, `b${index * 4}`, `c${index * 4}`]).flat();
  expect(seen).toEqual(wanted);
});
