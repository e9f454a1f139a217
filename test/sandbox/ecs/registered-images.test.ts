// An image of one's own, played by a stand-in.
import { expect, it, test } from 'vitest';
import { programOf } from '../../../src/sandbox/ecs/container-program.ts';
import { registerImage } from '../../../src/sandbox/ecs/registered-images.ts';
import { RegisterTaskDefinition } from '../../../src/sandbox/ecs/task-definitions.ts';
import { RunTask } from '../../../src/sandbox/ecs/tasks.ts';
import { createHarness } from './harness.ts';

const cluster = 'my-cluster';

function play(image: string, registered: Record<string, unknown>[]): object {
  const harness = createHarness();
  harness.until(() => Object.keys(harness.world.containerInstances).length > 0);
  for (const one of registered) harness.call(registerImage, one);
  harness.call(RegisterTaskDefinition, { family: 'own', containerDefinitions: [{ name: 'web', image, memory: 64 }] });
  const arn = harness.call(RunTask, { cluster, taskDefinition: 'own' }).tasks?.[0]?.taskArn ?? '';
  const task = harness.world.tasks[arn];
  const [container] = task?.containers ?? [];
  if (task === undefined || container === undefined) throw new Error('no task');
  return programOf(harness.world, task, container);
}

it.each([
  ['own/app:v2', [{ name: 'own/app:v2', answer: 'version 2' }], { port: 80, body: 'version 2' }],
  ['own/app:v3', [{ name: 'own/app', answer: 'any' }], { port: 80, body: 'any' }],
  [
    'own/app:v2',
    [
      { name: 'own/app', answer: 'any' },
      { name: 'own/app:v2', answer: 'two' },
    ],
    { body: 'two' },
  ],
  ['tongueroo/sinatra:mine', [{ name: 'tongueroo/sinatra:mine', like: 'sinatra' }], { port: 4567, body: '42' }],
  ['own/app:v1', [{ name: 'own/app:v2' }], { failure: expect.stringContaining('pull access denied') as unknown }],
] as [string, Record<string, unknown>[], object][])('%s with %j', (image, registered, behaviour) => {
  expect(play(image, registered)).toMatchObject(behaviour);
});

test.each([
  [{ name: 'Own App' }, 'name is no name of an image'],
  [{ name: 'own/app', like: 'rails' }, 'like is none of nginx, sinatra'],
  [{ name: 'own/app', answer: 'x'.repeat(2000) }, 'answer is no text'],
])('%j is refused', (given, words) => {
  const harness = createHarness();
  expect(() => harness.call(registerImage, given)).toThrow(words);
});
