import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  GetConsoleOutputCommand,
  type Instance,
  RunInstancesCommand,
  StartInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  type ContainerInstance,
  DeregisterContainerInstanceCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  ListContainerInstancesCommand,
  UpdateContainerInstancesStateCommand,
} from '@aws-sdk/client-ecs';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import fc from 'fast-check';
import { insteadOfElsewhere } from '../../../src/aws/elsewhere.ts';
import { describe, expect, it } from 'vitest';
import type { GivenFlags } from '../../../src/base/settings.ts';
import { instance, scaleInstances } from '../../../src/chapters/tutorial/instance.ts';
import { oldestFirst } from '../../../src/resources/ec2/instances.ts';
import { clientToken, isArm, userData } from '../../../src/resources/ec2/launch.ts';
import { aContext, fault, ourEcsTags, ourTags } from '../../helpers/a-context.ts';

interface Account {
  instances?: Instance[];
  members?: ContainerInstance[];
  flags?: GivenFlags;
}

const member = (ec2InstanceId: string, more: ContainerInstance = {}): ContainerInstance => ({
  ec2InstanceId,
  containerInstanceArn: `arn:ci/${ec2InstanceId}`,
  status: 'ACTIVE',
  agentConnected: true,
  ...more,
});
const running = (InstanceId: string, more: Instance = {}): Instance => ({
  InstanceId,
  InstanceType: 't3.micro',
  State: { Name: 'running' },
  Tags: ourTags,
  Placement: { AvailabilityZone: 'us-east-1a' },
  VpcId: 'vpc-1',
  SecurityGroups: [{ GroupId: 'sg-ecs', GroupName: 'my-ecs-sg' }],
  IamInstanceProfile: { Arn: 'arn:aws:iam::123456789012:instance-profile/ecsInstanceRole', Id: 'AIPA1' },
  ...more,
});

/** An EC2 in which launches, starts and terminations do what they say, and whose instances register at once. */
function anAccount({ instances = [], members = [], flags = {} }: Account) {
  const made = aContext(flags, {
    cluster: { clusterName: 'my-cluster', clusterArn: 'arn:cluster', tags: ourEcsTags },
    instanceProfile: { name: 'ecsInstanceRole', id: 'AIPA1' },
    network: {
      vpcId: 'vpc-1',
      subnets: [
        { SubnetId: 'subnet-a', AvailabilityZone: 'us-east-1a', MapPublicIpOnLaunch: true },
        { SubnetId: 'subnet-b', AvailabilityZone: 'us-east-1b', MapPublicIpOnLaunch: true },
      ],
      ecsSecurityGroup: { GroupId: 'sg-ecs' },
    },
  });
  const { ec2, ecs, ssm } = made;
  const world = { instances: [...instances], members: [...members] };
  ec2
    .on(DescribeInstancesCommand)
    .callsFake(async ({ Filters }: { Filters?: { Name: string; Values: string[] }[] }) => {
      const byId = Filters?.find(({ Name }) => Name === 'instance-id')?.Values;
      return {
        Reservations: [
          {
            Instances: world.instances.filter(({ InstanceId = '' }) => byId === undefined || byId.includes(InstanceId)),
          },
        ],
      };
    });
  ec2.on(RunInstancesCommand).callsFake(async () => {
    const InstanceId = `i-new${world.instances.length}`;
    world.instances.push(running(InstanceId));
    world.members.push(member(InstanceId));
    return { Instances: [{ InstanceId, State: { Name: 'pending' } }] };
  });
  ec2.on(TerminateInstancesCommand).callsFake(async ({ InstanceIds }: { InstanceIds: string[] }) => {
    world.instances = world.instances.map((one) =>
      InstanceIds.includes(one.InstanceId ?? '') ? { ...one, State: { Name: 'terminated' } } : one,
    );
    return {};
  });
  ecs.on(ListContainerInstancesCommand).callsFake(async () => ({
    containerInstanceArns: world.members.map(({ containerInstanceArn }) => containerInstanceArn),
  }));
  ecs
    .on(DescribeContainerInstancesCommand)
    .callsFake(async ({ containerInstances }: { containerInstances: string[] }) => ({
      containerInstances: world.members.filter(({ containerInstanceArn = '' }) =>
        containerInstances.includes(containerInstanceArn),
      ),
    }));
  ecs.on(DeregisterContainerInstanceCommand).callsFake(async ({ containerInstance }: { containerInstance: string }) => {
    world.members = world.members.filter(({ containerInstanceArn }) => containerInstanceArn !== containerInstance);
    return {};
  });
  ecs
    .on(UpdateContainerInstancesStateCommand)
    .callsFake(async ({ containerInstances, status }: { containerInstances: string[]; status: string }) => {
      world.members = world.members.map((one) =>
        containerInstances.includes(one.containerInstanceArn ?? '') ? { ...one, status } : one,
      );
      return {};
    });
  ecs.on(DescribeClustersCommand).resolves({ clusters: [{ clusterName: 'my-cluster', status: 'ACTIVE' }] });
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: 'ami-1' } });
  return { ...made, world, launches: () => ec2.commandCalls(RunInstancesCommand).map(({ args }) => args[0].input) };
}

describe('clientToken', () => {
  it('is the same for the same place, and fits what EC2 takes', () => {
    const seed = fc.tuple(fc.string(), fc.nat(20), fc.string(), fc.nat(20));
    fc.assert(
      fc.property(seed, seed, (one, other) => {
        expect(clientToken(...one)).toMatch(/^[\x21-\x7e]{1,64}$/);
        expect(clientToken(...one) === clientToken(...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});

describe('userData', () => {
  it('names the cluster, and starts nothing: that would dead-lock', () => {
    const script = Buffer.from(userData('my-cluster'), 'base64').toString();
    expect(script).toMatch(/^#!\/bin\/bash\n/);
    expect(script).toContain('ECS_CLUSTER=my-cluster\n');
    expect(script.replaceAll(/^#.*$/gm, '')).not.toMatch(/systemctl|service |start ecs/);
  });
});

describe('isArm', () => {
  it.each([
    ['t3.micro', false],
    ['t4g.micro', true],
    ['m7gd.large', true],
    ['a1.medium', true],
    ['g4dn.xlarge', false],
    ['c6gn.2xlarge', true],
    ['i4i.large', false],
  ])('%s: %s', (type, expected) => {
    expect(isArm(type)).toBe(expected);
  });
});

describe('oldestFirst', () => {
  it('orders by launch time', () => {
    const at = (ms: number): Instance => ({ InstanceId: `i-${ms}`, LaunchTime: new Date(ms) });
    expect(oldestFirst([at(3), at(1), at(2)]).map(({ InstanceId }) => InstanceId)).toEqual(['i-1', 'i-2', 'i-3']);
  });
});

describe('ensure', () => {
  it('with the instance registered makes no change and asks three times', async () => {
    const { context, run, operations } = anAccount({ instances: [running('i-1')], members: [member('i-1')] });
    expect(await instance.ensure(context, run)).toMatchObject([{ id: 'i-1', state: 'running, registered' }]);
    expect(operations()).toEqual(['ListContainerInstances', 'DescribeContainerInstances', 'DescribeInstances']);
  });

  it('launches one as a container instance must be', async () => {
    const { context, run, launches, mutating, ssm } = anAccount({ flags: { 'key-name': 'k' } });
    await instance.ensure(context, run);
    expect(mutating()).toEqual(['RunInstances']);
    expect(ssm.commandCalls(GetParameterCommand)[0]?.args[0].input.Name).toBe(
      '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id',
    );
    const [sent] = launches();
    expect(sent).toMatchObject({
      ImageId: 'ami-1',
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      IamInstanceProfile: { Name: 'ecsInstanceRole' },
      SecurityGroupIds: ['sg-ecs'],
      SubnetId: 'subnet-a',
      KeyName: 'k',
      UserData: userData('my-cluster'),
      MetadataOptions: { HttpTokens: 'required' },
      CreditSpecification: { CpuCredits: 'standard' },
    });
    expect(sent?.TagSpecifications?.map(({ ResourceType }) => ResourceType)).toEqual([
      'instance',
      'volume',
      'network-interface',
    ]);
    expect(sent?.TagSpecifications?.[0]?.Tags).toEqual([...ourTags, { Key: 'Name', Value: 'my-ecs-instance' }]);
  });

  it('asks for a public address where the subnet gives none, and no credits where there are none', async () => {
    const { context, run, launches } = anAccount({ flags: { 'instance-type': 'trn1.2xlarge' } });
    context.facts.network = {
      vpcId: 'vpc-1',
      subnets: [{ SubnetId: 'subnet-a', AvailabilityZone: 'us-east-1a' }],
      ecsSecurityGroup: { GroupId: 'sg-ecs' },
    };
    await instance.ensure(context, run);
    expect(launches()[0]?.NetworkInterfaces).toEqual([
      { DeviceIndex: 0, SubnetId: 'subnet-a', Groups: ['sg-ecs'], AssociatePublicIpAddress: true },
    ]);
    expect(launches()[0]).not.toHaveProperty('SubnetId');
    expect(launches()[0]).not.toHaveProperty('CreditSpecification');
  });

  it('rides out that EC2 does not see the new profile yet, with one token', async () => {
    const { context, run, ec2, launches, events, world } = anAccount({});
    const invalid = fault(
      'InvalidParameterValue',
      'Value (ecsInstanceRole) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name',
    );
    ec2
      .on(RunInstancesCommand)
      .rejectsOnce(invalid)
      .rejectsOnce(invalid)
      .callsFake(async () => {
        world.instances.push(running('i-1'));
        world.members.push(member('i-1'));
        return { Instances: [{ InstanceId: 'i-1' }] };
      });
    await instance.ensure(context, run);
    expect(events.filter(({ type }) => type === 'retrying')).toHaveLength(1);
    expect(new Set(launches().map(({ ClientToken }) => ClientToken)).size).toBe(1);
    expect(launches()).toHaveLength(3);
  });

  it('goes to the next zone when one has no capacity, once each', async () => {
    const { context, run, ec2, launches, events } = anAccount({});
    ec2.on(RunInstancesCommand, { SubnetId: 'subnet-a' }).rejects(fault('InsufficientInstanceCapacity'));
    await instance.ensure(context, run);
    expect(launches().map(({ SubnetId }) => SubnetId)).toEqual(['subnet-a', 'subnet-b']);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'warning', message: expect.stringContaining('us-east-1a has no t3.micro now') }),
    );
  });

  it('says so when no zone has any', async () => {
    const { context, run, ec2, launches, clock } = anAccount({});
    ec2.on(RunInstancesCommand).rejects(fault('InsufficientInstanceCapacity'));
    await expect(instance.ensure(context, run)).rejects.toThrow('InsufficientInstanceCapacity');
    expect(launches()).toHaveLength(2);
    expect(clock.elapsed()).toBe(0);
  });

  it.each([
    ['used with other parameters', () => Promise.reject(fault('IdempotentParameterMismatch'))],
    [
      'answered with an instance that is dead',
      async () => ({ Instances: [{ InstanceId: 'i-dead', State: { Name: 'terminated' as const } }] }),
    ],
    [
      'answered with one that is counted already',
      async () => ({ Instances: [{ InstanceId: 'i-1', State: { Name: 'running' as const } }] }),
    ],
  ])('takes another token when the first was %s', async (_, first) => {
    const { context, run, ec2, launches, world } = anAccount({
      instances: [running('i-1')],
      members: [member('i-1')],
      flags: { instances: '2' },
    });
    let calls = 0;
    ec2.on(RunInstancesCommand).callsFake(async () => {
      if (calls++ === 0) return first();
      world.instances.push(running('i-2'));
      world.members.push(member('i-2'));
      return { Instances: [{ InstanceId: 'i-2' }] };
    });
    await instance.ensure(context, run);
    expect(new Set(launches().map(({ ClientToken }) => ClientToken)).size).toBe(2);
    expect(context.facts.instances?.map(({ InstanceId }) => InstanceId).toSorted()).toEqual(['i-1', 'i-2']);
  });

  it('sends the token that another run sends which lists nothing yet', async () => {
    const first = anAccount({ flags: { instances: '2' } });
    await instance.ensure(first.context, first.run);
    const second = anAccount({
      instances: [running('i-new0')],
      members: [member('i-new0')],
      flags: { instances: '2' },
    });
    await instance.ensure(second.context, second.run);
    const tokens = first.launches().map(({ ClientToken }) => ClientToken);
    expect(new Set(tokens).size).toBe(2);
    expect(second.launches().map(({ ClientToken }) => ClientToken)).toEqual([tokens[1]]);
  });

  it.each([
    ['AccessDenied', 'UnauthorizedOperation'],
    ['a missing key pair', 'InvalidKeyPair.NotFound'],
    ['a quota', 'VcpuLimitExceeded'],
  ])('does not try again for %s', async (_, name) => {
    const { context, run, ec2, launches } = anAccount({});
    ec2.on(RunInstancesCommand).rejects(fault(name));
    await expect(instance.ensure(context, run)).rejects.toMatchObject({ name });
    expect(launches()).toHaveLength(1);
  });

  it('starts a stopped instance again instead of launching another', async () => {
    const { context, run, ec2, world, mutating } = anAccount({
      instances: [running('i-1', { State: { Name: 'stopping' } })],
      members: [member('i-1')],
    });
    ec2
      .on(StartInstancesCommand)
      .rejectsOnce(fault('IncorrectInstanceState'))
      .callsFake(async () => {
        world.instances = [running('i-1')];
        return {};
      });
    await instance.ensure(context, run);
    expect(mutating()).toEqual(['StartInstances', 'StartInstances']);
  });

  it('lets an instance take tasks again that an interrupted scaling-in left draining', async () => {
    const { context, run, ecs, mutating } = anAccount({
      instances: [running('i-1')],
      members: [member('i-1', { status: 'DRAINING' })],
    });
    await instance.ensure(context, run);
    expect(mutating()).toEqual(['UpdateContainerInstancesState']);
    expect(ecs.commandCalls(UpdateContainerInstancesStateCommand)[0]?.args[0].input.status).toBe('ACTIVE');
  });

  it('says what became of an instance that dies instead of registering', async () => {
    const { context, run, ec2, world } = anAccount({});
    ec2.on(RunInstancesCommand).callsFake(async () => {
      world.instances.push(
        running('i-1', { State: { Name: 'terminated' }, StateReason: { Message: 'Client.VolumeLimitExceeded' } }),
      );
      return { Instances: [{ InstanceId: 'i-1', State: { Name: 'pending' } }] };
    });
    await expect(instance.ensure(context, run)).rejects.toMatchObject({
      code: 'instance-failed',
      message: expect.stringContaining('Client.VolumeLimitExceeded'),
    });
  });

  it('calls an agent missing after ten minutes, with what is known of the instance', async () => {
    const { context, run, clock } = anAccount({ instances: [running('i-1', { LaunchTime: new Date() })] });
    const error = await instance.ensure(context, run).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'agent-missing',
      exitCode: 3,
      diagnosis: expect.arrayContaining([expect.stringContaining('i-1 is running, public address none')]),
    });
    expect(clock.elapsed()).toBeGreaterThanOrEqual(600_000 - 1);
  });

  it('calls it missing after the usual time where the user data names another cluster, with what cloud-init complained of', async () => {
    const { context, run, ec2, clock } = anAccount({ instances: [running('i-1', { LaunchTime: new Date() })] });
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    ec2
      .on(DescribeInstanceAttributeCommand)
      .resolves({ UserData: { Value: base64('#!/bin/bash\necho ECS_CLUSTER=$(naem) >> /etc/ecs/ecs.config\n') } });
    ec2.on(GetConsoleOutputCommand).resolves({
      Output: base64(
        [
          '[    5.600000] cloud-init[1601]: Cloud-init v. 22.2.2 running modules:final',
          '[    5.702310] cloud-init[1601]: /var/lib/cloud/instance/scripts/part-001: line 2: naem: command not found',
          '[    6.100000] cloud-init[1601]: cc_scripts_user.py[WARNING]: Failed to run module scripts-user',
        ].join('\r\n'),
      ),
    });
    await expect(instance.ensure(context, run)).rejects.toMatchObject({
      code: 'agent-missing',
      message: expect.stringContaining('user data does not name it'),
      diagnosis: [
        'cloud-init[1601]: /var/lib/cloud/instance/scripts/part-001: line 2: naem: command not found',
        'cloud-init[1601]: cc_scripts_user.py[WARNING]: Failed to run module scripts-user',
      ],
    });
    expect(clock.elapsed()).toBeLessThan(150_000);
  });

  it('elsewhere than on AWS after three minutes, saying where that is', async () => {
    const { context, run, clock, events } = anAccount({ instances: [running('i-1', { LaunchTime: new Date() })] });
    context.aws = { ...context.aws, elsewhere: () => 'http://127.0.0.1:5000' };
    await expect(instance.ensure(context, run)).rejects.toMatchObject({
      code: 'agent-missing',
      diagnosis: expect.arrayContaining([expect.stringContaining('the calls go to http://127.0.0.1:5000, not to AWS')]),
      suggestions: insteadOfElsewhere,
    });
    expect(clock.elapsed()).toBeCloseTo(180_000, 3);
    const message = expect.stringContaining('not to AWS');
    expect(events).toContainEqual(expect.objectContaining({ type: 'warning', message }));
  });

  it('but a timeout when --timeout was over before that', async () => {
    const { context, run, clock } = anAccount({
      instances: [running('i-1', { LaunchTime: new Date() })],
      flags: { timeout: '2m' },
    });
    await expect(instance.ensure(context, run)).rejects.toMatchObject({ code: 'timeout', exitCode: 6 });
    expect(clock.elapsed()).toBeCloseTo(120_000, 3);
  });

  it('finds its instance beyond the first hundred of others', async () => {
    const others = Array.from({ length: 100 }, (_, index) => member(`i-other${index}`));
    const { context, run, ecs, mutating } = anAccount({
      instances: [running('i-1')],
      members: [...others, member('i-1')],
    });
    delete context.facts.network;
    const arns = [...others.map(({ containerInstanceArn }) => containerInstanceArn ?? ''), 'arn:ci/i-1'];
    ecs
      .on(ListContainerInstancesCommand)
      .callsFake(async ({ nextToken }: { nextToken?: string }) =>
        nextToken === undefined
          ? { containerInstanceArns: arns.slice(0, 100), nextToken: 'more' }
          : { containerInstanceArns: arns.slice(100) },
      );
    await instance.ensure(context, run);
    expect(mutating()).toEqual([]);
    expect(context.facts.containerInstances?.map(({ ec2InstanceId }) => ec2InstanceId)).toEqual(['i-1']);
  });
});

describe('remove', () => {
  it('deregisters, then terminates, then waits', async () => {
    const { context, run, mutating } = anAccount({ instances: [running('i-1')], members: [member('i-1')] });
    expect((await instance.remove(context, run)).removed).toMatchObject([{ id: 'i-1', state: 'terminated' }]);
    expect(mutating()).toEqual(['DeregisterContainerInstance', 'TerminateInstances']);
  });

  it('waits for what an interrupted destroy left shutting down', async () => {
    const { context, run, ec2, events } = anAccount({});
    const seen = (Name: 'shutting-down' | 'terminated') => ({
      Reservations: [{ Instances: [running('i-1', { State: { Name } })] }],
    });
    ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce(seen('shutting-down'))
      .resolvesOnce(seen('shutting-down'))
      .resolves(seen('terminated'));
    expect((await instance.remove(context, run)).removed).toHaveLength(1);
    expect(events).toContainEqual(expect.objectContaining({ type: 'waiting', state: 'shutting-down' }));
  });

  it('takes away the registration of an instance that is terminated already', async () => {
    const { context, run, mutating } = anAccount({
      instances: [running('i-1', { State: { Name: 'terminated' } })],
      members: [member('i-1')],
    });
    await instance.remove(context, run);
    expect(mutating()).toEqual(['DeregisterContainerInstance']);
  });

  it('does not touch the container instances of others', async () => {
    const { context, run, ecs, mutating } = anAccount({
      instances: [running('i-1')],
      members: [member('i-1'), member('i-theirs')],
    });
    await instance.remove(context, run);
    expect(mutating()).toEqual(['DeregisterContainerInstance', 'TerminateInstances']);
    expect(ecs.commandCalls(DeregisterContainerInstanceCommand)[0]?.args[0].input.containerInstance).toBe('arn:ci/i-1');
  });

  it('says that termination protection is on', async () => {
    const { context, run, ec2 } = anAccount({ instances: [running('i-1')] });
    ec2
      .on(TerminateInstancesCommand)
      .rejects(fault('OperationNotPermitted', "The instance 'i-1' may not be terminated."));
    await expect(instance.remove(context, run)).rejects.toMatchObject({ name: 'OperationNotPermitted' });
  });

  it('of nothing is nothing', async () => {
    const { context, run, mutating } = anAccount({});
    expect(await instance.remove(context, run)).toEqual({ removed: [], kept: [] });
    expect(mutating()).toEqual([]);
  });
});

describe('scaleInstances', () => {
  it('drains the newest, waits until its tasks have left, and terminates it', async () => {
    const instances = [running('i-new', { LaunchTime: new Date(2) }), running('i-old', { LaunchTime: new Date(1) })];
    const { context, run, ecs, ec2, world, events } = anAccount({
      instances,
      members: [member('i-new', { runningTasksCount: 2 }), member('i-old')],
    });
    context.facts.cluster = {
      clusterArn: 'arn:cluster',
      tags: [...ourEcsTags, { key: 'ecsdemo:instances', value: '1' }],
    };
    let looks = 0;
    ecs.on(DescribeContainerInstancesCommand).callsFake(async () => {
      // The tasks leave after the second look at them.
      if (++looks > 3) world.members = world.members.map((one) => ({ ...one, runningTasksCount: 0 }));
      return { containerInstances: world.members };
    });
    await scaleInstances(context, run, 1);
    expect(ecs.commandCalls(UpdateContainerInstancesStateCommand)[0]?.args[0].input).toMatchObject({
      containerInstances: ['arn:ci/i-new'],
      status: 'DRAINING',
    });
    expect(ec2.commandCalls(TerminateInstancesCommand)[0]?.args[0].input.InstanceIds).toEqual(['i-new']);
    expect(events).toContainEqual(expect.objectContaining({ type: 'waiting', state: '2 tasks still there' }));
    expect(context.facts.instances?.map(({ InstanceId }) => InstanceId)).toEqual(['i-old']);
  });
});
