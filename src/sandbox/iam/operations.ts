// The IAM operations that the sandbox answers, each with its schema.
import * as sdk from '@aws-sdk/client-iam';
import { operationsOf } from '../operation.ts';
import {
  AddRoleToInstanceProfile,
  CreateInstanceProfile,
  DeleteInstanceProfile,
  GetInstanceProfile,
  ListInstanceProfiles,
  ListInstanceProfilesForRole,
  RemoveRoleFromInstanceProfile,
  TagInstanceProfile,
  UntagInstanceProfile,
} from './instance-profiles.ts';
import { CreateAccountAlias, DeleteAccountAlias, ListAccountAliases } from './account-aliases.ts';
import { GetPolicy, ListPolicies } from './managed-policies.ts';
import {
  AttachRolePolicy,
  DeleteRolePolicy,
  DetachRolePolicy,
  GetRolePolicy,
  ListAttachedRolePolicies,
  ListRolePolicies,
  PutRolePolicy,
} from './role-policies.ts';
import {
  CreateRole,
  DeleteRole,
  GetRole,
  ListRoleTags,
  ListRoles,
  TagRole,
  UntagRole,
  UpdateAssumeRolePolicy,
  UpdateRole,
  UpdateRoleDescription,
} from './roles.ts';
import { CreateServiceLinkedRole } from './service-linked-roles.ts';

export const iamOperations = operationsOf([
  [sdk.AddRoleToInstanceProfile$, AddRoleToInstanceProfile],
  [sdk.AttachRolePolicy$, AttachRolePolicy],
  [sdk.CreateAccountAlias$, CreateAccountAlias],
  [sdk.CreateInstanceProfile$, CreateInstanceProfile],
  [sdk.CreateRole$, CreateRole],
  [sdk.CreateServiceLinkedRole$, CreateServiceLinkedRole],
  [sdk.DeleteAccountAlias$, DeleteAccountAlias],
  [sdk.DeleteInstanceProfile$, DeleteInstanceProfile],
  [sdk.DeleteRole$, DeleteRole],
  [sdk.DeleteRolePolicy$, DeleteRolePolicy],
  [sdk.DetachRolePolicy$, DetachRolePolicy],
  [sdk.GetInstanceProfile$, GetInstanceProfile],
  [sdk.GetPolicy$, GetPolicy],
  [sdk.GetRole$, GetRole],
  [sdk.GetRolePolicy$, GetRolePolicy],
  [sdk.ListAccountAliases$, ListAccountAliases],
  [sdk.ListAttachedRolePolicies$, ListAttachedRolePolicies],
  [sdk.ListInstanceProfiles$, ListInstanceProfiles],
  [sdk.ListInstanceProfilesForRole$, ListInstanceProfilesForRole],
  [sdk.ListPolicies$, ListPolicies],
  [sdk.ListRolePolicies$, ListRolePolicies],
  [sdk.ListRoleTags$, ListRoleTags],
  [sdk.ListRoles$, ListRoles],
  [sdk.PutRolePolicy$, PutRolePolicy],
  [sdk.RemoveRoleFromInstanceProfile$, RemoveRoleFromInstanceProfile],
  [sdk.TagInstanceProfile$, TagInstanceProfile],
  [sdk.TagRole$, TagRole],
  [sdk.UntagInstanceProfile$, UntagInstanceProfile],
  [sdk.UntagRole$, UntagRole],
  [sdk.UpdateAssumeRolePolicy$, UpdateAssumeRolePolicy],
  [sdk.UpdateRole$, UpdateRole],
  [sdk.UpdateRoleDescription$, UpdateRoleDescription],
]);
