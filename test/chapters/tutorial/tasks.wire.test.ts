// The tasks of a demo one by one, as `status` tells of them.
import { expect, test } from 'vitest';
import { killOne } from '../../../src/sandbox/control.ts';
import { startRunningDemo } from '../../helpers/running-demo.ts';

test('each task with its instance, zone, port, health and age; a killed one is not there any more', async () => {
  const demo = await startRunningDemo();
  expect((await demo.run('status')).result.data.tasks).toEqual([]);
  await demo.run('up', { count: '2' });
  const { result } = await demo.run('status');
  const { tasks, calls } = result.data;
  expect(tasks).toHaveLength(2);
  const instance = Object.keys(demo.sandbox.world.instances)[0] ?? '';
  const task = {
    definition: 'sinatra-hi:1',
    state: 'RUNNING',
    instance,
    zone: 'us-east-1a',
    health: 'healthy',
    addresses: [expect.stringMatching(new RegExp(`^${instance}:\\d+$`))],
  };
  expect(tasks).toMatchObject([task, task]);
  for (const { id, startedAt } of tasks) {
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(Date.parse(startedAt ?? '')).toBeLessThanOrEqual(Date.now());
  }
  // Two calls more than before there were tasks to tell of.
  expect(calls.total).toBe(21);
  const { endpoint, credentials, region, account } = demo.sandbox;
  const connection = { endpoint, credentials, region, account, pid: process.pid, pace: 'fast', startedAt: '' };
  const killed = tasks[0]?.id ?? '';
  await killOne(connection, 'task', killed);
  const after = (await demo.run('status')).result.data.tasks ?? [];
  expect(after.map(({ id, state }) => `${id} ${state}`)).not.toContain(`${killed} RUNNING`);
});
