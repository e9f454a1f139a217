// Step 1 of the tutorial and its undoing, with the real SDK clients: every error and every waiter that steps rely on.
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateKeyPairCommand,
  CreateSecurityGroupCommand,
  DeleteKeyPairCommand,
  DeleteSecurityGroupCommand,
  DescribeImagesCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  DescribeVpcsCommand,
  GetConsoleOutputCommand,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
  paginateDescribeSecurityGroups,
  waitUntilInstanceExists,
  waitUntilInstanceRunning,
  waitUntilInstanceStatusOk,
  waitUntilInstanceTerminated,
  waitUntilKeyPairExists,
  waitUntilSecurityGroupExists,
} from '@aws-sdk/client-ec2';
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  RemoveRoleFromInstanceProfileCommand,
  waitUntilInstanceProfileExists,
  waitUntilRoleExists,
} from '@aws-sdk/client-iam';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { expect, it } from 'vitest';
import { errorName, inProcess } from '../in-process.ts';
import type { Clients } from '../in-process.ts';

const quick = { maxWaitTime: 30, minDelay: 0.02, maxDelay: 0.05 };
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const ecsPolicy = 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role';

async function imageId({ ssm }: Clients): Promise<string | undefined> {
  const Name = '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id';
  return (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;
}

it('makes the two security groups and takes them away in the only order that works', async () => {
  const { ec2, sts, sandbox } = await inProcess();
  expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: sandbox.account });
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }));
  const VpcId = Vpcs?.[0]?.VpcId ?? '';
  const create = (GroupName: string) =>
    ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: 'demo', VpcId }));
  const [elb = '', ecs = ''] = [(await create('my-elb-sg')).GroupId, (await create('my-ecs-sg')).GroupId];
  await waitUntilSecurityGroupExists({ client: ec2, ...quick }, { GroupIds: [elb, ecs] });
  expect(await errorName(create('my-elb-sg'))).toBe('InvalidGroup.Duplicate');
  const rule = new AuthorizeSecurityGroupIngressCommand({
    GroupId: ecs,
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 1, ToPort: 65535, UserIdGroupPairs: [{ GroupId: elb }] }],
  });
  expect((await ec2.send(rule)).SecurityGroupRules).toMatchObject([
    { ReferencedGroupInfo: { GroupId: elb }, IsEgress: false },
  ]);
  expect(await errorName(ec2.send(rule))).toBe('InvalidPermission.Duplicate');
  const remove = (GroupId: string) => ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
  expect(await errorName(remove(elb))).toBe('DependencyViolation');
  await remove(ecs);
  await remove(elb);
  expect(await errorName(remove(elb))).toBe('InvalidGroup.NotFound');
  expect(await errorName(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [ecs] })))).toBe(
    'InvalidGroup.NotFound',
  );
});

it("pages with the SDK's own paginator", async () => {
  const { ec2 } = await inProcess();
  for (let index = 0; index < 11; index++) {
    await ec2.send(new CreateSecurityGroupCommand({ GroupName: `g-${index}`, Description: 'x' }));
  }
  const names: (string | undefined)[] = [];
  const filters = { Filters: [{ Name: 'group-name', Values: ['g-*'] }] };
  for await (const page of paginateDescribeSecurityGroups({ client: ec2, pageSize: 5 }, filters)) {
    names.push(...(page.SecurityGroups ?? []).map((group) => group.GroupName));
  }
  expect(names).toEqual(Array.from({ length: 11 }, (_, index) => `g-${index}`));
});

it('makes role and profile, launches once EC2 sees them, and removes all of it', async () => {
  const clients = await inProcess();
  const { ec2, iam } = clients;
  const RoleName = 'ecsInstanceRole';
  const InstanceProfileName = RoleName;
  expect(await errorName(iam.send(new GetInstanceProfileCommand({ InstanceProfileName })))).toBe(
    'NoSuchEntityException',
  );
  const create = new CreateRoleCommand({
    RoleName,
    AssumeRolePolicyDocument: trust,
    Tags: [{ Key: 'demo', Value: 'my' }],
  });
  await iam.send(create);
  expect(await errorName(iam.send(create))).toBe('EntityAlreadyExistsException');
  await waitUntilRoleExists({ client: iam, ...quick }, { RoleName });
  expect((await iam.send(new GetRoleCommand({ RoleName }))).Role?.Tags).toEqual([{ Key: 'demo', Value: 'my' }]);
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: ecsPolicy }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
  await waitUntilInstanceProfileExists({ client: iam, ...quick }, { InstanceProfileName });
  const add = new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName });
  await iam.send(add);
  expect(await errorName(iam.send(add))).toBe('LimitExceededException');

  const run = new RunInstancesCommand({
    ImageId: await imageId(clients),
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    IamInstanceProfile: { Name: InstanceProfileName },
    ClientToken: 'token-1',
    UserData: Buffer.from('#!/bin/bash\necho ECS_CLUSTER=my-cluster >> /etc/ecs/ecs.config\n').toString('base64'),
    DisableApiTermination: true,
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'demo', Value: 'my' }] }],
  });
  const first = await expect
    .poll(() =>
      ec2.send(run).then(
        (made) => made.Instances?.[0]?.InstanceId,
        () => undefined,
      ),
    )
    .toMatch(/^i-/)
    .then(() => ec2.send(run));
  const id = first.Instances?.[0]?.InstanceId ?? '';
  expect((await ec2.send(new DescribeInstancesCommand({}))).Reservations).toHaveLength(1);
  const InstanceIds = [id];
  await waitUntilInstanceExists({ client: ec2, ...quick }, { InstanceIds });
  await waitUntilInstanceRunning({ client: ec2, ...quick }, { InstanceIds });
  await waitUntilInstanceStatusOk({ client: ec2, ...quick }, { InstanceIds });
  const byTag = {
    Filters: [
      { Name: 'tag:demo', Values: ['my'] },
      { Name: 'instance-state-name', Values: ['pending', 'running'] },
    ],
  };
  expect((await ec2.send(new DescribeInstancesCommand(byTag))).Reservations?.[0]?.Instances?.[0]).toMatchObject({
    InstanceId: id,
    State: { Name: 'running', Code: 16 },
    Tags: [{ Key: 'demo', Value: 'my' }],
    MetadataOptions: { HttpTokens: 'required' },
    IamInstanceProfile: { Arn: expect.stringContaining(':instance-profile/ecsInstanceRole') },
  });
  const log = await ec2.send(new GetConsoleOutputCommand({ InstanceId: id }));
  expect(Buffer.from(log.Output ?? '', 'base64').toString()).toContain('ECS_CLUSTER=my-cluster');
  expect(
    (await ec2.send(new DescribeTagsCommand({ Filters: [{ Name: 'key', Values: ['demo'] }] }))).Tags,
  ).toMatchObject([{ ResourceId: id }]);

  const terminate = new TerminateInstancesCommand({ InstanceIds });
  expect(await errorName(ec2.send(terminate))).toBe('OperationNotPermitted');
  const attribute = await ec2.send(
    new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: 'disableApiTermination' }),
  );
  expect(attribute.DisableApiTermination?.Value).toBe(true);
  await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiTermination: { Value: false } }));
  await ec2.send(terminate);
  await waitUntilInstanceTerminated({ client: ec2, ...quick }, { InstanceIds });

  expect(await errorName(iam.send(new DeleteRoleCommand({ RoleName })))).toBe('DeleteConflictException');
  expect(await errorName(iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName })))).toBe(
    'DeleteConflictException',
  );
  await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
  await iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName }));
  await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: ecsPolicy }));
  await iam.send(new DeleteRoleCommand({ RoleName }));
  expect(await errorName(iam.send(new GetRoleCommand({ RoleName })))).toBe('NoSuchEntityException');
});

it('answers launches that cannot be with the names that steps look for', async () => {
  const clients = await inProcess();
  const { ec2 } = clients;
  const ImageId = await imageId(clients);
  const run = (input: object) =>
    errorName(
      ec2.send(new RunInstancesCommand({ ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...input })),
    );
  const inZone = await ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: 'availability-zone', Values: ['us-east-1e'] }] }),
  );
  expect(await run({ SubnetId: inZone.Subnets?.[0]?.SubnetId })).toBe('Unsupported');
  expect(await run({ ImageId: 'ami-0123' })).toBe('InvalidAMIID.NotFound');
  expect(await run({ KeyName: 'nobody' })).toBe('InvalidKeyPair.NotFound');
  expect(await run({ SubnetId: 'subnet-404' })).toBe('InvalidSubnetID.NotFound');
  expect(await run({ SecurityGroupIds: ['sg-404'] })).toBe('InvalidGroup.NotFound');
  expect(await run({ IamInstanceProfile: { Name: 'nobody' } })).toBe('InvalidParameterValue');
  expect(await run({ DryRun: true })).toBe('DryRunOperation');
  expect(await errorName(ec2.send(new DescribeInstancesCommand({ InstanceIds: ['i-0123456789abcdef0'] })))).toBe(
    'InvalidInstanceID.NotFound',
  );
});

it('has key pairs, images and types as the CLI asks for them', async () => {
  const clients = await inProcess();
  const { ec2 } = clients;
  await ec2.send(new CreateKeyPairCommand({ KeyName: 'k', KeyType: 'ed25519' }));
  await waitUntilKeyPairExists({ client: ec2, ...quick }, { KeyNames: ['k'] });
  expect(await errorName(ec2.send(new CreateKeyPairCommand({ KeyName: 'k' })))).toBe('InvalidKeyPair.Duplicate');
  await ec2.send(new DeleteKeyPairCommand({ KeyName: 'k' }));
  expect(await errorName(ec2.send(new DescribeKeyPairsCommand({ KeyNames: ['k'] })))).toBe('InvalidKeyPair.NotFound');
  const ImageIds = [(await imageId(clients)) ?? ''];
  const { Images } = await ec2.send(new DescribeImagesCommand({ ImageIds, Owners: ['amazon'] }));
  expect(Images).toMatchObject([
    { Name: expect.stringMatching(/^al2023-ami-ecs-hvm-/), Architecture: 'x86_64', RootDeviceName: '/dev/xvda' },
  ]);
  const { InstanceTypes } = await ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ['t3.micro'] }));
  expect(InstanceTypes).toMatchObject([{ VCpuInfo: { DefaultVCpus: 2 }, MemoryInfo: { SizeInMiB: 1024 } }]);
});
