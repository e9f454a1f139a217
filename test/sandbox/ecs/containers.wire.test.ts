// Tasks of several containers with real processes: environment, order, health checks, the host's network, a restart.
import {
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  type ContainerDefinition,
  type ECSClient,
  type Task,
} from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetCommandInvocationCommand, SendCommandCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { cluster, eventually, must, startDemo } from './demo.ts';
import { fastPace } from '../in-process.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';

function stateDirectory(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'ecsdemo-containers-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function logOf(dir: string, name: string): string {
  const file = readdirSync(path.join(dir, 'tasks')).find((one) => one.endsWith(`-${name}.log`));
  return file === undefined ? '' : readFileSync(path.join(dir, 'tasks', file), 'utf8');
}

async function register(ecs: ECSClient, containerDefinitions: ContainerDefinition[], networkMode?: 'host') {
  await ecs.send(
    new RegisterTaskDefinitionCommand({ family: 'many', containerDefinitions, ...(networkMode && { networkMode }) }),
  );
}

async function describe(ecs: ECSClient, taskArn: string): Promise<Task> {
  return must((await ecs.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }))).tasks?.[0]);
}

async function run(ecs: ECSClient): Promise<string> {
  const { tasks } = await ecs.send(new RunTaskCommand({ cluster, taskDefinition: 'many' }));
  return must(tasks?.[0]?.taskArn);
}

/** Waits for a state of the task. */
function until(ecs: ECSClient, taskArn: string, holds: (task: Task) => boolean): Promise<Task> {
  return eventually(async () => {
    const task = await describe(ecs, taskArn);
    return holds(task) ? task : undefined;
  });
}

const container = (task: Task, name: string) => must(task.containers?.find((one) => one.name === name));

/** init → web (healthy) → env, each with an environment of its own. */
const three: ContainerDefinition[] = [
  {
    name: 'init',
    image: 'busybox',
    memory: 16,
    essential: false,
    entryPoint: ['sh', '-c'],
    command: ['echo "migrating ${DB:-nothing} as $USER_NAME" && sleep 5; exit 0'],
    environment: [{ name: 'DB', value: 'orders' }],
  },
  {
    name: 'web',
    image: 'ecsdemo/hello',
    memory: 16,
    portMappings: [{ containerPort: 8080 }],
    environment: [{ name: 'GREETING', value: 'good morning' }],
    healthCheck: { command: ['CMD-SHELL', 'curl -fs localhost:8080 | grep -q morning || exit 1'], interval: 5 },
    dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }],
  },
  {
    name: 'env',
    image: 'busybox',
    memory: 16,
    command: ['sh', '-c', 'env; exec sleep infinity'],
    stopTimeout: 1,
    environment: [
      { name: 'NODE_OPTIONS', value: '--require /nowhere.cjs' },
      { name: 'LD_PRELOAD', value: '/nowhere.so' },
    ],
    dependsOn: [{ containerName: 'web', condition: 'HEALTHY' }],
  },
];

it('gives each container its environment, its place in the order and its health', async () => {
  const dir = stateDirectory();
  const { ecs } = await startDemo({ dir });
  await register(ecs, three);
  const taskArn = await run(ecs);
  const task = await until(ecs, taskArn, ({ lastStatus }) => lastStatus === 'RUNNING');
  expect(task.healthStatus).toBe('HEALTHY');
  expect(container(task, 'init')).toMatchObject({ lastStatus: 'STOPPED', exitCode: 0, healthStatus: 'UNKNOWN' });
  expect(container(task, 'web')).toMatchObject({ lastStatus: 'RUNNING', healthStatus: 'HEALTHY' });
  expect(new Set(task.containers?.map(({ runtimeId }) => runtimeId)).size).toBe(3);
  const answer = await fetch(`http://127.0.0.1:${container(task, 'web').networkBindings?.[0]?.hostPort}/`);
  expect(await answer.text()).toBe('good morning\n');
  expect(logOf(dir, 'init')).toBe('migrating orders as \n');
  await eventually(async () => (logOf(dir, 'env').includes('NODE_OPTIONS') ? true : undefined));
  expect(logOf(dir, 'env').trim().split('\n').toSorted()).toEqual([
    'AWS_EXECUTION_ENV=AWS_ECS_EC2',
    'HOME=/root',
    `HOSTNAME=${container(task, 'env').runtimeId?.slice(0, 12)}`,
    'LD_PRELOAD=/nowhere.so',
    'NODE_OPTIONS=--require /nowhere.cjs',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ]);
  await ecs.send(new StopTaskCommand({ cluster, task: taskArn }));
  const stopped = await until(ecs, taskArn, ({ lastStatus }) => lastStatus === 'STOPPED');
  // Its sleep has no handler for SIGTERM; the web server has, and is asked only after that.
  expect(container(stopped, 'env').exitCode).toBe(137);
  expect(container(stopped, 'web').exitCode).toBe(0);
});

it('brings back after a restart what ran, and not what had finished', async () => {
  const dir = stateDirectory();
  const { ecs, sandbox } = await startDemo({ dir });
  await register(ecs, three);
  const taskArn = await run(ecs);
  const before = await until(ecs, taskArn, ({ lastStatus }) => lastStatus === 'RUNNING');
  await sandbox.close();
  const again = await startSandbox({ dir, port: sandbox.port, pace: fastPace() });
  onTestFinished(() => again.close());
  const url = `http://127.0.0.1:${container(before, 'web').networkBindings?.[0]?.hostPort}/`;
  await eventually(() =>
    fetch(url).then(
      (response) => (response.ok ? true : undefined),
      () => undefined,
    ),
  );
  await eventually(async () => (logOf(dir, 'env').match(/HOME=/g)?.length === 2 ? true : undefined));
  const after = await describe(ecs, taskArn);
  expect(after).toMatchObject({ lastStatus: 'RUNNING', healthStatus: 'HEALTHY' });
  expect(after.containers).toEqual(before.containers);
  expect(logOf(dir, 'init').match(/migrating/g)).toHaveLength(1);
});

it('replaces a service’s task whose health check fails, with ECS’s words', async () => {
  const { ecs } = await startDemo();
  await register(ecs, [
    {
      name: 'web',
      image: 'httpd',
      memory: 16,
      // As many who tried it: the image has no curl.
      healthCheck: { command: ['CMD-SHELL', 'curl -f http://localhost/ || exit 1'], interval: 5, retries: 1 },
    },
  ]);
  const service = { cluster, serviceName: 'sick', taskDefinition: 'many', desiredCount: 1 };
  await ecs.send(new CreateServiceCommand(service));
  const stopped = await eventually(async () => {
    const { taskArns } = await ecs.send(
      new ListTasksCommand({ cluster, serviceName: 'sick', desiredStatus: 'STOPPED' }),
    );
    return taskArns?.[0];
  });
  const task = await until(ecs, stopped, ({ lastStatus }) => lastStatus === 'STOPPED');
  expect(task).toMatchObject({
    healthStatus: 'UNHEALTHY',
    stopCode: 'ServiceSchedulerInitiated',
    stoppedReason: 'Task failed container health checks',
  });
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: ['sick'] }));
  const messages = services?.[0]?.events?.map(({ message }) => message);
  const id = stopped.split('/').at(-1);
  expect(messages).toContain(`(service sick) (task ${id}) failed container health checks.`);
  expect(messages).toContainEqual(
    expect.stringMatching(
      /^\(service sick\) has started 1 tasks: \(task \w+\)\. Amazon ECS replaced 1 tasks due to an unhealthy status\.$/,
    ),
  );
});

/** What a command on the instance puts out. */
async function onInstance(ssm: SSMClient, instanceId: string, commands: string[]): Promise<string> {
  const CommandId = await eventually(() =>
    ssm
      .send(
        new SendCommandCommand({
          DocumentName: 'AWS-RunShellScript',
          InstanceIds: [instanceId],
          Parameters: { commands },
        }),
      )
      .then(
        ({ Command }) => Command?.CommandId,
        () => undefined,
      ),
  );
  const invocation = await eventually(async () => {
    const found = await ssm
      .send(new GetCommandInvocationCommand({ CommandId, InstanceId: instanceId }))
      .catch(() => undefined);
    return found?.Status === 'Success' || found?.Status === 'Failed' ? found : undefined;
  });
  return `${invocation.StandardOutputContent}${invocation.StandardErrorContent}`;
}

it('puts containers of the host’s network on the ports of their container instance', async () => {
  const { ecs, elb, ssm, sandbox, targetGroupArn, url } = await startDemo();
  const permissions = sandbox.world.roles['ecsInstanceRole'];
  permissions?.attachedPolicyArns.push('arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore');
  await register(
    ecs,
    [
      { name: 'web', image: 'httpd', memory: 16, portMappings: [{ containerPort: 80 }] },
      {
        name: 'side',
        image: 'ecsdemo/hello',
        memory: 16,
        healthCheck: { command: ['CMD', 'wget', '-qO-', 'http://localhost:80/'], interval: 5 },
      },
    ],
    'host',
  );
  await ecs.send(
    new CreateServiceCommand({
      cluster,
      serviceName: 'hosted',
      taskDefinition: 'many',
      desiredCount: 2,
      loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: 80 }],
    }),
  );
  const body = await eventually(() =>
    fetch(url).then(
      async (response) => (response.ok ? response.text() : undefined),
      () => undefined,
    ),
  );
  expect(body).toContain('It works!');
  const { TargetHealthDescriptions } = await elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
  );
  expect(TargetHealthDescriptions?.map(({ Target }) => Target?.Port)).toEqual([80]);
  const taskArn = must((await ecs.send(new ListTasksCommand({ cluster, serviceName: 'hosted' }))).taskArns?.[0]);
  // wget reaches the other container: both are on one localhost.
  const task = await until(ecs, taskArn, ({ healthStatus }) => healthStatus === 'HEALTHY');
  expect(task.containers?.map(({ networkBindings }) => networkBindings)).toEqual([[], []]);
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: ['hosted'] }));
  expect(services?.[0]).toMatchObject({ desiredCount: 2, runningCount: 1 });
  expect(services?.[0]?.events?.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('is already using a port required by your task.'),
  );
  const instanceId = must(Object.keys(sandbox.world.instances)[0]);
  const seen = await onInstance(ssm, instanceId, [
    'curl -s localhost:80',
    'curl -s localhost:8080',
    "docker ps --format '{{.Names}} {{.Ports}}|{{.Status}}'",
  ]);
  expect(seen).toContain('It works!');
  expect(seen).toContain('Hello from ecsdemo');
  expect(seen).toMatch(/^ecs-many-1-web-\w+ \|Up /m);
  expect(seen).toMatch(/^ecs-many-1-side-\w+ \|Up .*\(healthy\)$/m);
});
