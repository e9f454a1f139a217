// The policies of a role: AWS managed ones attached, and inline ones.
import type {
  AttachRolePolicyRequest,
  DeleteRolePolicyRequest,
  DetachRolePolicyRequest,
  GetRolePolicyRequest,
  GetRolePolicyResponse,
  ListAttachedRolePoliciesRequest,
  ListAttachedRolePoliciesResponse,
  ListRolePoliciesRequest,
  ListRolePoliciesResponse,
  PutRolePolicyRequest,
} from '@aws-sdk/client-iam';
import type { Context } from '../handler.ts';
import { checkEntityName, checkPolicyDocument, conflict, encodePolicy, listing, noSuchEntity } from './entity-rules.ts';
import { actionsOfManagedPolicy } from './managed-policies.ts';
import { describeModifiableRole, describeRole } from './roles.ts';

const maxManagedPolicies = 10;

/** Attaching what is attached succeeds. @throws AwsError `NoSuchEntity`, `LimitExceeded`, `UnmodifiableEntity`. */
export function AttachRolePolicy({ world }: Context, input: AttachRolePolicyRequest): object {
  const role = describeModifiableRole(world, input.RoleName);
  const policyArn = input.PolicyArn ?? '';
  if (actionsOfManagedPolicy(policyArn) === undefined || policyArn.includes(':policy/aws-service-role/')) {
    throw noSuchEntity(`Policy ${policyArn} does not exist or is not attachable.`);
  }
  if (role.attachedPolicyArns.includes(policyArn)) return {};
  if (role.attachedPolicyArns.length >= maxManagedPolicies) {
    throw conflict('LimitExceeded', `Cannot exceed quota for PoliciesPerRole: ${maxManagedPolicies}`);
  }
  role.attachedPolicyArns.push(policyArn);
  return {};
}

/** @throws AwsError `NoSuchEntity` when it is not attached. */
export function DetachRolePolicy({ world }: Context, input: DetachRolePolicyRequest): object {
  const role = describeModifiableRole(world, input.RoleName);
  const policyArn = input.PolicyArn ?? '';
  if (!role.attachedPolicyArns.includes(policyArn)) throw noSuchEntity(`Policy ${policyArn} was not found.`);
  role.attachedPolicyArns = role.attachedPolicyArns.filter((arn) => arn !== policyArn);
  return {};
}

export function ListAttachedRolePolicies(
  { world }: Context,
  input: ListAttachedRolePoliciesRequest,
): ListAttachedRolePoliciesResponse {
  const role = describeRole(world, input.RoleName);
  const attached = role.attachedPolicyArns
    .filter((arn) => (arn.split(':policy')[1] ?? '').startsWith(input.PathPrefix ?? '/'))
    .map((arn) => ({ PolicyName: arn.split('/').at(-1) ?? '', PolicyArn: arn }));
  const { items, ...rest } = listing(attached, input, (policy) => policy.PolicyName);
  return { AttachedPolicies: items, ...rest };
}

/** Replaces a policy of that name. @throws AwsError `MalformedPolicyDocument`, `LimitExceeded`. */
export function PutRolePolicy({ world }: Context, input: PutRolePolicyRequest): object {
  const role = describeModifiableRole(world, input.RoleName);
  const policyName = checkEntityName('policyName', input.PolicyName, 128);
  const document = checkPolicyDocument('identity', input.PolicyDocument);
  const total = Object.entries({ ...role.inlinePolicies, [policyName]: document }).reduce(
    (sum, [, text]) => sum + text.replace(/\s/g, '').length,
    0,
  );
  if (total > 10_240)
    throw conflict('LimitExceeded', `Maximum policy size of 10240 bytes exceeded for role ${role.roleName}`);
  role.inlinePolicies[policyName] = document;
  return {};
}

/** The document URL-encoded, as IAM gives it. @throws AwsError `NoSuchEntity`. */
export function GetRolePolicy({ world }: Context, input: GetRolePolicyRequest): GetRolePolicyResponse {
  const role = describeRole(world, input.RoleName);
  const policyName = checkEntityName('policyName', input.PolicyName, 128);
  const document = role.inlinePolicies[policyName];
  if (document === undefined) throw noSuchEntity(`The role policy with name ${policyName} cannot be found.`);
  return { RoleName: role.roleName, PolicyName: policyName, PolicyDocument: encodePolicy(document) };
}

/** @throws AwsError `NoSuchEntity`. */
export function DeleteRolePolicy({ world }: Context, input: DeleteRolePolicyRequest): object {
  const role = describeModifiableRole(world, input.RoleName);
  const policyName = checkEntityName('policyName', input.PolicyName, 128);
  if (role.inlinePolicies[policyName] === undefined) {
    throw noSuchEntity(`The role policy with name ${policyName} cannot be found.`);
  }
  delete role.inlinePolicies[policyName];
  return {};
}

export function ListRolePolicies({ world }: Context, input: ListRolePoliciesRequest): ListRolePoliciesResponse {
  const role = describeRole(world, input.RoleName);
  const { items, ...rest } = listing(Object.keys(role.inlinePolicies), input, (name) => name);
  return { PolicyNames: items, ...rest };
}
