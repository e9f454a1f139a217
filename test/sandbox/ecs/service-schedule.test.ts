// Services over the real loop and schedules: create, scale, deploy, fail, roll back, delete.
import { describe, expect, it } from 'vitest';
import {
  DeregisterContainerInstance,
  UpdateContainerInstancesState,
} from '../../../src/sandbox/ecs/container-instances.ts';
import { CreateService, DeleteService, DescribeServices, UpdateService } from '../../../src/sandbox/ecs/services.ts';
import { RegisterTaskDefinition } from '../../../src/sandbox/ecs/task-definitions.ts';
import { createHarness, refusalOf, statuses, targetGroupArn, taskDefinition, type Harness } from './harness.ts';

const loadBalancers = [{ targetGroupArn, containerName: 'web', containerPort: 4567 }];
const request = {
  cluster: 'my-cluster',
  serviceName: 'my-service',
  taskDefinition: 'sinatra-hi',
  desiredCount: 1,
  loadBalancers,
};
const breaker = { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } } };

function messages(harness: Harness): string[] {
  return harness.service().events.map(({ message }) => message);
}

function settled(harness: Harness): boolean {
  return harness.service().steadyAt !== undefined;
}

describe('a service', () => {
  it('starts its task, registers it, and is steady once the target is healthy', () => {
    const harness = createHarness();
    harness.call(CreateService, request);
    harness.until(() => settled(harness));
    const [service] =
      harness.call(DescribeServices, { cluster: 'my-cluster', services: ['my-service'] }).services ?? [];
    expect(service?.runningCount).toBe(1);
    expect(service?.deployments?.map(({ rolloutState }) => rolloutState)).toEqual(['COMPLETED']);
    const id = harness.live()[0]?.taskArn.split('/').at(-1);
    expect(messages(harness)).toEqual([
      '(service my-service) has reached a steady state.',
      `(service my-service) (deployment ${service?.deployments?.[0]?.id}) deployment completed.`,
      `(service my-service) registered 1 targets in (target-group ${targetGroupArn})`,
      `(service my-service) has started 1 tasks: (task ${id}).`,
      '(service my-service) was unable to place a task because no container instance met all of its requirements. ' +
        'Reason: No Container Instances were found in your cluster. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.',
    ]);
  });

  it('scales out and in without a new deployment, and drains what goes', () => {
    const harness = createHarness();
    harness.call(CreateService, request);
    harness.until(() => settled(harness));
    harness.call(UpdateService, { cluster: 'my-cluster', service: 'my-service', desiredCount: 4 });
    expect(harness.service().deployments[0]?.rolloutState).toBe('COMPLETED');
    harness.until(() => settled(harness));
    expect(statuses(harness.live())).toEqual({ RUNNING: 4 });
    harness.call(UpdateService, { cluster: 'my-cluster', service: 'my-service', desiredCount: 1 });
    expect(statuses(harness.live())).toEqual({ RUNNING: 1, DEACTIVATING: 3 });
    expect(messages(harness)[0]).toBe('(service my-service) has begun draining connections on 3 tasks.');
    harness.until(() => settled(harness));
    expect(statuses(harness.live())).toMatchObject({ RUNNING: 1 });
    expect(harness.service().deployments).toHaveLength(1);
  });

  it('says why the eighth task finds no place, once, and fits it in when there is room', () => {
    const harness = createHarness();
    harness.call(CreateService, { ...request, desiredCount: 8 });
    harness.until(() => statuses(harness.live())['RUNNING'] === 7);
    harness.clock.advance(5_000);
    const complaints = messages(harness).filter((message) => message.includes('insufficient memory available'));
    expect(complaints).toHaveLength(1);
    harness.launch(1);
    harness.until(() => settled(harness));
    expect(statuses(harness.live())).toEqual({ RUNNING: 8 });
  });

  it('replaces a task whose target fails, with ECS’s reason', () => {
    let good = false;
    const harness = createHarness({ probe: () => good });
    harness.call(CreateService, request);
    harness.until(() => Object.values(harness.world.tasks).some(({ desiredStatus }) => desiredStatus === 'STOPPED'));
    const first = Object.values(harness.world.tasks).find(({ desiredStatus }) => desiredStatus === 'STOPPED');
    expect(first?.stoppedReason).toBe(`Task failed ELB health checks in (target-group ${targetGroupArn})`);
    expect(messages(harness).find((message) => message.includes('unhealthy'))).toMatch(
      /^\(service my-service\) \(task [0-9a-f]{32}\) \(instance i-0\) \(port \d+\) is unhealthy in \(target-group arn:\S+\) due to \(reason Health checks failed with these codes: \[500\]\)\.$/,
    );
    good = true;
    harness.until(() => settled(harness));
    expect(statuses(harness.live())['RUNNING']).toBe(1);
  });

  it('waits out the grace period before it fails a task', () => {
    const harness = createHarness({ probe: () => false });
    harness.call(CreateService, { ...request, healthCheckGracePeriodSeconds: 100 });
    harness.until(() => statuses(harness.live())['RUNNING'] === 1);
    harness.clock.advance(1_900);
    expect(harness.live().map(({ desiredStatus }) => desiredStatus)).toEqual(['RUNNING']);
    harness.until(() => harness.live().some(({ desiredStatus }) => desiredStatus === 'STOPPED'), 300);
    expect(harness.live()[0]?.stoppedReason).toContain('Task failed ELB health checks');
  });

  it('with no healthy task ever, is failed by the breaker after three and starts no more', () => {
    const harness = createHarness({ container: () => 'crash' });
    harness.call(CreateService, { ...request, ...breaker });
    harness.until(() => harness.service().deployments[0]?.rolloutState === 'FAILED');
    expect(harness.service().deployments[0]?.failedTasks).toBe(3);
    const ended = Object.values(harness.world.tasks);
    expect(ended.map(({ stopCode, containers }) => [stopCode, containers[0]?.exitCode])).toEqual(
      Array.from({ length: 3 }, () => ['EssentialContainerExited', 1]),
    );
    harness.clock.advance(10_000);
    expect(Object.values(harness.world.tasks)).toHaveLength(3);
    expect(messages(harness)[0]).toMatch(/\(deployment ecs-svc\/\d{19}\) deployment failed: tasks failed to start\.$/);
  });

  it('rolls back to what was completed last', () => {
    const harness = createHarness({ container: (task) => (task.taskDefinitionArn.endsWith(':2') ? 'crash' : 'run') });
    harness.call(CreateService, { ...request, ...breaker });
    harness.until(() => settled(harness));
    harness.call(RegisterTaskDefinition, taskDefinition());
    harness.call(UpdateService, { cluster: 'my-cluster', service: 'my-service', taskDefinition: 'sinatra-hi' });
    harness.until(() => messages(harness).some((message) => message.includes('rolling back')));
    harness.until(() => settled(harness));
    expect(harness.service().taskDefinitionArn).toMatch(/sinatra-hi:1$/);
    expect(harness.service().deployments.map(({ rolloutState }) => rolloutState)).toEqual(['COMPLETED']);
    expect(
      Object.values(harness.world.tasks).filter(({ taskDefinitionArn }) => taskDefinitionArn.endsWith(':1')),
    ).toHaveLength(1);
    expect(harness.live().filter(({ lastStatus }) => lastStatus === 'RUNNING')).toHaveLength(1);
  });

  it('deploys a new revision beside the old one and keeps serving throughout', () => {
    const harness = createHarness();
    harness.call(CreateService, { ...request, desiredCount: 3 });
    harness.until(() => settled(harness));
    harness.call(RegisterTaskDefinition, taskDefinition());
    harness.call(UpdateService, { cluster: 'my-cluster', service: 'my-service', taskDefinition: 'sinatra-hi:2' });
    let least = 3;
    harness.until(() => {
      const healthy = Object.values(harness.world.targetGroups[targetGroupArn]?.targets ?? {}).filter(
        ({ state }) => state === 'healthy',
      );
      least = Math.min(least, healthy.length);
      return settled(harness);
    });
    expect(least).toBe(3);
    const running = harness.live().filter(({ lastStatus }) => lastStatus === 'RUNNING');
    expect(new Set(running.map(({ taskDefinitionArn }) => taskDefinitionArn.split(':').at(-1)))).toEqual(
      new Set(['2']),
    );
  });

  it('throttles starts that never reach RUNNING', () => {
    const harness = createHarness();
    harness.call(RegisterTaskDefinition, taskDefinition({ image: 'no/such-image' }));
    harness.call(CreateService, request);
    harness.until(() =>
      messages(harness).some((message) => message.includes('is unable to consistently start tasks successfully.')),
    );
    const before = Object.keys(harness.world.tasks).length;
    harness.clock.advance(290);
    expect(Object.keys(harness.world.tasks)).toHaveLength(before);
    const [task] = Object.values(harness.world.tasks);
    expect(task).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: expect.stringMatching(/^CannotPullContainerError: .*pull access denied for no\/such-image/),
    });
  });

  it('moves its tasks off a draining container instance', () => {
    const harness = createHarness({ instances: 2 });
    harness.call(CreateService, { ...request, desiredCount: 2 });
    harness.until(() => settled(harness));
    const [first] = Object.keys(harness.world.containerInstances);
    if (first === undefined) throw new Error('no container instance');
    expect(
      refusalOf(() => harness.call(DeregisterContainerInstance, { cluster: 'my-cluster', containerInstance: first })),
    ).toBe('InvalidParameterException: Found running tasks on the instance.');
    harness.call(UpdateContainerInstancesState, {
      cluster: 'my-cluster',
      containerInstances: [first],
      status: 'DRAINING',
    });
    harness.until(() => settled(harness));
    harness.until(() => harness.live().length === 2);
    expect(harness.live().filter(({ containerInstanceArn }) => containerInstanceArn === first)).toEqual([]);
  });

  it('goes from DRAINING to INACTIVE, refusing its name meanwhile', () => {
    const harness = createHarness();
    harness.call(CreateService, request);
    harness.until(() => settled(harness));
    expect(refusalOf(() => harness.call(DeleteService, { cluster: 'my-cluster', service: 'my-service' }))).toBe(
      'InvalidParameterException: The service cannot be stopped while it is scaled above 0.',
    );
    expect(refusalOf(() => harness.call(CreateService, request))).toBe(
      'InvalidParameterException: Creation of service was not idempotent.',
    );
    harness.call(DeleteService, { cluster: 'my-cluster', service: 'my-service', force: true });
    expect(refusalOf(() => harness.call(CreateService, request))).toBe(
      'InvalidParameterException: Unable to Start a service that is still Draining.',
    );
    harness.until(() => harness.service().status === 'INACTIVE');
    harness.until(() => harness.live().length === 0);
    harness.call(CreateService, request);
    harness.until(() => settled(harness));
    expect(statuses(harness.live())).toEqual({ RUNNING: 1 });
  });

  it('loses its tasks with their machine', () => {
    const harness = createHarness({ instances: 2 });
    harness.call(CreateService, { ...request, desiredCount: 2 });
    harness.until(() => settled(harness));
    harness.loop.change(() => {
      const instance = harness.world.instances['i-0'];
      if (instance) Object.assign(instance, { state: 'shutting-down', stateEndsAt: harness.clock.now() + 60 });
    });
    const lost = Object.values(harness.world.tasks).find(({ stopCode }) => stopCode === 'TerminationNotice');
    expect(lost?.stoppedReason).toBe('Host EC2 (instance i-0) terminated.');
    harness.until(() => settled(harness));
    expect(statuses(harness.live())).toMatchObject({ RUNNING: 2 });
  });
});
