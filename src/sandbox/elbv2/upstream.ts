// Requests to targets, by undici: a pool of kept connections per target. Knows addresses and time; knows nothing of
// routes or of what a failure means to the client. undici is loaded with the first load balancer, not before.
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import type { Dispatcher, Pool } from 'undici';

/** Why an exchange failed before its end. */
export type UpstreamFailure = 'refused' | 'reset' | 'malformed' | 'timeout';

export interface ExchangeEvents {
  head(status: number, reason: string, headers: string[]): void;
  /** A part of the body. Call `pause` of the exchange when there is no room for more. */
  data(chunk: Buffer): void;
  end(): void;
  /**
   * Instead of `end`. `stale`: the connection had served before and not one byte of an answer came, so the target
   * most likely closed it while the request was under way.
   */
  fail(failure: UpstreamFailure, stale: boolean): void;
}

export interface Outgoing {
  port: number;
  method: string;
  path: string;
  headers: string[];
  /** Where the body is read from; absent: the request has none. */
  body?: IncomingMessage;
  /** On a connection of its own, for requests that must not be sent twice. */
  fresh: boolean;
  /** Longest silence in milliseconds. */
  idleMs: number;
}

export interface Exchange {
  pause(): void;
  resume(): void;
  /** Gives the exchange up; nothing is called any more. */
  abort(): void;
}

export interface Upstream {
  /** Loads what sending needs; a request that comes before waits for it. */
  prepare(): Promise<void>;
  send(outgoing: Outgoing, events: ExchangeEvents): Exchange;
  /** Ends connections to ports other than these, as soon as they are idle. */
  keepOnly(ports: ReadonlySet<number>): void;
  close(): void;
}

/** Below the 5 seconds after which Node's and many other servers close an idle connection: no race with most of them. */
const keptIdleMs = 4_000;

/** Connections per target: more requests than that at once wait for their turn. */
const maxConnections = 1_024;

class Aborted extends Error {}

/** Only the pool: the whole of undici takes almost three times as long to load. Begun by the first caller, shared by all. */
let loading: Promise<typeof Pool> | undefined;
function loadPool(): Promise<typeof Pool> {
  // @ts-expect-error -- undici has types for its whole and none for this file
  loading ??= import('undici/lib/dispatcher/pool.js').then((module: { default: typeof Pool }) => module.default);
  return loading;
}

export function createUpstream(): Upstream {
  let loaded: typeof Pool | undefined;
  const kept = new Map<number, Pool>();
  const single = new Map<number, Pool>();
  /** Errors of connections that had answered before. */
  const afterAnswers = new WeakSet<Error>();

  function connectTo(port: number, callback: (error: Error | null, socket: Socket | null) => void): void {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const failed = (error: Error): void => callback(error, null);
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      // Before undici's own listener, which tells the exchange.
      socket.on('error', (error) => {
        if (socket.bytesRead > 0) afterAnswers.add(error);
      });
      callback(null, socket);
    });
  }

  function poolOf(port: number, fresh: boolean, make: typeof Pool): Pool {
    const pools = fresh ? single : kept;
    let pool = pools.get(port);
    if (pool === undefined) {
      pool = new make(`http://127.0.0.1:${port}`, {
        connections: maxConnections,
        // 0 is undici's word for: each connection serves one request.
        pipelining: fresh ? 0 : 1,
        keepAliveTimeout: keptIdleMs,
        keepAliveMaxTimeout: keptIdleMs,
        keepAliveTimeoutThreshold: 1_000,
        connect: (_options, callback) => connectTo(port, callback as Parameters<typeof connectTo>[1]),
      });
      pools.set(port, pool);
    }
    return pool;
  }

  function send({ port, method, path, headers, body, fresh, idleMs }: Outgoing, events: ExchangeEvents): Exchange {
    let controller: Dispatcher.DispatchController | undefined;
    let over = false;
    let started = false;
    const failed = (error: Error): void => {
      if (over) return;
      over = true;
      events.fail(failureOf(error), !started && isStale(error, afterAnswers));
    };
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(own) {
        controller = own;
        if (over) own.abort(new Aborted());
      },
      onResponseStart(own, status, _parsed, reason) {
        // Interim answers end at the load balancer.
        if (over || status < 200) return;
        started = true;
        events.head(status, reason ?? '', rawHeaders(own));
      },
      onResponseData(_own, chunk) {
        if (!over) events.data(chunk);
      },
      onResponseEnd() {
        if (over) return;
        over = true;
        events.end();
      },
      onResponseError: (_own, error) => failed(error),
    };
    // Through a stream in between: undici destroys a body that it cannot send, and with the client's request its answer.
    const payload = body === undefined ? null : body.pipe(new PassThrough());
    const options = { path, method, headers, body: payload, headersTimeout: idleMs, bodyTimeout: idleMs };
    const dispatch = (make: typeof Pool): void => {
      try {
        if (!over) poolOf(port, fresh, make).dispatch(options, handler);
      } catch (error) {
        failed(error as Error);
      }
    };
    if (loaded === undefined) loadPool().then(dispatch, failed);
    else dispatch(loaded);
    return {
      pause: () => controller?.pause(),
      resume: () => controller?.resume(),
      abort() {
        if (over) return;
        over = true;
        controller?.abort(new Aborted());
      },
    };
  }

  return {
    async prepare() {
      loaded = await loadPool();
    },
    send,
    keepOnly(ports) {
      for (const pools of [kept, single]) {
        for (const [port, pool] of pools) {
          if (ports.has(port)) continue;
          pools.delete(port);
          pool.close().catch(() => undefined);
        }
      }
    },
    close() {
      for (const pool of [...kept.values(), ...single.values()]) pool.destroy().catch(() => undefined);
      kept.clear();
      single.clear();
    },
  };
}

/** As they came, names and values in turn. */
function rawHeaders({ rawHeaders: raw }: Dispatcher.DispatchController): string[] {
  return Array.isArray(raw) ? raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1'))) : [];
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.name;
}

function failureOf(error: Error): UpstreamFailure {
  const code = codeOf(error);
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return 'timeout';
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET') return 'reset';
  return 'malformed';
}

function isStale(error: Error, afterAnswers: WeakSet<Error>): boolean {
  // undici's own errors carry what the socket had seen; those of the system are known from the listener.
  const seen = (error as { socket?: { bytesRead?: number } | null }).socket?.bytesRead ?? 0;
  return seen > 0 || afterAnswers.has(error);
}
