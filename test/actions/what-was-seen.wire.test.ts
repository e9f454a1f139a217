// The data of each action against what that action looked at: null for what it did not.
import { expect, test } from 'vitest';
import { setFault } from '../../src/sandbox/faults/control.ts';
import { dataOf } from '../helpers/one-action.ts';
import { startRunningDemo } from '../helpers/running-demo.ts';

const unseen = { desired: null, running: null, healthy: null, answer: null, costPerHour: null };

test('figures and lists stand for what was looked at, in every action', async () => {
  const demo = await startRunningDemo();
  const data = async (...args: Parameters<typeof demo.run>) => (await demo.run(...args)).result.data;

  // Nothing of the service, its targets or what costs was looked at.
  expect(await data('up', { through: 'cluster' })).toMatchObject({ ...unseen, url: null, checks: [] });
  // Looked at, and not there.
  expect(await data('status')).toMatchObject({ desired: 0, running: 0, healthy: 0, answer: null, costPerHour: 0 });

  // A failed run tells of the steps that came to their end, and names the others.
  demo.sandbox.loop.change((context) => setFault(context, { name: 'access-denied', operation: 'ecs:CreateService' }));
  const failed = dataOf(await demo.run('up').catch((error: unknown) => error));
  expect(failed).toMatchObject({ unfinished: ['Service', 'Verify'], answer: null, checks: [], costPerHour: 0.0512 });
  const types = (failed as { resources: { type: string }[] }).resources.map(({ type }) => type);
  expect(types).toContain('AWS::ECS::Cluster');
  expect(types).not.toContain('AWS::ECS::Service');
  demo.sandbox.loop.change(({ world }) => delete world.faults);

  // Nobody to ask: no answer, and no sentence about one.
  const none = (await demo.run('up', { count: '0' })).result.data;
  expect(none).toMatchObject({ desired: 0, running: 0, healthy: 0, answer: null });
  expect(none.checks).toContainEqual(expect.objectContaining({ id: 'http', status: 'skip' }));
  expect(none.checks).toContainEqual(
    expect.objectContaining({ id: 'security-group-path', detail: expect.stringMatching(/:32768-60999$/) }),
  );
  expect(await data('verify')).toMatchObject({ desired: 0, answer: null });

  // `scale` waits for health and asks nobody for an answer.
  expect(await data('scale', { count: '2' })).toMatchObject({ desired: 2, running: 2, healthy: 2, answer: null });
  expect(await data('verify')).toMatchObject({ desired: 2, healthy: 2, answer: { text: '42', whole: true } });
  // A part of it is no more than contained.
  expect(await data('verify', { expect: '4' })).toMatchObject({ answer: { text: '4', whole: false } });
  // `status` visits nobody.
  expect(await data('status')).toMatchObject({ desired: 2, running: 2, healthy: 2, answer: null, checks: [] });
});
