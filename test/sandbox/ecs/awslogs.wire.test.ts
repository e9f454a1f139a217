// The awslogs driver over the wire: what containers write is in CloudWatch Logs, and what Docker may not do stops the task.
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTasksCommand, RegisterTaskDefinitionCommand, RunTaskCommand, type Task } from '@aws-sdk/client-ecs';
import { IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cluster, eventually, must, startDemo } from './demo.ts';
import { taskDefinition } from './harness.ts';

const group = '/ecs/web';
const options = { 'awslogs-group': group, 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'web' };

async function start() {
  const demo = await startDemo();
  const { endpoint, region, credentials } = demo.sandbox;
  const logs = new CloudWatchLogsClient({ endpoint, region, credentials });
  const iam = new IAMClient({ endpoint, region, credentials });
  onTestFinished(() => [logs, iam].forEach((client) => client.destroy()));

  const taskOf = async (taskArn: string): Promise<Task> =>
    must((await demo.ecs.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }))).tasks?.[0]);

  return {
    ...demo,
    logs,
    iam,
    /** Runs a task whose one container logs so, until it has the status. */
    async run(logOptions: Record<string, string>, status: string, over: Record<string, unknown> = {}): Promise<Task> {
      const logConfiguration = { logDriver: 'awslogs', options: logOptions };
      await demo.ecs.send(new RegisterTaskDefinitionCommand(taskDefinition({ logConfiguration, ...over })));
      const { tasks } = await demo.ecs.send(new RunTaskCommand({ cluster, taskDefinition: 'sinatra-hi' }));
      const taskArn = must(tasks?.[0]?.taskArn);
      return eventually(async () => {
        const task = await taskOf(taskArn);
        return task.lastStatus === status ? task : undefined;
      });
    },
    /** What is in the group, once there is something. */
    messages: () =>
      eventually(async () => {
        const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: group }));
        return events.length === 0 ? undefined : events;
      }),
  };
}

const idOf = (task: Task): string => must(task.taskArn?.split('/').at(-1));

describe('awslogs', () => {
  it('has each line of a container as an event of its stream; a task whose group went away runs on', async () => {
    const { logs, run, messages } = await start();
    await logs.send(new CreateLogGroupCommand({ logGroupName: group }));
    const task = await run(options, 'RUNNING');
    const events = await messages();
    expect(events[0]?.logStreamName).toBe(`web/web/${idOf(task)}`);
    expect(events.every(({ message = '' }) => message !== '' && !message.includes('\n'))).toBe(true);
    expect(events.map(({ message }) => message).join('\n')).toContain('WEBrick');
    // A task whose group goes away runs on; what it writes is lost.
    await logs.send(new DeleteLogGroupCommand({ logGroupName: group }));
    await run(options, 'STOPPED');
  });

  it('stops a task whose log group does not exist', async () => {
    const { run } = await start();
    const task = await run(options, 'STOPPED');
    expect(task).toMatchObject({ stopCode: 'TaskFailedToStart', stoppedReason: 'Task failed to start' });
    expect(task.containers?.[0]?.reason).toMatch(
      /^CannotStartContainerError: Error response from daemon: failed to create task for container: failed to initialize logging driver: failed to create Cloudwatch log stream: operation error CloudWatch Logs: CreateLogStream, https response error StatusCode: 400, RequestID: [0-9a-f-]{36}, ResourceNotFoundException: The specified log group does not exist\.$/,
    );
  });

  it('makes the group when it is asked to and may; the managed policy does not allow it', async () => {
    const { run, iam, messages } = await start();
    const create = { ...options, 'awslogs-create-group': 'true' };
    const denied = await run(create, 'STOPPED');
    expect(denied.containers?.[0]?.reason).toMatch(
      /failed to create Cloudwatch log group: .*api error AccessDeniedException: User: arn:aws:sts::\d{12}:assumed-role\/ecsInstanceRole\/i-[0-9a-f]+ is not authorized to perform: logs:CreateLogGroup on resource: arn:aws:logs:us-east-1:\d{12}:log-group:\/ecs\/web:log-stream: because no identity-based policy allows the logs:CreateLogGroup action$/,
    );
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'logs:CreateLogGroup', Resource: '*' }],
    });
    await iam.send(new PutRolePolicyCommand({ RoleName: 'ecsInstanceRole', PolicyName: 'logs', PolicyDocument }));
    await run(create, 'RUNNING');
    expect(await messages()).not.toEqual([]);
  });

  it('needs the rights of the container instance, and a group in its own region', async () => {
    const { run, iam, logs } = await start();
    await logs.send(new CreateLogGroupCommand({ logGroupName: group }));
    const elsewhere = await run({ ...options, 'awslogs-region': 'eu-west-1' }, 'STOPPED');
    expect(elsewhere.containers?.[0]?.reason).toContain('The specified log group does not exist.');
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Action: 'logs:Create*', Resource: '*' }],
    });
    await iam.send(new PutRolePolicyCommand({ RoleName: 'ecsInstanceRole', PolicyName: 'no-logs', PolicyDocument }));
    const denied = await run(options, 'STOPPED');
    expect(denied.containers?.[0]?.reason).toContain('is not authorized to perform: logs:CreateLogStream on resource');
  });

  it('names the stream after the container without a prefix', async () => {
    const { run, logs } = await start();
    await logs.send(new CreateLogGroupCommand({ logGroupName: group }));
    const task = await run({ 'awslogs-group': group, 'awslogs-region': 'us-east-1' }, 'RUNNING');
    const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: group }));
    expect(logStreams?.map(({ logStreamName }) => logStreamName)).toEqual([task.containers?.[0]?.runtimeId]);
  });

  it.each<[Record<string, string>, string]>([
    [{}, 'Log driver awslogs requires options: awslogs-region, awslogs-group'],
    [{ ...options, log_key: 'log' }, 'Log driver awslogs disallows options: log_key'],
    [{ ...options, 'awslogs-group': '' }, "Log driver awslogs option 'awslogs-group' should not be null or empty."],
    [
      { ...options, 'awslogs-create-group': 'false' },
      "Log driver awslogs option 'awslogs-create-group' should only be set to 'true', else omit option.",
    ],
  ])('is not registered with %j', async (given, wanted) => {
    const { run } = await start();
    await expect(run(given, 'STOPPED')).rejects.toMatchObject({ name: 'ClientException', message: wanted });
  });
});
