// One request through a load balancer: pick a target, send it on, stream the answer back, and answer itself as an ALB
// does when that fails. Knows the route it is given; knows nothing of the world, of health or of listening.
import { Agent, request as sendRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { Pace } from '../pace.ts';
import { errorPage, rawErrorResponse, serverName } from './error-pages.ts';
import { endToEndHeaders, redirectLocation, requestHeaders } from './forwarding.ts';
import { createTurns, pickGroup, pickTarget } from './routing.ts';
import type { Route, RoutableTarget } from './routing.ts';

export interface Proxy {
  /** Answers a request by the route. */
  handle(route: Route, request: IncomingMessage, response: ServerResponse): void;
  /** Tunnels a protocol upgrade (WebSocket). */
  upgrade(route: Route, request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends idle connections to local ports other than these, so that processes that leave can go. */
  keepOnly(localPorts: ReadonlySet<number>): void;
  close(): void;
}

export interface ProxyOptions {
  clock: Clock;
  pace: Pace;
  /** Told of a target that could not be reached, so that its health is looked at now. */
  trouble(target: RoutableTarget): void;
  random?: () => number;
}

/** How long an ALB tries to connect to a target. */
export const connectTimeoutMs = 10_000;

/** Below the 5 seconds after which Node's and many other servers close an idle connection: no race with most of them. */
const idleConnectionMs = 4_000;

/** ALB's limit for all headers of a request. */
export const maxHeaderBytes = 65_536;

/** May be sent twice without harm when they have no body (RFC 9110 §9.2.2). */
const repeatable = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

export function createProxy({ clock, pace, trouble, random = Math.random }: ProxyOptions): Proxy {
  const turns = createTurns();
  const pooled = new Agent({ keepAlive: true, maxFreeSockets: 512, scheduling: 'lifo', timeout: idleConnectionMs });

  function refuse(response: ServerResponse, status: number, request: IncomingMessage): void {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const page = errorPage(status);
    response.writeHead(status, [
      ['Server', serverName],
      ['Content-Type', 'text/html'],
      ['Content-Length', String(page.length)],
      // What is left of the body would be taken for the next request.
      ...(request.complete ? [] : [['Connection', 'close']]),
    ].flat());
    response.end(page);
    if (!request.complete) request.resume();
  }

  function pick(route: Route): RoutableTarget | undefined {
    const group = pickGroup(route.groups, random);
    return group && pickTarget(group, turns, random);
  }

  function count(target: RoutableTarget, by: 1 | -1): void {
    const underWay = (turns.underWay.get(target.key) ?? 0) + by;
    if (underWay > 0) turns.underWay.set(target.key, underWay);
    else turns.underWay.delete(target.key);
  }

  function handle(route: Route, request: IncomingMessage, response: ServerResponse): void {
    const { action } = route;
    if (action?.Type === 'fixed-response') {
      const { StatusCode: status, ContentType: type, MessageBody: body = '' } = action.FixedResponseConfig ?? {};
      response.writeHead(Number(status), [
        ['Server', serverName],
        ['Content-Type', type ?? 'text/plain; charset=utf-8'],
        ['Content-Length', String(Buffer.byteLength(body))],
      ].flat());
      response.end(body);
      return;
    }
    if (action?.Type === 'redirect' && action.RedirectConfig) {
      const { host = '' } = request.headers;
      const location = redirectLocation(action.RedirectConfig, { host, url: request.url ?? '/', listenerPort: route.listenerPort });
      response.writeHead(action.RedirectConfig.StatusCode === 'HTTP_301' ? 301 : 302, [
        ['Server', serverName],
        ['Location', location],
        ['Content-Length', '0'],
      ].flat());
      response.end();
      return;
    }
    const target = pick(route);
    if (!target) {
      refuse(response, 503, request);
      return;
    }
    if (!target.reachable) {
      waitInVain(response, () => refuse(response, 504, request));
      return;
    }
    if (target.localPort === undefined) {
      trouble(target);
      refuse(response, 502, request);
      return;
    }
    count(target, 1);
    response.once('close', () => count(target, -1));
    forward(route, target, target.localPort, request, response);
  }

  /** Where a security group drops the packets, nothing answers until the connect timeout. */
  function waitInVain(response: ServerResponse, then: () => void): void {
    const cancel = clock.after(pace.scale(connectTimeoutMs), then);
    response.once('close', cancel);
  }

  function forward(
    route: Route,
    target: RoutableTarget,
    localPort: number,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const chunked = request.headers['transfer-encoding'] !== undefined;
    const length = request.headers['content-length'];
    const hasBody = chunked || (length !== undefined && length !== '0');
    const { method = 'GET' } = request;
    const mayRepeat = !hasBody && repeatable.has(method);
    const framing = chunked ? ['Transfer-Encoding', 'chunked'] : !hasBody && length === undefined && method === 'POST' ? ['Content-Length', '0'] : [];
    const headers = requestHeaders(request.rawHeaders, originOf(request.socket, route), route.attributes, framing);
    // Applies in real time: the requests are real, whatever the pace.
    const idleMs = Number(route.attributes['idle_timeout.timeout_seconds'] ?? '60') * 1000;

    let outgoing: ClientRequest;
    let answered = false;
    response.once('close', () => {
      if (!response.writableFinished) outgoing.destroy();
    });

    const send = (): void => {
      outgoing = sendRequest({
        host: '127.0.0.1',
        port: localPort,
        method,
        path: request.url ?? '/',
        headers,
        // A request that must not be repeated gets a connection of its own: a kept one may be closing just now.
        agent: mayRepeat ? pooled : false,
        maxHeaderSize: maxHeaderBytes,
      });
      outgoing.setTimeout(idleMs, () => {
        if (!answered) refuse(response, 504, request);
        answered = true;
        outgoing.destroy();
        if (!response.writableFinished && response.headersSent && !response.writableEnded) response.destroy();
      });
      outgoing.once('response', (incoming) => {
        answered = true;
        relay(incoming, response);
      });
      outgoing.once('error', () => {
        if (answered || response.destroyed) {
          return;
        }
        if (mayRepeat && outgoing.reusedSocket) {
          send();
          return;
        }
        answered = true;
        trouble(target);
        refuse(response, 502, request);
      });
      if (hasBody) request.pipe(outgoing);
      else outgoing.end();
    };
    try {
      send();
    } catch {
      // node:http refuses what no target should get, a path with control characters for example.
      answered = true;
      refuse(response, 400, request);
    }
  }

  function relay(incoming: IncomingMessage, response: ServerResponse): void {
    const headers = endToEndHeaders(incoming.rawHeaders);
    response.sendDate = incoming.headers.date === undefined;
    response.writeHead(incoming.statusCode ?? 502, incoming.statusMessage ?? '', headers);
    incoming.once('close', () => {
      if (!incoming.complete) response.destroy();
    });
    incoming.once('error', () => response.destroy());
    incoming.pipe(response);
  }

  function upgrade(route: Route, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = pick(route);
    socket.on('error', () => socket.destroy());
    if (target?.localPort === undefined || !target.reachable) {
      socket.end(rawErrorResponse(target ? (target.reachable ? 502 : 504) : 503));
      return;
    }
    const headers = requestHeaders(request.rawHeaders, originOf(request.socket, route), route.attributes, [
      'Connection',
      'Upgrade',
      'Upgrade',
      request.headers.upgrade ?? '',
    ]);
    const outgoing = sendRequest({
      host: '127.0.0.1',
      port: target.localPort,
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers,
      agent: false,
    });
    socket.once('close', () => outgoing.destroy());
    outgoing.once('error', () => {
      trouble(target);
      socket.end(rawErrorResponse(502));
    });
    outgoing.once('response', (incoming) => {
      socket.write(headOf(incoming, [...endToEndHeaders(incoming.rawHeaders), 'Connection', 'close']));
      incoming.pipe(socket);
    });
    outgoing.once('upgrade', (incoming, tunnel, tunnelHead) => {
      socket.write(headOf(incoming, incoming.rawHeaders));
      if (tunnelHead.length > 0) socket.write(tunnelHead);
      if (head.length > 0) tunnel.write(head);
      tunnel.on('error', () => socket.destroy());
      tunnel.once('close', () => socket.destroy());
      socket.once('close', () => tunnel.destroy());
      tunnel.pipe(socket).pipe(tunnel);
    });
    outgoing.end();
  }

  return {
    handle,
    upgrade,
    keepOnly(localPorts) {
      for (const [name, sockets] of Object.entries(pooled.freeSockets)) {
        const port = Number(name.split(':')[1]);
        if (!localPorts.has(port)) for (const socket of sockets ?? []) socket.destroy();
      }
    },
    close: () => pooled.destroy(),
  };
}

function originOf(socket: Socket, route: Route): { clientAddress: string; clientPort: number; listenerPort: number } {
  return {
    clientAddress: socket.remoteAddress ?? '127.0.0.1',
    clientPort: socket.remotePort ?? 0,
    listenerPort: route.listenerPort,
  };
}

function headOf(incoming: IncomingMessage, headers: readonly string[]): string {
  let head = `HTTP/1.1 ${incoming.statusCode ?? 502} ${incoming.statusMessage ?? ''}\r\n`;
  for (let index = 0; index < headers.length; index += 2) head += `${headers[index] ?? ''}: ${headers[index + 1] ?? ''}\r\n`;
  return `${head}\r\n`;
}
