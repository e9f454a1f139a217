// Several commands at the same moment, each with clients of its own, on one sandbox: the ups of one name, up against
// destroy, ten demos side by side, and what one demo's destroy leaves to the others.
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateServiceCommand } from '@aws-sdk/client-ecs';
import { GetInstanceProfileCommand } from '@aws-sdk/client-iam';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../../src/engine/types.ts';
import type { DestroyData } from '../../../src/actions/results.ts';
import { dataOf, up } from '../../helpers/one-action.ts';
import type { World } from '../../../src/sandbox/world.ts';
import { startRunningDemo, type RunningDemo } from '../../helpers/running-demo.ts';
import { failureOf } from '../../sandbox/tiny-server.ts';

/** How many of each thing a world holds, what AWS only remembers left out. */
function census(world: World) {
  const count = <Record>(table: { [key: string]: Record }, alive: (record: Record) => boolean = () => true): number =>
    Object.values(table).filter(alive).length;
  return {
    groups: count(world.securityGroups, ({ groupName }) => groupName !== 'default'),
    rules: Object.values(world.securityGroups)
      .filter(({ groupName }) => groupName !== 'default')
      .flatMap(({ rules }) => rules)
      .filter(({ isEgress }) => !isEgress).length,
    interfaces: count(world.networkInterfaces),
    roles: count(world.roles, ({ path }) => !path.startsWith('/aws-service-role/')),
    profiles: count(world.instanceProfiles),
    clusters: count(world.clusters, ({ status }) => status === 'ACTIVE'),
    instances: count(world.instances, ({ state }) => !['shutting-down', 'terminated'].includes(state)),
    members: count(world.containerInstances, ({ status }) => status === 'ACTIVE'),
    revisions: count(world.taskDefinitions, ({ status }) => status === 'ACTIVE'),
    balancers: count(world.loadBalancers),
    listeners: count(world.listeners),
    targetGroups: count(world.targetGroups),
    services: count(world.services, ({ status }) => status !== 'INACTIVE'),
    tasks: count(world.tasks, ({ lastStatus }) => lastStatus === 'RUNNING'),
  };
}

type Census = ReturnType<typeof census>;

const times = (factor: number): Census => ({
  groups: 2 * factor,
  rules: 2 * factor,
  // The instance's and one per subnet of the load balancer.
  interfaces: 3 * factor,
  roles: factor,
  profiles: factor,
  clusters: factor,
  instances: factor,
  members: factor,
  revisions: factor,
  balancers: factor,
  listeners: factor,
  targetGroups: factor,
  services: factor,
  tasks: factor,
});

async function answer(url: string | null): Promise<string> {
  if (url === null) return 'no URL';
  return (await (await fetch(url, { signal: AbortSignal.timeout(5000) })).text()).trim();
}

describe('ups of one name at the same moment', () => {
  test.each([2, 3, 4, 5])('%i make one of each, and all succeed', async (runs) => {
    const demo = await startRunningDemo();
    const told = await Promise.all(Array.from({ length: runs }, () => demo.run('up', { count: '1' })));
    expect(
      told.map(({ result }) => result.data).map(({ desired, running, healthy }) => [desired, running, healthy]),
    ).toEqual(told.map(() => [1, 1, 1]));
    expect(new Set(told.map(({ result }) => result.data.url)).size).toBe(1);
    expect(census(demo.sandbox.world)).toEqual(times(1));
    expect(await answer(told[0]?.result.data.url ?? null)).toBe('42');
    expect((await demo.run('up')).mutating).toEqual([]);
    await demo.run('destroy');
    expect(census(demo.sandbox.world)).toEqual(times(0));
  });

  test('the second starts at any call of the first', async () => {
    const demo = await startRunningDemo();
    for (const after of [3, 8, 13, 18, 23, 28]) {
      const second = startedAfter(demo, after, 'up');
      await second.first;
      await second.other();
      expect(census(demo.sandbox.world)).toEqual(times(1));
      await demo.run('destroy');
      expect(census(demo.sandbox.world)).toEqual(times(0));
    }
  }, 60_000);

  test('with several instances each: as many as one of them asked for', async () => {
    const demo = await startRunningDemo();
    await Promise.all([1, 2, 3].map(() => demo.run('up', { count: '3', instances: '3' })));
    expect(census(demo.sandbox.world)).toMatchObject({ instances: 3, members: 3, services: 1, tasks: 3 });
    await demo.run('destroy');
    expect(census(demo.sandbox.world)).toEqual(times(0));
  });
});

/** Runs `up`, and `other` as soon as `up` has made `calls` calls. */
function startedAfter(demo: RunningDemo, calls: number, other: 'up' | 'destroy') {
  let made = 0;
  let begin = (): void => undefined;
  const reached = new Promise<void>((resolve) => (begin = resolve));
  const tell: Report = (event) => {
    if (event.type === 'call' && ++made === calls) begin();
  };
  // Against destroy whoever loses may wait for what will never come, and a time-out is an end that fits.
  const timeout = other === 'destroy' ? '6s' : '20s';
  const first = up(demo.settings({ timeout }), tell, new AbortController().signal);
  const second = Promise.race([reached, first.catch(() => undefined)]).then(() => demo.run(other, { timeout }));
  second.catch(() => undefined);
  return { first, other: () => second };
}

describe('up against destroy', () => {
  test('at the same moment, and at any call of up: one more command ends in what it asks for', async () => {
    const demo = await startRunningDemo();
    let index = 0;
    for (const after of [0, 2, 5, 9, 12, 15, 18, 21, 24, 27, 30, 34, 38]) {
      const race = startedAfter(demo, Math.max(1, after), 'destroy');
      const [built, gone] = await Promise.allSettled([race.first, race.other()]);
      for (const ended of [built, gone]) {
        // Whoever lost says so with a code that fits, never as a defect.
        if (ended.status === 'rejected')
          expect({ after, why: `${ended.reason.code}: ${ended.reason.message}` }).toMatchObject({
            why: expect.not.stringMatching(/^unexpected/),
          });
      }
      if (index++ % 2 === 0) {
        const { result } = await demo.run('up');
        expect({ after, ...census(demo.sandbox.world) }).toEqual({ after, ...times(1) });
        expect(await answer(result.data.url)).toBe('42');
      }
      await demo.run('destroy');
      expect({ after, ...census(demo.sandbox.world) }).toEqual({ after, ...times(0) });
    }
  }, 120_000);

  test('destroy of a standing demo, and an up in the midst of it', async () => {
    const demo = await startRunningDemo();
    for (let round = 0; round < 4; round++) {
      await demo.run('up');
      await Promise.allSettled([demo.run('destroy'), demo.run('up')]);
      const { result } = await demo.run('up');
      expect(census(demo.sandbox.world)).toEqual(times(1));
      expect(await answer(result.data.url)).toBe('42');
    }
    await Promise.allSettled([demo.run('destroy'), demo.run('destroy'), demo.run('destroy')]);
    await demo.run('destroy');
    expect(census(demo.sandbox.world)).toEqual(times(0));
  }, 60_000);

  test('two destroys at once both succeed', async () => {
    const demo = await startRunningDemo();
    await demo.run('up');
    const told = await Promise.all([demo.run('destroy'), demo.run('destroy')]);
    expect(told.map(({ result }) => result.data.left)).toEqual([[], []]);
    expect(census(demo.sandbox.world)).toEqual(times(0));
  });
});

describe('demos side by side', () => {
  test('ten of different names, up, scaled and destroyed at the same time', async () => {
    const demo = await startRunningDemo();
    const names = Array.from({ length: 10 }, (_, index) => `d${index}`);
    const urls = await Promise.all(names.map(async (name) => (await demo.run('up', { name })).result.data.url));
    expect(census(demo.sandbox.world)).toEqual(times(10));
    expect(new Set(urls).size).toBe(10);
    expect(await Promise.all(urls.map(answer))).toEqual(urls.map(() => '42'));
    // Half of them go while the other half grows; nobody notices.
    await Promise.all(
      names.map((name, index) =>
        index % 2 === 0 ? demo.run('destroy', { name }) : demo.run('scale', { name, count: '2' }),
      ),
    );
    expect(census(demo.sandbox.world)).toEqual({ ...times(5), tasks: 10 });
    const checked = await Promise.all(
      names.filter((_, index) => index % 2 === 1).map((name) => demo.run('verify', { name })),
    );
    expect(checked.map(({ result }) => result.data.healthy)).toEqual([2, 2, 2, 2, 2]);
    await Promise.all(names.map((name) => demo.run('destroy', { name })));
    expect(census(demo.sandbox.world)).toEqual(times(0));
  }, 60_000);

  test("destroy keeps what another still uses: a role, an instance in somebody's hands, a service in our cluster", async () => {
    const demo = await startRunningDemo();
    await demo.run('up');
    const { ec2, ecs, iam } = demo.clients;
    const { world } = demo.sandbox;
    const [own] = Object.values(world.instances);
    // An instance of somebody's own, started with the demo's profile into the demo's cluster.
    await ec2.send(
      new RunInstancesCommand({
        ImageId: own?.imageId,
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        SubnetId: own?.subnetId,
        SecurityGroupIds: own?.securityGroupIds,
        IamInstanceProfile: { Name: 'ecsInstanceRole' },
        ...(own?.userData === undefined ? {} : { UserData: own.userData }),
      }),
    );
    await expect.poll(() => census(world).members).toBe(2);
    await ecs.send(
      new CreateServiceCommand({
        cluster: 'my-cluster',
        serviceName: 'theirs',
        taskDefinition: 'sinatra-hi',
        desiredCount: 1,
        launchType: 'EC2',
      }),
    );
    const blocked = await failureOf(demo.run('destroy'));
    expect(blocked).toMatchObject({ code: 'in-use', exitCode: 4 });
    const { kept: left } = dataOf(blocked) as DestroyData;
    const kept = left.map(({ type, reason }) => `${type}: ${reason}`);
    expect(kept).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^AWS::ECS::Cluster: it holds services that are not this demo's: theirs/),
        expect.stringMatching(/^AWS::IAM::InstanceProfile: instance i-\w+ still uses it/),
        expect.stringMatching(/^AWS::IAM::Role: instance i-\w+ still uses it/),
        expect.stringMatching(/^AWS::EC2::SecurityGroup: network interface/),
      ]),
    );
    expect(census(world)).toMatchObject({
      instances: 1,
      members: 1,
      services: 1,
      roles: 1,
      profiles: 1,
      clusters: 1,
      balancers: 0,
      targetGroups: 0,
    });
    expect(
      (await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: 'ecsInstanceRole' }))).InstanceProfile
        ?.Roles,
    ).toHaveLength(1);
  });
});
