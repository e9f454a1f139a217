// IAM roles: create, get, list, change, delete, trust policy, tags. Policies are in role-policies.ts.
import type {
  CreateRoleRequest,
  CreateRoleResponse,
  DeleteRoleRequest,
  GetRoleRequest,
  GetRoleResponse,
  ListRolesRequest,
  ListRolesResponse,
  ListRoleTagsRequest,
  ListRoleTagsResponse,
  Role as ApiRole,
  TagRoleRequest,
  UntagRoleRequest,
  UpdateAssumeRolePolicyRequest,
  UpdateRoleDescriptionRequest,
  UpdateRoleDescriptionResponse,
  UpdateRoleRequest,
} from '@aws-sdk/client-iam';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Role } from './records.ts';
import type { World } from '../world.ts';
import {
  checkEntityName,
  checkPath,
  checkPolicyDocument,
  conflict,
  encodePolicy,
  entityArn,
  listing,
  mergeTags,
  noSuchEntity,
  toApiTags,
  withoutTags,
} from './entity-rules.ts';

const serviceRolePath = '/aws-service-role/';

/** @throws AwsError `NoSuchEntity` (text relied on by retry loops: "The role with name …"), `ValidationError`. */
export function describeRole(world: World, roleName: string | undefined): Role {
  const name = checkEntityName('roleName', roleName, 64);
  const role = Object.hasOwn(world.roles, name) ? world.roles[name] : undefined;
  if (role === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
}

/** A role that AWS itself keeps may not be changed. @throws AwsError `UnmodifiableEntity`. */
export function describeModifiableRole(world: World, roleName: string | undefined): Role {
  const role = describeRole(world, roleName);
  if (role.path.startsWith(serviceRolePath)) {
    throw new AwsError(
      'UnmodifiableEntity',
      `Cannot perform the operation on the protected role '${role.roleName}' - this role is only modifiable by AWS`,
    );
  }
  return role;
}

/** Without tags, as lists show it. */
export function toApiRole(role: Role): ApiRole {
  return {
    Path: role.path,
    RoleName: role.roleName,
    RoleId: role.roleId,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encodePolicy(role.assumeRolePolicyDocument),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration ?? 3600,
  };
}

function checkSessionDuration(seconds: number | undefined): void {
  if (seconds === undefined || (seconds >= 3600 && seconds <= 43_200)) return;
  throw new AwsError(
    'ValidationError',
    `1 validation error detected: Value '${seconds}' at 'maxSessionDuration' failed to satisfy constraint: Member must have value between 3600 and 43200`,
  );
}

function checkDescription(description: string | undefined): void {
  if (description === undefined) return;
  if (description.length > 1000 || !/^[\t\n\r -~¡-ÿ]*$/.test(description)) {
    throw new AwsError(
      'ValidationError',
      "1 validation error detected: Value at 'description' failed to satisfy constraint: at most 1000 printable characters of Latin-1",
    );
  }
}

/** @throws AwsError `EntityAlreadyExists` (names are unique ignoring case), `MalformedPolicyDocument`, `ValidationError`. */
export function CreateRole({ world, ids, now }: Context, input: CreateRoleRequest): CreateRoleResponse {
  const roleName = checkEntityName('roleName', input.RoleName, 64);
  const path = checkPath(input.Path);
  if (path.startsWith(serviceRolePath)) {
    throw new AwsError(
      'ValidationError',
      'The specified value for path is invalid. Paths that start with /aws-service-role/ are reserved.',
    );
  }
  const assumeRolePolicyDocument = checkPolicyDocument('trust', input.AssumeRolePolicyDocument);
  const { Description: description, MaxSessionDuration: maxSessionDuration } = input;
  checkSessionDuration(maxSessionDuration);
  checkDescription(description);
  const tags = mergeTags([], input.Tags);
  if (Object.keys(world.roles).some((name) => name.toLowerCase() === roleName.toLowerCase())) {
    throw conflict('EntityAlreadyExists', `Role with name ${roleName} already exists.`);
  }
  const role: Role = {
    roleName,
    roleId: ids.iam('AROA'),
    path,
    arn: entityArn(world, 'role', path, roleName),
    assumeRolePolicyDocument,
    ...(description !== undefined && { description }),
    ...(maxSessionDuration !== undefined && { maxSessionDuration }),
    createdAt: now,
    attachedPolicyArns: [],
    inlinePolicies: {},
    tags,
  };
  world.roles[roleName] = role;
  return { Role: { ...toApiRole(role), ...(tags.length > 0 && { Tags: toApiTags(tags) }) } };
}

export function GetRole({ world }: Context, input: GetRoleRequest): GetRoleResponse {
  const role = describeRole(world, input.RoleName);
  return {
    Role: { ...toApiRole(role), ...(role.tags.length > 0 && { Tags: toApiTags(role.tags) }), RoleLastUsed: {} },
  };
}

export function ListRoles({ world }: Context, input: ListRolesRequest): ListRolesResponse {
  const roles = Object.values(world.roles).filter((role) => role.path.startsWith(input.PathPrefix ?? '/'));
  const { items, ...rest } = listing(roles, input, (role) => role.roleName);
  return { Roles: items.map(toApiRole), ...rest };
}

/** @throws AwsError `DeleteConflict` while anything is attached to it, `NoSuchEntity`, `UnmodifiableEntity`. */
export function DeleteRole({ world }: Context, input: DeleteRoleRequest): object {
  const role = describeModifiableRole(world, input.RoleName);
  if (Object.values(world.instanceProfiles).some((profile) => profile.roleNames.includes(role.roleName))) {
    throw conflict('DeleteConflict', 'Cannot delete entity, must remove roles from instance profile first.');
  }
  if (role.attachedPolicyArns.length > 0) {
    throw conflict('DeleteConflict', 'Cannot delete entity, must detach all policies first.');
  }
  if (Object.keys(role.inlinePolicies).length > 0) {
    throw conflict('DeleteConflict', 'Cannot delete entity, must delete policies first.');
  }
  delete world.roles[role.roleName];
  return {};
}

export function UpdateAssumeRolePolicy({ world }: Context, input: UpdateAssumeRolePolicyRequest): object {
  const role = describeModifiableRole(world, input.RoleName);
  role.assumeRolePolicyDocument = checkPolicyDocument('trust', input.PolicyDocument);
  return {};
}

/** What is not sent stays. @throws AwsError `NoSuchEntity`, `UnmodifiableEntity`, `ValidationError`. */
export function UpdateRole({ world }: Context, input: UpdateRoleRequest): object {
  const role = describeModifiableRole(world, input.RoleName);
  checkSessionDuration(input.MaxSessionDuration);
  checkDescription(input.Description);
  if (input.Description !== undefined) role.description = input.Description;
  if (input.MaxSessionDuration !== undefined) role.maxSessionDuration = input.MaxSessionDuration;
  return {};
}

/** The older form of the same, which answers with the role. */
export function UpdateRoleDescription(
  context: Context,
  { RoleName, Description }: UpdateRoleDescriptionRequest,
): UpdateRoleDescriptionResponse {
  UpdateRole(context, { RoleName, Description });
  return { Role: toApiRole(describeRole(context.world, RoleName)) };
}

export function TagRole({ world }: Context, input: TagRoleRequest): object {
  const role = describeModifiableRole(world, input.RoleName);
  role.tags = mergeTags(role.tags, input.Tags);
  return {};
}

export function UntagRole({ world }: Context, input: UntagRoleRequest): object {
  const role = describeModifiableRole(world, input.RoleName);
  role.tags = withoutTags(role.tags, input.TagKeys);
  return {};
}

export function ListRoleTags({ world }: Context, input: ListRoleTagsRequest): ListRoleTagsResponse {
  const { items, ...rest } = listing(describeRole(world, input.RoleName).tags, input, (tag) => tag.key);
  return { Tags: toApiTags(items), ...rest };
}
