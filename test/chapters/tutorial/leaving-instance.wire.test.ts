// What a scale that was killed sent away already: the next one ends when it is gone, as the first would have.
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { startRunningDemo } from '../../helpers/running-demo.ts';
import { fastPace } from '../../sandbox/in-process.ts';

test('scale waits for an instance that is on its way out', async () => {
  const fast = fastPace();
  // Longer than all else that the second scale has to do.
  const pace = {
    ...fast,
    of: (phase: Parameters<typeof fast.of>[0]) => fast.of(phase) * (phase === 'instanceShuttingDown' ? 40 : 1),
  };
  const demo = await startRunningDemo({ pace });
  await demo.run('up', { instances: '2' });
  const { instances } = demo.sandbox.world;
  const newest = Object.values(instances).toSorted((one, other) => other.launchedAt - one.launchedAt)[0];
  await demo.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [newest?.instanceId ?? ''] }));
  const { mutating } = await demo.run('scale', { instances: '1' });
  expect(
    Object.values(demo.sandbox.world.instances)
      .map(({ state }) => state)
      .toSorted(),
  ).toEqual(['running', 'terminated']);
  expect(mutating).not.toContain('TerminateInstances');
});
