// The six SDK clients, made when first used, sharing one connection pool, every call counted.
// Knows how to reach AWS; must not know what the calls are for.
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { AdaptiveRetryStrategy, StandardRetryStrategy } from '@smithy/core/retry';
import type { CallRecorder } from './calls.ts';
import { credentialsOf } from './credentials.ts';
import { elsewhereOf } from './elsewhere.ts';
import type { Traced } from './exchange.ts';
import { isBroken, isUnanswered, markUnanswered } from './network-faults.ts';
import { proxyFor } from './proxies.ts';
import { attempts, certificates, refuseMissingServices, type Attempts } from './shared-config.ts';
import { createTransport } from './transport.ts';

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
  /**
   * Where the newest call went when that was not AWS, as AWS_ENDPOINT_URL or the profile says: 'http://127.0.0.1:5000'.
   * Undefined: AWS itself, or an endpoint that was handed in.
   */
  elsewhere(): string | undefined;
  /** Loaded when first asked for; its commands come from aws/ssm.ts. */
  ssm(): Promise<SSMClient>;
  /** Closes the connections. */
  destroy(): void;
}

/**
 * Ten attempts, unless AWS_MAX_ATTEMPTS or the profile says otherwise: the SDK's own three give up on throttling after
 * half a second (aws-facts §0), and a nightly run that failed because a neighbour was busy would be worthless.
 */
const usualAttempts = 10;

/** Nobody listens, or nobody finishes what they say: a network that is only slow gives other errors, so three attempts tell. */
const brokenAttempts = 3;

/** Told when the SDK tries a call again, in a few words: what AWS answered, or what broke. */
export type Retried = (reason: string) => void;

type Strategy = StandardRetryStrategy | AdaptiveRetryStrategy;
type Refresh = AdaptiveRetryStrategy['refreshRetryTokenForRetry'];

/**
 * The SDK's strategy of the mode, except for what no retry cures: a refused connection; a reached quota, which IAM calls
 * LimitExceeded and the SDK takes for throttling (aws-facts §0); a zone without capacity, which EC2 answers with
 * status 500 (aws-facts §18: the next subnet, once each); and a call sent `unrepeated` that may have been carried out.
 */
function retryStrategy(tries: () => Promise<Attempts>, retried: Retried, deadline: () => number) {
  let chosen: Promise<Strategy> | undefined;
  const strategy = (): Promise<Strategy> =>
    (chosen ??= tries().then(({ mode, most }) =>
      mode === 'adaptive' ? new AdaptiveRetryStrategy(async () => most) : new StandardRetryStrategy(most),
    ));
  const refresh: Refresh = async (token, info) => {
    const { error } = info;
    if (error instanceof Error && /^(LimitExceeded(Exception)?|InsufficientInstanceCapacity)$/.test(error.name))
      throw error;
    if (isUnanswered(error)) throw error;
    if (isBroken(error) && token.getRetryCount() + 1 >= brokenAttempts) throw error;
    if (Date.now() > deadline()) throw error;
    const next = await (await strategy()).refreshRetryTokenForRetry(token, info);
    // One attempt more is nothing to speak of; several are time that people see pass.
    if (error instanceof Error && token.getRetryCount() >= 1) retried(`${error.name}: ${error.message}`);
    return next;
  };
  return {
    acquireInitialRetryToken: async (scope: string) => (await strategy()).acquireInitialRetryToken(scope),
    refreshRetryTokenForRetry: refresh,
    recordSuccess: (token: Parameters<Strategy['recordSuccess']>[0]) => {
      void strategy().then((each) => each.recordSuccess(token));
    },
  };
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

/** Made when first asked for, and kept. */
function lazy<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}

/**
 * @param deadline no call is tried again after it; milliseconds since the epoch
 * @param traced told of all that goes over the wire. Absent: nobody wants to know
 */
export function createClients(
  target: Target,
  calls: CallRecorder,
  retried: Retried = () => undefined,
  deadline = () => Number.POSITIVE_INFINITY,
  traced?: Traced,
): Clients {
  const { endpoint, profile, region } = target;
  // With an endpoint of its own, nothing of this machine's set-up for AWS is meant for it.
  const own = endpoint !== undefined;
  const tries = lazy((): Promise<Attempts> =>
    own
      ? Promise.resolve({ most: usualAttempts, mode: 'standard' })
      : refuseMissingServices(profile).then(() => attempts(profile, usualAttempts)),
  );
  let elsewhere: string | undefined;
  const requestHandler = createTransport(
    own
      ? { traced }
      : {
          traced,
          proxyOf: (url) => proxyFor(url, process.env),
          certificates: () => certificates(profile, process.env),
          reaching: (url) => {
            elsewhere = elsewhereOf(url);
          },
        },
  );
  const first = {
    requestHandler,
    retryStrategy: retryStrategy(tries, retried, deadline),
    maxAttempts: async () => (await tries()).most,
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(own
      ? {
          endpoint: endpoint.url,
          credentials: endpoint.credentials,
          useFipsEndpoint: false,
          useDualstackEndpoint: false,
          retryMode: 'standard',
        }
      : { credentials: credentialsOf(profile, process.env) }),
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
    elsewhere: () => elsewhere,
    ssm,
    destroy: () => requestHandler.destroy(),
  };
}
