import { test, expect } from 'vitest';
import { startRunningDemo } from '../helpers/running-demo.ts';
import { up } from '../../src/program.ts';
test('a', async () => {
  const demo = await startRunningDemo();
  const told = await Promise.allSettled([1,2,3].map(() => demo.run('up', { count: '1' })));
  for (const t of told) console.log(t.status, t.status === 'rejected' ? [t.reason.code, t.reason.message, t.reason.step, t.reason.diagnosis, t.reason.cause] : '');
  for (const t of Object.values(demo.sandbox.world.targetGroups)) console.log(JSON.stringify(t.targets));
  expect(1).toBe(1);
});
test('b', async () => {
  const demo = await startRunningDemo();
  let made = 0; let begin = () => {};
  const reached = new Promise<void>((r) => (begin = r));
  const first = up(demo.settings(), (e) => { if (e.type === 'call' && ++made === 1) begin(); }, new AbortController().signal);
  const second = reached.then(() => demo.run('destroy'));
  const told = await Promise.allSettled([first, second]);
  for (const t of told) console.log(t.status, t.status === 'rejected' ? [t.reason.code, t.reason.message, t.reason.step, t.reason.diagnosis, t.reason.cause] : t.value.result?.data ?? t.value.data);
  expect(1).toBe(1);
}, 100000);
