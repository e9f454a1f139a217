// Why an agent does not come, for each cause that can be seen from outside; and `up` with one that never comes.
import { AuthorizeSecurityGroupEgressCommand, type Instance, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateSecurityGroupCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  RevokeSecurityGroupEgressCommand,
} from '@aws-sdk/client-ec2';
import { DetachRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import { findLateAgent, lateAgentText } from '../../../src/resources/ec2/late-agent.ts';
import type { Scope } from '../../../src/resources/resource.ts';
import { setFault } from '../../../src/sandbox/faults/control.ts';
import { startRunningDemo, type RunningDemo } from '../../helpers/running-demo.ts';

const policy = 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role';

const encoded = (text: string): string => Buffer.from(text).toString('base64');
const joins = (cluster: string): string => encoded(`#!/bin/bash\necho ECS_CLUSTER=${cluster} >> /etc/ecs/ecs.config\n`);

interface Case {
  what: string;
  /** Of the instance that is launched by hand, where it is otherwise than one of `up`. */
  launch?: { UserData?: string; profile?: false; address?: false };
  spoil?(demo: RunningDemo): Promise<unknown>;
  spoilGroup?(demo: RunningDemo, GroupId: string): Promise<unknown>;
  certain?: RegExp;
  likely?: RegExp;
}

const cases: Case[] = [
  { what: 'nothing that can be seen' },
  { what: 'no instance profile', launch: { profile: false }, certain: /no instance profile/ },
  {
    what: 'user data of another cluster',
    launch: { UserData: joins('mein-cluster') },
    certain: /user data does not name it/,
  },
  {
    what: 'user data without a cluster',
    launch: { UserData: encoded('#!/bin/sh\n') },
    certain: /user data does not name it/,
  },
  { what: 'no address', launch: { address: false }, likely: /no public address and its subnet no NAT/ },
  {
    what: 'a role without the policy',
    spoil: ({ clients: { iam } }) =>
      iam.send(new DetachRolePolicyCommand({ RoleName: 'ecsInstanceRole', PolicyArn: policy })),
    likely: /role ecsInstanceRole lacks the policy/,
  },
  {
    what: 'nothing let out',
    async spoilGroup({ clients: { ec2 } }, GroupId) {
      const every = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
      await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: every }));
      const dns = [{ IpProtocol: 'udp', FromPort: 53, ToPort: 53, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
      await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: dns }));
    },
    likely: /let nothing out on port 443/,
  },
];

test.each(cases)('$what', async ({ launch = {}, spoil, spoilGroup, certain, likely }) => {
  const demo = await startRunningDemo();
  await demo.run('up', { through: 'instance' });
  const { ec2, ssm } = demo.clients;
  const image = '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id';
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: image }));
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
  const { GroupId = '' } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'one', Description: 'one' }));
  await spoil?.(demo);
  await spoilGroup?.(demo, GroupId);
  const network = { DeviceIndex: 0, SubnetId: Subnets?.[0]?.SubnetId, Groups: [GroupId] };
  const launched = await ec2.send(
    new RunInstancesCommand({
      MinCount: 1,
      MaxCount: 1,
      ImageId: Parameter?.Value,
      InstanceType: 't3.micro',
      UserData: launch.UserData ?? joins('my-cluster'),
      NetworkInterfaces: [{ ...network, AssociatePublicIpAddress: launch.address !== false }],
      ...(launch.profile === false ? {} : { IamInstanceProfile: { Name: 'ecsInstanceRole' } }),
    }),
  );
  const id = launched.Instances?.[0]?.InstanceId ?? '';
  const read = async (): Promise<Instance | undefined> =>
    (await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }))).Reservations?.[0]?.Instances?.[0];
  await expect.poll(async () => (await read())?.State?.Name).toBe('running');
  const scope = { aws: demo.clients } as unknown as Scope;
  const findings = await findLateAgent(scope, 'my-cluster', (await read()) ?? {});
  expect(findings.certain.join()).toMatch(certain ?? /^$/);
  expect(findings.likely.join()).toMatch(likely ?? /^$/);
  // What is wrong is not called right as well.
  const wrong = [certain, likely].some(Boolean);
  expect(findings.right).toHaveLength(wrong && spoilGroup === undefined ? 2 : 3);
  expect(lateAgentText(findings)).toMatch(certain ?? likely ?? /nothing to be seen from outside is wrong/);
});

test('up says so while it still waits, gives up as soon as time runs there, and the next one launches another', async () => {
  const demo = await startRunningDemo();
  demo.sandbox.loop.change((context) => setFault(context, { name: 'agent-never-registers' }));
  const startedAt = Date.now();
  const told = await demo.run('up', { timeout: '10m' }).catch((error: unknown) => error);
  expect(told).toMatchObject({ code: 'agent-missing', diagnosis: [expect.stringMatching(/nothing to be seen/)] });
  // Ten minutes on AWS.
  expect(Date.now() - startedAt).toBeLessThan(40_000);
  const { result, events } = await demo.run('up', { timeout: '10m' });
  expect(result).toMatchObject({ data: { running: 1, healthy: 1 } });
  expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
});

test('what waiting cannot cure ends it well before the limit', async () => {
  const demo = await startRunningDemo();
  // The instance joins a cluster of another name: its user data is changed on the way.
  const { loop } = demo.sandbox;
  const lost = demo.run('up', { timeout: '10m' });
  const spoiling = setInterval(() => {
    loop.change(({ world }) => {
      for (const instance of Object.values(world.instances)) instance.userData = joins('mein-cluster');
    });
  }, 5);
  const error: unknown = await lost.catch((thrown: unknown) => thrown);
  clearInterval(spoiling);
  expect(error).toMatchObject({
    code: 'agent-missing',
    message: expect.stringMatching(/does not join.*user data does not name it/),
  });
});
