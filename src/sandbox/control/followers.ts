// Those who follow the events over HTTP: one JSON object a line, for as long as both sides are there. A follower reads from
// the log at its own speed: one that stops reading costs no memory, and hears how much it missed when it goes on.
import type { ServerResponse } from 'node:http';
import type { EventLog, SandboxEvent } from './event-log.ts';

/** Told in place of events that are no longer kept: read the world anew. `seq`: the last one missed. */
export interface Missed {
  type: 'missed';
  seq: number;
  count: number;
}

export type FollowedEvent = SandboxEvent | Missed;

export interface FollowersOptions {
  events: EventLog;
  /** @default 16 */
  limit?: number;
  /** An empty line so often shows a follower that the sandbox is there, and the sandbox that the follower is. @default 10 s */
  beatMs?: number;
  /** A follower that has taken nothing for so long is let go. @default 60 s */
  stalledMs?: number;
}

export interface Followers {
  /** True: there is no room for another one. */
  full(): boolean;
  /** Sends what came after that number, and all that comes. */
  add(response: ServerResponse, after: number): void;
  /** Lets all of them go. */
  close(): void;
}

export function createFollowers(options: FollowersOptions): Followers {
  const { events, limit = 16, beatMs = 10_000, stalledMs = 60_000 } = options;
  const present = new Set<ServerResponse>();

  function add(response: ServerResponse, after: number): void {
    present.add(response);
    let position = after;
    let blocked = false;
    const write = (line: string): void => {
      blocked = !response.write(line);
    };
    const send = (event: FollowedEvent): void => write(`${JSON.stringify(event)}\n`);
    const pump = (): void => {
      for (let event = events.next(position); event !== undefined && !blocked; event = events.next(position)) {
        const count = event.seq - position - 1;
        if (count > 0) send({ type: 'missed', seq: event.seq - 1, count });
        send(event);
        position = event.seq;
      }
    };
    const unwatch = events.watch(pump);
    const beat = setInterval(() => {
      if (!blocked) write('\n');
    }, beatMs).unref();
    response.on('drain', () => {
      blocked = false;
      pump();
    });
    response.on('close', () => {
      clearInterval(beat);
      unwatch();
      present.delete(response);
    });
    response.setTimeout(stalledMs, () => response.destroy());
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    response.flushHeaders();
    pump();
  }

  return {
    full: () => present.size >= limit,
    add,
    close() {
      for (const response of present) response.end();
    },
  };
}
