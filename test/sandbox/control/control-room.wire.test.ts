// The control room: the world as data and the events as they happen, for whoever may ask, and for nobody else.
import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { CreateKeyPairCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateClusterCommand, DescribeClustersCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Connection } from '../../../src/sandbox/connection.ts';
import { followEvents, readWorld, setFault, type FollowedEvent, type WorldView } from '../../../src/sandbox/control.ts';
import { createEventLog } from '../../../src/sandbox/control/event-log.ts';
import { createFollowers, type FollowersOptions } from '../../../src/sandbox/control/followers.ts';
import { startSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import { sign } from '../../../src/sandbox/sigv4.ts';
import { fastPace } from '../in-process.ts';
import { call } from '../raw-client.ts';
import { clientsFor, failureOf } from '../tiny-server.ts';

type Started = Sandbox & { connection: Connection };

async function start(followers: Omit<FollowersOptions, 'events'> = {}): Promise<Started> {
  const sandbox = await startSandbox({ pace: fastPace(), followers });
  onTestFinished(() => sandbox.close());
  const { endpoint, credentials, region, account } = sandbox;
  const connection = { endpoint, pid: process.pid, credentials, region, account, pace: 'fast', startedAt: '' };
  return { ...sandbox, connection };
}

const clientsOf = ({ endpoint, credentials }: Sandbox) => clientsFor(endpoint, { ...credentials });

/** Takes events until one fits; ends the following. */
async function until(
  events: AsyncGenerator<FollowedEvent>,
  fits: (event: FollowedEvent) => boolean,
): Promise<FollowedEvent[]> {
  const seen: FollowedEvent[] = [];
  for await (const event of events) {
    seen.push(event);
    if (fits(event)) break;
  }
  return seen;
}

const isKind = (kind: string) => (event: FollowedEvent) => event.type === 'effect' && event.kind === kind;
const isCall = (operation: string) => (event: FollowedEvent) => event.type === 'call' && event.operation === operation;

/** A GET as the control room wants it, with what the test bends. */
function ask(
  { endpoint, credentials, region }: Sandbox,
  path: string,
  { headers = {}, method = 'GET', service = 'ecsdemo' } = {},
): Promise<Response> {
  const { host } = new URL(endpoint);
  const signed = sign(
    { method, target: path, headers: { host }, body: '' },
    credentials,
    { region, service },
    Date.now(),
  );
  return fetch(`${endpoint}${path}`, { method, headers: { ...signed, ...headers } });
}

describe('following', () => {
  test('gives each change by a call before what follows from it, numbered without a gap', async () => {
    const sandbox = await start();
    const { ec2, ecs } = clientsOf(sandbox);
    await ecs.send(new CreateClusterCommand({ clusterName: 'before' }));
    const { seq } = await readWorld(sandbox.connection);
    const image = 'ami-0123456789abcdef0';
    await failureOf(ec2.send(new RunInstancesCommand({ ImageId: image, MinCount: 1, MaxCount: 1 })));
    await ecs.send(new DescribeClustersCommand({}));
    await ecs.send(new CreateClusterCommand({ clusterName: 'after' }));
    const seen = await until(followEvents(sandbox.connection, { after: seq }), isCall('CreateCluster'));
    expect(seen).toMatchObject([
      { seq: seq + 1, type: 'call', service: 'ec2', operation: 'RunInstances', error: 'InvalidAMIID.NotFound' },
      { seq: seq + 2, type: 'call', service: 'ecs', operation: 'CreateCluster' },
    ]);
    expect(seen[1]).not.toHaveProperty('error');
  });

  test('hears of effects as they happen', async () => {
    const sandbox = await start();
    const events = followEvents(sandbox.connection, { after: 0 });
    const instanceId = await launch(sandbox);
    const seen = await until(events, isKind('instance-running'));
    expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index + 1));
    expect(seen.findIndex(isCall('RunInstances'))).toBeLessThan(seen.length - 1);
    expect(seen.at(-1)).toMatchObject({ type: 'effect', subject: instanceId });
    expect(Math.abs((seen.at(-1) as { at: number }).at - Date.now())).toBeLessThan(60_000);
  });

  test('hears of calls that a fault refuses', async () => {
    const sandbox = await start();
    await setFault(sandbox.connection, { name: 'throttling', times: 1 });
    const events = followEvents(sandbox.connection, { after: 0 });
    await failureOf(clientsOf(sandbox).ecs.send(new CreateClusterCommand({})));
    expect((await until(events, isCall('CreateCluster'))).at(-1)).toMatchObject({ error: 'ThrottlingException' });
  });

  test('ends when the sandbox closes, at once, and when the signal says so', async () => {
    const sandbox = await start();
    const leave = new AbortController();
    const left = until(followEvents(sandbox.connection, { after: 0, signal: leave.signal }), () => false);
    const ended = until(followEvents(sandbox.connection, { after: 0 }), () => false);
    await clientsOf(sandbox).ecs.send(new CreateClusterCommand({}));
    await vi.waitFor(async () => expect((await readWorld(sandbox.connection)).seq).toBeGreaterThan(0));
    leave.abort();
    await left;
    const began = performance.now();
    await sandbox.close();
    expect(performance.now() - began).toBeLessThan(5000);
    await ended;
    const failure = await failureOf(until(followEvents(sandbox.connection), () => false));
    expect(failure).toMatchObject({ code: 'sandbox-not-running' });
    expect(await until(followEvents(sandbox.connection, { signal: AbortSignal.abort() }), () => false)).toEqual([]);
  });

  test('a number from another process begins with the first that is kept', async () => {
    const sandbox = await start();
    await clientsOf(sandbox).ecs.send(new CreateClusterCommand({}));
    const [first] = await until(followEvents(sandbox.connection, { after: 10_000 }), () => true);
    expect(first).toMatchObject({ seq: 1 });
  });
});

async function launch(sandbox: Sandbox, userData = ''): Promise<string> {
  const launched = await clientsOf(sandbox).ec2.send(
    new RunInstancesCommand({
      ImageId: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      UserData: Buffer.from(userData).toString('base64'),
    }),
  );
  return launched.Instances?.[0]?.InstanceId ?? '';
}

describe('the world as data', () => {
  test('has what there is, and nothing secret', async () => {
    const sandbox = await start();
    const { ec2, ecs } = clientsOf(sandbox);
    const key = await ec2.send(new CreateKeyPairCommand({ KeyName: 'mine' }));
    const instanceId = await launch(sandbox, '#!/bin/bash\necho hush-hush-1');
    const secret = [{ name: 'PASSWORD', value: 'hush-hush-2' }];
    await ecs.send(
      new RegisterTaskDefinitionCommand({
        family: 'web',
        containerDefinitions: [
          { name: 'a', image: 'nginx', memory: 64, command: ['hush-hush-3'], environment: secret },
        ],
      }),
    );
    const world: WorldView = await readWorld(sandbox.connection);
    expect(world).toMatchObject({ pid: process.pid, account: sandbox.account, region: 'us-east-1', pace: 'fast' });
    expect(world.tables['instances']?.[instanceId]).toMatchObject({ instanceType: 't3.micro' });
    expect(Object.keys(world.tables)).toEqual(expect.arrayContaining(['vpcs', 'tasks', 'targetGroups', 'logGroups']));
    const text = JSON.stringify(world);
    expect(text).toContain('mine');
    for (const hidden of ['hush-hush', 'userData', 'publicKey', sandbox.credentials.secretAccessKey]) {
      expect(text).not.toContain(hidden);
    }
    expect(text).not.toContain(Buffer.from('hush-hush-1').toString('base64').slice(0, 8));
    expect(text).not.toContain(key.KeyMaterial?.split('\n')[1] ?? 'no key');
  });
});

describe('who may ask', () => {
  const paths = ['/_ecsdemo/world', '/_ecsdemo/events', '/_ecsdemo/events?after=0'];

  test.each(paths)(
    'GET %s: unsigned, signed wrongly, for another service or from a page it is refused',
    async (path) => {
      const sandbox = await start();
      expect((await fetch(`${sandbox.endpoint}${path}`)).status).toBe(403);
      const wrong = { ...sandbox, credentials: { ...sandbox.credentials, secretAccessKey: 'guessed' } };
      expect((await ask(wrong, path)).status).toBe(403);
      expect((await ask(sandbox, path, { service: 'sts' })).status).not.toBe(200);
      expect((await ask(sandbox, path, { headers: { origin: sandbox.endpoint } })).status).toBe(403);
      expect((await ask(sandbox, path, { method: 'DELETE' })).status).toBe(404);
      const foreign = { service: 'ecsdemo', path, body: '', headers: { host: `evil.example:${sandbox.port}` } };
      expect((await call(sandbox, foreign)).status).toBe(403);
    },
  );

  test('a signature for one number is none for another, and only numbers are taken', async () => {
    const sandbox = await start();
    const { host } = new URL(sandbox.endpoint);
    const unsigned = { method: 'GET', target: '/_ecsdemo/events?after=1', headers: { host }, body: '' };
    const scope = { region: 'us-east-1', service: 'ecsdemo' };
    const headers = sign(unsigned, sandbox.credentials, scope, Date.now());
    expect((await fetch(`${sandbox.endpoint}/_ecsdemo/events?after=2`, { headers })).status).toBe(403);
    for (const after of ['-1', '1e3', 'x', '', '9'.repeat(40)]) {
      expect((await ask(sandbox, `/_ecsdemo/events?after=${after}`)).status).toBe(400);
    }
    for (const path of ['/_ecsdemo/', '/_ecsdemo/constructor', '/_ecsdemo/__proto__', '/world', '/_ecsdemo/world/x']) {
      expect((await ask(sandbox, path)).status).toBe(404);
    }
  });

  test('too many followers are turned away, and one that leaves makes room', async () => {
    const sandbox = await start({ limit: 2 });
    const leave = new AbortController();
    const { ecs } = clientsOf(sandbox);
    await ecs.send(new CreateClusterCommand({}));
    const first = followEvents(sandbox.connection, { after: 0, signal: leave.signal });
    const second = followEvents(sandbox.connection, { after: 0 });
    await Promise.all([first.next(), second.next()]);
    const failure = await failureOf(followEvents(sandbox.connection).next());
    expect(failure).toMatchObject({ code: 'sandbox-failed' });
    expect(failure.message).toContain('too many followers');
    await ecs.send(new DescribeClustersCommand({}));
    leave.abort();
    await vi.waitFor(async () => {
      const third = followEvents(sandbox.connection, { after: 0 });
      expect(await third.next()).toMatchObject({ done: false });
      await third.return(undefined);
    });
    await second.return(undefined);
  });
});

describe('a follower that stops reading', () => {
  /** A server whose only answer is the events; the response is the test's to look at. */
  async function bareFollowers(options: Omit<FollowersOptions, 'events'>, capacity: number) {
    const events = createEventLog(capacity);
    const followers = createFollowers({ events, ...options });
    const responses: ServerResponse[] = [];
    const server = createServer((_request, response) => {
      responses.push(response);
      followers.add(response, 0);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    const socket = connect({ port: typeof address === 'object' ? (address?.port ?? 0) : 0, host: '127.0.0.1' });
    onTestFinished(() => void socket.destroy());
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await vi.waitFor(() => expect(responses).toHaveLength(1));
    const response = responses[0];
    if (response === undefined) throw new Error('no response');
    return { events, followers, response, socket, read: () => text };
  }

  test('costs no memory, hears how much it missed, and goes on', async () => {
    const { events, response, socket, read } = await bareFollowers({}, 100);
    await vi.waitFor(() => expect(read()).toContain('200 OK'));
    socket.pause();
    const subject = 'x'.repeat(1000);
    let most = 0;
    for (let turn = 0; turn < 400; turn++) {
      for (let index = 0; index < 50; index++) events.add({ type: 'effect', kind: 'much', subject }, turn);
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, response.writableLength);
    }
    // Twenty megabytes happened; what waits here is one buffer of the stream and one event.
    expect(most).toBeLessThan(100_000);
    socket.resume();
    await vi.waitFor(() => expect(read()).toContain(`"seq":${events.last()},`));
    expect(read()).toMatch(/"type":"missed","seq":\d+,"count":\d+/);
  });

  test('is let go when it takes nothing for long', async () => {
    const { events, followers, response, socket, read } = await bareFollowers({ stalledMs: 100, limit: 1 }, 5000);
    await vi.waitFor(() => expect(read()).toContain('200 OK'));
    expect(followers.full()).toBe(true);
    socket.pause();
    for (let index = 0; index < 5000; index++) {
      events.add({ type: 'effect', kind: 'much', subject: 'x'.repeat(4000) }, 0);
    }
    await vi.waitFor(() => expect(response.destroyed).toBe(true));
    expect(followers.full()).toBe(false);
  });

  test('is shown now and then that the sandbox is there', async () => {
    const { read } = await bareFollowers({ beatMs: 10 }, 10);
    await vi.waitFor(() => expect(read()).toMatch(/\r\n1\r\n\n\r\n1\r\n\n\r\n/));
  });
});
