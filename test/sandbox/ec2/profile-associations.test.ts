import { describe, expect, it } from 'vitest';
import { ModifyInstanceAttribute } from '../../../src/sandbox/ec2/instance-attributes.ts';
import { StopInstances, TerminateInstances } from '../../../src/sandbox/ec2/instance-states.ts';
import { imagesOf } from '../../../src/sandbox/ec2/images.ts';
import { DescribeInstances, RunInstances } from '../../../src/sandbox/ec2/instances.ts';
import {
  AssociateIamInstanceProfile,
  DescribeIamInstanceProfileAssociations,
  DisassociateIamInstanceProfile,
  ReplaceIamInstanceProfileAssociation,
} from '../../../src/sandbox/ec2/profile-associations.ts';
import { CreateSecurityGroup, DeleteSecurityGroup } from '../../../src/sandbox/ec2/security-groups.ts';
import {
  AddRoleToInstanceProfile,
  CreateInstanceProfile,
  DeleteInstanceProfile,
  RemoveRoleFromInstanceProfile,
} from '../../../src/sandbox/iam/instance-profiles.ts';
import { roleOfInstance } from '../../../src/sandbox/iam/permissions.ts';
import { CreateRole } from '../../../src/sandbox/iam/roles.ts';
import { aWorld, refusal, type TestWorld } from './world-context.ts';

const ecsImage = imagesOf('us-east-1').find((image) => image.ecsOptimized && image.architecture === 'x86_64')?.imageId;
const spread = 10_000;
const trust = JSON.stringify({
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

function makeProfile({ context, pass }: TestWorld, name: string): void {
  CreateInstanceProfile(context, { InstanceProfileName: name });
  AddRoleToInstanceProfile(context, { InstanceProfileName: name, RoleName: 'r' });
  pass(spread);
}

/** A running instance, with the profile named or without any. */
function aRunning(name?: string) {
  const world = aWorld();
  const { context } = world;
  CreateRole(context, { RoleName: 'r', AssumeRolePolicyDocument: trust });
  makeProfile(world, 'p');
  const made = RunInstances(context, {
    ImageId: ecsImage,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    ...(name !== undefined && { IamInstanceProfile: { Name: name } }),
  });
  const InstanceId = made.Instances?.[0]?.InstanceId ?? '';
  world.pass(15_000);
  return {
    ...world,
    InstanceId,
    associations: (input = {}) =>
      DescribeIamInstanceProfileAssociations(context, input).IamInstanceProfileAssociations ?? [],
    profile: () =>
      DescribeInstances(context, { InstanceIds: [InstanceId] }).Reservations?.[0]?.Instances?.[0]?.IamInstanceProfile,
    role: () => {
      const instance = context.world.instances[InstanceId];
      return instance === undefined ? undefined : roleOfInstance(context.world, instance)?.roleName;
    },
  };
}

describe('the association of an instance with its profile', () => {
  it('is there from the launch, found by instance and by id', () => {
    const { InstanceId, associations } = aRunning('p');
    const [association] = associations();
    expect(association).toMatchObject({
      AssociationId: expect.stringMatching(/^iip-assoc-[0-9a-f]{17}$/),
      InstanceId,
      State: 'associated',
      IamInstanceProfile: { Arn: expect.stringMatching(/:instance-profile\/p$/), Id: expect.stringMatching(/^AIPA/) },
    });
    expect(associations({ AssociationIds: [association?.AssociationId] })).toEqual([association]);
    expect(associations({ Filters: [{ Name: 'instance-id', Values: [InstanceId] }] })).toEqual([association]);
    expect(associations({ Filters: [{ Name: 'state', Values: ['associating', 'disassociating'] }] })).toEqual([]);
  });

  it('can be taken away and given anew, with another id', () => {
    const { context, InstanceId, associations, profile, role } = aRunning('p');
    const AssociationId = associations()[0]?.AssociationId;
    const taken = DisassociateIamInstanceProfile(context, { AssociationId });
    expect(taken.IamInstanceProfileAssociation).toMatchObject({ AssociationId, State: 'disassociating' });
    expect([associations(), profile(), role()]).toEqual([[], undefined, undefined]);
    const IamInstanceProfile = { Name: 'p' };
    const given = AssociateIamInstanceProfile(context, { InstanceId, IamInstanceProfile });
    expect(given.IamInstanceProfileAssociation).toMatchObject({ InstanceId, State: 'associating' });
    expect(given.IamInstanceProfileAssociation?.AssociationId).not.toBe(AssociationId);
    expect(associations()).toMatchObject([{ ...given.IamInstanceProfileAssociation, State: 'associated' }]);
    expect([profile()?.Arn, role()]).toEqual([expect.stringMatching(/\/p$/), 'r']);
  });

  it('is not with a profile that was made anew under the same name, until it is replaced', () => {
    const world = aRunning('p');
    const { context, associations, profile, role } = world;
    const before = profile();
    const named = { InstanceProfileName: 'p' };
    RemoveRoleFromInstanceProfile(context, { ...named, RoleName: 'r' });
    DeleteInstanceProfile(context, named);
    makeProfile(world, 'p');
    expect([profile(), role()]).toEqual([before, undefined]);
    const AssociationId = associations()[0]?.AssociationId;
    ReplaceIamInstanceProfileAssociation(context, { AssociationId, IamInstanceProfile: { Name: 'p' } });
    expect(profile()).toEqual({ Arn: before?.Arn, Id: expect.not.stringMatching(before?.Id ?? '') });
    expect(role()).toBe('r');
    expect(associations()[0]?.AssociationId).not.toBe(AssociationId);
  });

  it('is gone with the instance', () => {
    const { context, InstanceId, associations, pass } = aRunning('p');
    TerminateInstances(context, { InstanceIds: [InstanceId] });
    pass(45_000);
    expect(associations()).toEqual([]);
  });

  it('is refused as AWS refuses it', () => {
    const { context, InstanceId, associations, pass } = aRunning('p');
    const IamInstanceProfile = { Name: 'p' };
    const give = (input: object) =>
      refusal(() => AssociateIamInstanceProfile(context, { InstanceId, IamInstanceProfile, ...input }));
    const unknown = 'iip-assoc-0123456789abcdef0';
    expect(give({ InstanceId: 'i-0123456789abcdef0' })).toContain('InvalidInstanceID.NotFound: ');
    expect(give({ IamInstanceProfile: { Name: 'nobody' } })).toBe(
      'InvalidParameterValue: Value (nobody) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name',
    );
    expect(give({ IamInstanceProfile: {} })).toContain('MissingParameter: ');
    expect(give({})).toBe(`IncorrectState: There is an existing association for instance ${InstanceId}`);
    const missing = `InvalidAssociationID.NotFound: An invalid association-id of '${unknown}' was given`;
    expect(refusal(() => associations({ AssociationIds: [unknown] }))).toBe(missing);
    expect(refusal(() => DisassociateIamInstanceProfile(context, { AssociationId: unknown }))).toBe(missing);
    const replace = { AssociationId: unknown, IamInstanceProfile };
    expect(refusal(() => ReplaceIamInstanceProfileAssociation(context, replace))).toBe(missing);

    StopInstances(context, { InstanceIds: [InstanceId] });
    const AssociationId = associations()[0]?.AssociationId;
    expect(refusal(() => ReplaceIamInstanceProfileAssociation(context, { ...replace, AssociationId }))).toBe(
      `IncorrectState: The association ${AssociationId} is not the active association`,
    );
    DisassociateIamInstanceProfile(context, { AssociationId });
    expect(give({})).toBe(
      `IncorrectInstanceState: The instance '${InstanceId}' is not in the 'running' or 'stopped' states.`,
    );
    pass(45_000);
    expect(give({})).toBe('nothing');
  });
});

describe('the security groups of an instance', () => {
  it('can be changed while it runs: its interface holds the new ones and not the old ones', () => {
    const { context, InstanceId } = aRunning();
    const make = (GroupName: string) => CreateSecurityGroup(context, { GroupName, Description: 'x' }).GroupId ?? '';
    const [one, other] = [make('one'), make('other')];
    const give = (Groups: string[]) => refusal(() => ModifyInstanceAttribute(context, { InstanceId, Groups }));
    const remove = (GroupId: string) => refusal(() => DeleteSecurityGroup(context, { GroupId }));
    expect(give([one])).toBe('nothing');
    expect(remove(one)).toContain('DependencyViolation: ');
    expect(give([other])).toBe('nothing');
    expect([remove(one), remove(other).split(':')[0]]).toEqual(['nothing', 'DependencyViolation']);
    expect(give([one])).toContain('InvalidGroup.NotFound: ');
    expect(give(Array.from({ length: 6 }, (_, index) => make(`more${index}`)))).toContain(
      'SecurityGroupsPerInterfaceLimitExceeded: ',
    );
    expect(context.world.instances[InstanceId]?.securityGroupIds).toEqual([other]);
  });
});
