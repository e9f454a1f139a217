import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListContainerInstancesCommand,
  ListTasksCommand,
  type Service,
  type ServiceEvent,
  type Task,
  TagResourceCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeTargetGroupsCommand, DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import type { GivenFlags } from '../../../src/base/settings.ts';
import { scaleService, service } from '../../../src/chapters/tutorial/service.ts';
import { aContext, fault, inTurn, ourEcsTags } from '../../helpers/a-context.ts';

const definition = 'arn:aws:ecs:us-east-1:1:task-definition/sinatra-hi:1';
const newDefinition = 'arn:aws:ecs:us-east-1:1:task-definition/sinatra-hi:2';

const settled = (more: Service = {}): Service => ({
  serviceName: 'my-service',
  serviceArn: 'arn:service',
  status: 'ACTIVE',
  tags: ourEcsTags,
  taskDefinition: definition,
  desiredCount: 1,
  runningCount: 1,
  pendingCount: 0,
  createdAt: new Date(1000),
  deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED' }],
  deploymentConfiguration: {
    minimumHealthyPercent: 100,
    maximumPercent: 200,
    deploymentCircuitBreaker: { enable: true, rollback: false },
  },
  healthCheckGracePeriodSeconds: 30,
  loadBalancers: [{ targetGroupArn: 'arn:tg', containerName: 'web', containerPort: 4567 }],
  events: [],
  ...more,
});

interface There {
  services?: Service[];
  healthy?: number;
  stopped?: Task[];
  flags?: GivenFlags;
}

/** ECS with these services; creating and updating take effect at once, with as many healthy targets. */
function anAccount({ services = [], healthy, stopped = [], flags = {} }: There) {
  const made = aContext(flags, {
    cluster: { clusterArn: 'arn:cluster', tags: ourEcsTags },
    targetGroup: { TargetGroupArn: 'arn:tg' },
    taskDefinition: { taskDefinitionArn: definition },
  });
  const world = { services: [...services], healthy };
  const { ec2, ecs, elbv2 } = made;
  ecs.on(DescribeServicesCommand).callsFake(async () => ({ services: world.services }));
  ecs.on(CreateServiceCommand).callsFake(async (input: Service) => {
    world.services = [
      settled({ desiredCount: input.desiredCount, runningCount: input.desiredCount, createdAt: new Date(2000) }),
    ];
    return { service: world.services[0] };
  });
  ecs.on(UpdateServiceCommand).callsFake(async (input: Record<string, unknown>) => {
    const { service: _service, cluster: _cluster, ...changes } = input;
    world.services = world.services.map((one) => ({
      ...one,
      ...changes,
      runningCount: Number(changes['desiredCount'] ?? one.runningCount),
    }));
    return {};
  });
  ecs.on(TagResourceCommand).resolves({}).on(DeleteServiceCommand).resolves({});
  ecs.on(ListTasksCommand).resolves({ taskArns: stopped.map(({ taskArn }) => taskArn ?? 'task') });
  ecs.on(DescribeTasksCommand).resolves({ tasks: stopped });
  ecs.on(DescribeTaskDefinitionCommand).resolves({});
  ec2.on(DescribeInstancesCommand).resolves({});
  ecs.on(ListContainerInstancesCommand).resolves({ containerInstanceArns: ['ci'] });
  ecs
    .on(DescribeContainerInstancesCommand)
    .resolves({ containerInstances: [{ ec2InstanceId: 'i-1', agentConnected: true }] });
  elbv2.on(DescribeTargetHealthCommand).callsFake(async () => ({
    TargetHealthDescriptions: Array.from({ length: world.services[0]?.desiredCount ?? 0 }, (_, index) => ({
      Target: { Id: 'i-1', Port: 32_768 + index },
      TargetHealth: { State: index < (world.healthy ?? 1000) ? ('healthy' as const) : ('initial' as const) },
    })),
  }));
  return { ...made, world, created: () => ecs.commandCalls(CreateServiceCommand).map(({ args }) => args[0].input) };
}

const event = (message: string, createdAt = new Date(Date.now() + 60_000)): ServiceEvent => ({
  id: message,
  createdAt,
  message,
});

describe('ensure', () => {
  it.each([
    ['is gone', false],
    ['is only not seen by ECS yet', true],
  ])('ends or goes on when the listener %s', async (_, there) => {
    const { context, run, ecs, elbv2, clock, world } = anAccount({ services: [] });
    const late = fault('InvalidParameterException', 'The target group x does not have an associated load balancer.');
    const made = settled({ createdAt: new Date(2000) });
    ecs.on(DescribeClustersCommand).resolves({ clusters: [{ status: 'ACTIVE' }] });
    elbv2.on(DescribeTargetGroupsCommand).resolves({ TargetGroups: [{ LoadBalancerArns: there ? ['arn:lb'] : [] }] });
    ecs.on(CreateServiceCommand).callsFake(async () => {
      if (!there || clock.elapsed() < 30_000) throw late;
      world.services = [made];
      return { service: made };
    });
    if (there) await service.ensure(context, run);
    else await expect(service.ensure(context, run)).rejects.toMatchObject({ code: 'demo-absent' });
    expect(clock.elapsed()).toBeLessThan(there ? 60_000 : 20_000);
  });

  it('of a settled service makes two reads and no change', async () => {
    const { context, run, operations } = anAccount({ services: [settled()] });
    expect(await service.ensure(context, run)).toMatchObject([{ id: 'arn:service', owned: true }]);
    expect(operations()).toEqual(['DescribeServices', 'DescribeTargetHealth']);
  });

  it('creates it as the tutorial’s, behind the load balancer and with the circuit breaker on', async () => {
    const { context, run, created, mutating } = anAccount({});
    await service.ensure(context, run);
    expect(mutating()).toEqual(['CreateService']);
    expect(created()[0]).toMatchObject({
      serviceName: 'my-service',
      launchType: 'EC2',
      desiredCount: 1,
      taskDefinition: definition,
      loadBalancers: [{ targetGroupArn: 'arn:tg', containerName: 'web', containerPort: 4567 }],
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true } },
      clientToken: expect.stringMatching(/^[\x21-\x7e]{1,36}$/),
    });
    // The pre-2017 role parameter, and what bridge mode does not allow (aws-facts §4).
    expect(created()[0]).not.toHaveProperty('role');
    expect(created()[0]).not.toHaveProperty('networkConfiguration');
  });

  it('sends one token for the same wish, and another after a deletion', async () => {
    const token = async (there: There): Promise<string | undefined> => {
      const { context, run, created } = anAccount(there);
      await service.ensure(context, run);
      return created()[0]?.clientToken;
    };
    const fresh = await token({});
    expect(await token({})).toBe(fresh);
    expect(await token({ flags: { count: '2' } })).not.toBe(fresh);
    const afterInactive = await token({ services: [settled({ status: 'INACTIVE' })] });
    expect(afterInactive).not.toBe(fresh);
    // One run sees it DRAINING and the other INACTIVE already: still one service.
    expect(await token({ services: [settled({ status: 'DRAINING' })] })).toBe(afterInactive);
  });

  it.each([
    ['the previous one is draining', 'InvalidParameterException', 'Unable to Start a service that is still Draining.'],
    [
      'ECS’s role is new',
      'InvalidParameterException',
      'Unable to assume the service linked role. Please verify that the ECS service linked role exists.',
    ],
    [
      'the listener is new',
      'InvalidParameterException',
      'The target group with targetGroupArn arn:tg does not have an associated load balancer.',
    ],
    ['the cluster is new', 'ClusterNotFoundException', 'Cluster not found.'],
  ])('rides out that %s, with the same token', async (_, name, message) => {
    const { context, run, ecs, world, created, events } = anAccount({});
    ecs
      .on(CreateServiceCommand)
      .rejectsOnce(fault(name, message))
      .rejectsOnce(fault(name, message))
      .callsFake(async () => {
        world.services = [settled()];
        return {};
      });
    await service.ensure(context, run);
    expect(created()).toHaveLength(3);
    expect(new Set(created().map(({ clientToken }) => clientToken)).size).toBe(1);
    expect(events.filter(({ type }) => type === 'retrying')).toHaveLength(1);
  });

  it('goes on with the service of a run that was faster', async () => {
    const { context, run, ecs, world, mutating } = anAccount({ flags: { count: '2' } });
    ecs.on(CreateServiceCommand).callsFake(async () => {
      world.services = [settled()];
      throw fault('InvalidParameterException', 'Creation of service was not idempotent.');
    });
    await service.ensure(context, run);
    expect(mutating()).toEqual(['CreateService', 'UpdateService']);
  });

  it.each([
    ['AccessDeniedException', 'no'],
    ['InvalidParameterException', 'The container web does not exist in the task definition.'],
  ])('passes %s on at once', async (name, message) => {
    const { context, run, ecs, created, clock } = anAccount({});
    ecs.on(CreateServiceCommand).rejects(fault(name, message));
    await expect(service.ensure(context, run)).rejects.toThrow(message);
    expect(created()).toHaveLength(1);
    expect(clock.elapsed()).toBe(0);
  });

  it.each<[string, Service, object, GivenFlags]>([
    ['another task definition', { taskDefinition: newDefinition }, { taskDefinition: definition }, {}],
    ['another count, when one is asked for', { desiredCount: 3, runningCount: 3 }, { desiredCount: 2 }, { count: '2' }],
    [
      'no circuit breaker',
      { deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200 } },
      { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true } } },
      {},
    ],
    [
      'none, having been behind no load balancer',
      { loadBalancers: [], healthCheckGracePeriodSeconds: undefined },
      { loadBalancers: [{ targetGroupArn: 'arn:tg' }], healthCheckGracePeriodSeconds: 30 },
      {},
    ],
    ['another grace period', { healthCheckGracePeriodSeconds: 0 }, { healthCheckGracePeriodSeconds: 30 }, {}],
    [
      'a target group that is no more',
      { loadBalancers: [{ targetGroupArn: 'arn:old', containerName: 'web', containerPort: 4567 }] },
      { loadBalancers: [{ targetGroupArn: 'arn:tg' }] },
      {},
    ],
  ])('changes only what differs: %s', async (_, now, update, flags) => {
    const { context, run, ecs, mutating } = anAccount({ services: [settled(now)], flags });
    await service.ensure(context, run);
    expect(mutating()).toEqual(['UpdateService']);
    const { cluster, service: name, ...sent } = ecs.commandCalls(UpdateServiceCommand)[0]?.args[0].input ?? {};
    expect([cluster, name]).toEqual(['my-cluster', 'my-service']);
    expect(sent).toMatchObject(update);
    expect(Object.keys(sent)).toEqual(Object.keys(update));
  });

  it('takes what an endpoint does not tell for no difference', async () => {
    const silent = settled({ deploymentConfiguration: undefined, healthCheckGracePeriodSeconds: undefined });
    const { context, run, mutating } = anAccount({ services: [silent] });
    await service.ensure(context, run);
    expect(mutating()).toEqual([]);
  });

  it('keeps the count that scale has set', async () => {
    const { context, run, mutating } = anAccount({ services: [settled({ desiredCount: 4, runningCount: 4 })] });
    await service.ensure(context, run);
    expect(mutating()).toEqual([]);
  });

  it('replaces a failed deployment, and does not take its last look for news', async () => {
    const failed = settled({ deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'FAILED' }] });
    const { context, run, ecs, mutating } = anAccount({ services: [failed] });
    ecs.on(UpdateServiceCommand).callsFake(async () => {
      const fresh = settled({ deployments: [{ id: 'ecs-svc/2', status: 'PRIMARY', rolloutState: 'COMPLETED' }] });
      ecs.on(DescribeServicesCommand).callsFake(inTurn({ services: [failed] }, { services: [fresh] }));
      return {};
    });
    await service.ensure(context, run);
    expect(mutating()).toEqual(['UpdateService']);
    expect(ecs.commandCalls(UpdateServiceCommand)[0]?.args[0].input.forceNewDeployment).toBe(true);
  });

  it('touches nothing that is not ours', async () => {
    const { context, run, mutating } = anAccount({ services: [settled({ tags: [], taskDefinition: newDefinition })] });
    await expect(service.ensure(context, run)).rejects.toMatchObject({ code: 'not-ours', exitCode: 4 });
    expect(mutating()).toEqual([]);
  });
});

describe('waiting until it is settled', () => {
  it('is not content with running tasks: every target must be healthy', async () => {
    const { context, run, world, ecs, events } = anAccount({ services: [settled()], healthy: 0 });
    let looks = 0;
    ecs.on(DescribeServicesCommand).callsFake(async () => {
      if (++looks === 4) world.healthy = 1;
      return { services: world.services };
    });
    await service.ensure(context, run);
    expect(looks).toBeGreaterThanOrEqual(4);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'waiting', state: '1 of 1 task running, 0 healthy' }),
    );
  });

  it('is not content with a rollout in progress, nor with two deployments', async () => {
    const { context, run, ecs } = anAccount({ services: [settled()] });
    const inProgress = settled({ deployments: [{ id: '1', status: 'PRIMARY', rolloutState: 'IN_PROGRESS' }] });
    const two = settled({
      deployments: [
        { id: '2', status: 'PRIMARY', rolloutState: 'COMPLETED' },
        { id: '1', status: 'ACTIVE' },
      ],
    });
    ecs
      .on(DescribeServicesCommand)
      .resolvesOnce({ services: [inProgress] })
      .resolvesOnce({ services: [two] })
      .resolves({ services: [settled()] });
    await service.ensure(context, run);
    expect(ecs.commandCalls(DescribeServicesCommand)).toHaveLength(3);
  });

  it('tells each new service event once, oldest first, and none of the past', async () => {
    const past = event('past', new Date(1));
    const one = event('one');
    const two = event('two');
    const { context, run, ecs, events } = anAccount({ services: [settled({ events: [past], runningCount: 0 })] });
    ecs
      .on(DescribeServicesCommand)
      .resolvesOnce({ services: [settled({ events: [past], runningCount: 0 })] })
      .resolvesOnce({ services: [settled({ events: [two, one, past], runningCount: 0 })] })
      .resolves({ services: [settled({ events: [two, one, past] })] });
    await service.ensure(context, run);
    expect(events.flatMap((each) => (each.type === 'service-event' ? [each.message] : []))).toEqual(['one', 'two']);
  });

  it('gives up at once on a crash loop, with its cause', async () => {
    const crashed: Task = {
      taskArn: 'task/1',
      createdAt: new Date(Date.now() + 60_000),
      stopCode: 'EssentialContainerExited',
      containers: [{ name: 'web', image: 'x', exitCode: 1 }],
    };
    const looping = settled({
      runningCount: 0,
      deployments: [{ id: 'd', status: 'PRIMARY', rolloutState: 'IN_PROGRESS', failedTasks: 2 }],
    });
    const { context, run, clock } = anAccount({ services: [looping], stopped: [crashed, crashed], healthy: 0 });
    await expect(service.ensure(context, run)).rejects.toMatchObject({
      code: 'crash-loop',
      exitCode: 3,
      message: expect.stringContaining('exit code 1'),
    });
    expect(clock.elapsed()).toBeLessThan(10_000);
  });

  it('gives up after some seconds when nothing has room', async () => {
    const message =
      'was unable to place a task because no container instance met all of its requirements: insufficient memory available';
    const short = settled({ desiredCount: 4, events: [event('(service my-service) ' + message)] });
    const { context, run, ecs, clock } = anAccount({ services: [settled({ desiredCount: 4 })], healthy: 1 });
    ecs
      .on(DescribeServicesCommand)
      .resolvesOnce({ services: [settled({ desiredCount: 4 })] })
      .resolves({ services: [short] });
    await expect(service.ensure(context, run)).rejects.toMatchObject({ code: 'cannot-place', exitCode: 3 });
    expect(clock.elapsed()).toBeLessThan(10_000);
  });

  it('times out with the last state and what is known', async () => {
    const { context, run, clock } = anAccount({
      services: [settled({ runningCount: 0 })],
      healthy: 0,
      flags: { timeout: '1m' },
    });
    await expect(service.ensure(context, run)).rejects.toMatchObject({
      code: 'timeout',
      exitCode: 6,
      message: expect.stringContaining('0 of 1 task running, 0 healthy'),
      diagnosis: ['service "my-service" is not stable: 0 of 1 task running'],
    });
    expect(clock.elapsed()).toBeCloseTo(60_000, 3);
  });

  it('does not take a description from before the change for its end, nor waits for ever for one', async () => {
    const { context, run, ecs } = anAccount({ services: [settled()], healthy: 1 });
    ecs.on(UpdateServiceCommand).resolves({});
    await expect(scaleService(context, run, 4)).rejects.toMatchObject({
      code: 'service-unstable',
      message: expect.stringContaining('changed by somebody else'),
    });
  });
});

describe('scaleService', () => {
  it('sets the count and waits until all are healthy', async () => {
    const { context, run, ecs, mutating } = anAccount({ services: [settled()] });
    expect(await scaleService(context, run, 4)).toMatchObject({ desiredCount: 4 });
    expect(mutating()).toEqual(['UpdateService']);
    // Anything more would start a new deployment.
    expect(ecs.commandCalls(UpdateServiceCommand)[0]?.args[0].input).toEqual({
      cluster: 'my-cluster',
      service: 'my-service',
      desiredCount: 4,
    });
  });

  it.each([1, 0])('to the number there is (%i) changes nothing', async (count) => {
    const { context, run, mutating } = anAccount({ services: [settled({ desiredCount: count, runningCount: count })] });
    await scaleService(context, run, count);
    expect(mutating()).toEqual([]);
  });

  it.each([[[]], [[settled({ status: 'DRAINING' })]]])('says that there is no service', async (services) => {
    const { context, run } = anAccount({ services });
    await expect(scaleService(context, run, 2)).rejects.toMatchObject({ code: 'demo-absent', exitCode: 3 });
  });
});

describe('remove', () => {
  it('deletes by force, hands over, and waits until it is INACTIVE', async () => {
    const { context, run, ecs, mutating, handedOver, events } = anAccount({ services: [settled()] });
    ecs.on(DeleteServiceCommand).callsFake(async () => {
      ecs
        .on(DescribeServicesCommand)
        .callsFake(
          inTurn({ services: [settled({ status: 'DRAINING' })] }, { services: [settled({ status: 'INACTIVE' })] }),
        );
      return {};
    });
    expect((await service.remove(context, run)).removed).toMatchObject([{ state: 'deleted' }]);
    expect(mutating()).toEqual(['DeleteService']);
    expect(ecs.commandCalls(DeleteServiceCommand)[0]?.args[0].input.force).toBe(true);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'waiting', state: expect.stringContaining('DRAINING') }),
    );
    expect(handedOver()).toBe(true);
  });

  it('waits for one that is draining already, without deleting it again', async () => {
    const { context, run, ecs, mutating } = anAccount({});
    ecs
      .on(DescribeServicesCommand)
      .resolvesOnce({ services: [settled({ status: 'DRAINING' })] })
      .resolves({ services: [] });
    expect((await service.remove(context, run)).removed).toHaveLength(1);
    expect(mutating()).toEqual([]);
  });

  it('leaves one that is not ours', async () => {
    const { context, run, mutating } = anAccount({ services: [settled({ tags: [] })] });
    expect((await service.remove(context, run)).kept).toMatchObject([{ owned: false }]);
    expect(mutating()).toEqual([]);
  });

  it('of a cluster that is gone is nothing', async () => {
    const { context, run, ecs } = anAccount({});
    ecs.on(DescribeServicesCommand).rejects(fault('ClusterNotFoundException'));
    expect(await service.remove(context, run)).toEqual({ removed: [], kept: [] });
  });
});
