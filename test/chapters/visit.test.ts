import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { visit } from '../../src/chapters/visit.ts';

const never = new AbortController().signal;

/** The URL of a server that answers so. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** The URL of a TCP server that does this with every connection. */
async function serveRaw(talk: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    talk(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe('visit', () => {
  it('goes through the proxy of this machine, but not to what it exempts', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = await serve((request, response) => {
      asked.push(request.url);
      response.end('42');
    });
    vi.stubEnv('http_proxy', proxy);
    vi.stubEnv('no_proxy', '127.0.0.1');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await visit('http://my-elb.example/path', never)).toMatchObject({ ok: true, body: '42' });
    expect(await visit(await serve((_, response) => response.end('straight')), never)).toMatchObject({
      body: 'straight',
    });
    expect(asked).toEqual(['http://my-elb.example/path']);
  });

  it('gives the body, and who answered where the answer says so', async () => {
    const url = await serve((_, response) => response.writeHead(200, { 'x-container-id': 'c1' }).end('42\n'));
    expect(await visit(url, never)).toEqual({ ok: true, body: '42\n', server: 'c1', words: 'HTTP 200 with "42"' });
  });

  it.each([502, 503, 504, 404, 301])('calls %i no good answer, in AWS’s own number', async (status) => {
    const url = await serve((_, response) => response.writeHead(status).end('no'));
    expect(await visit(url, never)).toMatchObject({ ok: false, words: `HTTP ${status}` });
  });

  it('makes a failure of the network an answer in words', async () => {
    const url = await serve((_, response) => response.end());
    const { port } = new URL(url);
    const closed = await serveRaw((socket) => socket.destroy());
    expect(await visit(closed, never)).toMatchObject({ ok: false, words: 'connection reset' });
    expect(port).not.toBe('');
    // No name has a part of 64 letters: known without asking a name server, which may be slow.
    expect(await visit(`http://${'x'.repeat(64)}.invalid/`, never)).toMatchObject({
      ok: false,
      words: 'the name is not known yet',
    });
  });

  it('does not take half an answer for a whole one', async () => {
    const url = await serveRaw((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n42')),
    );
    expect((await visit(url, never)).ok).toBe(false);
  });

  it('ends with its signal, also when the server never ends its answer', async () => {
    const stop = new AbortController();
    const url = await serve((_, response) => {
      response.writeHead(200);
      response.write('4', () => stop.abort());
    });
    expect(await visit(url, stop.signal)).toMatchObject({ ok: false, words: 'no answer' });
  });
});
