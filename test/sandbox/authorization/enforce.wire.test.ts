// A policy enforced on real clients: who is denied what, in each service's own words.
import { DescribeInstancesCommand, RunInstancesCommand, DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import { CreateClusterCommand, DescribeClustersCommand, ListClustersCommand } from '@aws-sdk/client-ecs';
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, DecodeAuthorizationMessageCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { expect, onTestFinished, test } from 'vitest';
import { policyOf } from '../../../src/sandbox/authorization/enforce.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { services } from '../../../src/sandbox/services.ts';
import { fastPace } from '../in-process.ts';
import { clientsFor, failureOf } from '../tiny-server.ts';

async function allowed(...Statement: object[]) {
  const text = JSON.stringify({ Version: '2012-10-17', Statement });
  const sandbox = await startSandbox({
    pace: fastPace(),
    policy: { current: await policyOf(text, 'policy.json', services) },
  });
  onTestFinished(() => sandbox.close());
  const { endpoint, credentials, region, account } = sandbox;
  return { sandbox, account, ...clientsFor(endpoint, credentials, { region }) };
}

test('denials are worded as each service words them', async () => {
  const { ecs, ec2, elbv2, iam, ssm, sts, account } = await allowed();
  const user = `User: arn:aws:iam::${account}:user/ecsdemo is not authorized to perform:`;
  const why = (action: string): string => `because no identity-based policy allows the ${action} action`;
  const [cluster, list, instances, balancers, role, parameter] = [
    await failureOf(ecs.send(new CreateClusterCommand({ clusterName: 'x' }))),
    await failureOf(ecs.send(new ListClustersCommand({}))),
    await failureOf(ec2.send(new DescribeInstancesCommand({}))),
    await failureOf(elbv2.send(new DescribeLoadBalancersCommand({}))),
    await failureOf(iam.send(new CreateRoleCommand({ RoleName: 'x', AssumeRolePolicyDocument: '{}' }))),
    await failureOf(ssm.send(new GetParameterCommand({ Name: '/aws/service/x' }))),
  ];
  expect([cluster.name, cluster.message]).toEqual([
    'AccessDeniedException',
    `${user} ecs:CreateCluster on resource: arn:aws:ecs:us-east-1:${account}:cluster/x ${why('ecs:CreateCluster')}`,
  ]);
  expect(list.message).toBe(`${user} ecs:ListClusters on resource: * ${why('ecs:ListClusters')}`);
  expect(instances.name).toBe('UnauthorizedOperation');
  expect(instances.message).toContain(
    `You are not authorized to perform this operation. ${user} ec2:DescribeInstances ${why('ec2:DescribeInstances')}. Encoded authorization failure message: `,
  );
  expect([balancers.name, balancers.message]).toEqual([
    'AccessDenied',
    `${user} elasticloadbalancing:DescribeLoadBalancers ${why('elasticloadbalancing:DescribeLoadBalancers')}`,
  ]);
  expect([role.name, role.message]).toEqual([
    'AccessDenied',
    `${user} iam:CreateRole on resource: arn:aws:iam::${account}:role/x ${why('iam:CreateRole')}`,
  ]);
  expect(parameter.message).toContain('on resource: arn:aws:ssm:us-east-1::parameter/aws/service/x');
  expect((await sts.send(new GetCallerIdentityCommand({}))).Account).toBe(account);
});

test('a deny wins, and what EC2 says encoded can be decoded', async () => {
  const { ec2, sts } = await allowed(
    { Effect: 'Allow', Action: '*', Resource: '*' },
    {
      Sid: 'NoLarge',
      Effect: 'Deny',
      Action: 'ec2:RunInstances',
      Resource: 'arn:aws:ec2:*:*:instance/*',
      Condition: { StringNotLike: { 'ec2:InstanceType': ['*.nano', '*.micro'] } },
    },
  );
  const large = { ImageId: 'ami-1', InstanceType: 'm5.large', MinCount: 1, MaxCount: 1 } as const;
  const denied = await failureOf(ec2.send(new RunInstancesCommand(large)));
  expect(denied.message).toContain('with an explicit deny in an identity-based policy');
  const EncodedMessage = denied.message.split(' ').at(-1);
  const { DecodedMessage = '' } = await sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage }));
  expect(JSON.parse(DecodedMessage)).toMatchObject({
    allowed: false,
    explicitDeny: true,
    matchedStatements: ['NoLarge'],
    context: { action: 'ec2:RunInstances', resource: expect.stringContaining(':instance/*') as string },
  });
  const small = await failureOf(ec2.send(new RunInstancesCommand({ ...large, InstanceType: 't3.micro' })));
  expect(small.name).toBe('InvalidAMIID.NotFound');
  expect((await failureOf(sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: 'x' })))).name).toBe(
    'InvalidAuthorizationMessageException',
  );
});

test('what is denied is not done, and what is told of it is the denial', async () => {
  const { ecs, sandbox } = await allowed({ Effect: 'Allow', NotAction: 'ecs:Create*', Resource: '*' });
  await failureOf(ecs.send(new CreateClusterCommand({ clusterName: 'x' })));
  expect(Object.keys(sandbox.world.clusters)).toEqual([]);
  expect((await ecs.send(new DescribeClustersCommand({ clusters: ['x'] }))).failures).toHaveLength(1);
});

test('tags at creation are a permission of their own', async () => {
  const { ecs, account } = await allowed({ Effect: 'Allow', Action: 'ecs:CreateCluster', Resource: '*' });
  await ecs.send(new CreateClusterCommand({ clusterName: 'plain' }));
  const tagged = new CreateClusterCommand({ clusterName: 'tagged', tags: [{ key: 'a', value: 'b' }] });
  expect((await failureOf(ecs.send(tagged))).message).toContain(
    `ecs:TagResource on resource: arn:aws:ecs:us-east-1:${account}:cluster/tagged`,
  );
});

test('the policy holds for roles that were assumed, under their own name', async () => {
  const { sts, iam, sandbox, account } = await allowed(
    { Effect: 'Allow', Action: ['sts:AssumeRole', 'iam:CreateRole'], Resource: '*' },
    {
      Effect: 'Allow',
      Action: 'ec2:DescribeVpcs',
      Resource: '*',
      Condition: { StringEquals: { 'aws:PrincipalType': 'User' } },
    },
  );
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' },
  });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument }));
  const { Credentials: given } = await sts.send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'me' }));
  const keys = {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    sessionToken: given?.SessionToken ?? '',
  };
  const assumed = clientsFor(sandbox.endpoint, keys, { region: sandbox.region });
  const denied = await failureOf(assumed.ec2.send(new DescribeVpcsCommand({})));
  expect(denied.message).toContain(`User: arn:aws:sts::${account}:assumed-role/r/me is not authorized`);
});
