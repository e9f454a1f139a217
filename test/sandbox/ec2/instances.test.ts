import { describe, expect, it } from 'vitest';
import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import { imagesOf } from '../../../src/sandbox/ec2/images.ts';
import { ModifyInstanceAttribute } from '../../../src/sandbox/ec2/instance-attributes.ts';
import { StartInstances, StopInstances, TerminateInstances } from '../../../src/sandbox/ec2/instance-states.ts';
import { DescribeInstances, DescribeInstanceStatus, RunInstances } from '../../../src/sandbox/ec2/instances.ts';
import { DescribeNetworkInterfaces } from '../../../src/sandbox/ec2/network-interfaces.ts';
import { CreateSecurityGroup, DeleteSecurityGroup } from '../../../src/sandbox/ec2/security-groups.ts';
import { DescribeVolumes } from '../../../src/sandbox/ec2/volumes.ts';
import { AddRoleToInstanceProfile, CreateInstanceProfile } from '../../../src/sandbox/iam/instance-profiles.ts';
import { CreateRole } from '../../../src/sandbox/iam/roles.ts';
import { aWorld, refusal } from './world-context.ts';
import type { TestWorld } from './world-context.ts';

const ecsImage = imagesOf('us-east-1').find((image) => image.ecsOptimized && image.architecture === 'x86_64')?.imageId;
const armImage = imagesOf('us-east-1').find((image) => image.architecture === 'arm64')?.imageId;

function launch({ context }: TestWorld, input: Partial<RunInstancesRequest> = {}): string {
  const made = RunInstances(context, {
    ImageId: ecsImage,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    ...input,
  });
  return made.Instances?.[0]?.InstanceId ?? '';
}

function stateOf({ context }: TestWorld, instanceId: string): string | undefined {
  return DescribeInstances(context, { InstanceIds: [instanceId] }).Reservations?.[0]?.Instances?.[0]?.State?.Name;
}

describe('the life of an instance', () => {
  it('is pending, running, shutting down, terminated and at last forgotten', () => {
    const world = aWorld();
    const id = launch(world);
    expect(stateOf(world, id)).toBe('pending');
    world.pass(15_000);
    expect(stateOf(world, id)).toBe('running');
    expect(DescribeInstanceStatus(world.context, {}).InstanceStatuses?.[0]?.InstanceStatus?.Status).toBe(
      'initializing',
    );
    world.pass(75_000);
    expect(DescribeInstanceStatus(world.context, {}).InstanceStatuses?.[0]?.InstanceStatus?.Status).toBe('ok');
    TerminateInstances(world.context, { InstanceIds: [id] });
    expect(stateOf(world, id)).toBe('shutting-down');
    world.pass(45_000);
    expect(stateOf(world, id)).toBe('terminated');
    expect(TerminateInstances(world.context, { InstanceIds: [id] }).TerminatingInstances).toMatchObject([
      { PreviousState: { Name: 'terminated' }, CurrentState: { Name: 'terminated' } },
    ]);
    world.pass(3_600_000);
    expect(refusal(() => stateOf(world, id))).toBe(
      `InvalidInstanceID.NotFound: The instance ID '${id}' does not exist`,
    );
  });

  it('holds its security group by its interface until it is terminated, and takes its volume along', () => {
    const world = aWorld();
    const GroupId = CreateSecurityGroup(world.context, { GroupName: 'g', Description: 'x' }).GroupId ?? '';
    const id = launch(world, { SecurityGroupIds: [GroupId] });
    world.pass(15_000);
    expect(DescribeVolumes(world.context, {}).Volumes).toMatchObject([{ Size: 30, Attachments: [{ InstanceId: id }] }]);
    const byGroup = { Filters: [{ Name: 'group-id', Values: [GroupId] }] };
    expect(DescribeNetworkInterfaces(world.context, byGroup).NetworkInterfaces).toHaveLength(1);
    TerminateInstances(world.context, { InstanceIds: [id] });
    expect(refusal(() => DeleteSecurityGroup(world.context, { GroupId }))).toContain('DependencyViolation');
    world.pass(45_000);
    expect(DescribeVolumes(world.context, {}).Volumes).toEqual([]);
    expect(refusal(() => DeleteSecurityGroup(world.context, { GroupId }))).toBe('nothing');
  });

  it('loses its public address when stopped and has one again when started', () => {
    const world = aWorld();
    const id = launch(world);
    expect(refusal(() => StopInstances(world.context, { InstanceIds: [id] }))).toContain('IncorrectInstanceState');
    world.pass(15_000);
    StopInstances(world.context, { InstanceIds: [id] });
    world.pass(45_000);
    expect(world.context.world.instances[id]).toMatchObject({ state: 'stopped' });
    expect(world.context.world.instances[id]?.publicIpAddress).toBeUndefined();
    expect(DescribeNetworkInterfaces(world.context, {}).NetworkInterfaces?.[0]?.Association).toBeUndefined();
    StartInstances(world.context, { InstanceIds: [id] });
    world.pass(15_000);
    expect(world.context.world.instances[id]).toMatchObject({
      state: 'running',
      publicIpAddress: expect.stringMatching(/^203\.0\.113\./),
    });
  });

  it('cannot be terminated while it is protected, nor can its neighbours in the same call', () => {
    const world = aWorld();
    const [guarded, other] = [launch(world, { DisableApiTermination: true }), launch(world)];
    expect(refusal(() => TerminateInstances(world.context, { InstanceIds: [other, guarded] }))).toContain(
      'OperationNotPermitted',
    );
    expect(stateOf(world, other)).toBe('pending');
    ModifyInstanceAttribute(world.context, { InstanceId: guarded, DisableApiTermination: { Value: false } });
    expect(refusal(() => TerminateInstances(world.context, { InstanceIds: [other, guarded] }))).toBe('nothing');
  });
});

describe('RunInstances', () => {
  it('answers the same token and parameters with the same instance, and refuses others', () => {
    const world = aWorld();
    const first = launch(world, { ClientToken: 'a' });
    expect(launch(world, { ClientToken: 'a' })).toBe(first);
    expect(refusal(() => launch(world, { ClientToken: 'a', InstanceType: 't3.small' }))).toContain(
      'IdempotentParameterMismatch',
    );
    expect(Object.keys(world.context.world.instances)).toHaveLength(1);
  });

  it('refuses a zone without the type for good, and says which zones have it', () => {
    const world = aWorld();
    expect(refusal(() => launch(world, { SubnetId: world.subnetIn('e') }))).toBe(
      'Unsupported: Your requested instance type (t3.micro) is not supported in your requested Availability Zone (us-east-1e).' +
        ' Please retry your request by not specifying an Availability Zone or choosing us-east-1a, us-east-1b, us-east-1c, us-east-1d, us-east-1f.',
    );
    expect(launch(world, { SubnetId: world.subnetIn('e'), InstanceType: 't2.micro' })).toMatch(/^i-/);
  });

  it('does not see an instance profile until it has spread, nor one without a role', () => {
    const world = aWorld();
    const IamInstanceProfile = { Name: 'p' };
    const invalid = 'InvalidParameterValue: Value (p) for parameter iamInstanceProfile.name is invalid.';
    expect(refusal(() => launch(world, { IamInstanceProfile }))).toBe(`${invalid} Invalid IAM Instance Profile name`);
    CreateInstanceProfile(world.context, { InstanceProfileName: 'p' });
    expect(refusal(() => launch(world, { IamInstanceProfile }))).toBe(`${invalid} Invalid IAM Instance Profile name`);
    world.pass(10_000);
    expect(refusal(() => launch(world, { IamInstanceProfile, DryRun: true }))).toContain('has no associated IAM Roles');
    const trust = {
      Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    };
    CreateRole(world.context, { RoleName: 'r', AssumeRolePolicyDocument: JSON.stringify(trust) });
    AddRoleToInstanceProfile(world.context, { InstanceProfileName: 'p', RoleName: 'r' });
    expect(refusal(() => launch(world, { IamInstanceProfile }))).toContain('has no associated IAM Roles');
    world.pass(10_000);
    expect(refusal(() => launch(world, { IamInstanceProfile, DryRun: true }))).toContain('DryRunOperation');
    expect(launch(world, { IamInstanceProfile })).toMatch(/^i-/);
  });

  it.each<[Partial<RunInstancesRequest>, string]>([
    [{ ImageId: 'ami-404' }, 'InvalidAMIID.NotFound'],
    [{ ImageId: 'image' }, 'InvalidAMIID.Malformed'],
    [{ ImageId: armImage }, 'InvalidParameterValue'],
    [{ KeyName: 'nobody' }, 'InvalidKeyPair.NotFound'],
    [{ SubnetId: 'subnet-404' }, 'InvalidSubnetID.NotFound'],
    [{ SecurityGroupIds: ['sg-404'] }, 'InvalidGroup.NotFound'],
    [{ MaxCount: 0 }, 'InvalidParameterValue'],
    [{ MaxCount: 33 }, 'VcpuLimitExceeded'],
    [{ UserData: '#!/bin/bash' }, 'InvalidUserData.Malformed'],
    [{ UserData: Buffer.alloc(16_385).toString('base64') }, 'InvalidParameterValue'],
    [{ SecurityGroupIds: ['sg-1'], NetworkInterfaces: [{ DeviceIndex: 0 }] }, 'InvalidParameterCombination'],
    [{ TagSpecifications: [{ ResourceType: 'vpc', Tags: [] }] }, 'InvalidParameterValue'],
  ])('refuses %o with %s and leaves nothing behind', (input, code) => {
    const world = aWorld();
    expect(refusal(() => launch(world, input))).toContain(`${code}:`);
    expect(world.context.world.instances).toEqual({});
    expect(world.context.world.networkInterfaces).toEqual({});
  });

  it('gives every instance an address of its own inside its subnet, and tags all that was asked', () => {
    const world = aWorld();
    const made = RunInstances(world.context, {
      ImageId: `resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id`,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 20,
      SubnetId: world.subnetIn('b'),
      TagSpecifications: (['instance', 'volume', 'network-interface'] as const).map((ResourceType) => ({
        ResourceType,
        Tags: [{ Key: 'demo', Value: 'my' }],
      })),
    });
    const addresses = made.Instances?.map((instance) => instance.PrivateIpAddress ?? '') ?? [];
    expect(new Set(addresses).size).toBe(20);
    expect(addresses.every((address) => /^172\.31\.(1[6-9]|2\d|3[01])\./.test(address))).toBe(true);
    expect(made.Instances?.every((instance) => instance.ImageId === ecsImage)).toBe(true);
    const tagged = { Filters: [{ Name: 'tag:demo', Values: ['my'] }] };
    expect(DescribeVolumes(world.context, tagged).Volumes).toHaveLength(20);
    expect(DescribeNetworkInterfaces(world.context, tagged).NetworkInterfaces).toHaveLength(20);
    expect(DescribeInstances(world.context, { ...tagged, MaxResults: 15 }).Reservations?.[0]?.Instances).toHaveLength(
      15,
    );
  });
});
