// The one class of failure people see, and the closed table of its codes with their exit codes.
// The README's table and the help's "ERROR CODES" are printed from here; a test keeps them equal.
import type { Suggestion } from './suggestion.ts';

/** Exit codes are contract: scripts rely on them. */
export const exitCodes = {
  failed: 1,
  usage: 2,
  unhealthy: 3,
  blocked: 4,
  credentials: 5,
  timeout: 6,
  interrupted: 130,
} as const;

export type ExitName = keyof typeof exitCodes;

/** What each means to a script, in a line. */
export const exitMeanings: Record<ExitName, string> = {
  failed: 'failed for another reason (unexpected error, something left behind)',
  usage: 'wrong usage: found before the first AWS call',
  unhealthy: 'the demo is not healthy: a check of `verify` or `doctor` failed, the service cannot become stable',
  blocked: 'blocked: a resource of that name is not ours, wrong account, protected',
  credentials: 'credentials missing, expired, or not allowed to do a named action',
  timeout: 'timed out, with what was being waited for and its last state',
  interrupted: 'interrupted',
};

/** Every error code, the way it exits, and what it means in a line. Codes are stable: scripts match on them. */
export const errorCodes = {
  unexpected: ['failed', 'a failure that ecsdemo has no advice for; run again with --verbose'],
  leftovers: ['failed', 'destroy finished but something of the demo is still there'],
  'demos-found': ['failed', 'sweep --dry-run found demos that it would remove'],
  declined: ['failed', 'the question was answered with no'],
  'sandbox-not-running': ['failed', 'no sandbox is running in this state directory'],
  'sandbox-failed': ['failed', 'the sandbox could not start, or stopped'],
  'sandbox-state-damaged': ['failed', "the sandbox's state file cannot be read"],
  'port-in-use': ['failed', 'the port asked for is taken by another program'],
  'endpoint-unreachable': ['failed', 'the AWS endpoint does not answer'],
  'endpoint-not-aws': ['failed', 'what answers at the address of AWS does not answer as AWS'],
  'quota-exceeded': ['failed', 'an AWS quota of this account is used up'],
  'capacity-unavailable': ['failed', 'EC2 has no capacity for the instance type in any zone tried'],
  throttled: ['failed', 'AWS kept answering that the request rate is too high'],
  usage: ['usage', 'a flag or argument is wrong'],
  'name-invalid': ['usage', 'the demo name would break a limit of AWS'],
  'template-invalid': ['usage', 'the task definition file cannot be used'],
  'region-missing': ['usage', 'no region is set'],
  'no-default-vpc': ['failed', 'the region has no default VPC and none was named'],
  'subnets-unsuitable': ['failed', 'the subnets cannot hold the load balancer or the instance'],
  'instance-type-not-offered': ['failed', 'the instance type is not offered in any usable zone'],
  'key-pair-missing': ['failed', 'the key pair does not exist in the region'],
  'demo-absent': ['unhealthy', 'there is no demo of that name to work on'],
  'service-unstable': ['unhealthy', 'the service cannot become stable'],
  'crash-loop': ['unhealthy', 'the tasks stop again as soon as they start'],
  'cannot-start': ['unhealthy', 'a task cannot start: what its definition names is not there, or is refused'],
  'container-unhealthy': ['unhealthy', "a container's own health check fails"],
  'cannot-pull': ['unhealthy', 'the container image cannot be pulled'],
  'cannot-place': ['unhealthy', 'no container instance has room for a task'],
  'does-not-fit': ['unhealthy', 'so many tasks do not fit the registered container instances'],
  'agent-missing': ['unhealthy', 'the container instance never registered with the cluster'],
  'agent-disconnected': ['unhealthy', 'the ECS agent of the container instance lost its connection'],
  'target-unhealthy': ['unhealthy', "the load balancer's health check fails"],
  'stray-target': ['unhealthy', 'a target is registered that no task of the service is behind'],
  'load-balancer-failed': ['unhealthy', 'the load balancer could not be provisioned'],
  'instance-failed': ['unhealthy', 'the container instance stopped or terminated while starting'],
  'check-failed': ['unhealthy', 'a check of verify or doctor failed'],
  'not-ours': ['blocked', 'a resource of that name exists and is not owned by this demo'],
  'wrong-account': ['blocked', 'the credentials belong to another account than --account'],
  protected: ['blocked', 'deletion or termination protection is on'],
  'network-mode-fixed': ['blocked', 'the demo stands with a target group that the network mode cannot use'],
  'in-use': ['blocked', 'a resource of the demo is used by something else'],
  'credentials-missing': ['credentials', 'no AWS credentials were found'],
  'credentials-expired': ['credentials', 'the AWS credentials have expired'],
  'credentials-invalid': ['credentials', 'AWS does not accept the credentials'],
  'access-denied': ['credentials', 'the credentials may not do a named action'],
  timeout: ['timeout', 'something took longer than --timeout'],
  interrupted: ['interrupted', 'stopped by Ctrl-C or a signal'],
} as const satisfies Record<string, readonly [ExitName, string]>;

export type ErrorCode = keyof typeof errorCodes;

export interface ErrorDetails {
  /** What a person can try, most useful first. */
  suggestions?: readonly Suggestion[];
  /** The step that failed, when one did. */
  step?: string;
  /** True when running the same command again may succeed with nothing changed. @default false */
  retryable?: boolean;
  /** Lines that explain the failure: service events, stopped tasks, target reasons. */
  diagnosis?: string[];
  cause?: unknown;
}

/**
 * Every failure that a person can cause or AWS can give.
 * `oclif.exit` and `exitCode` are what oclif reads (plain and under --json); no import of oclif is needed for that.
 */
export class EcsdemoError extends Error {
  readonly code: ErrorCode;
  suggestions: readonly Suggestion[];
  readonly retryable: boolean;
  readonly diagnosis: string[];
  readonly exitCode: number;
  readonly oclif: { exit: number };
  step: string | undefined;

  /** `message`: one sentence, lowercase start, with the wrong value in it. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'EcsdemoError';
    this.code = code;
    this.suggestions = details.suggestions ?? [];
    this.retryable = details.retryable ?? false;
    this.diagnosis = details.diagnosis ?? [];
    this.step = details.step;
    this.exitCode = exitCodes[errorCodes[code][0]];
    this.oclif = { exit: this.exitCode };
  }
}
