// Free loopback ports, handed out synchronously. Each waiting port is really bound until the moment it is handed out,
// so that neither another program nor a second sandbox gets it in between.
import { createServer, type Server } from 'node:net';

export interface PortPool {
  /** A port that is free on 127.0.0.1 now and is not handed out twice while the sandbox runs. */
  reserve(): number;
  close(): Promise<void>;
}

/** More than one reconciliation hands out at a time. */
const poolSize = 32;

/** @param taken ports the world already uses: their owners are about to listen again. */
export async function createPortPool(taken: Iterable<number>): Promise<PortPool> {
  const handedOut = new Set(taken);
  const held: { port: number; server: Server }[] = [];
  let closed = false;
  let refilling = false;

  async function hold(): Promise<void> {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    server.unref();
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    if (closed || port === 0 || handedOut.has(port)) server.close();
    else held.push({ port, server });
  }

  async function refill(): Promise<void> {
    if (refilling) return;
    refilling = true;
    try {
      // One already handed out may come up; the bound keeps a nearly full port range from spinning.
      for (let tries = 0; held.length < poolSize && tries < 2 * poolSize && !closed; tries += 4) {
        await Promise.all([hold(), hold(), hold(), hold()]);
      }
    } catch {
      // No port or descriptor is free just now; the next reservation tries again.
    } finally {
      refilling = false;
    }
  }

  await refill();
  return {
    reserve() {
      const next = held.shift();
      void refill();
      if (next === undefined) return unheldPort(handedOut);
      // Closing a listening socket frees its port at once; only the callback is late.
      next.server.close();
      handedOut.add(next.port);
      return next.port;
    },
    async close() {
      closed = true;
      await Promise.all(held.splice(0).map(({ server }) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

/** The pool ran dry within one synchronous burst: a port of the ephemeral range, very likely free, not tried. */
function unheldPort(handedOut: Set<number>): number {
  let port: number;
  do port = 32_768 + Math.floor(Math.random() * 28_232);
  while (handedOut.has(port));
  handedOut.add(port);
  return port;
}
