// Roles that AWS services make for themselves: by a person's call, or when a service first needs its own.
import type { CreateServiceLinkedRoleRequest, CreateServiceLinkedRoleResponse } from '@aws-sdk/client-iam';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Role } from './records.ts';
import { checkEntityName, entityArn } from './entity-rules.ts';
import { managedPolicyArn } from './managed-policies.ts';
import { toApiRole } from './roles.ts';

const known: Record<string, { roleName: string; policy: string }> = {
  'ecs.amazonaws.com': { roleName: 'AWSServiceRoleForECS', policy: 'AmazonECSServiceRolePolicy' },
  'elasticloadbalancing.amazonaws.com': {
    roleName: 'AWSServiceRoleForElasticLoadBalancing',
    policy: 'AWSElasticLoadBalancingServiceRolePolicy',
  },
};

function create({ world, ids, now }: Context, serviceName: string, description?: string): Role | undefined {
  const service = Object.hasOwn(known, serviceName) ? known[serviceName] : undefined;
  if (service === undefined) return undefined;
  const { roleName } = service;
  const path = `/aws-service-role/${serviceName}/`;
  const role: Role = {
    roleName,
    roleId: ids.iam('AROA'),
    path,
    arn: entityArn(world, 'role', path, roleName),
    assumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: serviceName }, Action: 'sts:AssumeRole' }],
    }),
    ...(description !== undefined && { description }),
    createdAt: now,
    attachedPolicyArns: [managedPolicyArn(world, `aws-service-role/${service.policy}`)],
    inlinePolicies: {},
    tags: [],
  };
  world.roles[roleName] = role;
  return role;
}

/**
 * What a service does before it first needs its role: ECS in CreateCluster, CreateService and UpdateService, ELB in
 * CreateLoadBalancer and CreateTargetGroup (aws-facts §9). Does nothing when the role is there.
 */
export function ensureServiceLinkedRole(
  context: Context,
  serviceName: 'ecs.amazonaws.com' | 'elasticloadbalancing.amazonaws.com',
): void {
  const roleName = known[serviceName]?.roleName ?? '';
  if (context.world.roles[roleName] === undefined) create(context, serviceName);
}

/** @throws AwsError `InvalidInput` when the role is there, or the service has none here. */
export function CreateServiceLinkedRole(
  context: Context,
  input: CreateServiceLinkedRoleRequest,
): CreateServiceLinkedRoleResponse {
  const serviceName = input.AWSServiceName ?? '';
  const service = Object.hasOwn(known, serviceName) ? known[serviceName] : undefined;
  if (service === undefined) {
    throw new AwsError(
      'InvalidInput',
      `Unknown service name ${serviceName}, or the service has no service-linked role in the sandbox.`,
    );
  }
  if (input.CustomSuffix !== undefined) {
    checkEntityName('customSuffix', input.CustomSuffix, 64);
    throw new AwsError('InvalidInput', 'Custom suffix is not allowed for ' + serviceName);
  }
  if (context.world.roles[service.roleName] !== undefined) {
    throw new AwsError(
      'InvalidInput',
      `Service role name ${service.roleName} has been taken in this account, please try a different suffix.`,
    );
  }
  const role = create(context, serviceName, input.Description);
  return { Role: role === undefined ? undefined : toApiRole(role) };
}
