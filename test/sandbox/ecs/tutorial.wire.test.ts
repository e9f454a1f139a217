// The tutorial's ECS half over the wire: real SDK clients, a real sandbox, real processes behind a real load balancer.
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';

import {
  DeleteClusterCommand,
  DeleteServiceCommand,
  DeregisterContainerInstanceCommand,
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  UpdateServiceCommand,
  waitUntilServicesInactive,
  waitUntilServicesStable,
  waitUntilTasksStopped,
} from '@aws-sdk/client-ecs';

import { expect, it } from 'vitest';

import { taskDefinition } from './harness.ts';

import { cluster, eventually, must, quick, startDemo, startService } from './demo.ts';

it('runs, scales and removes the service as AWS does, with the SDK’s own waiters', async () => {
  const demo = await startDemo();
  const { ecs, elb, sandbox, targetGroupArn, url, containerInstanceArn } = demo;
  const registered = (
    await ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances: [containerInstanceArn] }))
  ).containerInstances?.[0];
  expect(registered).toMatchObject({ status: 'ACTIVE', agentConnected: true });
  // The longest there is, 2.4 s at this pace: each is to end by itself.
  await startService(demo, { stopTimeout: 120 });
  const services = { cluster, services: ['my-service'] };
  await waitUntilServicesStable({ client: ecs, ...quick }, services);
  const page = await eventually(async () => {
    const response = await fetch(url);
    return response.ok ? response.text() : undefined;
  });
  expect(page).toBe('42');

  await ecs.send(new UpdateServiceCommand({ cluster, service: 'my-service', desiredCount: 4 }));
  await waitUntilServicesStable({ client: ecs, ...quick }, services);
  const { taskArns } = await ecs.send(new ListTasksCommand({ cluster, serviceName: 'my-service' }));
  const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: must(taskArns) }));
  const ports = must(tasks).map(({ containers }) => containers?.[0]?.networkBindings?.[0]?.hostPort);
  expect(new Set(ports).size).toBe(4);
  await eventually(async () => {
    const { TargetHealthDescriptions: targets = [] } = await elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
    );
    return targets.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length === 4 ? true : undefined;
  });

  const refused = await ecs.send(new DeleteClusterCommand({ cluster })).catch((error: Error) => error.name);
  expect(refused).toBe('ClusterContainsContainerInstancesException');
  await ecs.send(new DeleteServiceCommand({ cluster, service: 'my-service', force: true }));
  await waitUntilServicesInactive({ client: ecs, ...quick }, services);
  await ecs.send(
    new DeregisterContainerInstanceCommand({ cluster, containerInstance: containerInstanceArn, force: true }),
  );
  const deleted = await eventually(() =>
    ecs
      .send(new DeleteClusterCommand({ cluster }))
      .catch((error: Error) => (error.name === 'ClusterContainsTasksException' ? undefined : Promise.reject(error))),
  );
  expect(deleted.cluster?.status).toBe('INACTIVE');
  expect(Object.values(sandbox.world.tasks).map(({ containers }) => containers[0]?.exitCode)).toEqual([0, 0, 0, 0]);
});

it('shows why a task did not start or did not stay', async () => {
  const { ecs } = await startDemo();
  const run = async (over: Record<string, unknown>) => {
    await ecs.send(new RegisterTaskDefinitionCommand(taskDefinition(over)));
    const { tasks, failures } = await ecs.send(new RunTaskCommand({ cluster, taskDefinition: 'sinatra-hi' }));
    expect(failures).toEqual([]);
    const ids = must(tasks).map(({ taskArn }) => must(taskArn));
    await waitUntilTasksStopped({ client: ecs, ...quick }, { cluster, tasks: ids });
    const [task] = must((await ecs.send(new DescribeTasksCommand({ cluster, tasks: ids }))).tasks);
    return {
      stopCode: task?.stopCode,
      reason: task?.stoppedReason,
      exitCode: task?.containers?.[0]?.exitCode,
      why: task?.containers?.[0]?.reason,
    };
  };
  expect(await run({ image: 'tongueroo/sinatra:ruby-3.0' })).toEqual({
    stopCode: 'EssentialContainerExited',
    reason: 'Essential container in task exited',
    exitCode: 1,
    why: undefined,
  });
  expect(await run({ image: 'nobody/nothing' })).toMatchObject({
    stopCode: 'TaskFailedToStart',
    why: expect.stringMatching(/^CannotPullContainerError: .*pull access denied for nobody\/nothing/),
  });
  expect(await run({ command: ['rubby', 'hi.rb'] })).toMatchObject({
    stopCode: 'TaskFailedToStart',
    why: expect.stringMatching(/^CannotStartContainerError: .*exec: "rubby": executable file not found in \$PATH/),
  });
  expect(await run({ image: 'ecsdemo/crash', command: undefined })).toMatchObject({
    stopCode: 'EssentialContainerExited',
    exitCode: 1,
  });
});
