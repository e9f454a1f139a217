import { DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { clientsFor, tinyServer } from './tiny-server.ts';

test('added latency holds every call, and calls side by side only once', async () => {
  const { endpoint, log } = await tinyServer({ latencyMs: 500 });
  const { ec2 } = clientsFor(endpoint);
  const call = async (): Promise<number> => {
    const startedAt = performance.now();
    await ec2.send(new DescribeVpcsCommand());
    return performance.now() - startedAt;
  };
  const startedAt = performance.now();
  // A timer may fire a fraction of a millisecond early.
  for (const took of await Promise.all(Array.from({ length: 20 }, call))) expect(took).toBeGreaterThan(499);
  // One after the other would take twice as long; what else a busy machine adds is far less.
  expect(performance.now() - startedAt).toBeLessThan(10 * 500);
  expect(log.recent()).toHaveLength(20);
});

test('the log of calls knows what each one moved', async () => {
  const { endpoint, log } = await tinyServer();
  await clientsFor(endpoint).ec2.send(new DescribeVpcsCommand());
  const [call] = log.recent();
  expect(call?.received).toBe('Action=DescribeVpcs&Version=2016-11-15'.length);
  expect(call?.sent).toBeGreaterThan('<DescribeVpcsResponse/>'.length);
});
