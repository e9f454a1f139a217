// Connections to targets: one request at a time on each, kept for the next. Knows addresses, bytes and time; knows
// nothing of routes or of what a failure means to the client.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createResponseParser } from './response-parser.ts';
import type { ResponseParser } from './response-parser.ts';

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
  /** There is room for more of the request's body. */
  drain(): void;
}

export interface Exchange {
  /** Sends a part of the request's body; false: wait for `drain`. */
  write(chunk: Buffer | string): boolean;
  /** The request is whole. Only then can the connection be kept. */
  finish(): void;
  pause(): void;
  resume(): void;
  /** Gives the exchange up; nothing is called any more. */
  abort(): void;
}

export interface Upstream {
  /**
   * Sends a request.
   * @param options.fresh on a connection of its own, for requests that must not be sent twice.
   * @param options.idleMs longest silence in milliseconds.
   */
  send(options: { port: number; method: string; head: string; fresh: boolean; idleMs: number }, events: ExchangeEvents): Exchange;
  /** Ends idle connections to ports other than these. */
  keepOnly(ports: ReadonlySet<number>): void;
  close(): void;
}

/** Below the 5 seconds after which Node's and many other servers close an idle connection: no race with most of them. */
const defaultIdleMs = 4_000;

/** Idle connections kept per target. */
const maxIdle = 256;

/** A connection made for a request that must not be repeated is kept only while there are few. */
const maxIdleFromFresh = 8;

interface Connection {
  socket: Socket;
  port: number;
  served: number;
  freeUntil: number;
  /** The exchange under way; undefined when idle. */
  current: Current | undefined;
}

interface Current {
  parser: ResponseParser;
  events: ExchangeEvents;
  /** A byte of the answer came. */
  started: boolean;
  /** The request went out whole. */
  sent: boolean;
  fresh: boolean;
  reusable: boolean;
}

export function createUpstream(): Upstream {
  const idle = new Map<number, Connection[]>();
  const all = new Set<Connection>();

  function takeIdle(port: number): Connection | undefined {
    const list = idle.get(port);
    const now = Date.now();
    for (let connection = list?.pop(); connection; connection = list?.pop()) {
      if (connection.freeUntil > now && connection.socket.writable) return connection;
      connection.socket.destroy();
    }
    return undefined;
  }

  function release(connection: Connection, fresh: boolean, idleMs: number | undefined): void {
    let list = idle.get(connection.port);
    if (!list) idle.set(connection.port, (list = []));
    connection.freeUntil = Date.now() + Math.min(defaultIdleMs, idleMs ?? defaultIdleMs);
    if (list.length >= (fresh ? maxIdleFromFresh : maxIdle) || connection.freeUntil <= Date.now()) connection.socket.destroy();
    else {
      connection.socket.resume();
      list.push(connection);
    }
  }

  function forget(connection: Connection): void {
    all.delete(connection);
    const list = idle.get(connection.port);
    const index = list?.indexOf(connection) ?? -1;
    if (index >= 0) list?.splice(index, 1);
    if (list?.length === 0) idle.delete(connection.port);
  }

  function open(port: number): Connection {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const connection: Connection = { socket, port, served: 0, freeUntil: 0, current: undefined };
    all.add(connection);
    const fail = (failure: UpstreamFailure): void => {
      const { current } = connection;
      connection.current = undefined;
      socket.destroy();
      current?.events.fail(failure, connection.served > 0 && !current.started);
    };
    socket.on('data', (chunk: Buffer) => {
      const { current } = connection;
      if (!current) {
        // An answer to nothing.
        socket.destroy();
        return;
      }
      current.started = true;
      try {
        current.parser.write(chunk);
      } catch {
        fail('malformed');
      }
    });
    socket.on('drain', () => connection.current?.events.drain());
    socket.on('timeout', () => fail('timeout'));
    socket.on('end', () => {
      if (!connection.current?.parser.finish()) fail('reset');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code === 'ECONNREFUSED' ? 'refused' : 'reset'));
    socket.on('close', () => {
      forget(connection);
      fail('reset');
    });
    return connection;
  }

  /** Both halves are through: keep the connection or end it. */
  function settle(connection: Connection, idleMs: number | undefined): void {
    const { current } = connection;
    if (!current) return;
    connection.current = undefined;
    connection.served++;
    if (current.reusable && current.sent) release(connection, current.fresh, idleMs);
    else connection.socket.destroy();
    current.events.end();
  }

  return {
    send({ port, method, head, fresh, idleMs }, events) {
      const connection = (fresh ? undefined : takeIdle(port)) ?? open(port);
      const { socket } = connection;
      const parser = createResponseParser(method, {
        head: (status, reason, headers) => events.head(status, reason, headers),
        data: (chunk) => events.data(chunk),
        end(reusable, keptMs) {
          current.reusable = reusable;
          settle(connection, keptMs);
        },
      });
      const current: Current = { parser, events, started: false, sent: false, fresh, reusable: false };
      connection.current = current;
      if (socket.timeout !== idleMs) socket.setTimeout(idleMs);
      socket.write(head, 'latin1');
      const isCurrent = (): boolean => connection.current === current;
      return {
        write: (chunk) => !isCurrent() || socket.write(chunk),
        finish() {
          current.sent = true;
        },
        pause() {
          if (isCurrent()) socket.pause();
        },
        resume() {
          if (isCurrent()) socket.resume();
        },
        abort() {
          if (!isCurrent()) return;
          connection.current = undefined;
          socket.destroy();
        },
      };
    },
    keepOnly(ports) {
      for (const [port, list] of idle) {
        if (!ports.has(port)) for (const connection of list) connection.socket.destroy();
      }
    },
    close() {
      for (const connection of all) {
        connection.current = undefined;
        connection.socket.destroy();
      }
    },
  };
}
