// Ports handed out are free, different, and nobody else's.
import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { createPortPool } from '../../src/sandbox/port-pool.ts';

async function listenOn(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
}

test('a port can be listened on the moment it is handed out', async () => {
  const pool = await createPortPool([]);
  onTestFinished(() => pool.close());
  const ports = Array.from({ length: 20 }, () => pool.reserve());
  expect(new Set(ports).size).toBe(20);
  await Promise.all(ports.map(listenOn));
});

test('while it waits in the pool, nobody else gets it', async () => {
  const pool = await createPortPool([]);
  onTestFinished(() => pool.close());
  const other = await createPortPool([]);
  onTestFinished(() => other.close());
  const mine = new Set(Array.from({ length: 16 }, () => pool.reserve()));
  // Handed out but not listened on: only the pool's own memory can keep these apart, the kernel keeps the waiting ones.
  const theirs = Array.from({ length: 16 }, () => other.reserve());
  expect(theirs.filter((port) => mine.has(port))).toEqual([]);
});

test('a burst larger than the pool still gets different ports', async () => {
  const pool = await createPortPool([]);
  onTestFinished(() => pool.close());
  const ports = Array.from({ length: 200 }, () => pool.reserve());
  expect(new Set(ports).size).toBe(200);
  expect(ports.every((port) => port > 1023 && port < 65_536)).toBe(true);
});
