// One request through a load balancer: pick a target, send it on, stream the answer back, and answer itself as an ALB
// does when that fails. Knows the route it is given; knows nothing of the world, of health or of listening.
import { request as sendRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { Pace } from '../pace.ts';
import { errorPage, rawErrorResponse, reasonOf, serverName } from './error-pages.ts';
import { endToEndHeaders, redirectLocation, requestHeaders } from './forwarding.ts';
import { createTurns, pickGroup, pickTarget, routeFor } from './routing.ts';
import type { Route, RoutableTarget } from './routing.ts';
import type { Asked } from './rule-conditions.ts';
import { createUpstream } from './upstream.ts';
import type { Exchange } from './upstream.ts';

export interface Proxy {
  /** Loads what forwarding needs, ahead of the first request. */
  prepare(): Promise<void>;
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

/** ALB's limit for all headers of a request. */
export const maxHeaderBytes = 65_536;

/** May be sent twice without harm when they have no body (RFC 9110 §9.2.2). */
const repeatable = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

function askedOf({ method = 'GET', url = '/', headers, socket }: IncomingMessage): Asked {
  return { method, url, headers, clientAddress: socket.remoteAddress ?? '127.0.0.1' };
}

export function createProxy({ clock, pace, trouble, random = Math.random }: ProxyOptions): Proxy {
  const turns = createTurns();
  const upstream = createUpstream();

  function refuse(response: ServerResponse, status: number, request: IncomingMessage): void {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const page = errorPage(status);
    const unread = !request.complete && hasBodyOf(request);
    response.writeHead(
      status,
      reasonOf(status),
      [
        ['Server', serverName],
        ['Content-Type', 'text/html'],
        ['Content-Length', String(page.length)],
        // What is left of the body would be taken for the next request.
        ...(unread ? [['Connection', 'close']] : []),
      ].flat(),
    );
    response.end(page);
    if (unread) request.resume();
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

  function handle(listenerRoute: Route, request: IncomingMessage, response: ServerResponse): void {
    const route = routeFor(listenerRoute, askedOf(request));
    const { action } = route;
    if (action?.Type === 'fixed-response') {
      const { StatusCode: status, ContentType: type, MessageBody: body = '' } = action.FixedResponseConfig ?? {};
      response.writeHead(
        Number(status),
        [
          ['Server', serverName],
          ['Content-Type', type ?? 'text/plain; charset=utf-8'],
          ['Content-Length', String(Buffer.byteLength(body))],
        ].flat(),
      );
      response.end(body);
      return;
    }
    if (action?.Type === 'redirect' && action.RedirectConfig) {
      const { host = '' } = request.headers;
      const location = redirectLocation(action.RedirectConfig, {
        host,
        url: request.url ?? '/',
        listenerPort: route.listenerPort,
      });
      response.writeHead(
        action.RedirectConfig.StatusCode === 'HTTP_301' ? 301 : 302,
        [
          ['Server', serverName],
          ['Location', location],
          ['Content-Length', '0'],
        ].flat(),
      );
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
    const hasBody = hasBodyOf(request);
    const { method = 'GET' } = request;
    const mayRepeat = !hasBody && repeatable.has(method);
    const headers = requestHeaders(request.rawHeaders, originOf(request.socket, route), route.attributes, []);
    // Applies in real time: the requests are real, whatever the pace.
    const idleMs = Number(route.attributes['idle_timeout.timeout_seconds'] ?? '60') * 1000;

    let exchange: Exchange | undefined;
    response.on('drain', () => exchange?.resume());
    response.once('close', () => exchange?.abort());

    const send = (): void => {
      // A request that must not be repeated gets a connection of its own: a kept one may be closing just now.
      const body = hasBody ? { body: request } : {};
      const path = request.url ?? '/';
      exchange = upstream.send(
        { port: localPort, method, path, headers, ...body, fresh: !mayRepeat, idleMs },
        {
          head(status, reason, answerHeaders) {
            const kept = endToEndHeaders(answerHeaders);
            response.sendDate = !hasDate(kept);
            response.writeHead(status, reason, kept);
          },
          data(chunk) {
            if (!response.write(chunk)) exchange?.pause();
          },
          end() {
            exchange = undefined;
            response.end();
          },
          fail(failure, stale) {
            exchange = undefined;
            if (mayRepeat && stale && failure === 'reset') {
              send();
              return;
            }
            if (failure !== 'timeout') trouble(target);
            refuse(response, failure === 'timeout' ? 504 : 502, request);
          },
        },
      );
    };
    send();
  }

  function upgrade(listenerRoute: Route, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const route = routeFor(listenerRoute, askedOf(request));
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
      socket.write(headOf(statusOf(incoming), [...endToEndHeaders(incoming.rawHeaders), 'Connection', 'close']));
      incoming.pipe(socket);
    });
    outgoing.once('upgrade', (incoming, tunnel, tunnelHead) => {
      socket.write(headOf(statusOf(incoming), incoming.rawHeaders));
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
    prepare: upstream.prepare,
    keepOnly: upstream.keepOnly,
    close: upstream.close,
  };
}

function originOf(socket: Socket, route: Route): { clientAddress: string; clientPort: number; listenerPort: number } {
  return {
    clientAddress: socket.remoteAddress ?? '127.0.0.1',
    clientPort: socket.remotePort ?? 0,
    listenerPort: route.listenerPort,
  };
}

function hasBodyOf({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function statusOf(incoming: IncomingMessage): string {
  return `HTTP/1.1 ${incoming.statusCode ?? 502} ${incoming.statusMessage ?? ''}`;
}

/** Head of a message: first line, headers, empty line. Its parts come from parsers that let no line break through. */
function headOf(firstLine: string, headers: readonly string[]): string {
  let head = `${firstLine}\r\n`;
  for (let index = 0; index < headers.length; index += 2)
    head += `${headers[index] ?? ''}: ${headers[index + 1] ?? ''}\r\n`;
  return `${head}\r\n`;
}

function hasDate(headers: readonly string[]): boolean {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.length === 4 && headers[index]?.toLowerCase() === 'date') return true;
  }
  return false;
}
