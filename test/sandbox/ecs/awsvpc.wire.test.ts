// Network mode awsvpc by hand: what is refused, the interface that each task has, the path of requests to it, its end.
import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  type NetworkConfiguration,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, it, onTestFinished } from 'vitest';
import { parsePace } from '../../../src/sandbox/pace.ts';
import { startSandbox, type SandboxOptions } from '../../../src/sandbox/sandbox.ts';
import { temporaryDir } from '../temporary-dir.ts';
import { failureOf } from '../tiny-server.ts';
import { cluster, eventually, must, startDemo } from './demo.ts';

/** Steps 1 to 3 with a target group of type ip in place of the other, and revisions of `hi` in awsvpc and bridge mode. */
async function startNetwork(options: Partial<SandboxOptions> = {}) {
  const demo = await startDemo(options);
  const { sandbox, ecs, ec2, elb } = demo;
  const subnets = must((await ec2.send(new DescribeSubnetsCommand({}))).Subnets).slice(0, 2);
  const [first] = subnets;
  const idOf = (name: string) =>
    must(Object.values(sandbox.world.securityGroups).find(({ groupName }) => groupName === name)?.groupId);
  const made = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'addresses',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: first?.VpcId,
      TargetType: 'ip',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 4,
    }),
  );
  const TargetGroupArn = must(made.TargetGroups?.[0]?.TargetGroupArn);
  expect(made.TargetGroups?.[0]?.TargetType).toBe('ip');
  const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '0' }];
  await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
  const { LoadBalancerArn } = must((await elb.send(new DescribeLoadBalancersCommand({}))).LoadBalancers?.[0]);
  const { ListenerArn } = must((await elb.send(new DescribeListenersCommand({ LoadBalancerArn }))).Listeners?.[0]);
  await elb.send(new ModifyListenerCommand({ ListenerArn, DefaultActions: [{ Type: 'forward', TargetGroupArn }] }));
  const awsvpcConfiguration = {
    subnets: subnets.map(({ SubnetId }) => must(SubnetId)),
    securityGroups: [idOf('my-ecs-sg')],
  };
  for (const [family, networkMode] of [
    ['hi', 'awsvpc'],
    ['old', 'bridge'],
  ] as const) {
    await ecs.send(
      new RegisterTaskDefinitionCommand({
        family,
        networkMode,
        containerDefinitions: [
          { name: 'web', image: 'nginx', memory: 64, portMappings: [{ containerPort: 80 }] },
          {
            name: 'beside',
            image: 'ecsdemo/hello',
            memory: 64,
            essential: networkMode === 'awsvpc',
            // They have one localhost together.
            healthCheck: { command: ['CMD-SHELL', 'curl -f http://localhost:80/'], interval: 60, retries: 10 },
          },
        ],
      }),
    );
  }
  const behind = { targetGroupArn: TargetGroupArn, containerName: 'web', containerPort: 80 };
  const create = (input: {
    taskDefinition?: string;
    networkConfiguration?: NetworkConfiguration;
    role?: string;
    targetGroupArn?: string;
  }) => {
    const { targetGroupArn = TargetGroupArn, ...rest } = input;
    const service = {
      cluster,
      serviceName: 'addressed',
      taskDefinition: 'hi',
      desiredCount: 1,
      healthCheckGracePeriodSeconds: 600,
    };
    const command = { ...service, loadBalancers: [{ ...behind, targetGroupArn }], ...rest };
    return ecs.send(new CreateServiceCommand(command));
  };
  const healthy = () =>
    eventually(async () => {
      const { TargetHealthDescriptions: all } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      return all?.find(({ TargetHealth }) => TargetHealth?.State === 'healthy')?.Target;
    });
  const ofTasks = () => Object.values(sandbox.world.networkInterfaces).filter(({ ofTask }) => ofTask);
  return { ...demo, subnets, idOf, TargetGroupArn, awsvpcConfiguration, create, healthy, ofTasks };
}

it('refuses what AWS refuses, in its words', async () => {
  const { ecs, ec2, create, awsvpcConfiguration, targetGroupArn, TargetGroupArn, idOf } = await startNetwork();
  const says = async (promise: Promise<unknown>): Promise<string> => (await failureOf(promise)).message;
  const networkConfiguration = { awsvpcConfiguration };
  expect(await says(create({}))).toBe("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  expect(await says(ecs.send(new RunTaskCommand({ cluster, taskDefinition: 'hi' })))).toBe(
    "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
  );
  expect(await says(create({ taskDefinition: 'old', networkConfiguration, targetGroupArn }))).toBe(
    'Network Configuration is not valid for the given networkMode of this task definition.',
  );
  expect(await says(create({ networkConfiguration, targetGroupArn }))).toBe(
    `The provided target group ${targetGroupArn} has target type instance, which is incompatible with the awsvpc network mode specified in the task definition.`,
  );
  expect(await says(create({ taskDefinition: 'old' }))).toBe(
    `The provided target group ${TargetGroupArn} has target type ip, which is incompatible with the bridge network mode specified in the task definition.`,
  );
  const changed = (part: object) => ({ awsvpcConfiguration: { ...awsvpcConfiguration, ...part } });
  const refused = (part: object) => says(create({ networkConfiguration: changed(part) }));
  expect(await refused({ assignPublicIp: 'ENABLED' })).toBe('Assign public IP is not supported for this launch type.');
  expect(await refused({ subnets: [] })).toBe('subnets can not be empty.');
  expect(await refused({ subnets: ['subnet-0no'] })).toMatch(/InvalidSubnetID\.NotFound/);
  expect(await refused({ securityGroups: ['sg-0no'] })).toMatch(/InvalidGroup\.NotFound/);
  expect(await says(create({ networkConfiguration, role: 'ecsInstanceRole' }))).toBe(
    'You cannot specify an IAM role for services that require a service linked role.',
  );
  const register = (hostPort: number) =>
    ecs.send(
      new RegisterTaskDefinitionCommand({
        family: 'mapped',
        networkMode: 'awsvpc',
        containerDefinitions: [
          { name: 'web', image: 'nginx', memory: 64, portMappings: [{ containerPort: 80, hostPort }] },
        ],
      }),
    );
  expect(await says(register(8080))).toMatch(/host ports and container ports in port mappings must match/);
  expect((await register(80)).taskDefinition?.containerDefinitions?.[0]?.portMappings?.[0]?.hostPort).toBe(80);
  // A group that somebody could delete while tasks use it.
  await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'free', Description: 'free' }));
  await ec2.send(new DeleteSecurityGroupCommand({ GroupId: idOf('free') }));
});

it('gives a task an interface, which the load balancer reaches and nobody else has, until it has stopped', async () => {
  const { ecs, ec2, create, awsvpcConfiguration, healthy, url, ofTasks, sandbox } = await startNetwork();
  await create({ networkConfiguration: { awsvpcConfiguration } });
  const target = await healthy();
  expect(await (await fetch(url)).text()).toContain('nginx');
  const [taskArn = ''] = must((await ecs.send(new ListTasksCommand({ cluster }))).taskArns);
  const describeTask = async () =>
    must((await ecs.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }))).tasks?.[0]);
  const task = await describeTask();
  const [attachment] = task.attachments ?? [];
  expect(attachment).toMatchObject({ type: 'ElasticNetworkInterface', status: 'ATTACHED' });
  const details = Object.fromEntries((attachment?.details ?? []).map(({ name = '', value }) => [name, value]));
  expect(Object.keys(details)).toEqual([
    'subnetId',
    'networkInterfaceId',
    'macAddress',
    'privateDnsName',
    'privateIPv4Address',
  ]);
  expect(target).toEqual({ Id: details['privateIPv4Address'], Port: 80, AvailabilityZone: task.availabilityZone });
  for (const container of task.containers ?? []) {
    expect(container.networkBindings).toEqual([]);
    expect(container.networkInterfaces).toEqual([
      { attachmentId: attachment?.id, privateIpv4Address: details['privateIPv4Address'] },
    ]);
  }
  const NetworkInterfaceIds = [must(details['networkInterfaceId'])];
  const described = async () =>
    must((await ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds }))).NetworkInterfaces?.[0]);
  const [instanceId] = Object.keys(sandbox.world.instances);
  expect(await described()).toMatchObject({
    Description: `arn:aws:ecs:us-east-1:${sandbox.world.account}:attachment/${attachment?.id}`,
    RequesterManaged: true,
    Status: 'in-use',
    PrivateIpAddress: details['privateIPv4Address'],
    SubnetId: details['subnetId'],
    Groups: [{ GroupId: awsvpcConfiguration.securityGroups[0], GroupName: 'my-ecs-sg' }],
    Attachment: { InstanceId: instanceId, DeviceIndex: 1, DeleteOnTermination: false, Status: 'attached' },
  });
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({}));
  expect(
    Reservations?.[0]?.Instances?.[0]?.NetworkInterfaces?.map(({ Attachment, PrivateIpAddress }) => [
      Attachment?.DeviceIndex,
      PrivateIpAddress === target.Id,
    ]),
  ).toEqual([
    [0, false],
    [1, true],
  ]);
  // The container beside finds the other one at its own localhost.
  await eventually(async () => (await describeTask()).healthStatus === 'HEALTHY' || undefined);
  await ecs.send(new DeleteServiceCommand({ cluster, service: 'addressed', force: true }));
  await eventually(async () => (await describeTask()).lastStatus === 'STOPPED' || undefined);
  expect((await describeTask()).attachments?.[0]?.status).toBe('DELETED');
  expect(ofTasks()).toEqual([]);
});

it('reaches no task whose own group keeps the load balancer out, and opens to another group by an update', async () => {
  const { ecs, ec2, elb, create, awsvpcConfiguration, healthy, TargetGroupArn, idOf, ofTasks } = await startNetwork();
  await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'shut', Description: 'lets nobody in' }));
  const shut = { ...awsvpcConfiguration, securityGroups: [idOf('shut')] };
  await create({ networkConfiguration: { awsvpcConfiguration: shut } });
  await eventually(async () => {
    const { TargetHealthDescriptions: all } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return all?.find(({ TargetHealth }) => TargetHealth?.Reason === 'Target.Timeout');
  });
  expect((await failureOf(ec2.send(new DeleteSecurityGroupCommand({ GroupId: idOf('shut') })))).name).toBe(
    'DependencyViolation',
  );
  // There is one interface to have on a t3.micro, so the old task must be allowed to go first.
  await ecs.send(
    new UpdateServiceCommand({
      cluster,
      service: 'addressed',
      networkConfiguration: { awsvpcConfiguration },
      deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
    }),
  );
  await healthy();
  expect(ofTasks().map(({ groupIds }) => groupIds)).toEqual([awsvpcConfiguration.securityGroups]);
  await ec2.send(new DeleteSecurityGroupCommand({ GroupId: idOf('shut') }));
});

it('has room for as many as the type has interfaces beside its own, in the zones of the subnets', async () => {
  const { ecs, awsvpcConfiguration, subnets, ofTasks } = await startNetwork();
  const run = (configuration: typeof awsvpcConfiguration, count = 1) =>
    ecs.send(
      new RunTaskCommand({
        cluster,
        taskDefinition: 'hi',
        count,
        networkConfiguration: { awsvpcConfiguration: configuration },
      }),
    );
  const elsewhere = { ...awsvpcConfiguration, subnets: [must(subnets[1]?.SubnetId)] };
  expect((await run(elsewhere)).failures).toMatchObject([{ reason: 'ATTRIBUTE' }]);
  const { tasks, failures } = await run(awsvpcConfiguration, 2);
  expect(tasks).toHaveLength(1);
  expect(failures).toMatchObject([{ reason: 'RESOURCE:ENI' }]);
  expect(tasks?.[0]?.attachments?.[0]).toMatchObject({ status: 'ATTACHING' });
  // A task behind Docker's bridge takes none.
  expect((await ecs.send(new RunTaskCommand({ cluster, taskDefinition: 'old' }))).failures).toEqual([]);
  await ecs.send(new StopTaskCommand({ cluster, task: must(tasks?.[0]?.taskArn) }));
  await eventually(async () => ofTasks().length === 0 || undefined);
  expect((await run(awsvpcConfiguration)).failures).toEqual([]);
});

it('says in the service’s events why no more tasks fit', async () => {
  const { ecs, create, awsvpcConfiguration, healthy } = await startNetwork();
  await create({ networkConfiguration: { awsvpcConfiguration } });
  await healthy();
  await ecs.send(new UpdateServiceCommand({ cluster, service: 'addressed', desiredCount: 2 }));
  const said = await eventually(async () => {
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: ['addressed'] }));
    return services?.[0]?.events?.find(({ message }) => message?.includes('unable to place'))?.message;
  });
  expect(said).toContain('encountered error "RESOURCE:ENI".');
});

it('keeps the address over a restart of the sandbox, and serves it again', async () => {
  const dir = temporaryDir();
  const { create, awsvpcConfiguration, healthy, sandbox, ofTasks } = await startNetwork({ dir });
  await create({ networkConfiguration: { awsvpcConfiguration } });
  const before = await healthy();
  const [own] = ofTasks();
  await sandbox.close();
  const again = await startSandbox({ pace: must(parsePace('fast')), dir });
  onTestFinished(() => again.close());
  const [loadBalancer] = Object.values(again.world.loadBalancers);
  const text = await eventually(async () => {
    const answer = await fetch(`http://${loadBalancer?.dnsName}/`).catch(() => undefined);
    return answer?.ok === true ? answer.text() : undefined;
  });
  expect(text).toContain('nginx');
  expect(Object.values(again.world.networkInterfaces).filter(({ ofTask }) => ofTask)).toEqual([own]);
  const [group] = Object.values(again.world.targetGroups).filter(({ targetType }) => targetType === 'ip');
  expect(Object.keys(group?.targets ?? {})).toEqual([`${before.Id}:80`]);
});

it('takes addresses as targets by hand, each in its zone', async () => {
  const { elb, TargetGroupArn, sandbox } = await startNetwork();
  const register = (Id: string, AvailabilityZone?: string) =>
    elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id, AvailabilityZone }] }));
  const says = async (promise: Promise<unknown>) => (await failureOf(promise)).message;
  const [instance] = Object.values(sandbox.world.instances);
  const own = must(instance?.privateIpAddress);
  expect(await says(register('i-0123456789abcdef0'))).toBe(
    "The IP address 'i-0123456789abcdef0' is not a valid IPv4 address",
  );
  expect(await says(register('10.1.2.3'))).toBe(
    "The Availability Zone is required for IP address '10.1.2.3' because it is not in the VPC",
  );
  expect(await says(register('8.8.8.8', 'all'))).toBe("The IP address '8.8.8.8' is not a valid private IPv4 address");
  expect(await says(register(own, 'all'))).toBe(
    `The IP address '${own}' is within the VPC, and cannot have its Availability Zone overridden to 'all' from '${instance?.availabilityZone}'`,
  );
  await register(own);
  await register('10.1.2.3', 'all');
  const { TargetHealthDescriptions: all = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  expect(all.map(({ Target }) => [Target?.Id, Target?.AvailabilityZone])).toEqual([
    [own, instance?.availabilityZone],
    ['10.1.2.3', 'all'],
  ]);
});
