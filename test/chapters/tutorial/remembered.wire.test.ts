// What `up` was told is remembered by the demo: `verify` and `status` need not be told again.
import { expect, test } from 'vitest';
import { startRunningDemo } from '../../helpers/running-demo.ts';

const nginx = { image: 'nginx', 'container-port': '80', path: '/index.html', expect: 'Welcome to nginx!' };

test('text and path of up are those of verify, until a flag says otherwise or up is told anew', async () => {
  const demo = await startRunningDemo();
  await demo.run('up', nginx);
  const { result } = await demo.run('verify');
  expect(result.data.answer?.text).toBe('Welcome to nginx!');
  expect(result.data.url).toMatch(/\/index\.html$/);
  expect((await demo.run('status')).result.data).toMatchObject({ changes: [], url: result.data.url });
  // A flag wins, and is not remembered.
  await expect(demo.run('verify', { expect: 'nobody says this' })).rejects.toMatchObject({ code: 'check-failed' });
  expect((await demo.run('verify', { path: '/' })).result.data.url).toMatch(/:\d+\/$/);
  // The same again changes nothing; another text is one tag.
  expect((await demo.run('up', nginx)).mutating).toEqual([]);
  expect((await demo.run('up', { ...nginx, expect: 'nginx' })).mutating).toEqual(['AddTags']);
  expect((await demo.run('verify')).result.data.answer?.text).toBe('nginx');
});

test('a text that is too long for a tag is said, and not remembered', async () => {
  const demo = await startRunningDemo();
  const { result } = await demo.run('up', { through: 'load-balancer', expect: 'x'.repeat(300) });
  expect(result.warnings).toEqual([expect.stringContaining('too long to be remembered')]);
});
