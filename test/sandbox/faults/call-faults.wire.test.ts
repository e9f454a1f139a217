// What a caller sees of each fault that strikes calls: AWS's own name, text and status, through the real SDK clients.
import {
  DescribeInstanceTypeOfferingsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  DescribeClustersCommand,
  ListClustersCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { CreateLoadBalancerCommand, DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
} from '@aws-sdk/client-ec2';
import { GetRoleCommand } from '@aws-sdk/client-iam';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clearFaults, listFaults, setFault, type FaultOptions } from '../../../src/sandbox/control/requests.ts';
import { parsePace } from '../../../src/sandbox/pace.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { clientsFor, failureOf } from '../tiny-server.ts';

async function broken(...faults: FaultOptions[]) {
  const pace = parsePace('fast');
  if (pace === undefined) throw new Error('no pace');
  const sandbox = await startSandbox({ pace });
  onTestFinished(() => sandbox.close());
  const { endpoint, credentials, region, account } = sandbox;
  const connection = { endpoint, credentials, region, account, pid: process.pid, pace: 'fast', startedAt: '' };
  for (const fault of faults) await setFault(connection, fault);
  return { sandbox, connection, ...clientsFor(endpoint, credentials, { region }) };
}

type Clients = Awaited<ReturnType<typeof broken>>;

const aLaunch = { ImageId: 'ami-0', InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 } as const;

async function zoneSubnet({ ec2 }: Clients, zone: string): Promise<string> {
  const found = await ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: 'availability-zone', Values: [zone] }] }),
  );
  return found.Subnets?.[0]?.SubnetId ?? '';
}

const rows: [
  fault: FaultOptions,
  call: (clients: Clients) => Promise<unknown>,
  name: string,
  text: RegExp,
  status: number,
][] = [
  [
    { name: 'throttling' },
    ({ ec2 }) => ec2.send(new DescribeVpcsCommand({})),
    'RequestLimitExceeded',
    /^Request limit exceeded\.$/,
    503,
  ],
  [
    { name: 'throttling' },
    ({ ecs }) => ecs.send(new ListClustersCommand({})),
    'ThrottlingException',
    /^Rate exceeded$/,
    400,
  ],
  [
    { name: 'throttling' },
    ({ elbv2 }) => elbv2.send(new DescribeLoadBalancersCommand({})),
    'Throttling',
    /^Rate exceeded$/,
    400,
  ],
  [
    { name: 'throttling' },
    ({ iam }) => iam.send(new GetRoleCommand({ RoleName: 'x' })),
    'Throttling',
    /^Rate exceeded$/,
    400,
  ],
  [
    { name: 'throttling' },
    ({ ssm }) => ssm.send(new GetParameterCommand({ Name: 'x' })),
    'ThrottlingException',
    /^Rate exceeded$/,
    400,
  ],
  [
    { name: 'server-error' },
    ({ ec2 }) => ec2.send(new DescribeVpcsCommand({})),
    'InternalError',
    /internal error/,
    500,
  ],
  [
    { name: 'server-error' },
    ({ ecs }) => ecs.send(new ListClustersCommand({})),
    'ServerException',
    /Service Unavailable/,
    500,
  ],
  [
    { name: 'server-error' },
    ({ sts }) => sts.send(new GetCallerIdentityCommand({})),
    'InternalFailure',
    /unknown error/,
    500,
  ],
  [
    { name: 'expired-token' },
    ({ sts }) => sts.send(new GetCallerIdentityCommand({})),
    'ExpiredToken',
    /security token included in the request is expired/,
    403,
  ],
  [
    { name: 'expired-token' },
    ({ ecs }) => ecs.send(new ListClustersCommand({})),
    'ExpiredTokenException',
    /is expired/,
    400,
  ],
  [{ name: 'expired-token' }, ({ ec2 }) => ec2.send(new DescribeVpcsCommand({})), 'RequestExpired', /expired/, 400],
  [
    { name: 'access-denied', operation: 'ec2:RunInstances' },
    ({ ec2 }) => ec2.send(new RunInstancesCommand(aLaunch)),
    'UnauthorizedOperation',
    /^You are not authorized to perform this operation\. User: arn:aws:iam::\d{12}:user\/ecsdemo is not authorized to perform: ec2:RunInstances/,
    403,
  ],
  [
    { name: 'access-denied', operation: 'ecs:CreateCluster' },
    ({ ecs }) => ecs.send(new CreateClusterCommand({ clusterName: 'x' })),
    'AccessDeniedException',
    /is not authorized to perform: ecs:CreateCluster on resource: \* because no identity-based policy allows/,
    400,
  ],
  [
    { name: 'access-denied', operation: 'elbv2:*' },
    ({ elbv2 }) => elbv2.send(new DescribeLoadBalancersCommand({})),
    'AccessDenied',
    /perform: elasticloadbalancing:DescribeLoadBalancers/,
    403,
  ],
  [
    { name: 'new-instance-profile-invisible' },
    ({ ec2 }) => ec2.send(new RunInstancesCommand({ ...aLaunch, IamInstanceProfile: { Name: 'new' } })),
    'InvalidParameterValue',
    /^Value \(new\) for parameter iamInstanceProfile\.name is invalid\. Invalid IAM Instance Profile name$/,
    400,
  ],
  [
    { name: 'service-linked-role-race' },
    ({ ecs }) => ecs.send(new CreateClusterCommand({ clusterName: 'x' })),
    'InvalidParameterException',
    /^Unable to assume the service linked role\. Please verify that the ECS service linked role exists\.$/,
    400,
  ],
  [
    { name: 'security-group-not-found' },
    ({ ec2 }) => ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: 'sg-12345678' })),
    'InvalidGroup.NotFound',
    /^The security group 'sg-12345678' does not exist$/,
    400,
  ],
  [
    { name: 'security-group-not-found' },
    ({ elbv2 }) => elbv2.send(new CreateLoadBalancerCommand({ Name: 'x', SecurityGroups: ['sg-12345678'] })),
    'InvalidSecurityGroupException',
    /'sg-12345678' does not exist/,
    400,
  ],
  [
    { name: 'task-definition-conflict' },
    ({ ecs }) => ecs.send(new RegisterTaskDefinitionCommand({ family: 'x', containerDefinitions: [] })),
    'ClientException',
    /^Too many concurrent attempts to create a new revision of the specified family\.$/,
    400,
  ],
  [
    { name: 'insufficient-capacity' },
    async (clients) =>
      clients.ec2.send(new RunInstancesCommand({ ...aLaunch, SubnetId: await zoneSubnet(clients, 'us-east-1b') })),
    'InsufficientInstanceCapacity',
    /^We currently do not have sufficient t3\.micro capacity in the Availability Zone you requested \(us-east-1b\)\..* choosing us-east-1a,/,
    500,
  ],
  [
    { name: 'type-not-offered' },
    async (clients) =>
      clients.ec2.send(new RunInstancesCommand({ ...aLaunch, SubnetId: await zoneSubnet(clients, 'us-east-1a') })),
    'Unsupported',
    /^Your requested instance type \(t3\.micro\) is not supported in your requested Availability Zone \(us-east-1a\)\./,
    400,
  ],
];

describe('a fault of calls', () => {
  it.each(rows)('%j answers as AWS does (%#)', async (fault, call, name, text, status) => {
    const clients = await broken(fault);
    const failure = await failureOf(call(clients));
    expect(failure.name).toBe(name);
    expect(failure.message).toMatch(text);
    expect(failure.$metadata?.httpStatusCode).toBe(status);
  });

  it('lets calls pass, strikes, and clears itself', async () => {
    const { ecs, ec2, connection } = await broken({ name: 'throttling', after: 1, times: 2, operation: 'ecs:List*' });
    const list = () =>
      ecs.send(new ListClustersCommand({})).then(
        () => 'ok',
        (error: Error) => error.name,
      );
    expect(await list()).toBe('ok');
    expect(await list()).toBe('ThrottlingException');
    // Another operation does not count.
    expect((await ec2.send(new DescribeVpcsCommand({}))).Vpcs).toHaveLength(1);
    expect(await listFaults(connection)).toMatchObject([{ name: 'throttling', after: 0, times: 2, struck: 1 }]);
    expect(await list()).toBe('ThrottlingException');
    expect(await list()).toBe('ok');
    expect(await listFaults(connection)).toEqual([]);
  });

  it('breaks the connection before anything has changed', async () => {
    const { ecs } = await broken({ name: 'connection-dropped', times: 1 });
    const failure = await failureOf(ecs.send(new CreateClusterCommand({ clusterName: 'x' })));
    expect(failure.$metadata?.httpStatusCode).toBeUndefined();
    expect((await ecs.send(new ListClustersCommand({}))).clusterArns).toEqual([]);
  });

  it('loses an answer after the change was made, and none of a read', async () => {
    const { ecs } = await broken({ name: 'response-lost' });
    expect((await ecs.send(new ListClustersCommand({}))).clusterArns).toEqual([]);
    await failureOf(ecs.send(new CreateClusterCommand({ clusterName: 'x' })));
    expect((await ecs.send(new ListClustersCommand({}))).clusterArns).toHaveLength(1);
  });

  it('hides from reads what was just created, each in its own words, until it is cleared', async () => {
    const { ecs, ec2, connection } = await broken({ name: 'describe-lags' });
    const vpc = (await ec2.send(new DescribeVpcsCommand({}))).Vpcs?.[0]?.VpcId ?? '';
    await ecs.send(new CreateClusterCommand({ clusterName: 'x' }));
    const { GroupId = '' } = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName: 'g', Description: 'g', VpcId: vpc }),
    );
    const described = await ecs.send(new DescribeClustersCommand({ clusters: ['x'] }));
    expect(described.clusters).toEqual([]);
    expect(described.failures).toMatchObject([{ reason: 'MISSING' }]);
    const failure = await failureOf(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] })));
    expect(failure.name).toBe('InvalidGroup.NotFound');
    await clearFaults(connection, 'describe-lags');
    expect((await ecs.send(new DescribeClustersCommand({ clusters: ['x'] }))).clusters).toHaveLength(1);
  });

  it('lists no offering in the zone that lacks the type', async () => {
    const { ec2 } = await broken({ name: 'type-not-offered', zone: 'us-east-1c' });
    const found = await ec2.send(
      new DescribeInstanceTypeOfferingsCommand({
        LocationType: 'availability-zone',
        Filters: [{ Name: 'instance-type', Values: ['t3.micro'] }],
      }),
    );
    const zones = found.InstanceTypeOfferings?.map(({ Location }) => Location);
    expect(zones).toContain('us-east-1a');
    expect(zones).not.toContain('us-east-1c');
  });
});

describe('asking for a fault', () => {
  it.each([
    [{ name: 'nothing-of-the-kind' }, /there is no fault "nothing-of-the-kind"/],
    [{ name: '__proto__' }, /there is no fault/],
    [{ name: 'throttling', after: -1 }, /after "-1" is not a whole number/],
    [{ name: 'throttling', times: 1.5 }, /times "1.5" is not a whole number/],
    [{ name: 'throttling', operation: 'everything' }, /"everything" is not of the form service:Operation/],
    [{ name: 'access-denied' }, /needs an operation/],
    [{ name: 'cannot-pull', operation: 'ecs:RunTask' }, /takes no operation/],
    [{ name: 'insufficient-capacity', zone: 'mars' }, /zone "mars" is none of us-east-1a/],
    [{ name: 'throttling', zone: 'us-east-1a' }, /takes no zone/],
  ])('%j is refused', async (fault, message) => {
    const { connection } = await broken();
    const failure = await failureOf(setFault(connection, fault));
    expect(failure).toMatchObject({ code: 'usage', exitCode: 2 });
    expect(failure.message).toMatch(message);
    expect(await listFaults(connection)).toEqual([]);
  });

  it('keeps the number of faults bounded', async () => {
    const { connection } = await broken();
    const operation = (index: number): string => `ecs:Operation${index}`;
    for (let index = 0; index < 50; index++)
      await setFault(connection, { name: 'throttling', operation: operation(index) });
    await setFault(connection, { name: 'throttling', operation: operation(7), times: 9 });
    const failure = await failureOf(setFault(connection, { name: 'throttling', operation: operation(50) }));
    expect(failure.message).toMatch(/50 faults are on already/);
    expect(await clearFaults(connection)).toHaveLength(50);
  });
});
