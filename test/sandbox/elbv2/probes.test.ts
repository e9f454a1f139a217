import { describe, expect, test } from 'vitest';
import { aRunning, aServer, ecsGroup, freePorts, instanceId } from './factories.ts';

describe('health probes', () => {
  test('make a registered target healthy by its first success', async () => {
    let probes = 0;
    let agent: string | undefined;
    const { port: localPort } = await aServer((request, response) => {
      probes++;
      agent = request.headers['user-agent'];
      response.end('42');
    });
    const running = await aRunning();
    const port = running.register(localPort);
    expect(running.targetGroup.targets[`${instanceId}:${port}`]).toMatchObject({
      state: 'initial',
      reason: 'Elb.RegistrationInProgress',
    });
    await running.until(() => running.stateOf(port) === 'healthy');
    expect(probes).toBe(1);
    expect(agent).toBe('ELB-HealthChecker/2.0');
    expect(running.targetGroup.targets[`${instanceId}:${port}`]?.reason).toBeUndefined();
  });

  test('tell a wrong code, and recover only after the healthy threshold', async () => {
    let status = 500;
    let successes = 0;
    const { port: localPort } = await aServer((_request, response) => {
      if (status === 200) successes++;
      response.writeHead(status).end();
    });
    const running = await aRunning();
    const port = running.register(localPort);
    await running.until(() => running.stateOf(port) === 'unhealthy');
    expect(running.targetGroup.targets[`${instanceId}:${port}`]).toMatchObject({
      reason: 'Target.ResponseCodeMismatch',
      description: 'Health checks failed with these codes: [500]',
    });
    status = 200;
    await running.until(() => running.stateOf(port) === 'healthy');
    expect(successes).toBe(2);
  });

  test('tell a refused connection as failed health checks, a while after the registration only', async () => {
    const [localPort = 0] = await freePorts(1);
    const running = await aRunning();
    const registeredAt = Date.now();
    const port = running.register(localPort);
    await running.until(() => running.stateOf(port) === 'unhealthy');
    expect(Date.now() - registeredAt).toBeGreaterThanOrEqual(2_000);
    expect(running.targetGroup.targets[`${instanceId}:${port}`]).toMatchObject({
      reason: 'Target.FailedHealthChecks',
      description: 'Health checks failed',
    });
  });

  test('tell silence as a timeout', async () => {
    const { port: localPort } = await aServer(() => undefined);
    const running = await aRunning();
    const port = running.register(localPort);
    await running.until(() => running.stateOf(port) === 'unhealthy');
    expect(running.targetGroup.targets[`${instanceId}:${port}`]).toMatchObject({
      reason: 'Target.Timeout',
      description: 'Request timed out',
    });
  });

  test('never get through without the rule from the load balancer, and do once it is there', async () => {
    const { port: localPort } = await aServer((_request, response) => response.end('42'));
    const running = await aRunning({
      prepare: (world) => {
        const group = world.securityGroups[ecsGroup];
        if (group) group.rules = group.rules.filter((rule) => rule.isEgress);
      },
    });
    const port = running.register(localPort);
    await running.until(() => running.stateOf(port) === 'unhealthy');
    expect(running.targetGroup.targets[`${instanceId}:${port}`]?.reason).toBe('Target.Timeout');
    running.loop.change(({ world }) => {
      world.securityGroups[ecsGroup]?.rules.push({
        securityGroupRuleId: 'sgr-1',
        isEgress: false,
        ipProtocol: 'tcp',
        fromPort: 1,
        toPort: 65_535,
        cidrIpv4: '172.31.0.0/16',
        tags: [],
      });
    });
    await running.until(() => running.stateOf(port) === 'healthy');
    expect(running.stateOf(port)).toBe('healthy');
  });

  test('notice a healthy target that turns bad', async () => {
    let status = 200;
    const { port: localPort } = await aServer((_request, response) => response.writeHead(status).end());
    const running = await aRunning();
    const port = running.register(localPort);
    await running.until(() => running.stateOf(port) === 'healthy');
    status = 503;
    await running.until(() => running.stateOf(port) === 'unhealthy');
    expect(running.targetGroup.targets[`${instanceId}:${port}`]?.reason).toBe('Target.ResponseCodeMismatch');
  });

  test('stop with their target', async () => {
    let probes = 0;
    const { port: localPort } = await aServer((_request, response) => {
      probes++;
      response.end('42');
    });
    let otherProbes = 0;
    let fifth: (() => void) | undefined;
    const fifthProbe = new Promise<void>((resolve) => {
      fifth = resolve;
    });
    const { port: otherLocalPort } = await aServer((_request, response) => {
      otherProbes++;
      if (otherProbes === 5) fifth?.();
      response.end('42');
    });
    const running = await aRunning();
    const port = running.register(localPort);
    await running.until(() => running.stateOf(port) === 'healthy');
    running.deregister(port);
    const before = probes;
    // Five probes of another target are time enough for a prober that went on to be seen.
    running.register(otherLocalPort);
    await fifthProbe;
    expect(running.stateOf(port)).toBe('draining');
    expect(probes).toBe(before);
  });
});
