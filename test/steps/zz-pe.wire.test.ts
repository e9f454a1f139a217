import { expect, test } from 'vitest';
import { startRunningDemo } from '../helpers/running-demo.ts';
test('try', async () => {
  const demo = await startRunningDemo();
  const t=Date.now();
  const a = await demo.run('up');
  console.log(a.mutating, Date.now()-t);
  const b = await demo.run('up');
  console.log(b.mutating, Date.now()-t, b.result.data.calls);
  const c = await demo.run('status');
  console.log(c.result.data.changes, Date.now()-t);
  expect(1).toBe(1);
});
