import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
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
  type InstanceProfile,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesForRoleCommand,
  ListRolePoliciesCommand,
  RemoveRoleFromInstanceProfileCommand,
  type Role,
  UntagInstanceProfileCommand,
  UntagRoleCommand,
} from '@aws-sdk/client-iam';
import { describe, expect, it } from 'vitest';
import { usedInTag } from '../../../src/aws/ownership.ts';
import type { GivenFlags } from '../../../src/base/settings.ts';
import { role } from '../../../src/chapters/tutorial/role.ts';
import { aContext, fault, ourTags as demoOnly } from '../../helpers/a-context.ts';

/** IAM is one for all regions: the role also says where it is used. */
const ourTags = [...demoOnly, usedInTag('us-east-1')];
const ecsPolicy = 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role';
const ssmPolicy = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
const aRole = (Tags: Role['Tags'] = ourTags, RoleName = 'ecsInstanceRole'): Role => ({
  RoleName,
  RoleId: 'AROA',
  Path: '/',
  Arn: `arn:aws:iam::1:role/${RoleName}`,
  CreateDate: new Date(0),
  Tags,
});
const aProfile = (Tags: Role['Tags'] = ourTags, Roles = [aRole()]): InstanceProfile => ({
  InstanceProfileName: 'ecsInstanceRole',
  InstanceProfileId: 'AIPA',
  Path: '/',
  Arn: 'arn:aws:iam::1:instance-profile/ecsInstanceRole',
  CreateDate: new Date(0),
  Roles,
  Tags,
});

interface There {
  role?: Role;
  profile?: InstanceProfile;
  attached?: string[];
  flags?: GivenFlags;
}

/** IAM with what is there; calls that change something all work. */
function anAccount({ role: there, profile, attached = [], flags = {} }: There) {
  const made = aContext(flags);
  const { iam } = made;
  const gone = fault('NoSuchEntityException');
  if (there === undefined) iam.on(GetRoleCommand).rejects(gone).on(ListAttachedRolePoliciesCommand).rejects(gone);
  else {
    iam.on(GetRoleCommand).resolves({ Role: there });
    iam
      .on(ListAttachedRolePoliciesCommand)
      .resolves({ AttachedPolicies: attached.map((PolicyArn) => ({ PolicyArn })) });
  }
  if (profile === undefined) iam.on(GetInstanceProfileCommand).rejects(gone);
  else iam.on(GetInstanceProfileCommand).resolves({ InstanceProfile: profile });
  iam.on(CreateRoleCommand).resolves({ Role: aRole() });
  iam.on(CreateInstanceProfileCommand).resolves({ InstanceProfile: aProfile(ourTags, []) });
  iam.on(AttachRolePolicyCommand).resolves({}).on(AddRoleToInstanceProfileCommand).resolves({});
  iam
    .on(ListRolePoliciesCommand)
    .resolves({ PolicyNames: [] })
    .on(ListInstanceProfilesForRoleCommand)
    .resolves({ InstanceProfiles: [] });
  iam.on(DetachRolePolicyCommand).resolves({}).on(RemoveRoleFromInstanceProfileCommand).resolves({});
  iam.on(DeleteInstanceProfileCommand).resolves({}).on(DeleteRoleCommand).resolves({});
  made.ec2.on(DescribeInstancesCommand).resolves({ Reservations: [] });
  return made;
}

describe('ensure', () => {
  it('makes role, policies, profile and the link, in an order that works', async () => {
    const { context, run, iam, mutating } = anAccount({});
    const resources = await role.ensure(context, run);
    expect(mutating()).toEqual([
      'CreateRole',
      'CreateInstanceProfile',
      'AttachRolePolicy',
      'AttachRolePolicy',
      'AddRoleToInstanceProfile',
    ]);
    expect(iam.commandCalls(AttachRolePolicyCommand).map(({ args }) => args[0].input.PolicyArn)).toEqual([
      ecsPolicy,
      ssmPolicy,
    ]);
    expect(resources.map(({ id, owned }) => [id, owned])).toEqual([
      [aRole().Arn, true],
      [aProfile().Arn, true],
    ]);
  });

  it('changes nothing when all is there', async () => {
    const { context, run, operations } = anAccount({
      role: aRole(),
      profile: aProfile(),
      attached: [ecsPolicy, ssmPolicy],
    });
    await role.ensure(context, run);
    expect(operations().toSorted()).toEqual(['GetInstanceProfile', 'GetRole', 'ListAttachedRolePolicies']);
  });

  it.each<[string, There, string[]]>([
    [
      'role without profile',
      { role: aRole(), attached: [ecsPolicy, ssmPolicy] },
      ['CreateInstanceProfile', 'AddRoleToInstanceProfile'],
    ],
    [
      'profile without role in it',
      { role: aRole(), profile: aProfile(ourTags, []), attached: [ecsPolicy, ssmPolicy] },
      ['AddRoleToInstanceProfile'],
    ],
    ['a policy missing', { role: aRole(), profile: aProfile(), attached: [ecsPolicy] }, ['AttachRolePolicy']],
    [
      'profile without any role',
      { profile: aProfile(ourTags, []) },
      ['CreateRole', 'AttachRolePolicy', 'AttachRolePolicy', 'AddRoleToInstanceProfile'],
    ],
  ])('completes what an interrupted run left: %s', async (_, there, expected) => {
    const { context, run, mutating } = anAccount(there);
    await role.ensure(context, run);
    expect(mutating()).toEqual(expected);
  });

  it.each([{}, { adopt: true }])('uses somebody else’s role untouched, with flags %j', async (flags) => {
    const { context, run, mutating, events } = anAccount({
      role: aRole([]),
      profile: aProfile([], [aRole([])]),
      attached: ['arn:aws:iam::1:policy/theirs'],
      flags,
    });
    const resources = await role.ensure(context, run);
    expect(mutating()).toEqual([]);
    expect(resources.map(({ owned }) => owned)).toEqual([false, false]);
    expect(events).toMatchObject([{ type: 'warning' }]);
  });

  it('refuses a profile that holds another role', async () => {
    const { context, run, mutating } = anAccount({ profile: aProfile([], [aRole([], 'another')]) });
    await expect(role.ensure(context, run)).rejects.toMatchObject({
      code: 'not-ours',
      exitCode: 4,
      message: expect.stringContaining('another'),
    });
    expect(mutating()).toEqual([]);
  });

  it('does not fill an empty profile of somebody else’s', async () => {
    const { context, run, mutating } = anAccount({ profile: aProfile([], []) });
    await expect(role.ensure(context, run)).rejects.toMatchObject({ code: 'not-ours' });
    expect(mutating()).toEqual([]);
  });

  it('rides out that IAM does not see the new role everywhere', async () => {
    const { context, run, iam, events } = anAccount({});
    iam
      .on(AddRoleToInstanceProfileCommand)
      .rejectsOnce(fault('NoSuchEntityException', 'The role with name ecsInstanceRole cannot be found.'))
      .resolves({});
    iam.on(AttachRolePolicyCommand).rejectsOnce(fault('ConcurrentModificationException')).resolves({});
    await role.ensure(context, run);
    expect(events.filter(({ type }) => type === 'retrying')).toHaveLength(2);
  });

  it('goes on when another run was faster at every step', async () => {
    const { context, run, iam, mutating } = anAccount({});
    iam.on(CreateRoleCommand).rejects(fault('EntityAlreadyExistsException'));
    iam.on(CreateInstanceProfileCommand).callsFake(async () => {
      iam
        .on(GetRoleCommand)
        .resolves({ Role: aRole() })
        .on(GetInstanceProfileCommand)
        .resolves({ InstanceProfile: aProfile(ourTags, []) });
      iam.on(ListAttachedRolePoliciesCommand).resolves({ AttachedPolicies: [{ PolicyArn: ecsPolicy }] });
      throw fault('EntityAlreadyExistsException');
    });
    iam
      .on(AddRoleToInstanceProfileCommand)
      .rejects(fault('LimitExceededException', 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1'));
    await role.ensure(context, run);
    expect(mutating()).toEqual(['CreateRole', 'CreateInstanceProfile', 'AttachRolePolicy', 'AddRoleToInstanceProfile']);
  });

  it('does not touch a role that somebody else made between look and create', async () => {
    const { context, run, iam, mutating } = anAccount({});
    iam.on(CreateRoleCommand).callsFake(async () => {
      iam.on(GetRoleCommand).resolves({ Role: aRole([]) });
      iam.on(ListAttachedRolePoliciesCommand).resolves({ AttachedPolicies: [] });
      throw fault('EntityAlreadyExistsException');
    });
    await role.ensure(context, run);
    expect(mutating()).not.toContain('AttachRolePolicy');
  });

  it('takes the policies of the caller’s partition', async () => {
    const { context, run, iam } = anAccount({});
    await role.ensure({ ...context, partition: 'aws-cn' }, run);
    expect(iam.commandCalls(AttachRolePolicyCommand)[0]?.args[0].input.PolicyArn).toMatch(
      /^arn:aws-cn:iam::aws:policy\//,
    );
  });
});

describe('an endpoint without the policies of AWS', () => {
  it.each([
    [undefined, 'does not exist, and AWS has it in every account', { aws: `iam get-policy --policy-arn ${ecsPolicy}` }],
    [
      'http://127.0.0.1:5000',
      'does not exist at http://127.0.0.1:5000, and AWS has it in every account',
      expect.objectContaining({ text: expect.stringContaining('MOTO_IAM_LOAD_MANAGED_POLICIES=true') }),
    ],
  ])('at %s is told in words', async (elsewhere, words, advice) => {
    const { context, run, iam } = anAccount({});
    context.aws = { ...context.aws, elsewhere: () => elsewhere };
    const message = `Policy ${ecsPolicy} does not exist or is not attachable.`;
    iam.on(AttachRolePolicyCommand).rejects(fault('NoSuchEntityException', message));
    await expect(role.ensure(context, run)).rejects.toMatchObject({
      code: 'endpoint-not-aws',
      message: `the policy ${ecsPolicy} ${words}`,
      suggestions: expect.arrayContaining([advice]),
    });
  });
});

describe('remove', () => {
  it('in one region leaves the role to the demo of that name in another', async () => {
    const elsewhere = [...ourTags, usedInTag('eu-west-1')];
    const { context, run, iam, mutating } = anAccount({
      role: aRole(elsewhere),
      profile: aProfile(elsewhere, [aRole(elsewhere)]),
    });
    iam.on(UntagRoleCommand).resolves({}).on(UntagInstanceProfileCommand).resolves({});
    const { removed } = await role.remove(context, run);
    expect(removed).toEqual([]);
    expect(mutating().filter((operation) => /^(Delete|Remove|Detach)/.test(operation))).toEqual([]);
  });

  it('takes the link, the profile, the policies and the role away, riding out conflicts', async () => {
    const { context, run, iam, mutating } = anAccount({ role: aRole(), profile: aProfile(), attached: [ecsPolicy] });
    iam.on(DeleteRoleCommand).rejectsOnce(fault('DeleteConflictException')).resolves({});
    const { removed } = await role.remove(context, run);
    // The profile and the policies go side by side.
    const inOrder = mutating().filter((operation) => operation !== 'DetachRolePolicy');
    expect(inOrder).toEqual(['RemoveRoleFromInstanceProfile', 'DeleteInstanceProfile', 'DeleteRole', 'DeleteRole']);
    expect(mutating().slice(0, 3)).toContain('DetachRolePolicy');
    expect(removed).toHaveLength(2);
  });

  it.each([{}, { adopt: true }])('leaves a shared role alone, with flags %j', async (flags) => {
    const { context, run, mutating } = anAccount({ role: aRole([]), profile: aProfile([]), flags });
    expect((await role.remove(context, run)).kept).toHaveLength(2);
    expect(mutating()).toEqual([]);
  });

  it('keeps both while an instance of somebody else’s uses the profile', async () => {
    const { context, run, ec2, mutating } = anAccount({ role: aRole(), profile: aProfile() });
    ec2.on(DescribeInstancesCommand).resolves({
      Reservations: [
        {
          Instances: [
            { InstanceId: 'i-ours', Tags: ourTags },
            { InstanceId: 'i-theirs', Tags: [] },
          ],
        },
      ],
    });
    const { kept } = await role.remove(context, run);
    expect(kept.map(({ reason }) => reason)).toEqual([
      'instance i-theirs still uses it',
      'instance i-theirs still uses it',
    ]);
    expect(mutating()).toEqual([]);
  });

  it('asks in another way who uses the profile where the endpoint does not know the filter', async () => {
    const { context, run, ec2, mutating } = anAccount({ role: aRole(), profile: aProfile() });
    const notImplemented = Object.assign(fault('HTTP 500'), { $metadata: { httpStatusCode: 500 } });
    const alive = { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] };
    const other = { InstanceId: 'i-other', IamInstanceProfile: { Arn: 'arn:other' } };
    const user = { InstanceId: 'i-theirs', IamInstanceProfile: { Arn: aProfile().Arn } };
    ec2.on(DescribeInstancesCommand).rejects(notImplemented);
    ec2
      .on(DescribeInstancesCommand, { Filters: [alive] })
      .resolvesOnce({ Reservations: [{ Instances: [other, user] }] })
      .resolves({ Reservations: [{ Instances: [other] }] });
    const { kept } = await role.remove(context, run);
    expect(kept[0]?.reason).toBe('instance i-theirs still uses it');
    expect(mutating()).toEqual([]);
    expect((await role.remove(context, run)).removed).toHaveLength(2);
  });

  it('keeps a role that another profile holds, without waiting for a conflict that stays', async () => {
    const { context, run, iam, clock } = anAccount({ role: aRole(), profile: aProfile() });
    iam
      .on(ListInstanceProfilesForRoleCommand)
      .resolves({ InstanceProfiles: [{ ...aProfile([]), InstanceProfileName: 'theirs' }] });
    const { removed, kept } = await role.remove(context, run);
    expect(removed.map(({ type }) => type)).toEqual(['AWS::IAM::InstanceProfile']);
    expect(kept).toMatchObject([{ type: 'AWS::IAM::Role', reason: 'instance profile theirs holds it' }]);
    expect(clock.elapsed()).toBe(0);
  });

  it('of nothing is nothing', async () => {
    const { context, run, mutating } = anAccount({});
    expect(await role.remove(context, run)).toEqual({ removed: [], kept: [] });
    expect(mutating()).toEqual([]);
  });
});
