// The tutorial's ECS half over the wire: real SDK clients, a real sandbox, real processes behind a real load balancer.
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSubnetsCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteClusterCommand,
  DeleteServiceCommand,
  DeregisterContainerInstanceCommand,
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListContainerInstancesCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  UpdateServiceCommand,
  waitUntilServicesInactive,
  waitUntilServicesStable,
  waitUntilTasksStopped,
} from '@aws-sdk/client-ecs';
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { parsePace } from '../../../src/sandbox/pace.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { taskDefinition } from './harness.ts';

const quick = { maxWaitTime: 30, minDelay: 0.05, maxDelay: 0.1 };
const cluster = 'my-cluster';

/** Polls until `probe` gives something, at most half a minute. */
async function eventually<Value>(probe: () => Promise<Value | undefined>): Promise<Value> {
  for (let left = 600; left > 0; left--) {
    const value = await probe();
    if (value !== undefined) return value;
    await pause(50);
  }
  throw new Error('did not come to pass within half a minute');
}

function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a value is missing in an answer');
  return value;
}

/** Steps 1 to 3: network, role, cluster, instance, load balancer. */
async function startDemo() {
  const pace = must(parsePace('fast'));
  const sandbox = await startSandbox({ pace });
  onTestFinished(() => sandbox.close());
  const config = { endpoint: sandbox.endpoint, region: sandbox.region, credentials: sandbox.credentials };
  const ecs = new ECSClient(config);
  const ec2 = new EC2Client(config);
  const elb = new ElasticLoadBalancingV2Client(config);
  const iam = new IAMClient(config);
  const ssm = new SSMClient(config);
  onTestFinished(() => [ecs, ec2, elb, iam, ssm].forEach((client) => client.destroy()));

  const subnets = must(
    (await ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'default-for-az', Values: ['true'] }] }))).Subnets,
  ).slice(0, 2);
  const group = async (name: string): Promise<string> =>
    must((await ec2.send(new CreateSecurityGroupCommand({ GroupName: name, Description: name }))).GroupId);
  const [ecsGroup, elbGroup] = [await group('my-ecs-sg'), await group('my-elb-sg')];
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: elbGroup,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    }),
  );
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: ecsGroup,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 1, ToPort: 65535, UserIdGroupPairs: [{ GroupId: elbGroup }] }],
    }),
  );
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  await iam.send(
    new CreateRoleCommand({ RoleName: 'ecsInstanceRole', AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  await iam.send(
    new AttachRolePolicyCommand({
      RoleName: 'ecsInstanceRole',
      PolicyArn: 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role',
    }),
  );
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'ecsInstanceRole' }));
  await iam.send(
    new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'ecsInstanceRole', RoleName: 'ecsInstanceRole' }),
  );
  await ecs.send(new CreateClusterCommand({ clusterName: cluster }));
  const image = (
    await ssm.send(
      new GetParameterCommand({ Name: '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id' }),
    )
  ).Parameter?.Value;
  await eventually(async () => {
    const run = new RunInstancesCommand({
      ImageId: image,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: subnets[0]?.SubnetId,
      SecurityGroupIds: [ecsGroup],
      IamInstanceProfile: { Name: 'ecsInstanceRole' },
      UserData: Buffer.from('#!/bin/bash\necho ECS_CLUSTER=my-cluster >> /etc/ecs/ecs.config\n').toString('base64'),
    });
    return ec2.send(run).catch((error: Error) => {
      if (error.message.includes('Invalid IAM Instance Profile')) return undefined;
      throw error;
    });
  });
  const targetGroupArn = must(
    (
      await elb.send(
        new CreateTargetGroupCommand({
          Name: 'my-target-group',
          Protocol: 'HTTP',
          Port: 80,
          VpcId: subnets[0]?.VpcId,
          HealthCheckIntervalSeconds: 5,
          HealthCheckTimeoutSeconds: 4,
        }),
      )
    ).TargetGroups?.[0]?.TargetGroupArn,
  );
  await elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: targetGroupArn,
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '5' }],
    }),
  );
  const loadBalancer = must(
    (
      await elb.send(
        new CreateLoadBalancerCommand({
          Name: 'my-elb',
          Subnets: subnets.map(({ SubnetId }) => must(SubnetId)),
          SecurityGroups: [elbGroup],
        }),
      )
    ).LoadBalancers?.[0],
  );
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: loadBalancer.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  );
  const containerInstanceArn = await eventually(
    async () => (await ecs.send(new ListContainerInstancesCommand({ cluster }))).containerInstanceArns?.[0],
  );
  return { sandbox, ecs, elb, targetGroupArn, url: `http://${loadBalancer.DNSName}/`, containerInstanceArn };
}

it('runs, scales and removes the service as AWS does, with the SDK’s own waiters', async () => {
  const { ecs, elb, sandbox, targetGroupArn, url, containerInstanceArn } = await startDemo();
  const registered = (
    await ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances: [containerInstanceArn] }))
  ).containerInstances?.[0];
  expect(registered).toMatchObject({ status: 'ACTIVE', agentConnected: true });
  // The longest there is, 2.4 s at this pace: each is to end by itself.
  await ecs.send(new RegisterTaskDefinitionCommand(taskDefinition({ stopTimeout: 120 })));
  await ecs.send(
    new CreateServiceCommand({
      cluster,
      serviceName: 'my-service',
      taskDefinition: 'sinatra-hi',
      desiredCount: 1,
      loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: 4567 }],
    }),
  );
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
