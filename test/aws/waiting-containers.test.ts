import type { Container, Task, TaskDefinition } from '@aws-sdk/client-ecs';
import { expect, test } from 'vitest';
import { findWaitingContainer } from '../../src/aws/waiting-containers.ts';

const definition = (condition: 'COMPLETE' | 'SUCCESS' | 'HEALTHY' | 'START'): TaskDefinition => ({
  containerDefinitions: [{ name: 'init' }, { name: 'web', dependsOn: [{ containerName: 'init', condition }] }],
});
const task = (init: Container, web: Container, lastStatus = 'PENDING'): Task => ({
  lastStatus,
  containers: [
    { name: 'init', ...init },
    { name: 'web', ...web },
  ],
});
const pending = { lastStatus: 'PENDING' };
const running = { lastStatus: 'RUNNING' };

test.each([
  ['COMPLETE', running, 'RUNNING'],
  ['SUCCESS', running, 'RUNNING'],
  ['HEALTHY', { ...running, healthStatus: 'UNKNOWN' }, 'UNKNOWN'],
  ['HEALTHY', running, 'UNKNOWN'],
] as const)('for %s: the container waits, and what the other one is now is said', (condition, init, state) => {
  expect(findWaitingContainer([task(init, pending)], definition(condition))).toEqual({
    name: 'web',
    on: 'init',
    condition,
    state,
  });
});

test.each([
  ['the other one has not started either', task(pending, pending), 'COMPLETE'],
  ['the other one has ended', task({ lastStatus: 'STOPPED' }, pending), 'COMPLETE'],
  ['it is healthy', task({ ...running, healthStatus: 'HEALTHY' }, pending), 'HEALTHY'],
  ['it need only have started', task(running, pending), 'START'],
  ['it runs by now', task(running, running), 'COMPLETE'],
  ['the task runs', task(running, pending, 'RUNNING'), 'COMPLETE'],
] as const)('nobody waits when %s', (_, one, condition) => {
  expect(findWaitingContainer([one], definition(condition))).toBeUndefined();
});

test('without its definition nothing is known', () => {
  expect(findWaitingContainer([task(running, pending)], undefined)).toBeUndefined();
});
