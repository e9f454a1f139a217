import { describe, expect, it } from 'vitest';
import {
  CreateAccountAlias,
  DeleteAccountAlias,
  ListAccountAliases,
} from '../../../src/sandbox/iam/account-aliases.ts';
import {
  AddRoleToInstanceProfile,
  CreateInstanceProfile,
  DeleteInstanceProfile,
  GetInstanceProfile,
  ListInstanceProfilesForRole,
  RemoveRoleFromInstanceProfile,
} from '../../../src/sandbox/iam/instance-profiles.ts';
import { GetPolicy, ListPolicies } from '../../../src/sandbox/iam/managed-policies.ts';
import { roleAllows } from '../../../src/sandbox/iam/permissions.ts';
import {
  AttachRolePolicy,
  DeleteRolePolicy,
  DetachRolePolicy,
  GetRolePolicy,
  ListAttachedRolePolicies,
  PutRolePolicy,
} from '../../../src/sandbox/iam/role-policies.ts';
import {
  CreateRole,
  DeleteRole,
  GetRole,
  ListRoles,
  ListRoleTags,
  TagRole,
  UntagRole,
  UpdateRole,
  UpdateRoleDescription,
} from '../../../src/sandbox/iam/roles.ts';
import { CreateServiceLinkedRole, ensureServiceLinkedRole } from '../../../src/sandbox/iam/service-linked-roles.ts';
import type { Context } from '../../../src/sandbox/handler.ts';
import { aWorld, refusal } from '../ec2/world-context.ts';

const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const ecsPolicy = 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role';
const ssmPolicy = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';

function aRole(context: Context, RoleName = 'ecsInstanceRole'): string {
  CreateRole(context, { RoleName, AssumeRolePolicyDocument: trust });
  return RoleName;
}

describe('roles', () => {
  it('are unique whatever the case, and give their policy URL-encoded', () => {
    const { context } = aWorld();
    const RoleName = aRole(context);
    expect(refusal(() => aRole(context, 'ECSinstanceROLE'))).toBe(
      'EntityAlreadyExists: Role with name ECSinstanceROLE already exists.',
    );
    const { Role } = GetRole(context, { RoleName });
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(trust);
    expect(Role?.AssumeRolePolicyDocument).not.toContain('"');
    expect(Role).toMatchObject({
      Arn: 'arn:aws:iam::123456789012:role/ecsInstanceRole',
      Path: '/',
      MaxSessionDuration: 3600,
    });
  });

  it.each([
    [{ RoleName: 'a'.repeat(65), AssumeRolePolicyDocument: trust }, 'ValidationError'],
    [{ RoleName: 'a/b', AssumeRolePolicyDocument: trust }, 'ValidationError'],
    [{ RoleName: 'a', AssumeRolePolicyDocument: '{' }, 'MalformedPolicyDocument'],
    [
      { RoleName: 'a', AssumeRolePolicyDocument: '{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}' },
      'MalformedPolicyDocument',
    ],
    [{ RoleName: 'a', AssumeRolePolicyDocument: trust.replace('ec2.amazonaws.com', 'ec2') }, 'MalformedPolicyDocument'],
    [{ RoleName: 'a', AssumeRolePolicyDocument: trust, Tags: [{ Key: 'aws:x', Value: '' }] }, 'InvalidInput'],
    [
      {
        RoleName: 'a',
        AssumeRolePolicyDocument: trust,
        Tags: [
          { Key: 'k', Value: '' },
          { Key: 'K', Value: '' },
        ],
      },
      'InvalidInput',
    ],
  ])('refuse %o with %s', (input, code) => {
    const { context } = aWorld();
    expect(refusal(() => CreateRole(context, input))).toContain(`${code}:`);
    expect(context.world.roles).toEqual({});
  });

  it('cannot be deleted while anything hangs on them', () => {
    const { context } = aWorld();
    const RoleName = aRole(context);
    CreateInstanceProfile(context, { InstanceProfileName: 'p' });
    AddRoleToInstanceProfile(context, { InstanceProfileName: 'p', RoleName });
    AttachRolePolicy(context, { RoleName, PolicyArn: ecsPolicy });
    PutRolePolicy(context, {
      RoleName,
      PolicyName: 'x',
      PolicyDocument: '{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}',
    });
    expect(refusal(() => DeleteRole(context, { RoleName }))).toContain('DeleteConflict');
    RemoveRoleFromInstanceProfile(context, { InstanceProfileName: 'p', RoleName });
    expect(refusal(() => DeleteRole(context, { RoleName }))).toContain('must detach all policies');
    DetachRolePolicy(context, { RoleName, PolicyArn: ecsPolicy });
    expect(refusal(() => DeleteRole(context, { RoleName }))).toContain('must delete policies');
    DeleteRolePolicy(context, { RoleName, PolicyName: 'x' });
    DeleteRole(context, { RoleName });
    expect(refusal(() => DeleteRole(context, { RoleName }))).toBe(
      `NoSuchEntity: The role with name ${RoleName} cannot be found.`,
    );
  });

  it('page by marker, in order, with nothing lost', () => {
    const { context } = aWorld();
    const names = Array.from({ length: 7 }, (_, index) => aRole(context, `role-${index}`));
    const seen: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = ListRoles(context, { MaxItems: 3, Marker });
      seen.push(...(page.Roles ?? []).map((role) => role.RoleName));
      expect(page.IsTruncated).toBe(page.Marker !== undefined);
      Marker = page.Marker;
    } while (Marker !== undefined);
    expect(seen).toEqual(names);
  });

  it('keep tags by key, ignoring case', () => {
    const { context } = aWorld();
    const RoleName = aRole(context);
    TagRole(context, { RoleName, Tags: [{ Key: 'Demo', Value: 'a' }] });
    TagRole(context, { RoleName, Tags: [{ Key: 'demo', Value: 'b' }] });
    expect(ListRoleTags(context, { RoleName }).Tags).toEqual([{ Key: 'demo', Value: 'b' }]);
    UntagRole(context, { RoleName, TagKeys: ['DEMO'] });
    expect(ListRoleTags(context, { RoleName }).Tags).toEqual([]);
  });
});

describe('policies', () => {
  it('attach once however often they are attached, and detach once only', () => {
    const { context } = aWorld();
    const RoleName = aRole(context);
    AttachRolePolicy(context, { RoleName, PolicyArn: ecsPolicy });
    AttachRolePolicy(context, { RoleName, PolicyArn: ecsPolicy });
    expect(ListAttachedRolePolicies(context, { RoleName }).AttachedPolicies).toEqual([
      { PolicyName: 'AmazonEC2ContainerServiceforEC2Role', PolicyArn: ecsPolicy },
    ]);
    DetachRolePolicy(context, { RoleName, PolicyArn: ecsPolicy });
    expect(refusal(() => DetachRolePolicy(context, { RoleName, PolicyArn: ecsPolicy }))).toContain('NoSuchEntity');
    expect(
      refusal(() => AttachRolePolicy(context, { RoleName, PolicyArn: 'arn:aws:iam::aws:policy/Nobody' })),
    ).toContain('NoSuchEntity');
    expect(refusal(() => GetRolePolicy(context, { RoleName, PolicyName: 'x' }))).toContain('NoSuchEntity');
  });

  it('decide what an agent may do', () => {
    const { context } = aWorld();
    const RoleName = aRole(context);
    const may = (action: string): boolean => {
      const role = context.world.roles[RoleName];
      return role !== undefined && roleAllows(role, action);
    };
    expect(may('ecs:RegisterContainerInstance')).toBe(false);
    AttachRolePolicy(context, { RoleName, PolicyArn: ecsPolicy });
    expect([may('ecs:RegisterContainerInstance'), may('ssm:UpdateInstanceInformation')]).toEqual([true, false]);
    AttachRolePolicy(context, { RoleName, PolicyArn: ssmPolicy });
    expect(may('ssm:UpdateInstanceInformation')).toBe(true);
    const deny = '{"Statement":[{"Effect":"Deny","Action":["SSM:*"],"Resource":"*"}]}';
    PutRolePolicy(context, { RoleName, PolicyName: 'deny', PolicyDocument: deny });
    expect(may('ssm:UpdateInstanceInformation')).toBe(false);
  });
});

describe('instance profiles', () => {
  it('hold one role and no more', () => {
    const { context } = aWorld();
    const RoleName = aRole(context);
    CreateInstanceProfile(context, { InstanceProfileName: 'p' });
    expect(refusal(() => CreateInstanceProfile(context, { InstanceProfileName: 'P' }))).toContain(
      'EntityAlreadyExists',
    );
    expect(
      refusal(() => AddRoleToInstanceProfile(context, { InstanceProfileName: 'p', RoleName: 'nobody' })),
    ).toContain('NoSuchEntity: The role with name nobody cannot be found.');
    AddRoleToInstanceProfile(context, { InstanceProfileName: 'p', RoleName });
    expect(refusal(() => AddRoleToInstanceProfile(context, { InstanceProfileName: 'p', RoleName }))).toBe(
      'LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
    );
    expect(GetInstanceProfile(context, { InstanceProfileName: 'p' }).InstanceProfile?.Roles).toMatchObject([
      { RoleName },
    ]);
    expect(ListInstanceProfilesForRole(context, { RoleName }).InstanceProfiles).toHaveLength(1);
    expect(refusal(() => DeleteInstanceProfile(context, { InstanceProfileName: 'p' }))).toContain('DeleteConflict');
    RemoveRoleFromInstanceProfile(context, { InstanceProfileName: 'p', RoleName });
    DeleteInstanceProfile(context, { InstanceProfileName: 'p' });
    expect(refusal(() => GetInstanceProfile(context, { InstanceProfileName: 'p' }))).toBe(
      'NoSuchEntity: Instance Profile p cannot be found.',
    );
  });
});

it('makes a service-linked role once, by whoever comes first, and lets nobody change it', () => {
  const { context } = aWorld();
  ensureServiceLinkedRole(context, 'ecs.amazonaws.com');
  ensureServiceLinkedRole(context, 'ecs.amazonaws.com');
  expect(Object.keys(context.world.roles)).toEqual(['AWSServiceRoleForECS']);
  expect(refusal(() => CreateServiceLinkedRole(context, { AWSServiceName: 'ecs.amazonaws.com' }))).toContain(
    'InvalidInput: Service role name AWSServiceRoleForECS has been taken in this account',
  );
  expect(refusal(() => DeleteRole(context, { RoleName: 'AWSServiceRoleForECS' }))).toContain('UnmodifiableEntity');
  const made = CreateServiceLinkedRole(context, { AWSServiceName: 'elasticloadbalancing.amazonaws.com' });
  expect(made.Role?.Path).toBe('/aws-service-role/elasticloadbalancing.amazonaws.com/');
});

describe('what clients ask beside the tutorial', () => {
  it('changes the description and the session of a role', () => {
    const { context } = aWorld();
    CreateRole(context, { RoleName: 'r', AssumeRolePolicyDocument: trust });
    UpdateRole(context, { RoleName: 'r', Description: 'a', MaxSessionDuration: 7200 });
    expect(GetRole(context, { RoleName: 'r' }).Role).toMatchObject({ Description: 'a', MaxSessionDuration: 7200 });
    expect(UpdateRoleDescription(context, { RoleName: 'r', Description: '' }).Role?.Description).toBe('');
    expect(refusal(() => UpdateRole(context, { RoleName: 'r', Description: '\u001b' }))).toContain('ValidationError');
    expect(refusal(() => TagRole(context, { RoleName: 'r', Tags: [{ Key: 'a', Value: '\u0007' }] }))).toContain(
      'ValidationError',
    );
  });

  it("shows AWS's policies, and which are attached", () => {
    const { context } = aWorld();
    CreateRole(context, { RoleName: 'r', AssumeRolePolicyDocument: trust });
    const PolicyArn = 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role';
    AttachRolePolicy(context, { RoleName: 'r', PolicyArn });
    expect(GetPolicy(context, { PolicyArn }).Policy).toMatchObject({ Path: '/service-role/', AttachmentCount: 1 });
    expect(ListPolicies(context, { OnlyAttached: true }).Policies?.map(({ Arn }) => Arn)).toEqual([PolicyArn]);
    expect(ListPolicies(context, { Scope: 'Local' }).Policies).toEqual([]);
    expect(refusal(() => GetPolicy(context, { PolicyArn: 'arn:aws:iam::aws:policy/None' }))).toContain('NoSuchEntity');
  });
});

describe('the alias of the account', () => {
  it('is one at most, and goes by its name only', () => {
    const { context } = aWorld();
    expect(ListAccountAliases(context)).toEqual({ AccountAliases: [], IsTruncated: false });
    CreateAccountAlias(context, { AccountAlias: 'learners' });
    CreateAccountAlias(context, { AccountAlias: 'learners-sandbox' });
    expect(ListAccountAliases(context).AccountAliases).toEqual(['learners-sandbox']);
    expect(refusal(() => DeleteAccountAlias(context, { AccountAlias: 'learners' }))).toMatch(/^NoSuchEntity: /);
    DeleteAccountAlias(context, { AccountAlias: 'learners-sandbox' });
    expect(ListAccountAliases(context).AccountAliases).toEqual([]);
  });

  it.each(['ab', 'Learners', 'a--b', '-ab', 'ab-', 'a'.repeat(64)])('"%s" is none', (AccountAlias) => {
    const { context } = aWorld();
    expect(refusal(() => CreateAccountAlias(context, { AccountAlias }))).toMatch(/^ValidationError: /);
  });
});
