// The six SDK clients, made when first used, sharing one connection pool, every call counted.
// Knows how to reach AWS; must not know what the calls are for.
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { StandardRetryStrategy } from '@smithy/core/retry';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { present } from '../base/present.ts';
import type { CallRecorder } from './calls.ts';
import { isUnanswered, markUnanswered } from './faults.ts';

export interface Target {
  /** Absent: the SDK's chain (environment, profile). */
  region?: string;
  /** A named profile of the shared configuration files. */
  profile?: string;
  /** An AWS-compatible endpoint with its own credentials, the sandbox for one. Absent: AWS, or AWS_ENDPOINT_URL. */
  endpoint?: { url: string; credentials: { accessKeyId: string; secretAccessKey: string } };
}

export interface Clients {
  readonly ecs: ECSClient;
  readonly ec2: EC2Client;
  readonly elbv2: ElasticLoadBalancingV2Client;
  readonly iam: IAMClient;
  readonly sts: STSClient;
  /** Loaded when first asked for; its commands come from aws/ssm.ts. */
  ssm(): Promise<SSMClient>;
  /** Closes the connections. */
  destroy(): void;
}

/**
 * Ten attempts: the SDK's own three give up on throttling after half a second (aws-facts §0), and a nightly run
 * that failed because a neighbour was busy would be worthless.
 */
const maxAttempts = 10;

/** Nobody listens: a network that is only slow gives other errors, so three attempts tell. */
const refusedAttempts = 3;

/** Told when the SDK tries a call again, in a few words: what AWS answered, or what broke. */
export type Retried = (reason: string) => void;

/**
 * The SDK's standard strategy, except for what no retry cures: a refused connection; a reached quota, which IAM calls
 * LimitExceeded and the SDK takes for throttling (aws-facts §0); a zone without capacity, which EC2 answers with
 * status 500 (aws-facts §18: the next subnet, once each); and a call sent `unrepeated` that may have been carried out.
 */
function retryStrategy(retried: Retried, deadline: () => number): StandardRetryStrategy {
  const strategy = new StandardRetryStrategy(maxAttempts);
  const refresh = strategy.refreshRetryTokenForRetry.bind(strategy);
  strategy.refreshRetryTokenForRetry = async (token, info) => {
    const { error } = info;
    if (error instanceof Error && /^(LimitExceeded(Exception)?|InsufficientInstanceCapacity)$/.test(error.name))
      throw error;
    if (isUnanswered(error)) throw error;
    if (
      (error as { code?: string } | undefined)?.code === 'ECONNREFUSED' &&
      token.getRetryCount() + 1 >= refusedAttempts
    )
      throw error;
    if (Date.now() > deadline()) throw error;
    // One attempt more is nothing to speak of; several are time that people see pass.
    if (error instanceof Error && token.getRetryCount() >= 1) retried(`${error.name}: ${error.message}`);
    return refresh(token, info);
  };
  return strategy;
}

/** What all SDK commands have in common, as far as `unrepeated` goes. */
interface Sendable {
  middlewareStack: {
    add(
      middleware: (next: (args: never) => Promise<unknown>) => (args: never) => Promise<unknown>,
      options: { step: 'finalizeRequest'; name: string; priority: 'low' },
    ): void;
  };
}

/**
 * For a command that AWS would carry out twice: when its answer is lost, the SDK does not send it again but fails with an
 * error that `isUnanswered` knows, and the caller looks first whether it was done.
 */
export function unrepeated<Command>(command: Command): Command {
  (command as unknown as Sendable).middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw markUnanswered(error);
      }
    },
    { step: 'finalizeRequest', name: 'ecsdemoUnrepeated', priority: 'low' },
  );
  return command;
}

/** `deadline`: no call is tried again after it; milliseconds since the epoch. */
export function createClients(
  target: Target,
  calls: CallRecorder,
  retried: Retried = () => undefined,
  deadline = () => Number.POSITIVE_INFINITY,
): Clients {
  // Without throwOnRequestTimeout a request that is never answered is only warned of, and hangs for ever.
  const requestHandler = new NodeHttpHandler({
    connectionTimeout: 10_000,
    requestTimeout: 60_000,
    throwOnRequestTimeout: true,
  });
  const first = {
    requestHandler,
    retryStrategy: retryStrategy(retried, deadline),
    ...present({ region: target.region, profile: target.profile }),
    ...(target.endpoint === undefined
      ? {}
      : { endpoint: target.endpoint.url, credentials: target.endpoint.credentials }),
  };
  const lazy = <Client>(make: () => Client): (() => Client) => {
    let client: Client | undefined;
    return () => (client ??= make());
  };
  const sts = lazy(() => calls.watch(new STSClient(first), 'sts'));
  // One chain for all: six clients that start at once would ask a credential_process, or a person for a code, six times.
  const config = { ...first, credentials: (given?: Record<string, unknown>) => sts().config.credentials(given) };
  const ecs = lazy(() => calls.watch(new ECSClient(config), 'ecs'));
  const ec2 = lazy(() => calls.watch(new EC2Client(config), 'ec2'));
  const elbv2 = lazy(() => calls.watch(new ElasticLoadBalancingV2Client(config), 'elasticloadbalancing'));
  const iam = lazy(() => calls.watch(new IAMClient(config), 'iam'));
  const ssm = lazy(async () => calls.watch(new (await import('./ssm.ts')).SSMClient(config), 'ssm'));
  return {
    get ecs() {
      return ecs();
    },
    get ec2() {
      return ec2();
    },
    get elbv2() {
      return elbv2();
    },
    get iam() {
      return iam();
    },
    get sts() {
      return sts();
    },
    ssm,
    destroy: () => requestHandler.destroy(),
  };
}
