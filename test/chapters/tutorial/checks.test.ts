import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DescribeServicesCommand, DescribeTasksCommand, ListTasksCommand, type Task } from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { GivenFlags } from '../../../src/base/settings.ts';
import type { Check } from '../../../src/engine/types.ts';
import type { Facts } from '../../../src/chapters/tutorial/context.ts';
import { verify } from '../../../src/chapters/tutorial/checks.ts';
import { aContext } from '../../helpers/a-context.ts';

async function answering(answer: (visit: number) => { status: number; body: string }): Promise<string> {
  let visits = 0;
  const server = createServer((_, response) => {
    const { status, body } = answer(visits++);
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const healthy = (Port: number) => ({ Target: { Id: 'i-1', Port }, TargetHealth: { State: 'healthy' as const } });
const task = (hostPort: number): Task => ({
  taskArn: `task/${hostPort}`,
  lastStatus: 'RUNNING',
  containerInstanceArn: 'ci',
  containers: [{ networkBindings: [{ containerPort: 4567, hostPort }] }],
});

/** A demo in which all is well, but for what `change` does to it. */
async function aDemo(
  change: (facts: Facts) => void = () => undefined,
  options: { tasks?: Task[]; flags?: GivenFlags; DNSName?: string; settled?: number } = {},
) {
  const { tasks = [task(32_768)], flags = {} } = options;
  const DNSName = options.DNSName ?? (await answering(() => ({ status: 200, body: '42' })));
  const made = aContext(flags, {
    network: {
      vpcId: 'vpc-1',
      subnets: [],
      elbSecurityGroup: {
        GroupId: 'sg-elb',
        IpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
      },
      ecsSecurityGroup: {
        GroupId: 'sg-ecs',
        IpPermissions: [{ IpProtocol: 'tcp', FromPort: 1, ToPort: 65_535, UserIdGroupPairs: [{ GroupId: 'sg-elb' }] }],
      },
    },
    service: {
      desiredCount: tasks.length,
      runningCount: tasks.length,
      pendingCount: 0,
      deployments: [{ status: 'PRIMARY', rolloutState: 'COMPLETED' }],
    },
    targets: tasks.map(({ containers }) => healthy(containers?.[0]?.networkBindings?.[0]?.hostPort ?? 0)),
    instances: [{ InstanceId: 'i-1', Placement: { AvailabilityZone: 'us-east-1a' } }],
    members: [{ containerInstanceArn: 'ci', ec2InstanceId: 'i-1' }],
    loadBalancer: { DNSName, AvailabilityZones: [{ ZoneName: 'us-east-1a' }, { ZoneName: 'us-east-1b' }] },
  });
  change(made.context.facts);
  const arns = tasks.map(({ taskArn }) => taskArn ?? '');
  made.ecs.on(ListTasksCommand).callsFake(async ({ nextToken }: { nextToken?: string }) => {
    const from = Number(nextToken ?? 0);
    return {
      taskArns: arns.slice(from, from + 100),
      ...(from + 100 < arns.length ? { nextToken: String(from + 100) } : {}),
    };
  });
  made.ecs.on(DescribeTasksCommand).callsFake(async ({ tasks: asked }: { tasks: string[] }) => {
    if (asked.length > 100) throw new Error('DescribeTasks takes a hundred');
    return { tasks: tasks.filter(({ taskArn = '' }) => asked.includes(taskArn)) };
  });
  // What is seen when the service is waited for once more.
  if (options.settled !== undefined) {
    const { service } = made.context.facts;
    made.context.facts.targetGroup = { TargetGroupArn: 'tg' };
    made.ecs.on(DescribeServicesCommand).resolves({ services: [{ ...service, status: 'ACTIVE' }] });
    made.elbv2.on(DescribeTargetHealthCommand).resolves({ TargetHealthDescriptions: [healthy(options.settled)] });
  }
  const failure = await verify.ensure(made.context, made.run).catch((error: unknown) => error);
  const checks = made.context.facts.checks ?? [];
  const statuses = Object.fromEntries(checks.map(({ id, status }) => [id, status]));
  const detailOf = (id: string): Check | undefined => checks.find((check) => check.id === id);
  return { ...made, failure, checks, statuses, detailOf };
}

describe('verify', () => {
  it('passes where all is well', async () => {
    const { failure, statuses, detailOf, mutating } = await aDemo();
    expect(failure).toEqual([]);
    expect(statuses).toEqual({
      'service-settled': 'pass',
      'targets-healthy': 'pass',
      'security-group-path': 'pass',
      zones: 'pass',
      http: 'pass',
    });
    expect(detailOf('http')?.detail).toBe('"42" 5 times in a row');
    expect(mutating()).toEqual([]);
  });

  it.each<[string, number, number, Check['status'], RegExp]>([
    ['passes when a task was replaced since the service was looked at', 40_000, 32_768, 'pass', /1 of 1 healthy/],
    ['fails when a target stays no task’s', 40_000, 40_000, 'fail', /i-1:40000 is healthy but no running task/],
  ])('%s', async (_what, before, after, status, detail) => {
    const { detailOf, operations } = await aDemo((facts) => (facts.targets = [healthy(before)]), { settled: after });
    expect(detailOf('targets-healthy')).toMatchObject({ status, detail: expect.stringMatching(detail) });
    expect(operations().filter((operation) => operation === 'DescribeServices')).toHaveLength(1);
  });

  it.each<[string, string, (facts: Facts) => void, RegExp]>([
    [
      'service-settled',
      'tasks are missing',
      (facts) => (facts.service = { ...facts.service, runningCount: 0 }),
      /0 of 1 task running/,
    ],
    [
      'service-settled',
      'the rollout goes on',
      (facts) => (facts.service = { ...facts.service, deployments: [{ rolloutState: 'IN_PROGRESS' }] }),
      /rollout IN_PROGRESS/,
    ],
    [
      'targets-healthy',
      'a target is unhealthy',
      (facts) =>
        (facts.targets = [
          { Target: { Id: 'i-1', Port: 32_768 }, TargetHealth: { State: 'unhealthy', Reason: 'Target.Timeout' } },
        ]),
      /Target\.Timeout; that is task 32768$/,
    ],
    [
      'targets-healthy',
      'a task has not passed its health checks',
      (facts) => (facts.targets = [{ Target: { Id: 'i-1', Port: 32_768 }, TargetHealth: { State: 'initial' } }]),
      /0 healthy targets for 1 task; task 32768 has not passed its first health checks$/,
    ],
    ['targets-healthy', 'a target is missing', (facts) => (facts.targets = []), /0 healthy targets for 1 task/],
    [
      'security-group-path',
      'the world is shut out',
      (facts) => delete facts.network?.elbSecurityGroup?.IpPermissions,
      /does not let tcp 80 in/,
    ],
    [
      'security-group-path',
      'the load balancer is shut out',
      (facts) => delete facts.network?.ecsSecurityGroup?.IpPermissions,
      /does not let my-elb-sg reach tcp 32768/,
    ],
    [
      'zones',
      'an instance is in a zone the load balancer lacks',
      (facts) => (facts.instances = [{ Placement: { AvailabilityZone: 'us-east-1f' } }]),
      /us-east-1f, where the load balancer is not enabled/,
    ],
  ])('%s fails when %s, and http is not tried', async (id, _, change, detail) => {
    const { failure, statuses, detailOf } = await aDemo(change);
    expect(failure).toMatchObject({
      code: 'check-failed',
      exitCode: 3,
      diagnosis: expect.arrayContaining([expect.stringMatching(detail)]),
    });
    expect(statuses[id]).toBe('fail');
    expect(detailOf(id)?.suggestion).toBeDefined();
    expect(statuses['http']).toBe('skip');
  });

  it('reads every page of tasks', async () => {
    const tasks = Array.from({ length: 150 }, (_, index) => task(32_768 + index));
    const { statuses, ecs } = await aDemo(undefined, { tasks });
    expect(statuses['targets-healthy']).toBe('pass');
    expect(ecs.commandCalls(DescribeTasksCommand)).toHaveLength(2);
  });

  it('does not mind targets on their way out', async () => {
    const { failure } = await aDemo((facts) =>
      facts.targets?.push({ Target: { Id: 'i-1', Port: 1 }, TargetHealth: { State: 'draining' } }),
    );
    expect(failure).toEqual([]);
  });

  it('waits while the load balancer does not answer yet', async () => {
    const DNSName = await answering((visit) => (visit < 3 ? { status: 503, body: '' } : { status: 200, body: '42' }));
    const { failure, events } = await aDemo(undefined, { DNSName });
    expect(failure).toEqual([]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'waiting', state: 'HTTP 503' }));
  });

  it('wants the answers in a row', async () => {
    const DNSName = await answering((visit) => (visit === 4 ? { status: 502, body: '' } : { status: 200, body: '42' }));
    const { failure, detailOf } = await aDemo(undefined, { DNSName });
    expect(failure).toEqual([]);
    expect(detailOf('http')?.detail).toContain('5 times in a row');
  });

  it('says soon that the answer is another than the one expected', async () => {
    const { failure, detailOf, clock } = await aDemo(undefined, { flags: { expect: '43' } });
    expect(failure).toMatchObject({ code: 'check-failed' });
    expect(detailOf('http')).toMatchObject({ status: 'fail', detail: 'HTTP 200 with "42" does not contain "43"' });
    expect(clock.elapsed()).toBeLessThan(30_000);
  });

  it('gives up on a load balancer that goes on failing, with its last words', async () => {
    const DNSName = await answering(() => ({ status: 504, body: '' }));
    const { failure, detailOf } = await aDemo(undefined, { DNSName });
    expect(failure).toMatchObject({ code: 'check-failed', exitCode: 3 });
    expect(detailOf('http')?.detail).toContain('HTTP 504');
  });

  it('of a service scaled to nothing has nobody to ask', async () => {
    const { failure, statuses } = await aDemo(undefined, { tasks: [] });
    expect(failure).toEqual([]);
    expect(statuses['http']).toBe('skip');
  });
});
