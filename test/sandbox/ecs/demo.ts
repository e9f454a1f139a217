// Steps 1 to 3 of the tutorial against a sandbox of the test's own: network, role, cluster, instance, load balancer.
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
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
  ECSClient,
  ListContainerInstancesCommand,
  RegisterTaskDefinitionCommand,
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
import { onTestFinished } from 'vitest';
import { parsePace } from '../../../src/sandbox/pace.ts';
import { startSandbox, type SandboxOptions } from '../../../src/sandbox/sandbox.ts';
import { taskDefinition } from './harness.ts';

export const quick = { maxWaitTime: 30, minDelay: 0.05, maxDelay: 0.1 };
export const cluster = 'my-cluster';

/** Polls until `probe` gives something, at most half a minute. */
export async function eventually<Value>(probe: () => Promise<Value | undefined>): Promise<Value> {
  for (let left = 600; left > 0; left--) {
    const value = await probe();
    if (value !== undefined) return value;
    await pause(50);
  }
  throw new Error('did not come to pass within half a minute');
}

export function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a value is missing in an answer');
  return value;
}

/** Steps 1 to 3: network, role, cluster, instance, load balancer. */
export async function startDemo(options: Partial<SandboxOptions> = {}) {
  const pace = must(parsePace('fast'));
  const sandbox = await startSandbox({ pace, ...options });
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
      if (/Invalid IAM Instance Profile|has no associated IAM Roles/.test(error.message)) return undefined;
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
  return { sandbox, ecs, ec2, elb, ssm, targetGroupArn, url: `http://${loadBalancer.DNSName}/`, containerInstanceArn };
}

/** Steps 2 and 4 after it: `my-service` keeps one task of `sinatra-hi:1` behind the load balancer. `over`: of its container. */
export async function startService(
  { ecs, targetGroupArn }: Pick<Awaited<ReturnType<typeof startDemo>>, 'ecs' | 'targetGroupArn'>,
  over: Record<string, unknown> = {},
): Promise<void> {
  await ecs.send(new RegisterTaskDefinitionCommand(taskDefinition(over)));
  await ecs.send(
    new CreateServiceCommand({
      cluster,
      serviceName: 'my-service',
      taskDefinition: 'sinatra-hi',
      desiredCount: 1,
      loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: 4567 }],
    }),
  );
}
