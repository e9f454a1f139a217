// The on-instance check of the tutorial, with the real SDK clients: who is reachable, what the commands answer.
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  DescribeTasksCommand,
  ECSClient,
  ListContainerInstancesCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
} from '@aws-sdk/client-iam';
import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
  waitUntilCommandExecuted,
} from '@aws-sdk/client-ssm';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { Phase } from '../../../src/sandbox/pace.ts';
import { errorName, fastPace, inProcess } from '../in-process.ts';
import type { Clients } from '../in-process.ts';

const folder = '/aws/service/ecs/optimized-ami/amazon-linux-2023';
const trust = JSON.stringify({
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

/** A running instance with the policies named, e.g. AmazonSSMManagedInstanceCore. */
async function anInstance({ ec2, iam, ssm }: Clients, policies: string[]): Promise<string> {
  await iam.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: trust }));
  for (const policy of policies) {
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'r', PolicyArn: `arn:aws:iam::aws:policy/${policy}` }));
  }
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'p' }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'p', RoleName: 'r' }));
  const ImageId = (await ssm.send(new GetParameterCommand({ Name: `${folder}/recommended/image_id` }))).Parameter
    ?.Value;
  const run = new RunInstancesCommand({
    ImageId,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    ClientToken: 'once',
    IamInstanceProfile: { Name: 'p' },
    UserData: Buffer.from('#!/bin/bash\necho ECS_CLUSTER=my-cluster >> /etc/ecs/ecs.config\n').toString('base64'),
  });
  let id = '';
  await expect
    .poll(async () => {
      id = await ec2.send(run).then(
        (made) => made.Instances?.[0]?.InstanceId ?? '',
        () => '',
      );
      return id;
    })
    .toMatch(/^i-/);
  return id;
}

async function online({ ssm }: Clients, id: string): Promise<void> {
  const ask = new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [id] }] });
  await expect
    .poll(async () => (await ssm.send(ask)).InstanceInformationList?.map((one) => one.PingStatus))
    .toEqual(['Online']);
}

async function runOn(
  { ssm }: Clients,
  id: string,
  commands: string[],
): Promise<{ status: string; out: string; err: string; code: number }> {
  const sent = await ssm.send(
    new SendCommandCommand({ InstanceIds: [id], DocumentName: 'AWS-RunShellScript', Parameters: { commands } }),
  );
  const ask = { CommandId: sent.Command?.CommandId, InstanceId: id };
  // A script that fails is a failure to the waiter; what it left behind is what counts here.
  await waitUntilCommandExecuted({ client: ssm, maxWaitTime: 30, minDelay: 0.02, maxDelay: 0.05 }, ask).catch(
    () => undefined,
  );
  const done = await ssm.send(new GetCommandInvocationCommand(ask));
  return {
    status: done.Status ?? '',
    out: done.StandardOutputContent ?? '',
    err: done.StandardErrorContent ?? '',
    code: done.ResponseCode ?? -1,
  };
}

it('reaches an instance once its agent is there, and plays the commands on its view of the world', async () => {
  const fast = fastPace();
  // Not by its own time: 'early' is early however long the machine takes to say so.
  let agentMsAfterBoot = Number.POSITIVE_INFINITY;
  const of = (phase: Phase): number => (phase === 'ssmAgentOnline' ? agentMsAfterBoot : fast.of(phase));
  const clients = await inProcess({ ...fast, of });
  const { ssm } = clients;
  const id = await anInstance(clients, [
    'AmazonSSMManagedInstanceCore',
    'service-role/AmazonEC2ContainerServiceforEC2Role',
  ]);
  const early = new SendCommandCommand({
    InstanceIds: [id],
    DocumentName: 'AWS-RunShellScript',
    Parameters: { commands: ['true'] },
  });
  expect(await errorName(ssm.send(early))).toBe('InvalidInstanceId');
  agentMsAfterBoot = fast.of('ssmAgentOnline');
  await online(clients, id);
  expect(await runOn(clients, id, ['echo 42', 'cat /etc/ecs/ecs.config && hostname'])).toMatchObject({
    status: 'Success',
    code: 0,
    out: expect.stringMatching(/^42\nECS_CLUSTER=my-cluster\nip-172-31-\d+-\d+\.ec2\.internal\n$/),
  });
  expect((await runOn(clients, id, ['docker ps'])).out).toMatch(/^CONTAINER ID .*\n[0-9a-f]{12} .* ecs-agent\n$/);
  expect(await runOn(clients, id, ['rm -rf /'])).toMatchObject({
    status: 'Failed',
    code: 127,
    err: expect.stringContaining('sandbox: command not offered: rm -rf /'),
  });
  expect((await ssm.send(new ListCommandsCommand({}))).Commands).toHaveLength(3);
  const listed = await ssm.send(
    new ListCommandInvocationsCommand({ InstanceId: id, Details: true, Filters: [{ key: 'Status', value: 'Failed' }] }),
  );
  expect(listed.CommandInvocations).toMatchObject([{ Status: 'Failed', CommandPlugins: [{ ResponseCode: 127 }] }]);
});

it('never reaches other programs of this machine', async () => {
  const clients = await inProcess();
  const requests: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url);
    response.end('secret');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const id = await anInstance(clients, ['AmazonSSMManagedInstanceCore']);
  await online(clients, id);
  expect(await runOn(clients, id, [`curl -sS http://127.0.0.1:${port}/`])).toMatchObject({
    status: 'Failed',
    code: 7,
    out: '',
    err: expect.stringContaining(`curl: (7) Failed to connect to 127.0.0.1 port ${port}`),
  });
  expect(requests).toEqual([]);
});

it('does not reach an instance whose role may not', async () => {
  const clients = await inProcess();
  const id = await anInstance(clients, ['service-role/AmazonEC2ContainerServiceforEC2Role']);
  await expect.poll(() => (clients.sandbox.world.instances[id]?.bootedAt ?? Infinity) + 200 < Date.now()).toBe(true);
  expect((await clients.ssm.send(new DescribeInstanceInformationCommand({}))).InstanceInformationList).toEqual([]);
});

it('gives the images of both architectures by id and as a document', async () => {
  const { ssm } = await inProcess();
  const names = [`${folder}/recommended/image_id`, `${folder}/arm64/recommended/image_id`, `${folder}/nothing`];
  const many = await ssm.send(new GetParametersCommand({ Names: names }));
  expect(many.Parameters?.map((one) => one.Value)).toEqual([
    expect.stringMatching(/^ami-/),
    expect.stringMatching(/^ami-/),
  ]);
  expect(many.InvalidParameters).toEqual([`${folder}/nothing`]);
  const document = await ssm.send(new GetParameterCommand({ Name: `${folder}/recommended` }));
  expect(JSON.parse(document.Parameter?.Value ?? '')).toMatchObject({
    image_id: many.Parameters?.[0]?.Value,
    os: 'Amazon Linux 2023',
  });
  expect(await errorName(ssm.send(new GetParameterCommand({ Name: `${folder}/nothing` })))).toBe('ParameterNotFound');
  const below = await ssm.send(new GetParametersByPathCommand({ Path: folder, Recursive: true, MaxResults: 10 }));
  expect(below.Parameters).toHaveLength(10);
  expect(below.NextToken).toBeDefined();
});

it('refuses what Run Command does not have', async () => {
  const { ssm } = await inProcess();
  const send = (input: object) =>
    errorName(
      ssm.send(
        new SendCommandCommand({
          DocumentName: 'AWS-RunShellScript',
          InstanceIds: ['i-0123456789abcdef0'],
          Parameters: { commands: ['true'] },
          ...input,
        }),
      ),
    );
  expect(await send({})).toBe('InvalidInstanceId');
  expect(await send({ DocumentName: 'AWS-RunNothing' })).toBe('InvalidDocument');
  expect(await send({ Parameters: {} })).toBe('InvalidParameters');
  expect(await send({ TimeoutSeconds: 5 })).toBe('ValidationException');
  const nowhere = { CommandId: '00000000-0000-4000-8000-000000000000', InstanceId: 'i-0123456789abcdef0' };
  expect(await errorName(ssm.send(new GetCommandInvocationCommand(nowhere)))).toBe('InvocationDoesNotExist');
});

it('shows a task in docker ps and fetches its dynamic port, until the task stops', async () => {
  const clients = await inProcess();
  const { endpoint, region, credentials } = clients.sandbox;
  const ecs = new ECSClient({ endpoint, region, credentials });
  onTestFinished(() => ecs.destroy());
  const cluster = 'my-cluster';
  await ecs.send(new CreateClusterCommand({ clusterName: cluster }));
  const id = await anInstance(clients, [
    'AmazonSSMManagedInstanceCore',
    'service-role/AmazonEC2ContainerServiceforEC2Role',
  ]);
  await online(clients, id);
  const list = new ListContainerInstancesCommand({ cluster });
  await expect.poll(async () => (await ecs.send(list)).containerInstanceArns).toHaveLength(1);
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'sinatra-hi',
      containerDefinitions: [
        {
          name: 'web',
          image: 'tongueroo/sinatra',
          memoryReservation: 128,
          portMappings: [{ containerPort: 4567, hostPort: 0 }],
        },
      ],
    }),
  );
  const { tasks = [] } = await ecs.send(new RunTaskCommand({ cluster, taskDefinition: 'sinatra-hi' }));
  const task = tasks[0]?.taskArn ?? '';
  const hostPort = async (): Promise<number | undefined> =>
    (await ecs.send(new DescribeTasksCommand({ cluster, tasks: [task] }))).tasks?.[0]?.containers?.[0]
      ?.networkBindings?.[0]?.hostPort;
  await expect.poll(hostPort).toBeGreaterThan(1024);
  const port = (await hostPort()) ?? 0;

  const names = await runOn(clients, id, [
    "docker ps --filter name=ecs-sinatra-hi --format '{{.Names}} {{.Image}} {{.Ports}}'",
  ]);
  expect(names.out).toMatch(
    new RegExp(`^ecs-sinatra-hi-1-web-[0-9a-f]+ tongueroo/sinatra 0\\.0\\.0\\.0:${port}->4567/tcp\\n$`),
  );
  await expect
    .poll(() => runOn(clients, id, [`curl -sS http://127.0.0.1:${port}/`]))
    .toMatchObject({ status: 'Success', out: '42' });
  // It serves a moment before ECS calls it RUNNING.
  await expect
    .poll(async () => JSON.parse((await runOn(clients, id, ['curl -s http://localhost:51678/v1/tasks'])).out))
    .toMatchObject({ Tasks: [{ Arn: task, KnownStatus: 'RUNNING' }] });

  await ecs.send(new StopTaskCommand({ cluster, task }));
  await expect
    .poll(() => runOn(clients, id, [`curl -s http://127.0.0.1:${port}/`]))
    .toMatchObject({ status: 'Failed', code: 7 });
});
