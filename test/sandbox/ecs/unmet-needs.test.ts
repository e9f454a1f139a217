// Documents that AWS refuses, or whose tasks it cannot place or start: the sandbox neither.
import type { ContainerDefinition, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import { expect, it, test } from 'vitest';
import { RegisterTaskDefinition } from '../../../src/sandbox/ecs/task-definitions.ts';
import { RunTask } from '../../../src/sandbox/ecs/tasks.ts';
import { createHarness, refusalOf, type Harness } from './harness.ts';

const cluster = 'my-cluster';
const web: ContainerDefinition = { name: 'web', image: 'nginx', memory: 64 };

function register(harness: Harness, document: Partial<RegisterTaskDefinitionRequest>): void {
  harness.call(RegisterTaskDefinition, { family: 'many', containerDefinitions: [web], ...document });
}

test.each([
  [{ ...web, mountPoints: [{ sourceVolume: 'data', containerPath: '/data' }] }, "Unknown volume 'data'."],
  [{ ...web, volumesFrom: [{ sourceContainer: 'other' }] }, "Unknown container 'other' in volumesFrom."],
])('registration refuses %j', (container, words) => {
  const harness = createHarness();
  expect(refusalOf(() => register(harness, { containerDefinitions: [container] }))).toContain(words);
});

test.each([
  ['RESOURCE:GPU', { containerDefinitions: [{ ...web, resourceRequirements: [{ type: 'GPU', value: '1' }] }] }],
  ['ATTRIBUTE', { runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' } }],
] as [string, Partial<RegisterTaskDefinitionRequest>][])('%s: not placed', (reason, document) => {
  const harness = createHarness();
  harness.until(() => Object.keys(harness.world.containerInstances).length > 0);
  register(harness, document);
  const { tasks, failures } = harness.call(RunTask, { cluster, taskDefinition: 'many' });
  expect(tasks).toEqual([]);
  expect(failures).toMatchObject([{ reason }]);
});

const efs = [{ name: 'data', efsVolumeConfiguration: { fileSystemId: 'fs-0' } }];
const mounted = { ...web, mountPoints: [{ sourceVolume: 'data', containerPath: '/data' }] };
const file = { ...web, environmentFiles: [{ type: 's3', value: 'arn:aws:s3:::none/a.env' }] } as ContainerDefinition;

it.each([
  [
    "unable to assume the role 'arn:aws:iam::123456789012:role/none'",
    { taskRoleArn: 'arn:aws:iam::123456789012:role/none' },
  ],
  ["unable to assume the role 'none'", { executionRoleArn: 'none' }],
  ['Failed to resolve "fs-0.efs.us-east-1.amazonaws.com"', { volumes: efs, containerDefinitions: [mounted] }],
  ['unable to download env file arn:aws:s3:::none/a.env', { containerDefinitions: [file] }],
] as [string, Partial<RegisterTaskDefinitionRequest>][])('%s: the task fails to start', (words, document) => {
  const harness = createHarness();
  harness.until(() => Object.keys(harness.world.containerInstances).length > 0);
  register(harness, document);
  const arn = harness.call(RunTask, { cluster, taskDefinition: 'many' }).tasks?.[0]?.taskArn ?? '';
  harness.until(() => harness.world.tasks[arn]?.lastStatus === 'STOPPED');
  expect(harness.world.tasks[arn]).toMatchObject({
    stopCode: 'TaskFailedToStart',
    stoppedReason: expect.stringContaining(words) as unknown,
  });
});

it('an image that is no stand-in cannot be pulled, and the stand-ins are listed', () => {
  const harness = createHarness();
  harness.until(() => Object.keys(harness.world.containerInstances).length > 0);
  register(harness, { containerDefinitions: [{ ...web, image: 'amazon/amazon-ecs-sample' }] });
  const arn = harness.call(RunTask, { cluster, taskDefinition: 'many' }).tasks?.[0]?.taskArn ?? '';
  harness.until(() => harness.world.tasks[arn]?.lastStatus === 'STOPPED');
  expect(harness.world.tasks[arn]?.stoppedReason).toMatch(
    /requested access to the resource is denied \(the ecsdemo sandbox runs stand-ins only: tongueroo\/sinatra, nginx, httpd, .*ecsdemo\/hello/,
  );
});

it('a role of no name is none', () => {
  const harness = createHarness();
  harness.until(() => Object.keys(harness.world.containerInstances).length > 0);
  register(harness, { taskRoleArn: '', executionRoleArn: '' });
  const arn = harness.call(RunTask, { cluster, taskDefinition: 'many' }).tasks?.[0]?.taskArn ?? '';
  harness.until(() => ['RUNNING', 'STOPPED'].includes(harness.world.tasks[arn]?.lastStatus ?? ''));
  expect(harness.world.tasks[arn]?.lastStatus).toBe('RUNNING');
});
