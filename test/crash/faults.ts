// What AWS can answer in place of what was asked: every fault of the walk, in AWS's own names and words
// (aws-facts §14, §18), and the calls that can meet it. Each fault strikes once, or from then on.
import { AwsError } from '../../src/sandbox/aws-error.ts';
import { DropConnection } from '../../src/sandbox/drop-connection.ts';
import type { Call } from '../../src/sandbox/server.ts';

/** A fault that passes by itself. */
export interface PassingFault {
  name: string;
  /** Which calls can meet it; absent: every one. As `service:Operation`. */
  at?: readonly string[];
  /** Of those, the ones with such an input. */
  when?(input: Record<string, unknown>): boolean;
  /** Thrown in place of the deed, or after it: then only the answer is lost. */
  moment: 'before' | 'after';
  error(call: Call): Error;
  /** False: the SDK rides it out itself, and nobody is told. */
  told: boolean;
}

/** A fault that stays. */
export interface FinalFault {
  name: string;
  at?: readonly string[];
  error(call: Call): Error;
  when?(input: Record<string, unknown>): boolean;
  /** True: meets every call from then on. False: only calls of the operation that it met first. */
  all: boolean;
  code: string;
  exitCode: number;
  /** What the message must contain. */
  names(call: Call): string;
}

type ServiceId = 'ecs' | 'ec2' | 'elasticloadbalancing' | 'iam' | 'ssm' | 'sts';
type ByService = Record<ServiceId, [code: string, message: string, status: number]>;

const throttling: ByService = {
  ec2: ['RequestLimitExceeded', 'Request limit exceeded.', 503],
  ecs: ['ThrottlingException', 'Rate exceeded', 400],
  elasticloadbalancing: ['Throttling', 'Rate exceeded', 400],
  iam: ['Throttling', 'Rate exceeded', 400],
  ssm: ['ThrottlingException', 'Rate exceeded', 400],
  sts: ['Throttling', 'Rate exceeded', 400],
};

const serverError: ByService = {
  ec2: ['InternalError', 'An internal error has occurred', 500],
  ecs: ['ServerException', 'Service Unavailable. Please try again later.', 500],
  elasticloadbalancing: ['InternalFailure', 'The request processing has failed because of an unknown error.', 500],
  iam: ['ServiceFailure', 'The request processing has failed because of an unknown error.', 500],
  ssm: ['InternalServerError', 'Internal Server Error', 500],
  sts: ['InternalFailure', 'The request processing has failed because of an unknown error.', 500],
};

const expired: ByService = {
  ec2: ['RequestExpired', 'Request has expired.', 400],
  ecs: ['ExpiredTokenException', 'The security token included in the request is expired', 400],
  elasticloadbalancing: ['ExpiredToken', 'The security token included in the request is expired', 403],
  iam: ['ExpiredToken', 'The security token included in the request is expired', 403],
  ssm: ['ExpiredTokenException', 'The security token included in the request is expired', 400],
  sts: ['ExpiredToken', 'The security token included in the request is expired', 403],
};

const from = (table: ByService) => (call: Call) => new AwsError(...table[call.service as ServiceId]);

/** What can happen to any call at all; the SDK tries again by itself. */
export const anywhere: readonly PassingFault[] = [
  { name: 'throttled', moment: 'before', told: false, error: from(throttling) },
  { name: 'server error', moment: 'before', told: false, error: from(serverError) },
  { name: 'connection dropped', moment: 'before', told: false, error: () => new DropConnection() },
  { name: 'answer lost', moment: 'after', told: false, error: () => new DropConnection() },
];

const told = (name: string, at: readonly string[], code: string, message: string, status?: number): PassingFault => ({
  name,
  at,
  moment: 'before',
  told: true,
  error: () => new AwsError(code, message, status),
});

const iamChanges = ['CreateRole', 'CreateInstanceProfile', 'AttachRolePolicy', 'AddRoleToInstanceProfile'];
const iamRemovals = ['RemoveRoleFromInstanceProfile', 'DeleteInstanceProfile', 'DetachRolePolicy', 'DeleteRole'];

/** Eventual consistency: what the SDK takes for an error and only the program can ride out. */
export const inTime: readonly PassingFault[] = [
  told(
    'new security group',
    ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RunInstances'],
    'InvalidGroup.NotFound',
    "The security group 'sg-0123' does not exist",
  ),
  told(
    'new security group at the load balancer',
    ['elasticloadbalancing:CreateLoadBalancer'],
    'InvalidSecurityGroup',
    "Security group 'sg-0123' does not exist",
  ),
  told(
    'new role',
    ['iam:AddRoleToInstanceProfile', 'iam:AttachRolePolicy'],
    'NoSuchEntity',
    'The role with name ecsInstanceRole cannot be found.',
    404,
  ),
  told(
    'concurrent change',
    [...iamChanges, ...iamRemovals].map((each) => `iam:${each}`),
    'ConcurrentModification',
    'The request was rejected because multiple requests to change this object were submitted simultaneously.',
    409,
  ),
  told(
    'profile not seen',
    ['ec2:RunInstances'],
    'InvalidParameterValue',
    'Value (ecsInstanceRole) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name',
  ),
  told(
    'profile without its role',
    ['ec2:RunInstances'],
    'InvalidParameterValue',
    'IAM Instance Profile "arn:aws:iam::123456789012:instance-profile/ecsInstanceRole" has no associated IAM Roles',
  ),
  told(
    'no capacity in the zone',
    ['ec2:RunInstances'],
    'InsufficientInstanceCapacity',
    'We currently do not have sufficient t3.micro capacity in the Availability Zone you requested (us-east-1a).',
    500,
  ),
  told(
    'type not in the zone',
    ['ec2:RunInstances'],
    'Unsupported',
    'Your requested instance type (t3.micro) is not supported in your requested Availability Zone (us-east-1e).',
  ),
  told(
    'service-linked role',
    ['ecs:CreateCluster', 'ecs:CreateService'],
    'InvalidParameterException',
    'Unable to assume the service linked role. Please verify that the ECS service linked role exists.',
  ),
  told(
    'listener not seen',
    ['ecs:CreateService'],
    'InvalidParameterException',
    'The target group with targetGroupArn arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/my-target-group/0123 does not have an associated load balancer.',
  ),
  told('cluster not seen', ['ecs:CreateService'], 'ClusterNotFoundException', 'Cluster not found.'),
  told(
    'service still draining',
    ['ecs:CreateService'],
    'InvalidParameterException',
    'Unable to Start a service that is still Draining.',
  ),
  told(
    'revisions at once',
    ['ecs:RegisterTaskDefinition'],
    'ClientException',
    'Too many concurrent attempts to create a new revision of the specified family.',
  ),
  told(
    'load balancer not seen',
    ['elasticloadbalancing:CreateListener'],
    'LoadBalancerNotFound',
    'One or more load balancers not found',
  ),
  told(
    'target group not seen',
    ['elasticloadbalancing:CreateListener', 'elasticloadbalancing:ModifyTargetGroupAttributes'],
    'TargetGroupNotFound',
    'One or more target groups not found',
  ),
  told(
    'target group in use',
    ['elasticloadbalancing:DeleteTargetGroup'],
    'ResourceInUse',
    "Target group 'my-target-group' is currently in use by a listener or a rule",
  ),
  told(
    'cluster with services',
    ['ecs:DeleteCluster'],
    'ClusterContainsServicesException',
    'The Cluster cannot be deleted while Services are active.',
  ),
  told(
    'cluster with tasks',
    ['ecs:DeleteCluster'],
    'ClusterContainsTasksException',
    'The Cluster cannot be deleted while Tasks are active.',
  ),
  told(
    'cluster with instances',
    ['ecs:DeleteCluster'],
    'ClusterContainsContainerInstancesException',
    'The Cluster cannot be deleted while Container Instances are active or draining.',
  ),
  told(
    'cluster updating',
    ['ecs:DeleteCluster'],
    'UpdateInProgressException',
    'The cluster has an update in progress.',
  ),
  told(
    'interfaces linger',
    ['ec2:DeleteSecurityGroup'],
    'DependencyViolation',
    'resource sg-0123 has a dependent object',
  ),
  {
    ...told(
      'instance not listed',
      ['ec2:DescribeInstances'],
      'InvalidInstanceID.NotFound',
      "The instance ID 'i-0123' does not exist",
    ),
    when: ({ InstanceIds }) => InstanceIds !== undefined,
  },
  told(
    'delete conflict',
    ['iam:DeleteRole', 'iam:DeleteInstanceProfile'],
    'DeleteConflict',
    'Cannot delete entity, must remove roles from instance profile first.',
    409,
  ),
];

const user = 'User: arn:aws:iam::123456789012:user/learner';

function denied({ service, operation }: Call): AwsError {
  const action = `${service}:${operation}`;
  if (service === 'ec2')
    return new AwsError('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403);
  const why = `${user} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
  return service === 'ecs' || service === 'ssm'
    ? new AwsError('AccessDeniedException', why)
    : new AwsError('AccessDenied', why, 403);
}

const quota = (at: string, code: string, message: string, status?: number): FinalFault => ({
  name: `quota ${code} of ${at}`,
  at: [at],
  error: () => new AwsError(code, message, status),
  all: false,
  code: 'quota-exceeded',
  exitCode: 1,
  names: () => at,
});

export const final: readonly FinalFault[] = [
  {
    name: 'access denied',
    error: denied,
    all: false,
    code: 'access-denied',
    exitCode: 5,
    names: ({ service, operation }) => `${service}:${operation}`,
  },
  {
    name: 'expired token',
    error: from(expired),
    all: true,
    code: 'credentials-expired',
    exitCode: 5,
    names: () => 'expired',
  },
  quota(
    'ec2:RunInstances',
    'VcpuLimitExceeded',
    'You have requested more vCPU capacity than your current vCPU limit of 0 allows for the instance bucket that the specified instance type belongs to.',
  ),
  quota(
    'ec2:RunInstances',
    'InstanceLimitExceeded',
    'You have requested more instances (1) than your current instance limit of 0 allows for the specified instance type.',
  ),
  quota(
    'ec2:CreateSecurityGroup',
    'SecurityGroupLimitExceeded',
    'The maximum number of security groups for VPC has been reached.',
  ),
  quota(
    'ec2:AuthorizeSecurityGroupIngress',
    'RulesPerSecurityGroupLimitExceeded',
    'The maximum number of rules per security group has been reached.',
  ),
  quota('iam:CreateRole', 'LimitExceeded', 'Cannot exceed quota for RolesPerAccount: 1000', 409),
  quota('iam:CreateInstanceProfile', 'LimitExceeded', 'Cannot exceed quota for InstanceProfilesPerAccount: 1000', 409),
  quota('iam:AttachRolePolicy', 'LimitExceeded', 'Cannot exceed quota for PoliciesPerRole: 10', 409),
  quota(
    'elasticloadbalancing:CreateLoadBalancer',
    'TooManyLoadBalancers',
    'The maximum number of load balancers has been reached.',
  ),
  quota(
    'elasticloadbalancing:CreateTargetGroup',
    'TooManyTargetGroups',
    'The maximum number of target groups has been reached.',
  ),
  quota('elasticloadbalancing:CreateListener', 'TooManyListeners', 'The maximum number of listeners has been reached.'),
  {
    ...quota(
      'ec2:RunInstances',
      'InsufficientInstanceCapacity',
      'We currently do not have sufficient t3.micro capacity in the Availability Zone you requested.',
      500,
    ),
    code: 'capacity-unavailable',
  },
];
