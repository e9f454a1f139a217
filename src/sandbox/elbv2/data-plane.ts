// The real side of load balancing: listening sockets on loopback, opened and closed as the world says. Each request
// goes to proxy.ts with the route of the moment; probes.ts watches the targets.
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { ChangeWorld, Runtime } from '../loop.ts';
import type { Pace } from '../pace.ts';
import type { Listener } from './records.ts';
import type { World } from '../world.ts';
import { rawErrorResponse } from './error-pages.ts';
import { listenersOf } from './lookups.ts';
import { createProbes } from './probes.ts';
import { connectTimeoutMs, createProxy, maxHeaderBytes } from './proxy.ts';
import type { Proxy } from './proxy.ts';
import { localPortsOf, routeOf } from './routing.ts';
import type { Route } from './routing.ts';

export interface LoadBalancersOptions {
  change: ChangeWorld;
  clock: Clock;
  pace: Pace;
}

/** When another program holds the port, it is tried again after this time. */
const retryListenMs = 1_000;

/** ALB's own default idle timeout; in real time, as the clients are real. */
const clientIdleMs = 60_000;

/** One loopback port that serves a listener. */
interface Door {
  setRoute(route: Route): void;
  /** Stops listening at once; requests under way are finished, or cut off when `now`. */
  close(now: boolean): Promise<void>;
}

/**
 * Runs the load balancers of the world. `sync` after every change; `close` ends all sockets and timers.
 * The listener on port 80, or the first one when none is on 80, is served on the load balancer's own port; a listener
 * on another port also on one of its own. A load balancer that is provisioning refuses connections.
 */
export function createLoadBalancers({ change, clock, pace }: LoadBalancersOptions): Runtime {
  const doors = new Map<number, Door>();
  /** Doors that are closed to new connections and finish what is under way. */
  const leaving = new Map<Door, Promise<void>>();
  const probes = createProbes({ change, clock, pace });
  const proxy = createProxy({ clock, pace, trouble: (target) => probes.hurry(target.targetGroupArn, target.key) });
  let closed = false;

  return {
    sync(world) {
      if (closed) return;
      const localPorts = localPortsOf(world);
      const routes = routesOf(world, localPorts);
      for (const [port, door] of doors) {
        if (routes.has(port)) continue;
        doors.delete(port);
        leaving.set(
          door,
          door.close(false).finally(() => leaving.delete(door)),
        );
      }
      for (const [port, route] of routes) {
        const door = doors.get(port);
        if (door) door.setRoute(route);
        else doors.set(port, openDoor(port, route, proxy, clock, pace));
      }
      // A failure to load shows with the first request.
      if (routes.size > 0) proxy.prepare().catch(() => undefined);
      proxy.keepOnly(usedPorts(routes));
      probes.sync(world, localPorts);
    },
    async close() {
      closed = true;
      probes.close();
      const gone = [...doors.values(), ...leaving.keys()].map((door) => door.close(true));
      doors.clear();
      proxy.close();
      await Promise.all([...gone, ...leaving.values()]);
    },
  };
}

/** Routes by the loopback port they are served on. */
function routesOf(world: World, localPorts: Map<string, number>): Map<number, Route> {
  const routes = new Map<number, Route>();
  for (const loadBalancer of Object.values(world.loadBalancers)) {
    if (loadBalancer.state !== 'active') continue;
    const listeners = listenersOf(world, loadBalancer.loadBalancerArn);
    const first: Listener | undefined = listeners.find((listener) => listener.port === 80) ?? listeners[0];
    for (const listener of listeners) {
      const route = routeOf(world, listener, loadBalancer, localPorts);
      if (listener === first) routes.set(loadBalancer.localPort, route);
      if (listener.localPort !== undefined) routes.set(listener.localPort, route);
    }
  }
  return routes;
}

function usedPorts(routes: Map<number, Route>): Set<number> {
  const ports = new Set<number>();
  for (const route of routes.values()) {
    for (const { groups } of [route, ...(route.rules ?? []).map((rule) => rule.route)]) {
      for (const { targets } of groups)
        for (const { localPort } of targets) if (localPort !== undefined) ports.add(localPort);
    }
  }
  return ports;
}

function openDoor(port: number, firstRoute: Route, proxy: Proxy, clock: Clock, pace: Pace): Door {
  let route = firstRoute;
  let closing = false;
  let cancelRetry: (() => void) | undefined;
  /** Sockets that the security groups keep out, waiting for the connect timeout of their client. */
  const keptOut = new Set<Socket>();

  const http = createServer(
    {
      noDelay: true,
      keepAliveTimeout: clientIdleMs,
      requestTimeout: 0,
      maxHeaderSize: maxHeaderBytes,
      highWaterMark: 65_536,
    },
    (request, response) => {
      response.once('finish', () => {
        if (closing) request.socket.end();
      });
      proxy.handle(route, request, response);
    },
  );
  /** Upgraded connections: the HTTP server no longer counts them as its own. */
  const tunnels = new Set<Duplex>();
  http.on('upgrade', (request, socket, head) => {
    tunnels.add(socket);
    socket.once('close', () => tunnels.delete(socket));
    proxy.upgrade(route, request, socket, head);
  });
  http.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end(rawErrorResponse(400));
    else socket.destroy();
  });

  // Who gets in at all is decided before HTTP sees the connection. A connection that is there stays, whatever
  // happens to the rules: security groups track connections.
  const serve = http.listeners('connection');
  http.removeAllListeners('connection');
  http.on('connection', (socket: Socket) => {
    if (route.admitted) {
      for (const listener of serve) listener.call(http, socket);
      return;
    }
    socket.on('error', () => undefined);
    keptOut.add(socket);
    const cancel = clock.after(pace.scale(connectTimeoutMs), () => socket.destroy());
    socket.once('close', () => {
      cancel();
      keptOut.delete(socket);
    });
  });
  const listen = (): void => {
    if (!closing) http.listen({ port, host: '127.0.0.1', backlog: 1024 });
  };
  http.on('error', () => {
    cancelRetry = clock.after(retryListenMs, listen);
  });
  listen();

  return {
    setRoute(next) {
      route = next;
    },
    close(now) {
      closing = true;
      cancelRetry?.();
      for (const socket of keptOut) socket.destroy();
      return new Promise((resolve) => {
        if (http.listening) http.close(() => resolve());
        else resolve();
        if (!now) return;
        http.closeAllConnections();
        for (const tunnel of tunnels) tunnel.destroy();
      });
    },
  };
}
