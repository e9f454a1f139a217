// A world with a cluster's surroundings, the real loop and schedules, a hand-driven clock, and containers and probes
// that behave as a test says. No processes, no sockets.
import type { Clock } from '../../../src/base/clock.ts';
import { imagesOf } from '../../../src/sandbox/ec2/images.ts';
import { scheduleEc2 } from '../../../src/sandbox/ec2/schedule.ts';
import { CreateCluster } from '../../../src/sandbox/ecs/clusters.ts';
import { scheduleEcs } from '../../../src/sandbox/ecs/schedule.ts';
import { RegisterTaskDefinition } from '../../../src/sandbox/ecs/task-definitions.ts';
import { mayStop } from '../../../src/sandbox/ecs/container-order.ts';
import { definitionsOf } from '../../../src/sandbox/ecs/container-program.ts';
import { containerExited, containerJudged, containerStarted } from '../../../src/sandbox/ecs/task-reports.ts';
import { scheduleElbv2 } from '../../../src/sandbox/elbv2/schedule.ts';
import type { Context } from '../../../src/sandbox/handler.ts';
import { randomIds } from '../../../src/sandbox/ids.ts';
import { createLoop, type Loop, type Runtime } from '../../../src/sandbox/loop.ts';
import { trackChanges } from '../../../src/sandbox/world-changes.ts';
import { parsePace, type Pace } from '../../../src/sandbox/pace.ts';
import type { World } from '../../../src/sandbox/world.ts';
import { emptyWorld } from '../empty-world.ts';
import type { Service, Task } from '../../../src/sandbox/ecs/records.ts';

export interface TestClock extends Clock {
  /** Runs every timer due within `ms`, in order. */
  advance(ms: number): void;
}

export function createTestClock(start = Date.UTC(2026, 10, 22)): TestClock {
  let now = start;
  let timers: { at: number; fn: () => void }[] = [];
  return {
    now: () => now,
    after(ms, fn) {
      const timer = { at: now + ms, fn };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers = timers.filter((one) => one !== next);
        now = Math.max(now, next.at);
        next.fn();
      }
      now = end;
    },
  };
}

export interface HarnessOptions {
  /** What a container does: 'run' (default), 'crash' at once, `{ crashAfterMs }`, or end by itself with a code. */
  container?: (task: Task, name: string) => Play;
  /** What its health check finds 30 ms after the start; undefined (default): it has none. */
  health?: (task: Task, name: string) => 'HEALTHY' | 'UNHEALTHY' | undefined;
  /** What probes find at a target: true healthy (default). */
  probe?: (port: number) => boolean;
  instanceType?: string;
  instances?: number;
  pace?: Pace;
}

export type Play = 'run' | 'crash' | { crashAfterMs: number } | { exitsAfterMs: number; code: number };

export interface Harness {
  /** What happened to containers, in order: `start web`, `stop web` (SIGTERM), `end web`. */
  history: string[];

  world: World;
  clock: TestClock;
  loop: Loop;
  pace: Pace;
  /** Calls a handler as the server would, inside `change`. */
  call<Input, Output>(handler: (context: Context, input: Input) => Output, input: Input): Output;
  launch(count: number): void;
  service(name?: string): Service;
  /** Tasks of everything that are not STOPPED. */
  live(): Task[];
  /** Advances in small steps until `done`, at most `limitMs` of the clock's time. */
  until(done: () => boolean, limitMs?: number): void;
}

export const targetGroupArn =
  'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/my-target-group/0123456789abcdef';

function fast(): Pace {
  const pace = parsePace('fast');
  if (!pace) throw new Error('no fast pace');
  return pace;
}

/** A cluster `my-cluster` with container instances that boot and register, a target group on a listener, and `sinatra-hi:1`. */
export function createHarness(options: HarnessOptions = {}): Harness {
  const clock = createTestClock();
  const pace = options.pace ?? fast();
  const world = emptyWorld('123456789012', 'us-east-1');
  let port = 40_000;
  const loop = createLoop({
    changes: trackChanges(world),
    clock,
    ids: randomIds,
    pace,
    reservePort: () => port++,
    schedules: [scheduleEc2, scheduleEcs, scheduleElbv2],
    changed: () => undefined,
  });
  const history: string[] = [];
  loop.attach(fakeContainers(loop, clock, () => port++, history, options));
  loop.attach(fakeProbes(loop, clock, options.probe));
  const call: Harness['call'] = (handler, input) => loop.change((context) => handler(context, input));

  world.roles['ecsInstanceRole'] = {
    roleName: 'ecsInstanceRole',
    roleId: 'AROA',
    path: '/',
    arn: 'arn:aws:iam::123456789012:role/ecsInstanceRole',
    assumeRolePolicyDocument:
      '{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
    createdAt: 0,
    attachedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role'],
    inlinePolicies: {},
    tags: [],
  };
  world.instanceProfiles['ecsInstanceRole'] = {
    instanceProfileName: 'ecsInstanceRole',
    instanceProfileId: 'AIPA',
    path: '/',
    arn: 'arn:aws:iam::123456789012:instance-profile/ecsInstanceRole',
    roleNames: ['ecsInstanceRole'],
    createdAt: 0,
    visibleToEc2At: 0,
    tags: [],
  };
  world.securityGroups['sg-1'] = {
    groupId: 'sg-1',
    groupName: 'my-ecs-sg',
    description: '',
    vpcId: 'vpc-1',
    tags: [],
    rules: [
      {
        securityGroupRuleId: 'sgr-1',
        isEgress: true,
        ipProtocol: '-1',
        fromPort: -1,
        toPort: -1,
        cidrIpv4: '0.0.0.0/0',
        tags: [],
      },
    ],
  };
  for (const [index, zone] of ['us-east-1a', 'us-east-1b'].entries()) {
    world.subnets[`subnet-${index}`] = {
      subnetId: `subnet-${index}`,
      vpcId: 'vpc-1',
      cidrBlock: `172.31.${index * 16}.0/20`,
      availabilityZone: zone,
      availabilityZoneId: `use1-az${index + 1}`,
      defaultForAz: true,
      mapPublicIpOnLaunch: true,
      tags: [],
    };
  }
  loadBalanced(world);
  call(CreateCluster, { clusterName: 'my-cluster' });
  call(RegisterTaskDefinition, taskDefinition());

  let launched = 0;
  const harness: Harness = {
    history,
    world,
    clock,
    loop,
    pace,
    call,
    launch(count) {
      loop.change((context) => {
        for (let each = 0; each < count; each++)
          launchInstance(context, `i-${launched++}`, options.instanceType ?? 't3.micro');
      });
    },
    service(name = 'my-service') {
      const found = world.services[`arn:aws:ecs:us-east-1:123456789012:service/my-cluster/${name}`];
      if (!found) throw new Error(`no service ${name}`);
      return found;
    },
    live: () => Object.values(world.tasks).filter(({ lastStatus }) => lastStatus !== 'STOPPED'),
    until(done, limitMs = 20_000) {
      for (let passed = 0; !done(); passed += 5) {
        if (passed > limitMs)
          throw new Error(
            `not reached: ${JSON.stringify(Object.values(world.services).map(({ events }) => events.slice(0, 5)))}`,
          );
        clock.advance(5);
      }
    },
  };
  harness.launch(options.instances ?? 1);
  return harness;
}

/** `sinatra-hi` as the tutorial registers it. */
export function taskDefinition(over: Record<string, unknown> = {}): Parameters<typeof RegisterTaskDefinition>[1] {
  return {
    family: 'sinatra-hi',
    containerDefinitions: [
      {
        name: 'web',
        image: 'tongueroo/sinatra:latest',
        cpu: 128,
        memoryReservation: 128,
        essential: true,
        command: ['ruby', 'hi.rb'],
        portMappings: [{ containerPort: 4567, protocol: 'tcp' }],
        ...over,
      },
    ],
  };
}

function launchInstance({ world, now, pace }: Context, instanceId: string, instanceType: string): void {
  const subnet = world.subnets[`subnet-${Object.keys(world.instances).length % 2}`];
  world.instances[instanceId] = {
    instanceId,
    reservationId: `r-${instanceId}`,
    imageId: imagesOf('us-east-1').find((image) => image.ecsOptimized)?.imageId ?? '',
    instanceType,
    subnetId: subnet?.subnetId ?? '',
    vpcId: 'vpc-1',
    availabilityZone: subnet?.availabilityZone ?? '',
    privateIpAddress: '172.31.0.10',
    publicIpAddress: '203.0.113.10',
    securityGroupIds: ['sg-1'],
    instanceProfileArn: 'arn:aws:iam::123456789012:instance-profile/ecsInstanceRole',
    userData: Buffer.from('#!/bin/bash\necho ECS_CLUSTER=my-cluster >> /etc/ecs/ecs.config\n').toString('base64'),
    state: 'running',
    launchedAt: now,
    bootedAt: now + pace.of('instanceBoot'),
    terminationProtection: false,
    metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 2 },
    monitoring: false,
    networkInterfaceId: `eni-${instanceId}`,
    volumeId: `vol-${instanceId}`,
    tags: [],
    volumeTags: [],
  };
}

function loadBalanced(world: World): void {
  const loadBalancerArn =
    'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/my-elb/0123456789abcdef';
  world.loadBalancers[loadBalancerArn] = {
    loadBalancerArn,
    loadBalancerName: 'my-elb',
    dnsName: '127.0.0.1:1',
    localPort: 1,
    scheme: 'internet-facing',
    type: 'application',
    ipAddressType: 'ipv4',
    vpcId: 'vpc-1',
    subnetIds: ['subnet-0', 'subnet-1'],
    securityGroupIds: ['sg-1'],
    state: 'active',
    attributes: {},
    createdAt: 0,
    tags: [],
  };
  const listenerArn = `${loadBalancerArn.replace('loadbalancer', 'listener')}/0`;
  world.listeners[listenerArn] = {
    listenerArn,
    loadBalancerArn,
    port: 80,
    protocol: 'HTTP',
    defaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    targetGroupArn,
    tags: [],
  };
  world.targetGroups[targetGroupArn] = {
    targetGroupArn,
    targetGroupName: 'my-target-group',
    protocol: 'HTTP',
    protocolVersion: 'HTTP1',
    port: 80,
    vpcId: 'vpc-1',
    targetType: 'instance',
    ipAddressType: 'ipv4',
    healthCheck: {
      enabled: true,
      protocol: 'HTTP',
      port: 'traffic-port',
      path: '/',
      intervalSeconds: 5,
      timeoutSeconds: 4,
      healthyThreshold: 2,
      unhealthyThreshold: 2,
      matcher: '200',
    },
    attributes: { 'deregistration_delay.timeout_seconds': '5' },
    targets: {},
    createdAt: 0,
    tags: [],
  };
}

function fakeContainers(
  loop: Loop,
  clock: Clock,
  nextPort: () => number,
  history: string[],
  { container: behave = () => 'run', health = () => undefined }: HarnessOptions,
): Runtime {
  const known = new Set<string>();
  const stopping = new Set<string>();
  return {
    sync(world) {
      for (const task of Object.values(world.tasks)) {
        const definitions = definitionsOf(world, task);
        for (const container of task.containers) {
          const { name, containerArn, lastStatus, createdAt } = container;
          const exit = (code: number): void => {
            if (container.lastStatus !== 'STOPPED') history.push(`end ${name}`);
            loop.change((context) => containerExited(context, task.taskArn, name, code));
          };
          if (
            task.lastStatus === 'PENDING' &&
            createdAt !== undefined &&
            lastStatus === 'PENDING' &&
            !known.has(containerArn)
          ) {
            known.add(containerArn);
            const behaviour = behave(task, name);
            clock.after(20, () => {
              if (container.lastStatus === 'STOPPED' || stopping.has(containerArn)) return;
              history.push(`start ${name}`);
              const listening = { containerPort: 4567, localPort: nextPort() };
              loop.change((context) => {
                containerStarted(context, task.taskArn, name, listening);
                if (behaviour === 'crash') containerExited(context, task.taskArn, name, 1);
              });
              const judged = health(task, name);
              if (judged)
                clock.after(30, () => loop.change((context) => containerJudged(context, task.taskArn, name, judged)));
              if (typeof behaviour !== 'object') return;
              if ('code' in behaviour) clock.after(behaviour.exitsAfterMs, () => exit(behaviour.code));
              else clock.after(behaviour.crashAfterMs, () => exit(1));
            });
          }
          if (
            task.lastStatus === 'STOPPING' &&
            lastStatus !== 'STOPPED' &&
            !stopping.has(containerArn) &&
            mayStop(task, definitions, container)
          ) {
            stopping.add(containerArn);
            history.push(`stop ${name}`);
            clock.after(10, () => exit(0));
          }
        }
      }
    },
    close: () => Promise.resolve(),
  };
}

function fakeProbes(loop: Loop, clock: Clock, probe: HarnessOptions['probe'] = () => true): Runtime {
  const known = new Set<string>();
  return {
    sync(world) {
      for (const group of Object.values(world.targetGroups)) {
        for (const [key, target] of Object.entries(group.targets)) {
          if (target.state !== 'initial' || known.has(`${key}@${target.registeredAt}`)) continue;
          known.add(`${key}@${target.registeredAt}`);
          clock.after(40, () =>
            loop.change(() => {
              if (target.drainsUntil !== undefined || target.state !== 'initial') return;
              const good = probe(target.port);
              target.state = good ? 'healthy' : 'unhealthy';
              delete target.reason;
              delete target.description;
              if (good) return;
              target.reason = 'Target.ResponseCodeMismatch';
              target.description = 'Health checks failed with these codes: [500]';
            }),
          );
        }
      }
    },
    close: () => Promise.resolve(),
  };
}

/** Counts what a service has by `lastStatus`. */
export function statuses(tasks: Task[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { lastStatus } of tasks) counts[lastStatus] = (counts[lastStatus] ?? 0) + 1;
  return counts;
}

/** The AWS error code and text that a call throws; the test fails when it throws none. */
export function refusalOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (error instanceof Error) return `${error.name}: ${error.message}`;
    throw error;
  }
  throw new Error('the call was not refused');
}
