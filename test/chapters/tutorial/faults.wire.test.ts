// Every fault of the sandbox against `up`: ridden out with a line that says what is waited for, or ended with the code
// that names the cause; and in every case destroy leaves nothing. Agents, tasks and machines included.
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { EcsdemoError, ErrorCode } from '../../../src/base/errors.ts';
import type { GivenFlags } from '../../../src/base/settings.ts';
import type { EngineEvent } from '../../../src/engine/types.ts';
import { destroy, scale, up } from '../../helpers/one-action.ts';
import {
  clearFaults,
  killOne,
  listFaults,
  setFault,
  type FaultOptions,
} from '../../../src/sandbox/control/requests.ts';
import { type Pace, parsePace, type Phase } from '../../../src/sandbox/pace.ts';
import { faultNames } from '../../../src/sandbox/faults/scenarios.ts';
import type { World } from '../../../src/sandbox/world.ts';
import { startRunningDemo } from '../../helpers/running-demo.ts';
import type { AtEnd } from '../../sandbox/tiny-server.ts';

const commands = { up, scale, destroy };

interface Ended {
  /** 'ok', or the code of the failure. */
  code: ErrorCode | 'ok';
  error?: EcsdemoError;
  /** Retries, waits, warnings and service events as people read them. */
  lines: string[];
  mutating: string[];
  ms: number;
}

/** `finished`: of the test itself where tests run side by side. */
async function aDemo(finished?: AtEnd, pace?: Pace) {
  const demo = await startRunningDemo(pace === undefined ? {} : { pace }, finished);
  const { endpoint, credentials, region, account } = demo.sandbox;
  const connection = { endpoint, credentials, region, account, pid: process.pid, pace: 'fast', startedAt: '' };
  return {
    ...demo,
    connection,
    /** `seen` is shown each event as it comes; the command is over when all that it began is over too. */
    async ends(
      command: keyof typeof commands,
      flags: GivenFlags = {},
      seen: (event: EngineEvent) => Promise<unknown> | undefined = () => undefined,
    ): Promise<Ended> {
      const events: EngineEvent[] = [];
      const begun: Promise<unknown>[] = [];
      const tell = (event: EngineEvent): void => {
        events.push(event);
        begun.push(seen(event) ?? Promise.resolve());
      };
      const startedAt = performance.now();
      const signal = new AbortController().signal;
      const error = await commands[command](demo.settings(flags), tell, signal).then(
        () => undefined,
        (failure: unknown) => failure as EcsdemoError,
      );
      await Promise.all(begun);
      return {
        code: error?.code ?? 'ok',
        ...(error === undefined ? {} : { error }),
        lines: events.flatMap((event) => lineOf(event) ?? []),
        mutating: events.flatMap((event) =>
          event.type === 'call' && !/^(Describe|List|Get)/.test(event.operation) ? event.operation : [],
        ),
        ms: performance.now() - startedAt,
      };
    },
    /** For `ends`: clears this fault, or all, as soon as a line says so. */
    clearsOnce(says: RegExp, name?: string) {
      let cleared = false;
      return (event: EngineEvent): Promise<unknown> | undefined => {
        if (cleared || !says.test(lineOf(event) ?? '')) return undefined;
        cleared = true;
        return clearFaults(connection, name);
      };
    },
  };
}

function lineOf(event: EngineEvent): string | undefined {
  switch (event.type) {
    case 'retrying':
      return `${event.what}: ${event.reason}`;
    case 'waiting':
      return `${event.what}: ${event.state}`;
    case 'warning':
    case 'service-event':
      return event.message;
    default:
      return undefined;
  }
}

/** Kinds of which something is still there. */
function remains(world: World): string[] {
  const there: [string, boolean][] = [
    ['instances', Object.values(world.instances).some(({ state }) => state !== 'terminated')],
    ['tasks', Object.values(world.tasks).some(({ lastStatus }) => lastStatus !== 'STOPPED')],
    ['clusters', Object.values(world.clusters).some(({ status }) => status === 'ACTIVE')],
    ['services', Object.values(world.services).some(({ status }) => status !== 'INACTIVE')],
    ['taskDefinitions', Object.values(world.taskDefinitions).some(({ status }) => status === 'ACTIVE')],
    ['loadBalancers', Object.keys(world.loadBalancers).length > 0],
    ['targetGroups', Object.keys(world.targetGroups).length > 0],
    ['roles', Object.keys(world.roles).some((name) => name.includes('ecsInstanceRole'))],
    ['securityGroups', Object.values(world.securityGroups).some(({ groupName }) => groupName !== 'default')],
  ];
  return there.flatMap(([kind, is]) => (is ? kind : []));
}

interface Row {
  fault: FaultOptions;
  flags?: GivenFlags;
  code: Ended['code'];
  exit?: number;
  /** A line that says what is waited out. */
  says?: RegExp;
  /** In the error's message or diagnosis. */
  names?: RegExp;
  /** The fault stays until `says` has been said: one that passed by itself could pass before it is looked at. */
  untilSaid?: true;
  /** On top of 'fast'. */
  pace?: Pace;
}

/** Far below the time-out of a minute: whoever ends by then has not waited for it. */
const withinMs = 45_000;

/** 'fast', but for these. */
function paceWith(longer: Partial<Record<Phase, number>>, slowdown = 1): Pace {
  const fast = parsePace('fast');
  if (fast === undefined) throw new Error('no pace');
  return { ...fast, of: (phase) => longer[phase] ?? fast.of(phase), scale: (ms) => fast.scale(ms) * slowdown };
}

/** No target is healthy before a fault that takes its time has struck: on 'fast' a quick machine would be done first. */
const lateProbes = paceWith({ targetFirstProbe: 2000 });
/** The agent is waited for however slow the machine is: on 'fast' the first look may find it. */
const lateAgent = paceWith({ instanceBoot: 3000 });
/**
 * What lags does so for two seconds and not for the fifth of one, within which a busy machine may not even look; and an
 * agent comes after its instance is listed, as on AWS.
 */
const longLag = paceWith({ instanceBoot: 2500 }, 10);

const rows: Row[] = [
  {
    fault: { name: 'throttling', operation: 'sts:GetCallerIdentity' },
    code: 'ok',
    says: /Rate exceeded|Request limit exceeded/,
  },
  { fault: { name: 'throttling', after: 6, times: 2, operation: 'ecs:*' }, code: 'ok' },
  { fault: { name: 'server-error' }, code: 'ok' },
  { fault: { name: 'server-error', after: 15, times: 4 }, code: 'ok' },
  { fault: { name: 'connection-dropped' }, code: 'ok' },
  { fault: { name: 'connection-dropped', after: 12 }, code: 'ok' },
  ...[0, 1, 2, 4, 6, 8, 10, 12, 14].map((after): Row => ({ fault: { name: 'response-lost', after }, code: 'ok' })),
  { fault: { name: 'describe-slow' }, code: 'ok' },
  { fault: { name: 'describe-lags' }, pace: longLag, code: 'ok', says: /not listed/ },
  { fault: { name: 'expired-token' }, code: 'credentials-expired', exit: 5, names: /sts:GetCallerIdentity/ },
  { fault: { name: 'expired-token', after: 25 }, code: 'credentials-expired', exit: 5, names: /expired/ },
  // In the midst of a long wait: the look that fails ends it.
  {
    fault: { name: 'expired-token', operation: 'ecs:ListContainerInstances', after: 2 },
    pace: lateAgent,
    code: 'credentials-expired',
    exit: 5,
  },
  {
    fault: { name: 'access-denied', operation: 'ec2:RunInstances' },
    code: 'access-denied',
    exit: 5,
    names: /ec2:RunInstances/,
  },
  {
    fault: { name: 'access-denied', operation: 'ecs:CreateService' },
    code: 'access-denied',
    exit: 5,
    names: /ecs:CreateService/,
  },
  {
    fault: { name: 'access-denied', operation: 'elbv2:CreateLoadBalancer' },
    code: 'access-denied',
    exit: 5,
    names: /CreateLoadBalancer/,
  },
  {
    fault: { name: 'access-denied', operation: 'iam:CreateRole' },
    code: 'access-denied',
    exit: 5,
    names: /iam:CreateRole/,
  },
  {
    fault: { name: 'new-instance-profile-invisible' },
    code: 'ok',
    says: /EC2 does not see the new instance profile yet/,
  },
  { fault: { name: 'service-linked-role-race' }, code: 'ok', says: /service-linked role is being created/ },
  {
    fault: { name: 'security-group-not-found' },
    code: 'ok',
    says: /does not see the new security group everywhere yet/,
  },
  {
    fault: { name: 'security-group-not-found', operation: 'ec2:RunInstances' },
    code: 'ok',
    says: /security group|instance profile/,
  },
  {
    fault: { name: 'security-group-not-found', operation: 'elbv2:CreateLoadBalancer' },
    code: 'ok',
    says: /new security group/,
  },
  { fault: { name: 'task-definition-conflict' }, code: 'ok', says: /another revision is being registered/ },
  { fault: { name: 'insufficient-capacity' }, code: 'ok', says: /us-east-1a has no t3.micro now/ },
  {
    fault: { name: 'insufficient-capacity', zone: 'any' },
    code: 'capacity-unavailable',
    exit: 1,
    names: /t3.micro capacity/,
  },
  { fault: { name: 'type-not-offered' }, code: 'ok' },
  {
    fault: { name: 'type-not-offered', zone: 'any' },
    code: 'instance-type-not-offered',
    exit: 1,
    names: /t3.micro is not offered/,
  },
  {
    fault: { name: 'agent-never-registers' },
    flags: { timeout: '10s' },
    code: 'timeout',
    exit: 6,
    names: /nothing to be seen from outside is wrong/,
  },
  { fault: { name: 'agent-disconnects', times: 0 }, code: 'ok', says: /agent not connected/, untilSaid: true },
  // By itself as well; whether it is told of in between is up to the machine.
  { fault: { name: 'agent-disconnects' }, code: 'ok' },
  {
    fault: { name: 'agent-disconnects', times: 0 },
    flags: { timeout: '10s' },
    code: 'timeout',
    exit: 6,
    names: /agent not connected/,
  },
  {
    fault: { name: 'instance-dies' },
    pace: lateProbes,
    code: 'instance-failed',
    exit: 3,
    // The latter on a machine so slow that it dies between two looks.
    names: /is (terminated|shutting-down)/,
  },
  { fault: { name: 'cannot-pull' }, code: 'cannot-pull', exit: 3, names: /registry limits the rate/ },
  { fault: { name: 'cannot-pull', times: 1 }, code: 'ok' },
  { fault: { name: 'task-crashes-on-start' }, code: 'crash-loop', exit: 3, names: /exit code 1/ },
  { fault: { name: 'task-crashes-on-start', times: 1 }, code: 'ok' },
  { fault: { name: 'task-slow' }, code: 'target-unhealthy', exit: 3, names: /Target.Timeout.*too slow/ },
  {
    fault: { name: 'task-answers-500' },
    code: 'target-unhealthy',
    exit: 3,
    names: /Target.ResponseCodeMismatch.*another status than 200/,
  },
];

describe.concurrent('up under a fault', { timeout: 120_000 }, () => {
  it.for(rows)(
    '$fault: $code (%#)',
    async ({ fault, flags, code, exit = 0, says, names, untilSaid, pace }, { onTestFinished }) => {
      const demo = await aDemo(onTestFinished, pace);
      await setFault(demo.connection, fault);
      const ended = await demo.ends('up', flags, untilSaid && says && demo.clearsOnce(says));
      const said = [ended.error?.message, ...(ended.error?.diagnosis ?? [])].join('\n');
      expect({ code: ended.code, exit: ended.error?.exitCode ?? 0, said }).toEqual({ code, exit, said });
      const [left] = await listFaults(demo.connection);
      // What the list of offerings does not promise is not asked for.
      expect(left === undefined || left.struck > 0 || left.name === 'type-not-offered').toBe(true);
      if (says !== undefined) expect(ended.lines.join('\n')).toMatch(says);
      if (names !== undefined) expect(said).toMatch(names);
      expect(ended.ms).toBeLessThan(withinMs);
      await clearFaults(demo.connection);
      const gone = await demo.ends('destroy');
      expect(gone.error?.message ?? 'ok').toBe('ok');
      expect(remains(demo.sandbox.world)).toEqual([]);
    },
  );
});

describe('scale under a fault', { timeout: 120_000 }, () => {
  it.each<{ fault: FaultOptions; onceAsked?: true; code: Ended['code']; names?: RegExp }>([
    { fault: { name: 'throttling', operation: 'ecs:UpdateService', times: 2 }, code: 'ok' },
    { fault: { name: 'response-lost' }, code: 'ok' },
    {
      fault: { name: 'access-denied', operation: 'ecs:UpdateService' },
      code: 'access-denied',
      names: /ecs:UpdateService/,
    },
    { fault: { name: 'task-crashes-on-start' }, code: 'crash-loop', names: /exit code 1/ },
    { fault: { name: 'cannot-pull' }, code: 'cannot-pull', names: /registry limits the rate/ },
    // Not before ECS is asked for more tasks: an instance that is dead by then has no room for them.
    { fault: { name: 'instance-dies' }, onceAsked: true, code: 'instance-failed', names: /is terminated/ },
  ])('$fault: $code (%#)', async ({ fault, onceAsked, code, names }) => {
    const demo = await aDemo(undefined, onceAsked && lateProbes);
    await demo.ends('up');
    const set = () => setFault(demo.connection, fault);
    if (!onceAsked) await set();
    const ended = await demo.ends('scale', { count: '3' }, (event) =>
      onceAsked && event.type === 'call' && event.operation === 'UpdateService' ? set() : undefined,
    );
    const said = [ended.error?.message, ...(ended.error?.diagnosis ?? [])].join('\n');
    expect({ code: ended.code, said }).toEqual({ code, said });
    const [left] = await listFaults(demo.connection);
    expect(left === undefined || left.struck > 0).toBe(true);
    if (names !== undefined) expect(said).toMatch(names);
    await clearFaults(demo.connection);
    expect((await demo.ends('destroy')).code).toBe('ok');
    expect(remains(demo.sandbox.world)).toEqual([]);
  });
});

describe('a demo that stands', { timeout: 120_000 }, () => {
  it('rides out what lingers when it is destroyed, and says so', async () => {
    const demo = await aDemo();
    await demo.ends('up');
    // Each until it was told of, so that it is not over before it is looked at.
    const lingering = /network interfaces that use the security group are not released yet/;
    const draining = /INACTIVE: DRAINING/;
    await setFault(demo.connection, { name: 'network-interfaces-linger', times: 0 });
    await setFault(demo.connection, { name: 'service-stays-draining', times: 0 });
    const release = demo.clearsOnce(lingering, 'network-interfaces-linger');
    const end = demo.clearsOnce(draining, 'service-stays-draining');
    const gone = await demo.ends('destroy', {}, (event) => release(event) ?? end(event));
    expect(gone.code).toBe('ok');
    expect(gone.lines.join('\n')).toMatch(lingering);
    expect(gone.lines.join('\n')).toMatch(draining);
    expect(remains(demo.sandbox.world)).toEqual([]);
  });

  it('waits for the interface of a task that has stopped, which is nobody’s and goes by itself', async () => {
    const demo = await aDemo();
    const file = fileURLToPath(new URL('../../crash/awsvpc.json', import.meta.url));
    await demo.ends('up', { 'task-definition': file, expect: 'nginx' });
    const lingering = /deleting my-ecs-sg: network interfaces that use the security group are not released yet/;
    await setFault(demo.connection, { name: 'network-interfaces-linger', times: 0 });
    const gone = await demo.ends('destroy', {}, demo.clearsOnce(lingering, 'network-interfaces-linger'));
    expect(gone.code).toBe('ok');
    expect(gone.lines.join('\n')).toMatch(lingering);
    expect(remains(demo.sandbox.world)).toEqual([]);
  });

  it('is not made anew beside a service that drains without end, and goes on when it is cleared', async () => {
    const demo = await aDemo();
    await demo.ends('up');
    await setFault(demo.connection, { name: 'service-stays-draining', times: 0 });
    const stuck = await demo.ends('destroy', { timeout: '2s' });
    expect(stuck).toMatchObject({ code: 'timeout' });
    await clearFaults(demo.connection, 'service-stays-draining');
    expect((await demo.ends('destroy')).code).toBe('ok');
    expect(remains(demo.sandbox.world)).toEqual([]);
  });

  it('gets its task back when that is killed', async () => {
    const demo = await aDemo();
    await demo.ends('up', { count: '2' });
    const killed = await killOne(demo.connection, 'task');
    await until(() => taskOf(demo.sandbox.world, killed.id)?.lastStatus === 'STOPPED');
    expect(taskOf(demo.sandbox.world, killed.id)).toMatchObject({
      stopCode: 'EssentialContainerExited',
      containers: [{ exitCode: 137 }],
    });
    await until(
      () =>
        Object.values(demo.sandbox.world.tasks).filter(
          ({ lastStatus, healthyAt }) => lastStatus === 'RUNNING' && healthyAt !== undefined,
        ).length === 2,
    );
    expect((await demo.ends('up')).mutating).toEqual([]);
  });

  it('gets another instance from up when its own is killed', async () => {
    const demo = await aDemo();
    await demo.ends('up');
    const killed = await killOne(demo.connection, 'instance');
    expect(killed.tasks).toHaveLength(1);
    await until(() => taskOf(demo.sandbox.world, killed.tasks[0])?.lastStatus === 'STOPPED');
    const again = await demo.ends('up');
    expect(again.error?.message ?? 'ok').toBe('ok');
    expect(again.mutating).toContain('RunInstances');
    await demo.ends('destroy');
    expect(remains(demo.sandbox.world)).toEqual([]);
  });

  it('heals from a task that crashes later', async () => {
    const demo = await aDemo();
    await setFault(demo.connection, { name: 'task-crashes-later' });
    expect((await demo.ends('up')).code).toBe('ok');
    await until(() =>
      Object.values(demo.sandbox.world.tasks).some(
        ({ fault, lastStatus }) => fault !== undefined && lastStatus === 'STOPPED',
      ),
    );
    await until(() =>
      Object.values(demo.sandbox.world.tasks).some(
        ({ fault, lastStatus }) => fault === undefined && lastStatus === 'RUNNING',
      ),
    );
    expect(await listFaults(demo.connection)).toEqual([]);
    expect((await demo.ends('up')).code).toBe('ok');
  });
});

it('has a row or a test for every fault there is', () => {
  const tried = new Set<string>(rows.map(({ fault }) => fault.name));
  const elsewhere = ['network-interfaces-linger', 'service-stays-draining', 'task-crashes-later'];
  expect([...tried, ...elsewhere].toSorted()).toEqual([...faultNames].toSorted());
});

function taskOf(world: World, id: string | undefined) {
  return Object.values(world.tasks).find(({ taskArn }) => taskArn.endsWith(`/${id}`));
}

/** Polls what the sandbox does by itself. */
async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it did not come to pass within a minute');
    await pause(10);
  }
}
