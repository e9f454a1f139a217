import {
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  ListContainerInstancesCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import type { Service, Task } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { type Evidence, findCause, stoppedTaskLines, toError, unhealthyTargetLines } from '../../src/aws/diagnosis.ts';
import { gather } from '../../src/aws/evidence.ts';
import { aContext, fault } from '../helpers/a-context.ts';

const at = new Date(10_000);

function evidence(parts: Partial<Evidence> = {}, service: Service = {}): Evidence {
  return {
    service: {
      serviceName: 'my-service',
      desiredCount: 2,
      runningCount: 1,
      pendingCount: 0,
      deployments: [{ status: 'PRIMARY', rolloutState: 'IN_PROGRESS' }],
      ...service,
    },
    stoppedTasks: [],
    targets: [],
    containerInstances: [],
    since: 0,
    ...parts,
  };
}

function pullFailed(reason: string): Task {
  return {
    taskArn: 'arn:aws:ecs:us-east-1:1:task/my-cluster/abc',
    stopCode: 'TaskFailedToStart',
    stoppedReason: `CannotPullContainerError: ${reason}`,
    containers: [{ name: 'web', image: 'tongueroo/sinatrra', reason: `CannotPullContainerError: ${reason}` }],
  };
}

const crashed: Task = {
  taskArn: 'arn:aws:ecs:us-east-1:1:task/my-cluster/abc',
  stopCode: 'EssentialContainerExited',
  stoppedReason: 'Essential container in task exited',
  containers: [{ name: 'web', image: 'tongueroo/sinatra', exitCode: 1 }],
};

describe('findCause', () => {
  it('finds nothing wrong where nothing is', () => {
    expect(findCause(evidence())).toBeUndefined();
  });

  it('names the image that does not exist, at the first failure for good', () => {
    const cause = findCause(
      evidence({ stoppedTasks: [pullFailed('pull access denied for tongueroo/sinatrra, repository does not exist')] }),
    );
    expect(cause).toMatchObject({ code: 'cannot-pull', final: true });
    expect(cause?.message).toContain('tongueroo/sinatrra');
  });

  it('waits out a pull that may pass, until it has failed three times', () => {
    const timedOut = pullFailed('dial tcp: i/o timeout');
    expect(findCause(evidence({ stoppedTasks: [timedOut] }))).toMatchObject({ code: 'cannot-pull', final: false });
    expect(findCause(evidence({ stoppedTasks: [timedOut, timedOut, timedOut] }))).toMatchObject({ final: true });
  });

  it('says that the registry limits the rate', () => {
    const cause = findCause(
      evidence({ stoppedTasks: [pullFailed('toomanyrequests: You have reached your pull rate limit')] }),
    );
    expect(cause?.message).toContain('the registry limits the rate');
  });

  it('calls the second crash a loop, with container, image and exit code', () => {
    expect(findCause(evidence({ stoppedTasks: [crashed] }))).toMatchObject({ code: 'crash-loop', final: false });
    const cause = findCause(evidence({ stoppedTasks: [crashed, crashed] }));
    expect(cause).toMatchObject({
      code: 'crash-loop',
      final: true,
      message: 'container "web" (tongueroo/sinatra) stops as soon as it starts: exit code 1',
    });
    expect(cause?.lines[0]).toBe('task abc stopped: Essential container in task exited; container web exited with 1');
  });

  it('does not take a task for crashed that ECS stopped on purpose', () => {
    const stopped: Task = {
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Scaling activity initiated by (deployment ecs-svc/1)',
      containers: [{ exitCode: 143 }],
    };
    expect(findCause(evidence({ stoppedTasks: [stopped, stopped] }))).toBeUndefined();
  });

  it('names the agent that is gone, unless another is there', () => {
    const gone = { ec2InstanceId: 'i-1', agentConnected: false };
    expect(findCause(evidence({ containerInstances: [gone] }))).toMatchObject({
      code: 'agent-disconnected',
      final: false,
    });
    expect(
      findCause(evidence({ containerInstances: [gone, { ec2InstanceId: 'i-2', agentConnected: true }] })),
    ).toBeUndefined();
  });

  it('names what there is not enough of', () => {
    const message =
      '(service my-service) was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance x) has insufficient memory available.';
    const cause = findCause(evidence({}, { events: [{ id: '1', createdAt: at, message }] }));
    expect(cause).toMatchObject({ code: 'cannot-place', final: true });
    expect(cause?.message).toContain('insufficient memory available');
    expect(cause?.message).toContain('1 of 2 tasks run');
  });

  it.each([
    ['the event is history', { since: at.getTime() + 1 }, {}],
    ['all tasks are on their way', {}, { pendingCount: 1 }],
  ])('does not complain of placement when %s', (_, parts, service) => {
    const events = [{ id: '1', createdAt: at, message: 'was unable to place a task' }];
    expect(findCause(evidence(parts, { ...service, events }))).toBeUndefined();
  });

  it('lets an old deployment make room before it gives up on placement', () => {
    const events = [
      { id: '1', createdAt: at, message: 'was unable to place a task: insufficient CPU units available' },
    ];
    const deployments = [{ status: 'PRIMARY' }, { status: 'ACTIVE' }];
    expect(findCause(evidence({}, { events, deployments }))).toMatchObject({ code: 'cannot-place', final: false });
  });

  it('gives instances time to register before it gives up on placement', () => {
    const events = [
      {
        id: '1',
        createdAt: at,
        message:
          'was unable to place a task because no container instance met all of its requirements. (Reason: No Container Instances were found in your cluster.)',
      },
    ];
    expect(findCause(evidence({}, { events }))).toMatchObject({ code: 'cannot-place', final: false });
  });

  it.each([
    ['Target.Timeout', 'rule'],
    ['Target.FailedHealthChecks', 'nothing listens'],
    ['Target.ResponseCodeMismatch', 'another status'],
    ['Target.NotInUse', 'zone'],
  ])('explains %s', (Reason, words) => {
    const targets = [
      {
        Target: { Id: 'i-1', Port: 32_768 },
        TargetHealth: { State: 'unhealthy' as const, Reason: Reason as 'Target.Timeout' },
      },
    ];
    const cause = findCause(evidence({ targets }));
    expect(cause).toMatchObject({ code: 'target-unhealthy', final: false });
    expect(cause?.message).toContain(words);
    expect(cause?.message).toContain('1 of 1 targets');
    expect(cause?.suggestions.length).toBeGreaterThan(0);
  });

  it.each([
    ['Request timed out', 'Target.Timeout'],
    ['Health checks failed with these codes: [500]', 'Target.ResponseCodeMismatch'],
    ['Health checks failed', 'Target.FailedHealthChecks'],
    ['Target is in an Availability Zone that is not enabled for the load balancer', 'Target.NotInUse'],
    ['Target group is not configured to receive traffic from the load balancer', 'Target.NotInUse'],
  ])('takes from an event, when the target is gone, that %s', (reason, code) => {
    const message = `(service my-service) (task 1) (instance i-1) (port 1) is unhealthy in (target-group arn:x) due to (reason ${reason}).`;
    const stoppedTasks: Task[] = [
      { stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Task failed ELB health checks in (target-group arn:x)' },
    ];
    const events = [{ id: '1', createdAt: at, message }];
    expect(findCause(evidence({ stoppedTasks }, { events }))?.message).toContain(`(${code})`);
  });

  it('gives up when the health check has killed two tasks', () => {
    const killed: Task = {
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Task failed ELB health checks in (target-group arn:x)',
    };
    expect(findCause(evidence({ stoppedTasks: [killed] }))).toMatchObject({ code: 'target-unhealthy', final: false });
    expect(findCause(evidence({ stoppedTasks: [killed, killed] }))).toMatchObject({ final: true });
  });

  it('gives up on a failed deployment, with ECS’s reason', () => {
    const deployments = [
      {
        status: 'PRIMARY',
        rolloutState: 'FAILED' as const,
        rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
      },
    ];
    const cause = findCause(evidence({}, { deployments }));
    expect(cause).toMatchObject({ code: 'service-unstable', final: true });
    expect(cause?.message).toContain('circuit breaker');
  });

  it('prefers the reason behind a failed deployment to the failure itself', () => {
    const deployments = [{ status: 'PRIMARY', rolloutState: 'FAILED' as const }];
    expect(findCause(evidence({ stoppedTasks: [crashed] }, { deployments }))).toMatchObject({ code: 'crash-loop' });
  });
});

describe('toError', () => {
  it('carries lines and commands', () => {
    const seen = evidence({ stoppedTasks: [crashed, crashed] });
    const error = toError(findCause(seen), seen);
    expect(error).toMatchObject({ code: 'crash-loop', exitCode: 3 });
    // Tasks that ended alike are told once.
    expect(error.diagnosis).toEqual([
      'task abc stopped: Essential container in task exited; container web exited with 1',
    ]);
  });

  it('without a cause says what is seen', () => {
    expect(toError(undefined, evidence())).toMatchObject({
      code: 'service-unstable',
      message: 'service "my-service" is not stable: 1 of 2 tasks running',
    });
  });
});

describe('lines', () => {
  it('leave out targets that are well or on their way', () => {
    const target = (State: 'healthy' | 'initial' | 'draining' | 'unhealthy') => ({
      Target: { Id: 'i-1', Port: 1 },
      TargetHealth: { State, Reason: 'Target.Timeout' as const },
    });
    expect(unhealthyTargetLines([target('healthy'), target('initial'), target('draining')])).toEqual([]);
    expect(unhealthyTargetLines([target('unhealthy')])).toEqual(['target i-1:1 is unhealthy: Target.Timeout']);
  });

  it('say something of a task that says nothing', () => {
    expect(stoppedTaskLines([{ taskArn: 'a/b' }])).toEqual(['task b stopped: no reason given']);
  });
});

describe('gather', () => {
  const service: Service = { serviceName: 'my-service', deployments: [{ id: 'ecs-svc/2', status: 'PRIMARY' }] };

  it('takes the stopped tasks of the deployment at work, newest first', async () => {
    const { context, ecs } = aContext();
    ecs.on(ListTasksCommand).resolves({ taskArns: ['1', '2', '3', '4'] });
    ecs.on(DescribeTasksCommand).resolves({
      tasks: [
        { taskArn: '1', createdAt: new Date(2000), stoppedAt: new Date(3000), startedBy: 'ecs-svc/2' },
        { taskArn: '2', createdAt: new Date(2000), stoppedAt: new Date(4000), startedBy: 'ecs-svc/2' },
        { taskArn: '3', createdAt: new Date(2000), stoppedAt: new Date(4000), startedBy: 'ecs-svc/1' },
        { taskArn: '4', createdAt: new Date(500), stoppedAt: new Date(4000), startedBy: 'ecs-svc/2' },
      ],
    });
    ecs.on(ListContainerInstancesCommand).resolves({ containerInstanceArns: ['ci'] });
    ecs.on(DescribeContainerInstancesCommand).resolves({ containerInstances: [{ ec2InstanceId: 'i-1' }] });
    const seen = await gather(context.aws, 'my-cluster', service, [], 1000);
    expect(seen.stoppedTasks.map(({ taskArn }) => taskArn)).toEqual(['2', '1']);
    expect(seen.containerInstances).toEqual([{ ec2InstanceId: 'i-1' }]);
  });

  it('counts what may not be read as not seen', async () => {
    const { context, ecs } = aContext();
    ecs.onAnyCommand().rejects(fault('AccessDeniedException'));
    expect(await gather(context.aws, 'my-cluster', service, [], 0)).toMatchObject({
      stoppedTasks: [],
      containerInstances: [],
    });
  });
});
