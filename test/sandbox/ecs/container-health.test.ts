// Services whose containers have health checks; environments by override; ports of the host's network without a mapping.
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { environmentOf, programOf } from '../../../src/sandbox/ecs/container-program.ts';
import type { Task } from '../../../src/sandbox/ecs/records.ts';
import { CreateService } from '../../../src/sandbox/ecs/services.ts';
import { RegisterTaskDefinition } from '../../../src/sandbox/ecs/task-definitions.ts';
import { containerJudged } from '../../../src/sandbox/ecs/task-reports.ts';
import { RunTask } from '../../../src/sandbox/ecs/tasks.ts';
import { createHarness, targetGroupArn, type Harness, type HarnessOptions } from './harness.ts';

const cluster = 'my-cluster';
const web: ContainerDefinition = {
  name: 'web',
  image: 'nginx',
  memory: 16,
  portMappings: [{ containerPort: 4567 }],
  healthCheck: { command: ['CMD-SHELL', 'curl -f localhost || exit 1'] },
};

function begin(options: HarnessOptions, healthCheckGracePeriodSeconds = 0): Harness {
  const harness = createHarness(options);
  harness.until(() => Object.keys(harness.world.containerInstances).length > 0);
  harness.call(RegisterTaskDefinition, { family: 'checked', containerDefinitions: [web] });
  harness.call(CreateService, {
    cluster,
    serviceName: 'my-service',
    taskDefinition: 'checked',
    desiredCount: 1,
    loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: 4567 }],
    healthCheckGracePeriodSeconds,
  });
  return harness;
}

const tasksOf = ({ world }: Harness): Task[] => Object.values(world.tasks);

describe('a service of containers with a health check', () => {
  it('is not deployed before they are HEALTHY', () => {
    const harness = begin({ health: () => undefined });
    harness.clock.advance(harness.pace.scale(600_000));
    const [task] = tasksOf(harness);
    expect(task).toMatchObject({ lastStatus: 'RUNNING', desiredStatus: 'RUNNING' });
    expect(harness.service().deployments[0]?.rolloutState).toBe('IN_PROGRESS');
    harness.loop.change((context) => containerJudged(context, task?.taskArn ?? '', 'web', 'HEALTHY'));
    harness.until(() => harness.service().deployments[0]?.rolloutState === 'COMPLETED');
  });

  it('has one that fails replaced, and one that came up again not', () => {
    let failing = true;
    const harness = begin({ health: () => (failing ? 'UNHEALTHY' : 'HEALTHY') });
    harness.until(() => tasksOf(harness).some(({ desiredStatus }) => desiredStatus === 'STOPPED'));
    failing = false;
    harness.until(() => harness.service().steadyAt !== undefined);
    const reasons = tasksOf(harness).flatMap(({ stoppedReason }) => stoppedReason ?? []);
    expect(new Set(reasons)).toEqual(new Set(['Task failed container health checks']));
    expect(tasksOf(harness).filter(({ desiredStatus }) => desiredStatus === 'RUNNING')).toHaveLength(1);
  });

  it('waits out the grace period first', () => {
    const harness = begin({ health: () => 'UNHEALTHY' }, 60);
    harness.until(() => tasksOf(harness)[0]?.containers[0]?.healthStatus === 'UNHEALTHY');
    harness.until(() => tasksOf(harness)[0]?.desiredStatus === 'STOPPED');
    const [first] = tasksOf(harness);
    expect((first?.stoppingAt ?? 0) - (first?.startedAt ?? 0)).toBe(harness.pace.scale(60_000));
  });
});

it('an override adds to the environment of its container', () => {
  const harness = createHarness();
  harness.until(() => Object.keys(harness.world.containerInstances).length > 0);
  const environment = [
    { name: 'A', value: 'a' },
    { name: 'B', value: 'b' },
  ];
  const containerDefinitions = [
    { ...web, environment },
    { ...web, name: 'other' },
  ];
  harness.call(RegisterTaskDefinition, { family: 'env', containerDefinitions });
  harness.call(RunTask, {
    cluster,
    taskDefinition: 'env',
    overrides: { containerOverrides: [{ name: 'web', environment: [{ name: 'B', value: 'mine' }] }] },
  });
  const [task] = tasksOf(harness);
  const [first, other] = task?.containers ?? [];
  if (!task || !first || !other) throw new Error('no task');
  expect(environmentOf(harness.world, task, first)).toMatchObject({ A: 'a', B: 'mine' });
  expect(environmentOf(harness.world, task, other)).not.toHaveProperty('A');
});

it('a second program on a port of the host’s network finds it taken', () => {
  const harness = createHarness();
  harness.until(() => Object.keys(harness.world.containerInstances).length > 0);
  harness.call(RegisterTaskDefinition, {
    family: 'host',
    networkMode: 'host',
    containerDefinitions: [{ name: 'web', image: 'tongueroo/sinatra', memory: 16 }],
  });
  const run = (): Task => {
    const arn = harness.call(RunTask, { cluster, taskDefinition: 'host' }).tasks?.[0]?.taskArn ?? '';
    harness.until(() => harness.world.tasks[arn]?.lastStatus === 'RUNNING');
    return harness.world.tasks[arn] as Task;
  };
  const first = run();
  expect(first.containers[0]?.networkBindings).toMatchObject([{ containerPort: 4567, hostPort: 4567 }]);
  const second = run();
  const [container] = second.containers;
  expect(container && programOf(harness.world, second, container)).toMatchObject({
    exitCode: 1,
    lastWords: ['bind() to 0.0.0.0:4567 failed (98: Address already in use)'],
  });
});
