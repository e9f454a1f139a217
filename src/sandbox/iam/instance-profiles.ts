// Instance profiles: what carries a role to an instance. EC2 sees a new one only after a while (aws-facts §1.6).
import type {
  AddRoleToInstanceProfileRequest,
  CreateInstanceProfileRequest,
  CreateInstanceProfileResponse,
  DeleteInstanceProfileRequest,
  GetInstanceProfileRequest,
  GetInstanceProfileResponse,
  InstanceProfile as ApiInstanceProfile,
  ListInstanceProfilesForRoleRequest,
  ListInstanceProfilesForRoleResponse,
  ListInstanceProfilesRequest,
  ListInstanceProfilesResponse,
  RemoveRoleFromInstanceProfileRequest,
  TagInstanceProfileRequest,
  UntagInstanceProfileRequest,
} from '@aws-sdk/client-iam';
import type { Context } from '../handler.ts';
import type { InstanceProfile } from './records.ts';
import type { World } from '../world.ts';
import {
  checkEntityName,
  checkPath,
  conflict,
  entityArn,
  listing,
  mergeTags,
  noSuchEntity,
  toApiTags,
  withoutTags,
} from './entity-rules.ts';
import { describeModifiableRole, describeRole, toApiRole } from './roles.ts';

/** @throws AwsError `NoSuchEntity`, `ValidationError`. */
function describeProfile(world: World, profileName: string | undefined): InstanceProfile {
  const name = checkEntityName('instanceProfileName', profileName, 128);
  const profile = Object.hasOwn(world.instanceProfiles, name) ? world.instanceProfiles[name] : undefined;
  if (profile === undefined) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
  return profile;
}

function toApiProfile(world: World, profile: InstanceProfile): ApiInstanceProfile {
  return {
    Path: profile.path,
    InstanceProfileName: profile.instanceProfileName,
    InstanceProfileId: profile.instanceProfileId,
    Arn: profile.arn,
    CreateDate: new Date(profile.createdAt),
    Roles: profile.roleNames
      .map((name) => world.roles[name])
      .filter((role) => role !== undefined)
      .map(toApiRole),
    Tags: toApiTags(profile.tags),
  };
}

/** @throws AwsError `EntityAlreadyExists` (ignoring case), `ValidationError`. */
export function CreateInstanceProfile(
  { world, ids, now, pace }: Context,
  input: CreateInstanceProfileRequest,
): CreateInstanceProfileResponse {
  const instanceProfileName = checkEntityName('instanceProfileName', input.InstanceProfileName, 128);
  const path = checkPath(input.Path);
  const tags = mergeTags([], input.Tags);
  if (Object.keys(world.instanceProfiles).some((name) => name.toLowerCase() === instanceProfileName.toLowerCase())) {
    throw conflict('EntityAlreadyExists', `Instance Profile ${instanceProfileName} already exists.`);
  }
  const profile: InstanceProfile = {
    instanceProfileName,
    instanceProfileId: ids.iam('AIPA'),
    path,
    arn: entityArn(world, 'instance-profile', path, instanceProfileName),
    roleNames: [],
    createdAt: now,
    visibleToEc2At: now + pace.of('instanceProfileVisible'),
    tags,
  };
  world.instanceProfiles[instanceProfileName] = profile;
  return { InstanceProfile: toApiProfile(world, profile) };
}

export function GetInstanceProfile({ world }: Context, input: GetInstanceProfileRequest): GetInstanceProfileResponse {
  return { InstanceProfile: toApiProfile(world, describeProfile(world, input.InstanceProfileName)) };
}

export function ListInstanceProfiles(
  { world }: Context,
  input: ListInstanceProfilesRequest,
): ListInstanceProfilesResponse {
  const profiles = Object.values(world.instanceProfiles).filter((one) => one.path.startsWith(input.PathPrefix ?? '/'));
  const { items, ...rest } = listing(profiles, input, (one) => one.instanceProfileName);
  return { InstanceProfiles: items.map((one) => ({ ...toApiProfile(world, one), Tags: undefined })), ...rest };
}

export function ListInstanceProfilesForRole(
  { world }: Context,
  input: ListInstanceProfilesForRoleRequest,
): ListInstanceProfilesForRoleResponse {
  const { roleName } = describeRole(world, input.RoleName);
  const profiles = Object.values(world.instanceProfiles).filter((one) => one.roleNames.includes(roleName));
  const { items, ...rest } = listing(profiles, input, (one) => one.instanceProfileName);
  return { InstanceProfiles: items.map((one) => ({ ...toApiProfile(world, one), Tags: undefined })), ...rest };
}

/** @throws AwsError `DeleteConflict` while it has a role, `NoSuchEntity`. */
export function DeleteInstanceProfile({ world }: Context, input: DeleteInstanceProfileRequest): object {
  const profile = describeProfile(world, input.InstanceProfileName);
  if (profile.roleNames.length > 0) {
    throw conflict('DeleteConflict', 'Cannot delete entity, must remove roles from instance profile first.');
  }
  delete world.instanceProfiles[profile.instanceProfileName];
  return {};
}

/** One role a profile, a hard quota: even the same role again is refused. @throws AwsError `LimitExceeded`, `NoSuchEntity`. */
export function AddRoleToInstanceProfile(
  { world, now, pace }: Context,
  input: AddRoleToInstanceProfileRequest,
): object {
  const profile = describeProfile(world, input.InstanceProfileName);
  const role = describeModifiableRole(world, input.RoleName);
  if (profile.roleNames.length > 0) {
    throw conflict('LimitExceeded', 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1');
  }
  profile.roleNames = [role.roleName];
  const visibleAt = now + pace.of('instanceProfileVisible');
  if (profile.visibleToEc2At > now) profile.visibleToEc2At = visibleAt;
  else profile.roleVisibleToEc2At = visibleAt;
  return {};
}

/** @throws AwsError `NoSuchEntity` when the role is not in the profile. */
export function RemoveRoleFromInstanceProfile({ world }: Context, input: RemoveRoleFromInstanceProfileRequest): object {
  const profile = describeProfile(world, input.InstanceProfileName);
  const role = describeModifiableRole(world, input.RoleName);
  if (!profile.roleNames.includes(role.roleName)) {
    throw noSuchEntity(`Role ${role.roleName} cannot be found in Instance Profile ${profile.instanceProfileName}.`);
  }
  profile.roleNames = [];
  delete profile.roleVisibleToEc2At;
  return {};
}

export function TagInstanceProfile({ world }: Context, input: TagInstanceProfileRequest): object {
  const profile = describeProfile(world, input.InstanceProfileName);
  profile.tags = mergeTags(profile.tags, input.Tags);
  return {};
}

export function UntagInstanceProfile({ world }: Context, input: UntagInstanceProfileRequest): object {
  const profile = describeProfile(world, input.InstanceProfileName);
  profile.tags = withoutTags(profile.tags, input.TagKeys);
  return {};
}
