// The control room: every signed request that the sandbox itself answers, in one table. Everything in a request is checked
// here or where it is read; GET only looks. Who may ask is the server's affair.
import type { ServerResponse } from 'node:http';
import { controlPath } from '../connection.ts';
import { activeFaults } from '../faults/active-faults.ts';
import { registerImage } from '../ecs/registered-images.ts';
import { clearFaults, setFault } from '../faults/control.ts';
import { kill, NoVictim } from '../faults/kill.ts';
import { takeInventory } from '../inventory.ts';
import type { Loop } from '../loop.ts';
import type { ChangeablePace } from '../pace.ts';
import { Refused } from '../refused.ts';
import type { Service } from '../service.ts';
import type { WireRequest } from '../wire/request.ts';
import { changePace } from './change-pace.ts';
import type { EventLog } from './event-log.ts';
import type { Followers } from './followers.ts';
import { viewTables, type WorldView } from './world-view.ts';

/** `follow`: the answer goes on for as long as somebody reads it. */
export type ControlAnswer = { status: number; body: object } | { follow(response: ServerResponse): void };

export interface ControlRoom {
  loop: Loop;
  services: readonly Service[];
  pace: ChangeablePace;
  events: EventLog;
  followers: Followers;
  /** Why the state cannot be saved at present; undefined: it can. */
  trouble(): string | undefined;
}

interface Asked {
  query: URLSearchParams;
  /** The JSON object in the body. @throws Refused when it is none. */
  body(): Record<string, unknown>;
}

type Route = (asked: Asked) => ControlAnswer;

const ok = (body: object): ControlAnswer => ({ status: 200, body });

/** @returns undefined for a path or method that there is not. */
export function controlRoutes(room: ControlRoom): (request: WireRequest) => ControlAnswer | undefined {
  const { loop, services, pace, events, followers } = room;
  const routes: Record<string, Route> = {
    'GET status': () => ok(loop.read(({ world }) => takeInventory(services, world, pace.name, room.trouble()))),
    'GET world': () =>
      ok(
        loop.read(({ world, now }): WorldView => ({
          pid: process.pid,
          account: world.account,
          region: world.region,
          pace: pace.name,
          time: now,
          seq: events.last(),
          tables: viewTables(services, world),
        })),
      ),
    'GET events': ({ query }) => {
      const after = position(query.get('after'), events.last());
      if (followers.full()) return { status: 503, body: { message: 'too many follow the events already' } };
      return { follow: (response) => followers.add(response, after) };
    },
    'GET faults': () => ok({ active: loop.read(({ world }) => activeFaults(world)) }),
    'POST faults': ({ body }) => ok(loop.change((context) => setFault(context, body()))),
    'POST faults/clear': ({ body }) => ok(loop.change((context) => clearFaults(context, body()['name']))),
    'POST pace': ({ body }) => ok(loop.change((context) => changePace(context, services, pace, body()['pace']))),
    'POST images': ({ body }) => ok(loop.change((context) => registerImage(context, body()))),
    'POST kill': ({ body }) => {
      const { what, id } = body();
      if (what !== 'task' && what !== 'instance') throw new Refused('what is neither task nor instance');
      if (id !== undefined && typeof id !== 'string') throw new Refused('id is not a text');
      return ok(loop.change((context) => kill(context, what, id, loop.kill)));
    },
  };

  return ({ method, url, body }) => {
    const [path = '', query = ''] = url.split('?');
    const name = `${method} ${path.startsWith(controlPath) ? path.slice(controlPath.length) : ''}`;
    const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
    try {
      return route?.({ query: new URLSearchParams(query), body: () => parse(body.toString('utf8')) });
    } catch (error) {
      if (error instanceof Refused) return { status: 400, body: { message: error.message } };
      if (error instanceof NoVictim) return { status: 404, body: { message: error.message } };
      throw error;
    }
  };
}

/** Absent: from now on. A number that is still to come is of another process: from the first that is kept. */
function position(after: string | null, last: number): number {
  if (after === null) return last;
  if (!/^\d{1,15}$/.test(after)) throw new Refused('after is not the number of an event');
  return Number(after) > last ? 0 : Number(after);
}

function parse(body: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body === '' ? '{}' : body);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // Answered below, as any other text that is no object.
  }
  throw new Refused('the body is not a JSON object');
}
