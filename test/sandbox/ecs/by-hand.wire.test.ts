// What a person does by hand to a service that runs: ECS puts it right.
import { RebootInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeContainerInstancesCommand, ListTasksCommand, RunTaskCommand } from '@aws-sdk/client-ecs';
import { DeregisterTargetsCommand, DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, it } from 'vitest';
import { cluster, eventually, must, startDemo, startService } from './demo.ts';

async function aService() {
  const demo = await startDemo();
  const { elb, targetGroupArn } = demo;
  await startService(demo);
  const targets = async () =>
    must(
      (await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }))).TargetHealthDescriptions,
    );
  const healthy = () =>
    eventually(async () => (await targets()).find(({ TargetHealth }) => TargetHealth?.State === 'healthy')?.Target);
  await healthy();
  return { ...demo, targets, healthy };
}

it('registers the target of a running task again at once when it was deregistered', async () => {
  const { elb, targetGroupArn, targets, healthy, sandbox } = await aService();
  const target = await healthy();
  await elb.send(new DeregisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: [target] }));
  expect((await targets()).map(({ Target, TargetHealth }) => [Target?.Port, TargetHealth?.State])).toEqual([
    [target.Port, 'initial'],
  ]);
  expect(await healthy()).toMatchObject(target);
  const [service] = Object.values(sandbox.world.services);
  expect(service?.events.filter(({ message }) => message.includes('registered 1 targets in'))).toHaveLength(2);
});

it('replaces the tasks of an instance that was rebooted, on the same instance', async () => {
  const { ec2, ecs, sandbox, containerInstanceArn, healthy } = await aService();
  const tasks = async () => must((await ecs.send(new ListTasksCommand({ cluster }))).taskArns);
  const before = await tasks();
  await ec2.send(new RebootInstancesCommand({ InstanceIds: Object.keys(sandbox.world.instances) }));
  const agent = async () =>
    must(
      (await ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances: [containerInstanceArn] })))
        .containerInstances?.[0]?.agentConnected,
    );
  expect(await agent()).toBe(false);
  const after = await eventually(async () => {
    const now = await tasks();
    return now.length === 1 && now[0] !== before[0] ? now : undefined;
  });
  expect(after).not.toEqual(before);
  await healthy();
  expect(await agent()).toBe(true);
});

it('takes any text as the starter of a task, as long as it is short', async () => {
  const { ecs } = await aService();
  const run = (startedBy: string) => ecs.send(new RunTaskCommand({ cluster, taskDefinition: 'sinatra-hi', startedBy }));
  expect((await run('ECS Deploy')).tasks?.[0]?.startedBy).toBe('ECS Deploy');
  await expect(run('x'.repeat(129))).rejects.toThrow('startedBy cannot be longer than 128 characters');
});
