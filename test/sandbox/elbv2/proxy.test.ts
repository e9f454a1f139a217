import { createHash, randomBytes } from 'node:crypto';
import { Agent, request as sendRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DeleteListener } from '../../../src/sandbox/elbv2/listeners.ts';
import { DeleteLoadBalancer } from '../../../src/sandbox/elbv2/load-balancers.ts';
import { aRunning, aServer, elbGroup, ecsGroup, freePorts } from './factories.ts';
import type { Running } from './factories.ts';

interface Answer {
  status: number;
  reason: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

interface Ask {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: Buffer | string;
  agent?: Agent;
}

function ask(running: Running, { method = 'GET', path = '/', headers = {}, body, agent }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = sendRequest(
      { host: '127.0.0.1', port: running.port, method, path, headers, agent: agent ?? false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            reason: response.statusMessage,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

async function aHealthyTarget(
  running: Running,
  handler: Parameters<typeof aServer>[0],
  prepare?: Parameters<typeof aServer>[1],
): Promise<number> {
  const { port: localPort } = await aServer(handler, prepare);
  const port = running.register(localPort);
  await running.until(() => running.stateOf(port) === 'healthy');
  return port;
}

function anAgent(maxSockets: number): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets });
  onTestFinished(() => agent.destroy());
  return agent;
}

describe('requests through a load balancer', () => {
  test('get the answer of the target, with the headers that an ALB adds', async () => {
    const running = await aRunning();
    let seen: IncomingHttpHeaders = {};
    await aHealthyTarget(running, (request, response) => {
      seen = request.headers;
      response
        .writeHead(request.url === '/' ? 200 : 201, {
          'X-From': 'target',
          Server: 'WEBrick',
          'Set-Cookie': ['a=1', 'b=2'],
        })
        .end('42');
    });
    const answer = await ask(running, {
      path: '/made',
      headers: {
        Host: 'my.example',
        'X-Forwarded-For': '10.9.8.7',
        'Proxy-Connection': 'x',
        Connection: 'keep-alive, X-Hop',
        'X-Hop': '1',
      },
    });
    expect(answer).toMatchObject({
      status: 201,
      body: '42',
      headers: { 'x-from': 'target', server: 'WEBrick', 'set-cookie': ['a=1', 'b=2'] },
    });
    expect(seen).toMatchObject({
      host: 'my.example',
      'x-forwarded-for': '10.9.8.7, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': '80',
    });
    expect(seen['x-amzn-trace-id']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    expect(seen).not.toHaveProperty('x-hop');
    expect(seen).not.toHaveProperty('proxy-connection');
  });

  test('go to the healthy targets in turn', async () => {
    const running = await aRunning();
    for (const name of ['a', 'b', 'c']) await aHealthyTarget(running, (_request, response) => response.end(name));
    const bodies: string[] = [];
    for (let count = 0; count < 9; count++) bodies.push((await ask(running)).body);
    expect(bodies.toSorted().join('')).toBe('aaabbbccc');
  });

  test('answer 503 when there is no target, with the page of an ALB', async () => {
    const running = await aRunning();
    const answer = await ask(running);
    expect(answer).toMatchObject({
      status: 503,
      reason: 'Service Temporarily Unavailable',
      headers: { server: 'awselb/2.0', 'content-type': 'text/html', 'content-length': '162' },
    });
    expect(answer.body).toContain('<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n');
  });

  test('answer 502 when nothing listens, when the target hangs up and when it talks nonsense', async () => {
    const [localPort = 0] = await freePorts(1);
    const running = await aRunning();
    running.register(localPort);
    expect(await ask(running)).toMatchObject({
      status: 502,
      headers: { server: 'awselb/2.0', 'content-length': '122' },
    });

    const hangsUp = await aRunning();
    await aHealthyTarget(hangsUp, (request, response) =>
      request.url === '/' ? response.end() : request.socket.destroy(),
    );
    expect((await ask(hangsUp, { path: '/hang-up' })).status).toBe(502);

    const nonsense = await aRunning();
    await aHealthyTarget(nonsense, (request, response) =>
      request.url === '/' ? response.end() : request.socket.end('nonsense\r\n\r\n'),
    );
    expect((await ask(nonsense, { path: '/nonsense' })).status).toBe(502);
  });

  test('answer 504 after the idle timeout, and when a security group is in the way', async () => {
    const running = await aRunning();
    await aHealthyTarget(running, (request, response) => {
      if (request.url === '/') response.end();
    });
    running.loop.change(({ world }) => {
      const loadBalancer = world.loadBalancers[running.loadBalancerArn];
      if (loadBalancer) loadBalancer.attributes['idle_timeout.timeout_seconds'] = '1';
    });
    expect(await ask(running, { path: '/silent' })).toMatchObject({ status: 504, headers: { server: 'awselb/2.0' } });

    running.loop.change(({ world }) => {
      const group = world.securityGroups[ecsGroup];
      if (group) group.rules = group.rules.filter((rule) => rule.isEgress);
    });
    expect((await ask(running)).status).toBe(504);
  });

  test('fail open: unhealthy targets get requests when none is healthy', async () => {
    const running = await aRunning();
    const { port: localPort } = await aServer((_request, response) => response.writeHead(500).end('still here'));
    const port = running.register(localPort);
    await running.until(() => running.stateOf(port) === 'unhealthy');
    expect(await ask(running)).toMatchObject({ status: 500, body: 'still here' });
  });

  test('are refused while provisioning, without a listener, and once the load balancer is deleted', async () => {
    const running = await aRunning();
    await aHealthyTarget(running, (_request, response) => response.end('42'));
    expect((await ask(running)).status).toBe(200);
    const loadBalancer = running.world.loadBalancers[running.loadBalancerArn];
    if (!loadBalancer) throw new Error('no load balancer');
    running.loop.change(({ now }) => Object.assign(loadBalancer, { state: 'provisioning', stateEndsAt: now + 60_000 }));
    await expect(ask(running)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    running.loop.change(() => Object.assign(loadBalancer, { stateEndsAt: 0 }));
    expect((await ask(running)).status).toBe(200);
    running.loop.change((context) => DeleteListener(context, { ListenerArn: running.listenerArn }));
    await expect(ask(running)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    running.loop.change((context) => DeleteLoadBalancer(context, { LoadBalancerArn: running.loadBalancerArn }));
    await expect(ask(running)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('under way are finished when the listener goes, and their connection is closed after them', async () => {
    const running = await aRunning();
    let finish: (() => void) | undefined;
    let arrived: (() => void) | undefined;
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    await aHealthyTarget(running, (request, response) => {
      if (request.url === '/') {
        response.end();
        return;
      }
      finish = () => response.end('finished');
      arrived?.();
    });
    const agent = anAgent(1);
    const slow = ask(running, { path: '/slow', agent });
    await arrival;
    running.loop.change((context) => DeleteListener(context, { ListenerArn: running.listenerArn }));
    finish?.();
    expect((await slow).body).toBe('finished');
    await expect(ask(running, { agent })).rejects.toMatchObject({
      code: expect.stringMatching(/ECONNREFUSED|ECONNRESET/),
    });
  });

  test('hang until the connect timeout without a rule that lets the internet in', async () => {
    const running = await aRunning();
    await aHealthyTarget(running, (_request, response) => response.end('42'));
    running.loop.change(({ world }) => {
      const group = world.securityGroups[elbGroup];
      if (group) group.rules = group.rules.filter((rule) => rule.isEgress);
    });
    const startedAt = Date.now();
    await expect(ask(running)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(190);
  });

  test('are sent again when a kept connection turns out closed, and each gets its answer', async () => {
    const running = await aRunning();
    // Closes every connection right after its answer without saying so: the race of keep-alive at its worst.
    await aHealthyTarget(running, (request, response) => {
      response.once('finish', () => setImmediate(() => request.socket.destroy()));
      response.end('42');
    });
    const agent = anAgent(8);
    // Requests that must not be sent twice are among them: those never meet a connection that is closing.
    const post = { method: 'POST', body: 'once' };
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_value, index) => ask(running, { agent, ...(index % 4 === 0 ? post : {}) })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(200);
  });

  test('carry big bodies both ways, unbroken', async () => {
    const running = await aRunning();
    await aHealthyTarget(running, (request, response) => request.pipe(response));
    const body = randomBytes(24 * 1024 * 1024);
    const digest = createHash('sha256').update(body).digest('hex');
    const echoed = await new Promise<string>((resolve, reject) => {
      const hash = createHash('sha256');
      const request = sendRequest(
        { host: '127.0.0.1', port: running.port, method: 'POST', agent: false },
        (response) => {
          response.on('data', (chunk: Buffer) => hash.update(chunk));
          response.on('end', () => resolve(hash.digest('hex')));
          response.on('error', reject);
        },
      );
      request.on('error', reject);
      request.end(body);
    });
    expect(echoed).toBe(digest);
  });

  test('after a big answer or an early one find the connection as good as new', async () => {
    const running = await aRunning();
    const big = 'x'.repeat(2 * 1024 * 1024);
    await aHealthyTarget(running, (request, response) => {
      if (request.url === '/early') response.writeHead(413).end('too much');
      else response.end(request.url === '/big' ? big : '42');
    });
    const agent = anAgent(1);
    for (let round = 0; round < 4; round++) {
      expect((await ask(running, { path: '/big', agent })).body).toHaveLength(big.length);
      expect((await ask(running, { agent })).body).toBe('42');
    }
    // The answer comes while the body is still on its way: what follows on that connection would be taken for a request.
    const status = await new Promise<number>((resolve, reject) => {
      const request = sendRequest(
        {
          host: '127.0.0.1',
          port: running.port,
          path: '/early',
          method: 'POST',
          agent: false,
          headers: { 'Content-Length': '1000' },
        },
        (response) => resolve(response.statusCode ?? 0),
      );
      onTestFinished(() => {
        request.destroy();
      });
      request.on('error', reject);
      request.write('half');
    });
    expect(status).toBe(413);
    const after = await Promise.all(Array.from({ length: 4 }, () => ask(running)));
    expect(after.map(({ body }) => body)).toEqual(['42', '42', '42', '42']);
  });

  test('hold the target back while the client does not read', async () => {
    const running = await aRunning();
    const whole = 96 * 1024 * 1024;
    const part = Buffer.alloc(1024 * 1024);
    const produced: Record<string, number> = { '/still': 0, '/eager': 0 };
    await aHealthyTarget(running, (request, response) => {
      const { url = '/' } = request;
      if (url === '/') {
        response.end();
        return;
      }
      const produce = (): void => {
        while ((produced[url] ?? 0) < whole) {
          produced[url] = (produced[url] ?? 0) + part.length;
          if (!response.write(part)) {
            response.once('drain', produce);
            return;
          }
        }
        response.end();
      };
      produce();
    });
    const still = connect(running.port, '127.0.0.1', () => still.write('GET /still HTTP/1.1\r\nHost: x\r\n\r\n'));
    still.pause();
    onTestFinished(() => {
      still.destroy();
    });
    // The eager client has the whole of it, time enough for the other's to have come through as well.
    const read = await new Promise<number>((resolve, reject) => {
      let bytes = 0;
      const request = sendRequest(
        { host: '127.0.0.1', port: running.port, path: '/eager', agent: false },
        (response) => {
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
          });
          response.on('end', () => resolve(bytes));
        },
      );
      request.on('error', reject);
      request.end();
    });
    expect(read).toBe(whole);
    expect(produced['/still']).toBeGreaterThan(0);
    expect(produced['/still']).toBeLessThan(whole / 2);
  });

  test('stream: the first part arrives before the last is sent', async () => {
    const running = await aRunning();
    let finish: (() => void) | undefined;
    await aHealthyTarget(running, (request, response) => {
      if (request.url === '/') {
        response.end();
        return;
      }
      response.write('first');
      finish = () => response.end('last');
    });
    const body = await new Promise<string>((resolve, reject) => {
      const request = sendRequest(
        { host: '127.0.0.1', port: running.port, path: '/stream', agent: false },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => {
            text += chunk.toString();
            if (text === 'first') finish?.();
          });
          response.on('end', () => resolve(text));
        },
      );
      request.on('error', reject);
      request.end();
    });
    expect(body).toBe('firstlast');
  });

  test('under way are finished while their target drains, and new ones go elsewhere', async () => {
    const running = await aRunning();
    let finish: (() => void) | undefined;
    let arrived: (() => void) | undefined;
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const leaving = await aHealthyTarget(running, (request, response) => {
      if (request.url === '/') {
        response.end('old');
        return;
      }
      finish = () => response.end('finished');
      arrived?.();
    });
    const slow = ask(running, { path: '/slow' });
    await arrival;
    running.deregister(leaving);
    await aHealthyTarget(running, (_request, response) => response.end('new'));
    expect(running.stateOf(leaving)).toBe('draining');
    for (let count = 0; count < 5; count++) expect((await ask(running)).body).toBe('new');
    finish?.();
    expect((await slow).body).toBe('finished');
  });

  test('on 256 connections at once, all answered', async () => {
    const running = await aRunning();
    await aHealthyTarget(running, (_request, response) => response.end('42'));
    await aHealthyTarget(running, (_request, response) => response.end('42'));
    const agent = anAgent(256);
    const answers = await Promise.all(Array.from({ length: 2_000 }, () => ask(running, { agent })));
    expect(answers.filter(({ status, body }) => status === 200 && body === '42')).toHaveLength(2_000);
  }, 30_000);

  test('in a steady load while targets come and go: not one fails', async () => {
    const running = await aRunning();
    await aHealthyTarget(running, (_request, response) => response.end('42'));
    const agent = anAgent(16);
    const enough = new AbortController();
    const statuses = new Map<number, number>();
    let answered = 0;
    const load = Promise.all(
      Array.from({ length: 16 }, async (_value, index) => {
        // A busy machine may answer few while the targets change; the load goes on until it was one.
        while (!enough.signal.aborted || answered < 200) {
          const { status } = await ask(running, {
            agent,
            ...(index % 2 === 0 ? { method: 'POST', body: 'ping' } : {}),
          });
          answered++;
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      }),
    );
    for (let round = 0; round < 6; round++) {
      const port = await aHealthyTarget(running, (_request, response) => response.end('42'));
      running.deregister(port);
    }
    enough.abort();
    await load;
    expect([...statuses.keys()]).toEqual([200]);
    expect(statuses.get(200)).toBeGreaterThanOrEqual(200);
  });

  test('that are malformed get 400 and are not passed on', async () => {
    const running = await aRunning();
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(running.port, '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'));
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nServer: awselb\/2\.0\r\n/);
  });

  test('to upgrade the protocol become a tunnel', async () => {
    const running = await aRunning();
    await aHealthyTarget(
      running,
      (_request, response) => response.end(),
      (server) => {
        server.on('upgrade', (_request, socket) => {
          socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
          socket.pipe(socket);
        });
      },
    );
    const echoed = await new Promise<string>((resolve, reject) => {
      const request = sendRequest({
        host: '127.0.0.1',
        port: running.port,
        agent: false,
        headers: { Connection: 'Upgrade', Upgrade: 'echo' },
      });
      request.on('upgrade', (_response, socket) => {
        onTestFinished(() => {
          socket.destroy();
        });
        socket.on('error', () => undefined);
        socket.on('data', (chunk: Buffer) => resolve(chunk.toString()));
        socket.write('hello');
      });
      request.on('error', reject);
      request.end();
    });
    expect(echoed).toBe('hello');
    // An open tunnel does not keep the sandbox from closing.
    await running.loop.close();
  });
});
