// The sandbox is said to stay, with what is wrong in it; and who looks on AWS is told that there is one.
import { expect, it } from 'vitest';
import { inOwnDirectory } from './built-program.ts';

it('sandbox status tells of faults that are on, and that it runs on', async () => {
  const run = inOwnDirectory();
  await run(['sandbox', 'start', '--fault', 'task-slow']);
  const { stdout, stderr } = await run(['sandbox', 'status']);
  expect(stdout).toMatch(/^fault +task-slow, on: strikes until it is cleared$/m);
  expect(stderr).toContain('ecsdemo sandbox stop');
  const { data } = JSON.parse((await run(['sandbox', 'status', '--json'])).stdout) as { data: { faults: unknown } };
  expect(data.faults).toEqual([expect.objectContaining({ name: 'task-slow' })]);
});

it('a destroy that left nothing says that the sandbox itself runs on', async () => {
  const run = inOwnDirectory();
  await run(['up', '--local', '--through', 'cluster']);
  const { stderr } = await run(['destroy', '--local']);
  expect(stderr).toContain('the sandbox itself runs on: ecsdemo sandbox stop');
});

it('status that could not look on AWS names the sandbox that runs here', async () => {
  const run = inOwnDirectory();
  const before = await run(['status', '--name', 'x']);
  expect(before.stderr).not.toContain('sandbox runs here');
  await run(['sandbox', 'start']);
  const { code, stderr } = await run(['status', '--name', 'x']);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining('a sandbox runs here too: ecsdemo status --name x --local'),
  ]);
  expect((await run(['status', '--local'])).stderr).not.toContain('sandbox runs here');
});
