// The control room registers an image, for the command.
import { expect, onTestFinished, test } from 'vitest';
import { addImage } from '../../../src/sandbox/control/requests.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { fastPace } from '../in-process.ts';

test('an image is registered and kept, or refused in words', async () => {
  const sandbox = await startSandbox({ pace: fastPace() });
  onTestFinished(() => sandbox.close());
  const connection = { ...sandbox, pid: process.pid, pace: 'fast', startedAt: '' };
  const own = { name: 'own/app:v2', answer: 'two' };
  expect(await addImage(connection, own)).toEqual({ ...own, like: 'nginx' });
  await expect(addImage(connection, { name: 'Own App' })).rejects.toThrow(
    'name is no name of an image, such as own/app:v2',
  );
  expect(sandbox.world.images).toEqual({ 'own/app:v2': { ...own, like: 'nginx' } });
});
