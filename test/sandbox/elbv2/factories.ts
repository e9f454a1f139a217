// A small world with a VPC, groups and an instance, and targets that are real HTTP servers, for ELBv2's tests.
import { createKept } from '../../../src/sandbox/kept.ts';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { createLoadBalancers } from '../../../src/sandbox/elbv2/data-plane.ts';
import { CreateListener } from '../../../src/sandbox/elbv2/listeners.ts';
import { CreateLoadBalancer } from '../../../src/sandbox/elbv2/load-balancers.ts';
import { scheduleElbv2 } from '../../../src/sandbox/elbv2/schedule.ts';
import { CreateTargetGroup } from '../../../src/sandbox/elbv2/target-groups.ts';
import { deregisterTarget, registerTarget } from '../../../src/sandbox/elbv2/targets.ts';
import type { Context } from '../../../src/sandbox/handler.ts';
import { randomIds } from '../../../src/sandbox/ids.ts';
import { createLoop } from '../../../src/sandbox/loop.ts';
import { trackChanges } from '../../../src/sandbox/world-changes.ts';
import type { Loop } from '../../../src/sandbox/loop.ts';
import { parsePace } from '../../../src/sandbox/pace.ts';
import type { Pace } from '../../../src/sandbox/pace.ts';
import { emptyWorld } from '../empty-world.ts';
import type { Instance, SecurityGroupRule } from '../../../src/sandbox/ec2/records.ts';
import type { TargetGroup } from '../../../src/sandbox/elbv2/records.ts';
import type { World } from '../../../src/sandbox/world.ts';

export const vpcId = 'vpc-00000000000000001';
export const elbGroup = 'sg-0000000000000000e';
export const ecsGroup = 'sg-0000000000000000c';
export const instanceId = 'i-00000000000000001';

export function aPace(text = 'fast'): Pace {
  const pace = parsePace(text);
  if (!pace) throw new Error(`no pace: ${text}`);
  return pace;
}

export function subnetId(zone: string): string {
  return `subnet-0000000000000000${zone}`;
}

export function aRule(fields: Partial<SecurityGroupRule>): SecurityGroupRule {
  return {
    securityGroupRuleId: randomIds.ec2('sgr'),
    isEgress: false,
    ipProtocol: 'tcp',
    fromPort: 80,
    toPort: 80,
    tags: [],
    ...fields,
  };
}

const anywhereOut = (): SecurityGroupRule =>
  aRule({ isEgress: true, ipProtocol: '-1', fromPort: -1, toPort: -1, cidrIpv4: '0.0.0.0/0' });

export function anInstance(fields: Partial<Instance> = {}): Instance {
  return {
    instanceId,
    reservationId: 'r-1',
    imageId: 'ami-1',
    instanceType: 't3.micro',
    subnetId: subnetId('a'),
    vpcId,
    availabilityZone: 'us-east-1a',
    privateIpAddress: '172.31.0.10',
    securityGroupIds: [ecsGroup],
    state: 'running',
    launchedAt: 0,
    terminationProtection: false,
    metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 2 },
    monitoring: false,
    networkInterfaceId: 'eni-1',
    volumeId: 'vol-1',
    tags: [],
    volumeTags: [],
    ...fields,
  };
}

/** Subnets in zones a, b, c; the two groups of the tutorial with their rules; a running instance in zone a. */
export function aWorld(): World {
  const world = emptyWorld('123456789012', 'us-east-1');
  world.vpcs[vpcId] = { vpcId, cidrBlock: '172.31.0.0/16', isDefault: true, tags: [] };
  for (const [index, zone] of ['a', 'b', 'c'].entries()) {
    const id = subnetId(zone);
    world.subnets[id] = {
      subnetId: id,
      vpcId,
      cidrBlock: `172.31.${index * 16}.0/20`,
      availabilityZone: `us-east-1${zone}`,
      availabilityZoneId: `use1-az${index + 1}`,
      defaultForAz: true,
      mapPublicIpOnLaunch: true,
      tags: [],
    };
  }
  const group = (groupId: string, groupName: string, rules: SecurityGroupRule[]): void => {
    world.securityGroups[groupId] = {
      groupId,
      groupName,
      description: groupName,
      vpcId,
      tags: [],
      rules: [...rules, anywhereOut()],
    };
  };
  group('sg-0000000000000000d', 'default', []);
  group(elbGroup, 'my-elb-sg', [aRule({ cidrIpv4: '0.0.0.0/0' })]);
  group(ecsGroup, 'my-ecs-sg', [aRule({ fromPort: 1, toPort: 65_535, referencedGroupId: elbGroup })]);
  world.instances[instanceId] = anInstance();
  return world;
}

export function aContext(world: World = aWorld(), fields: Partial<Context> = {}): Context {
  let port = 40_000;
  return {
    world,
    now: 1_000_000,
    ids: randomIds,
    pace: aPace(),
    reservePort: () => port++,
    kept: createKept().kept,
    ...fields,
  };
}

/** The arguments of the tutorial's load balancer. */
export const loadBalancerInput = {
  Name: 'my-elb',
  Subnets: [subnetId('a'), subnetId('b')],
  SecurityGroups: [elbGroup],
};

export const targetGroupInput = {
  Name: 'my-target-group',
  Protocol: 'HTTP' as const,
  Port: 80,
  VpcId: vpcId,
  HealthCheckIntervalSeconds: 5,
  HealthCheckTimeoutSeconds: 2,
  HealthyThresholdCount: 2,
};

/** Load balancer, group and listener of the tutorial, made by their handlers. */
export function aTutorial(context: Context): {
  loadBalancerArn: string;
  targetGroupArn: string;
  listenerArn: string;
  targetGroup: TargetGroup;
} {
  const loadBalancerArn = CreateLoadBalancer(context, loadBalancerInput).LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const targetGroupArn = CreateTargetGroup(context, targetGroupInput).TargetGroups?.[0]?.TargetGroupArn ?? '';
  const listenerArn =
    CreateListener(context, {
      LoadBalancerArn: loadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }).Listeners?.[0]?.ListenerArn ?? '';
  const targetGroup = context.world.targetGroups[targetGroupArn];
  if (!targetGroup) throw new Error('no target group');
  return { loadBalancerArn, targetGroupArn, listenerArn, targetGroup };
}

/** A server on a free loopback port that ends with the test. */
export async function aServer(
  handler: RequestListener,
  prepare?: (server: Server) => void,
): Promise<{ server: Server; port: number }> {
  const server = createServer(handler);
  prepare?.(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** Free loopback ports; free at the time of asking. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createNetServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  return ports;
}

/** Says that a task on the instance binds `port` as the API shows it to a real local port. */
export function bindTask(world: World, port: number, localPort: number): string {
  const containerInstanceArn = `arn:aws:ecs:us-east-1:123456789012:container-instance/my-cluster/${instanceId}`;
  world.containerInstances[containerInstanceArn] ??= {
    containerInstanceArn,
    clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/my-cluster',
    ec2InstanceId: instanceId,
    status: 'ACTIVE',
    agentConnected: true,
    registeredAt: 0,
    version: 1,
    registered: { cpu: 2048, memory: 916, portsTcp: [], portsUdp: [] },
    attributes: [],
    tags: [],
  };
  const taskArn = `arn:aws:ecs:us-east-1:123456789012:task/my-cluster/${port}`;
  world.tasks[taskArn] = {
    taskArn,
    clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/my-cluster',
    containerInstanceArn,
    taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/sinatra-hi:1',
    group: 'service:my-service',
    lastStatus: 'RUNNING',
    desiredStatus: 'RUNNING',
    containers: [
      {
        name: 'web',
        containerArn: `${taskArn}/web`,
        image: 'tongueroo/sinatra',
        lastStatus: 'RUNNING',
        essential: true,
        cpu: 128,
        networkBindings: [{ containerPort: 4567, hostPort: port, localPort, protocol: 'tcp' }],
      },
    ],
    cpu: 128,
    memory: 128,
    createdAt: 0,
    version: 1,
    tags: [],
  };
  return taskArn;
}

export interface Running {
  loop: Loop;
  world: World;
  /** http://127.0.0.1:<port> of the load balancer. */
  url: string;
  port: number;
  loadBalancerArn: string;
  targetGroupArn: string;
  listenerArn: string;
  targetGroup: TargetGroup;
  /** Registers a target on the instance that is served at this local port; gives its port in the API. */
  register(localPort: number): number;
  deregister(port: number): void;
  /** Resolves once `check` holds in the world, looking after every change; fails after 30 seconds. */
  until(check: (world: World) => boolean): Promise<void>;
  stateOf(port: number): string | undefined;
}

/** The tutorial's load balancer really running, on the real clock; ends with the test. */
export async function aRunning({
  pace = 'fast',
  prepare,
}: { pace?: string; prepare?: (world: World) => void } = {}): Promise<Running> {
  const ports = await freePorts(4);
  const world = aWorld();
  prepare?.(world);
  const watchers = new Set<() => void>();
  const thePace = aPace(pace);
  const loop = createLoop({
    changes: trackChanges(world),
    clock: systemClock,
    ids: randomIds,
    pace: thePace,
    reservePort: () => ports.shift() ?? 0,
    schedules: [scheduleElbv2],
    changed: () => {
      for (const watcher of watchers) watcher();
    },
  });
  loop.attach(createLoadBalancers({ change: loop.change, clock: systemClock, pace: thePace }));
  onTestFinished(() => loop.close());
  const made = loop.change(aTutorial);
  const loadBalancer = world.loadBalancers[made.loadBalancerArn];
  if (!loadBalancer) throw new Error('no load balancer');
  let nextPort = 32_768;
  const running: Running = {
    ...made,
    loop,
    world,
    url: `http://${loadBalancer.dnsName}`,
    port: loadBalancer.localPort,
    register(localPort) {
      const port = nextPort++;
      loop.change((context) => {
        bindTask(world, port, localPort);
        registerTarget(context, made.targetGroup, instanceId, port);
      });
      return port;
    },
    deregister(port) {
      loop.change((context) => deregisterTarget(context, made.targetGroup, instanceId, port));
    },
    until(check) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          if (!check(world)) return;
          done();
          resolve();
        };
        const timer = setTimeout(() => {
          done();
          reject(new Error(`waited in vain; targets: ${JSON.stringify(made.targetGroup.targets)}`));
        }, 30_000);
        const done = (): void => {
          clearTimeout(timer);
          watchers.delete(look);
        };
        watchers.add(look);
        look();
      });
    },
    stateOf: (port) => made.targetGroup.targets[`${instanceId}:${port}`]?.state,
  };
  await running.until(() => loadBalancer.state === 'active');
  return running;
}
