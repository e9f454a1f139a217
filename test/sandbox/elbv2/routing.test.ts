import { describe, expect, test } from 'vitest';
import { failureOf, judge, matches, probeIntervalMs, probeTimeoutMs } from '../../../src/sandbox/elbv2/health.ts';
import { isMatcher } from '../../../src/sandbox/elbv2/checks.ts';
import { endToEndHeaders, redirectLocation, requestHeaders } from '../../../src/sandbox/elbv2/forwarding.ts';
import {
  admitsInternet,
  createTurns,
  localPortsOf,
  pickGroup,
  pickTarget,
  reaches,
  routableTargets,
} from '../../../src/sandbox/elbv2/routing.ts';
import type { RoutedGroup } from '../../../src/sandbox/elbv2/routing.ts';
import type { TargetState } from '../../../src/sandbox/elbv2/records.ts';
import { aContext, aPace, aRule, aTutorial, aWorld, bindTask, ecsGroup, elbGroup, instanceId } from './factories.ts';

const aGroup = (fields: Partial<RoutedGroup> = {}): RoutedGroup => ({
  targetGroupArn: 'group',
  weight: 1,
  algorithm: 'round_robin',
  targets: ['a', 'b', 'c'].map((key) => ({ key, targetGroupArn: 'group', localPort: 1, reachable: true })),
  ...fields,
});

const states = (...list: TargetState[]): { state: TargetState }[] => list.map((state) => ({ state }));

describe('routableTargets', () => {
  test('are the healthy ones when there is one', () => {
    expect(routableTargets(states('healthy', 'unhealthy', 'initial', 'draining'), {})).toEqual(states('healthy'));
  });

  test('are all in use when none is healthy, never draining or unused ones', () => {
    expect(routableTargets(states('unhealthy', 'initial', 'draining', 'unused'), {})).toEqual(
      states('unhealthy', 'initial'),
    );
    expect(routableTargets(states('draining', 'unused'), {})).toEqual([]);
  });

  test('are all in use below the least number or share that the attributes ask for', () => {
    const prefix = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets';
    const targets = states('healthy', 'unhealthy', 'unhealthy', 'unhealthy');
    expect(routableTargets(targets, { [`${prefix}.count`]: '2' })).toHaveLength(4);
    expect(routableTargets(targets, { [`${prefix}.percentage`]: '50' })).toHaveLength(4);
    expect(routableTargets(targets, { [`${prefix}.percentage`]: '25' })).toHaveLength(1);
  });
});

describe('picking', () => {
  test('takes turns', () => {
    const turns = createTurns();
    const picked = Array.from({ length: 6 }, () => pickTarget(aGroup(), turns, Math.random)?.key);
    expect(picked).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  test('by least outstanding requests avoids the busy, and equals take turns', () => {
    const turns = createTurns();
    turns.underWay.set('a', 3).set('b', 1);
    const group = aGroup({ algorithm: 'least_outstanding_requests' });
    expect(Array.from({ length: 3 }, () => pickTarget(group, turns, Math.random)?.key)).toEqual(['c', 'c', 'c']);
    turns.underWay.clear();
    expect(new Set(Array.from({ length: 3 }, () => pickTarget(group, turns, Math.random)?.key)).size).toBe(3);
  });

  test('by weighted random follows the dice', () => {
    expect(pickTarget(aGroup({ algorithm: 'weighted_random' }), createTurns(), () => 0.5)?.key).toBe('b');
  });

  test('finds nothing in an empty group, and a group by weight', () => {
    expect(pickTarget(aGroup({ targets: [] }), createTurns(), Math.random)).toBeUndefined();
    const groups = [
      aGroup({ targetGroupArn: 'none', weight: 0 }),
      aGroup({ targetGroupArn: 'one', weight: 1 }),
      aGroup({ targetGroupArn: 'three', weight: 3 }),
    ];
    expect(pickGroup(groups, () => 0)?.targetGroupArn).toBe('one');
    expect(pickGroup(groups, () => 0.9)?.targetGroupArn).toBe('three');
    expect(pickGroup([], () => 0)).toBeUndefined();
  });
});

describe('the way to a target', () => {
  test('leads to the local port of a task that is not stopped', () => {
    const world = aWorld();
    const taskArn = bindTask(world, 32_768, 5_001);
    expect(localPortsOf(world).get(`${instanceId}:32768`)).toBe(5_001);
    const task = world.tasks[taskArn];
    if (task) task.lastStatus = 'STOPPED';
    expect(localPortsOf(world).size).toBe(0);
  });

  test('needs a rule for the group or the addresses of the load balancer, on that port', () => {
    const context = aContext();
    const { world } = context;
    const { loadBalancerArn } = aTutorial(context);
    const loadBalancer = world.loadBalancers[loadBalancerArn];
    const group = world.securityGroups[ecsGroup];
    if (!loadBalancer || !group) throw new Error('incomplete world');
    expect(reaches(world, loadBalancer, instanceId, 32_768)).toBe(true);
    group.rules = [aRule({ fromPort: 80, toPort: 80, referencedGroupId: elbGroup })];
    expect(reaches(world, loadBalancer, instanceId, 32_768)).toBe(false);
    group.rules = [aRule({ fromPort: 32_768, toPort: 60_999, cidrIpv4: '172.31.0.0/16' })];
    expect(reaches(world, loadBalancer, instanceId, 32_768)).toBe(true);
    expect(reaches(world, loadBalancer, 'i-00000000000000009', 32_768)).toBe(false);
    const own = world.securityGroups[elbGroup];
    if (own) own.rules = own.rules.filter((rule) => !rule.isEgress);
    expect(reaches(world, loadBalancer, instanceId, 32_768)).toBe(false);
    expect(admitsInternet(world, loadBalancer, 80)).toBe(true);
    expect(admitsInternet(world, loadBalancer, 8080)).toBe(false);
  });
});

describe('health', () => {
  const healthCheck = {
    enabled: true,
    protocol: 'HTTP',
    port: 'traffic-port',
    path: '/',
    intervalSeconds: 5,
    timeoutSeconds: 2,
    healthyThreshold: 3,
    unhealthyThreshold: 2,
    matcher: '200-299,301',
  };
  const ok = { kind: 'status', code: 204 } as const;
  const none = { successes: 0, failures: 0 };

  test('takes the codes of the matcher', () => {
    expect([200, 299, 301].every((code) => matches('200-299,301', code))).toBe(true);
    expect(matches('200-299,301', 300)).toBe(false);
    expect(['200', '200-299', '200,301', '200-204,301-302'].every(isMatcher)).toBe(true);
    expect(['', '2xx', '199', '500', '299-200', '200-', '200,'].some(isMatcher)).toBe(false);
  });

  test('names each failure as AWS does', () => {
    expect(failureOf({ kind: 'status', code: 404 }, healthCheck)).toEqual({
      state: 'unhealthy',
      reason: 'Target.ResponseCodeMismatch',
      description: 'Health checks failed with these codes: [404]',
    });
    expect(failureOf({ kind: 'timeout' }, healthCheck)?.reason).toBe('Target.Timeout');
    expect(failureOf({ kind: 'failed' }, healthCheck)?.reason).toBe('Target.FailedHealthChecks');
    expect(failureOf(ok, healthCheck)).toBeUndefined();
  });

  test('of a new target needs one success, of an unhealthy one the threshold', () => {
    expect(judge({ state: 'initial' }, none, ok, healthCheck, 0).standing).toEqual({ state: 'healthy' });
    expect(judge({ state: 'unhealthy' }, none, ok, healthCheck, 0).standing).toBeUndefined();
    expect(judge({ state: 'unhealthy' }, { successes: 2, failures: 0 }, ok, healthCheck, 0).standing).toEqual({
      state: 'healthy',
    });
  });

  test('goes by failures in a row only', () => {
    const bad = { kind: 'status', code: 500 } as const;
    const first = judge({ state: 'healthy' }, { successes: 9, failures: 0 }, bad, healthCheck, 0);
    expect(first).toEqual({ counts: { successes: 0, failures: 1 } });
    expect(judge({ state: 'healthy' }, first.counts, ok, healthCheck, 0).counts.failures).toBe(0);
    expect(judge({ state: 'healthy' }, first.counts, bad, healthCheck, 0).standing?.state).toBe('unhealthy');
    expect(judge({ state: 'initial' }, none, bad, healthCheck, 0).standing).toMatchObject({
      state: 'initial',
      reason: 'Elb.InitialHealthChecking',
    });
  });

  test('leaves a process that is just starting its real time, and an answer with a wrong code none', () => {
    const counts = { successes: 0, failures: 5 };
    expect(judge({ state: 'initial' }, counts, { kind: 'failed' }, healthCheck, 1_999).standing?.state).toBe('initial');
    expect(judge({ state: 'initial' }, counts, { kind: 'failed' }, healthCheck, 2_000).standing?.state).toBe(
      'unhealthy',
    );
    expect(judge({ state: 'initial' }, counts, { kind: 'status', code: 500 }, healthCheck, 1).standing?.state).toBe(
      'unhealthy',
    );
  });

  test('is probed at the pace, less often once calm, with a real second for an answer', () => {
    const fast = aPace();
    expect(probeIntervalMs(healthCheck, fast, 'initial', none)).toBe(100);
    expect(probeIntervalMs(healthCheck, fast, 'healthy', { successes: 7, failures: 0 })).toBe(400);
    expect(probeIntervalMs(healthCheck, fast, 'healthy', { successes: 99, failures: 0 })).toBe(2_000);
    expect(probeIntervalMs(healthCheck, fast, 'healthy', none)).toBe(100);
    expect(probeIntervalMs(healthCheck, aPace('real'), 'healthy', { successes: 99, failures: 0 })).toBe(5_000);
    expect(probeIntervalMs(healthCheck, aPace('10000'), 'initial', none)).toBe(20);
    expect(probeTimeoutMs(healthCheck, fast)).toBe(1_000);
    expect(probeTimeoutMs(healthCheck, aPace('real'))).toBe(2_000);
  });
});

describe('forwarding', () => {
  const origin = { clientAddress: '203.0.113.9', clientPort: 5000, listenerPort: 80 };
  const valueOf = (headers: string[], name: string): string | undefined => headers[headers.indexOf(name) + 1];

  test('drops what belongs to one connection, and what Connection names', () => {
    const raw = [
      'Connection',
      'close, X-Mine',
      'x-mine',
      '1',
      'Keep-Alive',
      'timeout=5',
      'Accept',
      '*/*',
      'TE',
      'trailers',
      'Transfer-Encoding',
      'chunked',
    ];
    expect(endToEndHeaders(raw)).toEqual(['Accept', '*/*']);
  });

  test('treats X-Forwarded-For by the attribute', () => {
    const raw = ['X-Forwarded-For', '10.0.0.1'];
    const mode = (value: string): Record<string, string> => ({ 'routing.http.xff_header_processing.mode': value });
    expect(valueOf(requestHeaders(raw, origin, {}, []), 'X-Forwarded-For')).toBe('10.0.0.1, 203.0.113.9');
    expect(valueOf(requestHeaders(raw, origin, mode('preserve'), []), 'X-Forwarded-For')).toBe('10.0.0.1');
    expect(requestHeaders(raw, origin, mode('remove'), [])).not.toContain('X-Forwarded-For');
    const withPort = { 'routing.http.xff_client_port.enabled': 'true' };
    expect(valueOf(requestHeaders([], origin, withPort, []), 'X-Forwarded-For')).toBe('203.0.113.9:5000');
  });

  test('continues a trace', () => {
    const headers = requestHeaders(['X-Amzn-Trace-Id', 'Root=1-67891233-abcdef012345678912345678'], origin, {}, []);
    expect(valueOf(headers, 'X-Amzn-Trace-Id')).toMatch(
      /^Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678$/,
    );
  });

  test('makes the location of a redirect', () => {
    const config = { Protocol: 'HTTPS', Port: '443', Host: '#{host}', Path: '/#{path}', Query: '#{query}' };
    expect(redirectLocation(config, { host: 'a.example:80', url: '/x/y?z=1&q=2', listenerPort: 80 })).toBe(
      'https://a.example:443/x/y?z=1&q=2',
    );
    expect(redirectLocation({ ...config, Path: '/new' }, { host: 'a.example', url: '/', listenerPort: 80 })).toBe(
      'https://a.example:443/new',
    );
  });
});
