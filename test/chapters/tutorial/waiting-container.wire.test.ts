// A container that waits for one that never ends: it may end any moment, so the wait goes on, and says for whom.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startRunningDemo } from '../../helpers/running-demo.ts';

const file = fileURLToPath(new URL('../../cases/t10f-depends-never.json', import.meta.url));

test('up names the container and the one it waits for, while it waits and when time is up', async () => {
  const demo = await startRunningDemo();
  const warnings: string[] = [];
  const failed = await demo
    .run('up', { 'task-definition': file, expect: 'nginx', timeout: '8s' }, (event) => {
      if (event.type === 'warning') warnings.push(event.message);
    })
    .catch((error: unknown) => error);
  const words = 'container "web" waits for "init" to end (dependsOn COMPLETE), and that is still RUNNING';
  expect(failed).toMatchObject({ code: 'timeout', diagnosis: expect.arrayContaining([words]) });
  expect(warnings).toContain(words);
});
