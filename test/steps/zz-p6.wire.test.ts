import { expect, test } from 'vitest';
import { startRunningDemo } from '../helpers/running-demo.ts';
test('x', async () => {
  const demo = await startRunningDemo();
  const told = await Promise.allSettled(Array.from({ length: 2 }, () => demo.run('up', { count: '1' })));
  for (const t of told) if (t.status === 'rejected') console.log(t.reason.code, t.reason.message, t.reason.diagnosis);
  const again = await demo.run('up');
  console.log(again.result.data.calls, again.mutating);
  expect(1).toBe(1);
});
