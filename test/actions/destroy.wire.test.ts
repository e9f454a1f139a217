// What destroy says of what it did not get to see: never that it is gone.
import { expect, test } from 'vitest';
import type { DestroyData } from '../../src/actions/results.ts';
import { AwsError } from '../../src/sandbox/aws-error.ts';
import { dataOf } from '../helpers/one-action.ts';
import { startRunningDemo } from '../helpers/running-demo.ts';

const denied = new AwsError('AccessDeniedException', 'User: x is not authorized to perform: ecs:DeleteCluster');

test.each<[string, string]>([
  ['a refusal of one deletion', 'DeleteCluster'],
  ['a refusal of the first', 'DeleteService'],
])('after %s nothing is called left or gone', async (_, operation) => {
  const demo = await startRunningDemo({
    intercept: {
      before(call) {
        if (call.operation === operation) throw denied;
      },
    },
  });
  await demo.run('up');
  const failure: unknown = await demo.run('destroy').then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(failure).toMatchObject({ code: 'access-denied', exitCode: 5 });
  const data = dataOf(failure) as DestroyData;
  expect(data.left).toBeNull();
  expect(data.unfinished).toContain(operation === 'DeleteCluster' ? 'Cluster' : 'Service');
});

test('a dry run has not looked for what is left either', async () => {
  const demo = await startRunningDemo();
  await demo.run('up', { through: 'cluster' });
  const { result } = await demo.run('destroy', { 'dry-run': true });
  expect(result.data.left).toBeNull();
});
