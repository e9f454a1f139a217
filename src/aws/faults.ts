// What AWS's errors mean: the one place that matches on error names and texts.
// Names come with and without the Exception suffix, depending on service and model (aws-facts §0).
import { present } from '../base/present.ts';
import { type ErrorCode, EcsdemoError } from '../base/errors.ts';
import { againLater, sameAgain } from '../base/suggestion.ts';
import {
  type Meaning,
  httpStatus,
  isUnanswered,
  isUnreadable,
  messageOf as message,
  networkMeanings,
  systemCode,
  towardsAws,
} from './network-faults.ts';
import { special } from './told-by-text.ts';

/** Name without the suffix, so that ELBv2's `ResourceInUseException` and its wire code `ResourceInUse` are one. */
export function faultName(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return error.name.replace(/Exception$/, '');
}

function named(error: unknown, ...names: string[]): boolean {
  return names.includes(faultName(error));
}

/** It is not there. For removal: success. */
export function isNotFound(error: unknown): boolean {
  return (
    named(
      error,
      'ClusterNotFound',
      'ServiceNotFound',
      'ServiceNotActive',
      'LoadBalancerNotFound',
      'TargetGroupNotFound',
      'ListenerNotFound',
      'NoSuchEntity',
      'InvalidGroup.NotFound',
      'InvalidInstanceID.NotFound',
      'InvalidPermission.NotFound',
      'InvalidKeyPair.NotFound',
    ) ||
    // ECS tells most failures apart by text alone.
    (named(error, 'Client', 'InvalidParameter') &&
      /Unable to describe task definition|not found|does not exist|specified task definition is inactive|referenced (cluster|service) was inactive/i.test(
        message(error),
      ))
  );
}

/** The call's answer, or undefined when what it asks for does not exist. */
export async function orAbsent<Value>(call: Promise<Value>): Promise<Value | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** For `.catch` of a deletion: deleting what is gone is success. */
export function ignoreAbsent(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

/** The same where ECS answers for each of several: one of its `failures` that only says that the thing is gone. */
export function isMissing({ reason = '', detail = '' }: { reason?: string | undefined; detail?: string | undefined }) {
  return /MISSING|NOT_FOUND|not found|does not exist/i.test(`${reason} ${detail}`);
}

/** Somebody was faster: look again and go on. */
export function isAlreadyThere(error: unknown): boolean {
  return (
    named(error, 'InvalidGroup.Duplicate', 'InvalidPermission.Duplicate', 'EntityAlreadyExists') ||
    isNotIdempotent(error)
  );
}

/** CreateService on a name that is taken. */
export function isNotIdempotent(error: unknown): boolean {
  return (
    named(error, 'InvalidParameter') && /was not idempotent|idempotent request are inconsistent/i.test(message(error))
  );
}

/** ELBv2 has one of that name with other settings: created meanwhile, or not ours. */
export function isDuplicate(error: unknown): boolean {
  return named(error, 'DuplicateLoadBalancerName', 'DuplicateTargetGroupName', 'DuplicateListener');
}

/** The server failed at what it was asked, after all attempts: status 5xx. */
export function isServerFault(error: unknown): boolean {
  return (httpStatus(error) ?? 0) >= 500;
}

/** IAM knows no policy of that ARN. */
export function isPolicyAbsent(error: unknown): boolean {
  return named(error, 'NoSuchEntity') && /policy arn\S* does not exist/i.test(message(error));
}

export function isTokenMismatch(error: unknown): boolean {
  return named(error, 'IdempotentParameterMismatch');
}

/** EC2 cannot launch in this subnet, but may in another. */
export function isZoneUnusable(error: unknown): boolean {
  return named(error, 'InsufficientInstanceCapacity', 'Unsupported', 'InsufficientFreeAddressesInSubnet');
}

export function isInstanceProfileFull(error: unknown): boolean {
  return named(error, 'LimitExceeded') && message(error).includes('InstanceSessionsPerInstanceProfile');
}

/** Each says in a few words why the error passes by itself, or undefined. Times and texts: aws-facts §18. */
export const transient = {
  newSecurityGroup: (error: unknown): string | undefined =>
    named(error, 'InvalidGroup.NotFound', 'InvalidSecurityGroup')
      ? 'AWS does not see the new security group everywhere yet'
      : undefined,
  newRole: (error: unknown): string | undefined =>
    named(error, 'ConcurrentModification') ||
    (named(error, 'NoSuchEntity') && /role with name|instance profile/i.test(message(error)))
      ? 'IAM does not see the new role everywhere yet'
      : undefined,
  newInstanceProfile: (error: unknown): string | undefined =>
    (named(error, 'InvalidParameterValue') &&
      /Invalid IAM Instance Profile|has no associated IAM Roles|iamInstanceProfile/i.test(message(error))) ||
    named(error, 'InvalidGroup.NotFound', 'InvalidSubnetID.NotFound')
      ? 'EC2 does not see the new instance profile yet'
      : undefined,
  /** Another run is giving the instance its profile just now, or it does not run yet. */
  profileAssociation: (error: unknown): string | undefined =>
    named(error, 'IncorrectState', 'IncorrectInstanceState', 'InvalidAssociationID.NotFound')
      ? 'the instance is not ready to be given an instance profile'
      : undefined,
  serviceLinkedRole: (error: unknown): string | undefined =>
    named(error, 'InvalidParameter') && /assume the service linked role|service role being passed/i.test(message(error))
      ? "ECS's service-linked role is being created, this being the account's first use of ECS"
      : undefined,
  newService: (error: unknown): string | undefined => {
    if (named(error, 'InvalidParameter') && message(error).includes('does not have an associated load balancer')) {
      return 'ECS does not see the listener of the target group yet';
    }
    if (named(error, 'InvalidParameter') && message(error).includes('still Draining')) {
      return 'the previous service of that name is still draining';
    }
    if (named(error, 'ClusterNotFound')) return 'ECS does not see the new cluster everywhere yet';
    return transient.serviceLinkedRole(error);
  },
  revision: (error: unknown): string | undefined => {
    if (isUnanswered(error)) return 'AWS did not answer; looking whether it was done';
    return named(error, 'Client') && message(error).includes('Too many concurrent attempts')
      ? 'another revision is being registered'
      : undefined;
  },
  newLoadBalancer: (error: unknown): string | undefined =>
    named(error, 'LoadBalancerNotFound', 'TargetGroupNotFound')
      ? 'AWS does not see the new load balancer and target group everywhere yet'
      : undefined,
  targetGroupInUse: (error: unknown): string | undefined =>
    named(error, 'ResourceInUse') ? 'the listener that uses the target group is not gone yet' : undefined,
  clusterInUse: (error: unknown): string | undefined =>
    named(
      error,
      'ClusterContainsServices',
      'ClusterContainsTasks',
      'ClusterContainsContainerInstances',
      'UpdateInProgress',
    )
      ? 'services, tasks or container instances of the cluster are not gone yet'
      : undefined,
  securityGroupInUse: (error: unknown): string | undefined =>
    named(error, 'DependencyViolation', 'InvalidGroup.InUse')
      ? 'network interfaces that use the security group are not released yet'
      : undefined,
  deleteConflict: (error: unknown): string | undefined =>
    named(error, 'DeleteConflict', 'ConcurrentModification')
      ? 'IAM has not seen everywhere that nothing uses it any more'
      : undefined,
  noAgentYet: (error: unknown): string | undefined =>
    named(error, 'InvalidInstanceId') ? 'the SSM agent of the instance is not online yet' : undefined,
  noInvocationYet: (error: unknown): string | undefined =>
    named(error, 'InvocationDoesNotExist') ? 'the command has not reached the instance yet' : undefined,
} as const;

const profileAdvice = [
  { text: 'aws configure' },
  { text: 'export AWS_PROFILE=…' },
  { command: 'up', flags: { local: true }, note: 'without an account' },
] as const;

/** Error names (less the suffix) that mean one thing wherever they come from. */
const meanings: readonly Meaning[] = [
  [
    /^(CredentialsProviderError|CredentialsError|TokenProviderError)$/,
    'credentials-missing',
    { suggestions: profileAdvice },
  ],
  [
    /^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired)$/,
    'credentials-expired',
    {
      suggestions: [
        { aws: 'sso login', next: sameAgain, onAws: true, note: 'where they come from IAM Identity Center' },
        { ...sameAgain, note: 'once they are fresh: it goes on where this one stopped' },
      ],
      retryable: true,
    },
  ],
  [
    /^(UnrecognizedClient|InvalidClientTokenId|AuthFailure|SignatureDoesNotMatch|InvalidSignature|InvalidAccessKeyId|MissingAuthenticationToken|IncompleteSignature)$/,
    'credentials-invalid',
    { suggestions: [{ aws: 'configure list', note: 'shows where they come from' }] },
  ],
  [/^(AccessDenied|UnauthorizedOperation|UnauthorizedAccess|Forbidden)$/, 'access-denied', {}],
  [
    /^(Throttling|Throttled|RequestLimitExceeded|TooManyRequests|RequestThrottled|SlowDown|EC2Throttled)$/,
    'throttled',
    { suggestions: [againLater], retryable: true },
  ],
  [
    /^(VcpuLimitExceeded|InstanceLimitExceeded|LimitExceeded|TooManyLoadBalancers|TooManyTargetGroups|SecurityGroupLimitExceeded|RulesPerSecurityGroupLimitExceeded|SecurityGroupsPerInterfaceLimitExceeded|TooManyListeners|AddressLimitExceeded|InsufficientFreeAddressesInSubnet)$/,
    'quota-exceeded',
    {
      suggestions: [
        { command: 'sweep', flags: { 'dry-run': true }, note: 'shows the demos that count towards it' },
        { command: 'up', flags: { region: 'us-west-2' }, note: 'another region' },
      ],
    },
  ],
  [
    /^InsufficientInstanceCapacity$/,
    'capacity-unavailable',
    {
      suggestions: [
        { command: 'up', flags: { 'instance-type': 't3.small' } },
        { command: 'up', flags: { region: 'us-west-2' } },
      ],
    },
  ],
  [
    /^(Unsupported|InstanceTypeNotSupported)$/,
    'instance-type-not-offered',
    { suggestions: [{ command: 'up', flags: { 'instance-type': 't3.small' } }] },
  ],
  [
    /^InvalidKeyPair\.NotFound$/,
    'key-pair-missing',
    {
      suggestions: [
        { aws: 'ec2 describe-key-pairs', note: 'shows which there are' },
        { command: 'up', without: ['key-name'], note: '`ecsdemo verify --on-instance` needs none' },
      ],
    },
  ],
  [
    /^(OptInRequired|PendingVerification|Blocked)$/,
    'quota-exceeded',
    { suggestions: [{ ...sameAgain, note: 'once AWS has verified this account: it writes when it has' }] },
  ],
  [
    /^(TargetGroupAssociationLimit|DependencyViolation|ResourceInUse|DeleteConflict)$/,
    'in-use',
    { suggestions: [{ ...sameAgain, note: 'once what uses it is gone' }], retryable: true },
  ],
  [/^OperationNotPermitted$/, 'protected', { suggestions: [{ ...sameAgain, note: 'once its protection is off' }] }],
  ...networkMeanings,
];

/**
 * The error people see for whatever a step threw. An EcsdemoError stays itself and learns its step.
 * AccessDenied names the action that was refused.
 */
export function explain(error: unknown, step?: string): EcsdemoError {
  if (error instanceof EcsdemoError) {
    error.step ??= step;
    return error;
  }
  const at = present({ step });
  const action = awsAction(error);
  const names = [faultName(error), systemCode(error)];
  if (message(error).startsWith('Region is missing')) {
    return new EcsdemoError('region-missing', 'no AWS region is set', {
      ...at,
      suggestions: [{ flags: { region: 'us-east-1' } }, { text: 'export AWS_REGION=us-east-1' }],
      cause: error,
    });
  }
  for (const [pattern, usual, details] of meanings) {
    if (!names.some((name) => pattern.test(name))) continue;
    const { code = usual, suggestions = details.suggestions } = special(usual, message(error)) ?? {};
    if (code !== 'access-denied') {
      return new EcsdemoError(code, sentence(code, action, message(error)), {
        ...details,
        ...at,
        suggestions: suggestions ?? [],
        cause: error,
      });
    }
    const denied = deniedAction(message(error)) ?? action;
    return new EcsdemoError(code, sentence(code, denied, message(error)), {
      ...at,
      suggestions: [
        { command: 'policy', note: 'the least policy that allows it' },
        { ...sameAgain, note: `once these credentials may ${denied ?? 'do that'}` },
      ],
      cause: error,
    });
  }
  if (isNotFound(error) || (named(error, 'Client') && /TaskDefinition is inactive/i.test(message(error)))) {
    // What the steps look for, they expect to be absent; so this was there a moment ago.
    return new EcsdemoError(
      'demo-absent',
      `${sentence('demo-absent', action, message(error))}: something took it away meanwhile, another ecsdemo destroy for one`,
      {
        ...at,
        suggestions: [{ command: 'up' }],
        retryable: true,
        cause: error,
      },
    );
  }
  if (isUnreadable(error)) {
    return new EcsdemoError(
      'endpoint-not-aws',
      `the answer${action === undefined ? '' : ` to ${action}`} cannot be read, so it is not AWS's`,
      {
        ...at,
        suggestions: [towardsAws],
        cause: error,
      },
    );
  }
  // What only ECS itself knows to refuse of a document.
  if (action === 'ecs:RegisterTaskDefinition' && named(error, 'Client', 'InvalidParameter')) {
    return new EcsdemoError('template-invalid', `ECS refuses the task definition: ${message(error)}`, {
      ...at,
      suggestions: [{ ...sameAgain, note: 'once the task definition is changed' }],
      cause: error,
    });
  }
  const status = httpStatus(error) ?? 0;
  // AWS's own trouble passes; by then the SDK has tried for a while.
  const theirs = status >= 500;
  const said = [faultName(error), message(error)].map((words) =>
    /^Unknown(Error)?$/.test(words) ? `HTTP ${status}` : words,
  );
  return new EcsdemoError(
    'unexpected',
    `${action === undefined ? '' : `${action} failed: `}${[...new Set(said)].filter(Boolean).join(': ')}`,
    {
      ...at,
      suggestions: theirs ? [againLater] : [{ flags: { verbose: true }, note: 'shows every call' }],
      retryable: theirs,
      cause: error,
    },
  );
}

/** The action AWS itself names, which need not be the call's own: RunInstances is refused for want of iam:PassRole. */
function deniedAction(said: string): string | undefined {
  return /not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)/.exec(said)?.[1];
}

function sentence(code: ErrorCode, action: string | undefined, said: string): string {
  const by = action === undefined ? '' : ` (${action})`;
  switch (code) {
    case 'access-denied':
      // EC2 says it all in words, and once more encoded.
      return `these credentials may not do ${action ?? 'this'}: ${said.replace(/ ?Encoded authorization failure message: .*$/s, '')}`;
    case 'credentials-missing':
      return `no AWS credentials were found: ${said}`;
    case 'credentials-expired':
      return `the AWS credentials have expired${by}: ${said}`;
    default:
      return `${said}${by}`;
  }
}

/** `ecs:CreateCluster`, put on the error by the call recorder. */
function awsAction(error: unknown): string | undefined {
  const action = (error as { awsAction?: unknown } | undefined)?.awsAction;
  return typeof action === 'string' ? action : undefined;
}
