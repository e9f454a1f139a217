// A server with a handful of operations over a small world: what the server does is tested without any service.
import { CreateSecurityGroup$, DescribeVpcs$, EC2Client } from '@aws-sdk/client-ec2';
import { CreateCluster$, CreateService$, DescribeClusters$, ECSClient } from '@aws-sdk/client-ecs';
import { CreateLoadBalancer$, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateRole$, DeleteRole$, IAMClient } from '@aws-sdk/client-iam';
import { SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentity$, STSClient } from '@aws-sdk/client-sts';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { AwsError } from '../../src/sandbox/aws-error.ts';
import { createCallLog, type CallLog } from '../../src/sandbox/call-log.ts';
import { statusPath } from '../../src/sandbox/connection.ts';
import { randomIds } from '../../src/sandbox/ids.ts';
import { createLoop } from '../../src/sandbox/loop.ts';
import { operationsOf, type OperationRow } from '../../src/sandbox/operation.ts';
import { trackChanges } from '../../src/sandbox/world-changes.ts';
import { parsePace } from '../../src/sandbox/pace.ts';
import { startServer, type ServerOptions } from '../../src/sandbox/server.ts';
import { services as allServices } from '../../src/sandbox/services.ts';
import type { Credentials } from '../../src/sandbox/sigv4.ts';
import type { World } from '../../src/sandbox/world.ts';
import { emptyWorld } from './empty-world.ts';

export const credentials: Credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

const fail = (code: string, message: string, status?: number) => (): never => {
  throw new AwsError(code, message, status);
};

const tiny: Record<string, OperationRow[]> = {
  ecs: [
    [
      CreateCluster$,
      ({ world }, { clusterName = 'default' }: { clusterName?: string }) => {
        world.counters[clusterName] = 1;
        return { cluster: { clusterName, tags: [] } };
      },
    ],
    [CreateService$, fail('ClusterNotFoundException', 'Cluster not found.')],
    [DescribeClusters$, fail('oops', 'x')],
  ],
  ec2: [
    [DescribeVpcs$, () => ({ Vpcs: [] })],
    [CreateSecurityGroup$, fail('InvalidGroup.Duplicate', 'it <exists> & is "yours"')],
  ],
  elasticloadbalancing: [[CreateLoadBalancer$, fail('DuplicateLoadBalancerName', 'there is one')]],
  iam: [
    [CreateRole$, fail('EntityAlreadyExists', 'there is one', 409)],
    [DeleteRole$, () => ({})],
  ],
  sts: [[GetCallerIdentity$, ({ world }) => ({ Account: world.account })]],
};
const services = allServices.map((service) => ({ ...service, operations: operationsOf(tiny[service.id] ?? []) }));

export interface TinyServer {
  endpoint: string;
  port: number;
  world: World;
  log: CallLog;
  defects: unknown[];
}

/** Closed when the test ends. */
export async function tinyServer(options: Partial<ServerOptions> = {}): Promise<TinyServer> {
  const world = emptyWorld('123456789012', 'us-east-1');
  const pace = parsePace('fast');
  if (pace === undefined) throw new Error('no pace');
  const loop = createLoop({
    changes: trackChanges(world),
    clock: systemClock,
    ids: randomIds,
    pace,
    reservePort: () => 0,
    schedules: [],
    changed: () => undefined,
  });
  const log = createCallLog();
  const defects: unknown[] = [];
  const server = await startServer(0, {
    loop,
    services,
    credentials,
    log,
    saved: () => Promise.resolve(),
    control: ({ method, url }) =>
      `${method} ${url}` === `GET ${statusPath}` ? { status: 200, body: { pid: process.pid } } : undefined,
    onDefect: (error) => defects.push(error),
    ...options,
  });
  onTestFinished(() => server.close());
  return { endpoint: `http://127.0.0.1:${server.port}`, port: server.port, world, log, defects };
}

/** `onTestFinished`; a concurrent test must hand in its own context's, since the imported one may be another test's. */
export type AtEnd = (work: () => void | Promise<void>) => void;

/** Real clients for an endpoint; destroyed when the test ends. */
export function clientsFor(
  endpoint: string,
  keys: Credentials = credentials,
  more: { systemClockOffset?: number; region?: string } = {},
  finished: AtEnd = onTestFinished,
) {
  const config = { endpoint, region: 'eu-north-1', credentials: keys, maxAttempts: 1, ...more };
  const clients = {
    ecs: new ECSClient(config),
    ec2: new EC2Client(config),
    elbv2: new ElasticLoadBalancingV2Client(config),
    iam: new IAMClient(config),
    ssm: new SSMClient(config),
    sts: new STSClient(config),
  };
  finished(() => {
    for (const client of Object.values(clients)) client.destroy();
  });
  return clients;
}

/** The rejection of a promise that must reject. */
export async function failureOf(
  promise: Promise<unknown>,
): Promise<Error & { Code?: string; $metadata?: { httpStatusCode?: number } }> {
  return promise.then(
    () => {
      throw new Error('expected a failure');
    },
    (error: unknown) => error as Error,
  );
}
