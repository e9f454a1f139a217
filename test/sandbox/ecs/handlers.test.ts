// What callers are told: names, references, idempotency, paging and every refusal the steps rely on.
import { describe, expect, it } from 'vitest';
import { DeleteAttributes, ListAttributes, PutAttributes } from '../../../src/sandbox/ecs/attributes.ts';
import { CreateCluster, DeleteCluster, DescribeClusters, ListClusters } from '../../../src/sandbox/ecs/clusters.ts';
import {
  DeregisterContainerInstance,
  DescribeContainerInstances,
  ListContainerInstances,
} from '../../../src/sandbox/ecs/container-instances.ts';
import {
  CreateService,
  DeleteService,
  DescribeServices,
  ListServices,
  UpdateService,
} from '../../../src/sandbox/ecs/services.ts';
import { ListTagsForResource, TagResource, UntagResource } from '../../../src/sandbox/ecs/tags.ts';
import {
  DeleteTaskDefinitions,
  DeregisterTaskDefinition,
  DescribeTaskDefinition,
  ListTaskDefinitionFamilies,
  ListTaskDefinitions,
  RegisterTaskDefinition,
} from '../../../src/sandbox/ecs/task-definitions.ts';
import { DescribeTasks, ListTasks, RunTask, StopTask } from '../../../src/sandbox/ecs/tasks.ts';
import { createHarness, refusalOf, targetGroupArn, taskDefinition } from './harness.ts';

const cluster = 'my-cluster';
const arn = (resource: string): string => `arn:aws:ecs:us-east-1:123456789012:${resource}`;
const service = { cluster, serviceName: 'my-service', taskDefinition: 'sinatra-hi', desiredCount: 1 };

describe('clusters', () => {
  it('are created twice with the same settings, not with others', () => {
    const { call } = createHarness();
    expect(call(CreateCluster, { clusterName: cluster }).cluster?.clusterArn).toBe(arn('cluster/my-cluster'));
    const other = { clusterName: cluster, settings: [{ name: 'containerInsights' as const, value: 'enabled' }] };
    expect(refusalOf(() => call(CreateCluster, other))).toBe(
      'InvalidParameterException: Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
    );
  });

  it('are described by name and ARN, with MISSING for the rest', () => {
    const { call } = createHarness();
    const { clusters, failures } = call(DescribeClusters, {
      clusters: [cluster, arn('cluster/none')],
      include: ['TAGS', 'SETTINGS'],
    });
    expect(clusters?.map(({ status, settings }) => ({ status, settings }))).toEqual([
      { status: 'ACTIVE', settings: [{ name: 'containerInsights', value: 'disabled' }] },
    ]);
    expect(failures).toEqual([{ arn: arn('cluster/none'), reason: 'MISSING' }]);
  });

  it('go INACTIVE when empty, stay describable, refuse operations, and come back by their name', () => {
    const harness = createHarness();
    const { call } = harness;
    harness.until(() => Object.keys(harness.world.containerInstances).length === 1);
    expect(refusalOf(() => call(DeleteCluster, { cluster }))).toMatch(
      /^ClusterContainsContainerInstancesException: .* while Container Instances are active or draining\.$/,
    );
    const [containerInstance] = call(ListContainerInstances, { cluster }).containerInstanceArns ?? [];
    call(CreateService, { ...service, desiredCount: 0 });
    call(DeregisterContainerInstance, { cluster, containerInstance });
    expect(refusalOf(() => call(DeleteCluster, { cluster }))).toMatch(/^ClusterContainsServicesException/);
    call(DeleteService, { cluster, service: 'my-service' });
    harness.until(() => harness.service().status === 'INACTIVE');
    expect(call(DeleteCluster, { cluster }).cluster?.status).toBe('INACTIVE');
    expect(call(DeleteCluster, { cluster }).cluster?.status).toBe('INACTIVE');
    expect(call(ListClusters, {}).clusterArns).toEqual([]);
    expect(refusalOf(() => call(CreateService, service))).toBe(
      'ClusterNotFoundException: The referenced cluster was inactive.',
    );
    expect(call(CreateCluster, { clusterName: cluster }).cluster?.status).toBe('ACTIVE');
    expect(refusalOf(() => call(DeleteCluster, { cluster: 'none' }))).toBe(
      'ClusterNotFoundException: Cluster not found.',
    );
  });

  it('are listed in pages', () => {
    const { call } = createHarness();
    for (const name of ['a', 'b', 'c']) call(CreateCluster, { clusterName: name });
    const first = call(ListClusters, { maxResults: 3 });
    const second = call(ListClusters, { maxResults: 3, nextToken: first.nextToken });
    expect([...(first.clusterArns ?? []), ...(second.clusterArns ?? [])]).toEqual(
      ['a', 'b', 'c', cluster].map((name) => arn(`cluster/${name}`)),
    );
    expect(second.nextToken).toBeUndefined();
    expect(refusalOf(() => call(ListClusters, { nextToken: 'x' }))).toBe('InvalidParameterException: Invalid token.');
  });
});

describe('task definitions', () => {
  it('are normalised, numbered for ever, retired and deleted in that order', () => {
    const harness = createHarness();
    const { call } = harness;
    const described = call(DescribeTaskDefinition, { taskDefinition: 'sinatra-hi' }).taskDefinition;
    expect(described).toMatchObject({
      revision: 1,
      status: 'ACTIVE',
      networkMode: 'bridge',
      compatibilities: ['EXTERNAL', 'EC2'],
      requiresAttributes: [{ name: 'com.amazonaws.ecs.capability.docker-remote-api.1.21' }],
      containerDefinitions: [
        {
          portMappings: [{ containerPort: 4567, hostPort: 0, protocol: 'tcp' }],
          essential: true,
          environment: [],
          mountPoints: [],
          volumesFrom: [],
        },
      ],
    });
    expect(call(DeleteTaskDefinitions, { taskDefinitions: ['sinatra-hi:1'] }).failures?.[0]?.reason).toContain(
      'still in ACTIVE status',
    );
    call(DeregisterTaskDefinition, { taskDefinition: 'sinatra-hi:1' });
    expect(refusalOf(() => call(DeregisterTaskDefinition, { taskDefinition: 'sinatra-hi:1' }))).toMatch(
      /^ClientException: The specified task definition is inactive/,
    );
    expect(refusalOf(() => call(DescribeTaskDefinition, { taskDefinition: 'sinatra-hi' }))).toBe(
      'ClientException: Unable to describe task definition.',
    );
    expect(call(DescribeTaskDefinition, { taskDefinition: 'sinatra-hi:1' }).taskDefinition?.status).toBe('INACTIVE');
    expect(refusalOf(() => call(CreateService, { ...service, taskDefinition: 'sinatra-hi:1' }))).toBe(
      'ClientException: TaskDefinition is inactive',
    );
    expect(call(DeleteTaskDefinitions, { taskDefinitions: ['sinatra-hi:1'] }).taskDefinitions?.[0]?.status).toBe(
      'DELETE_IN_PROGRESS',
    );
    harness.until(() => Object.keys(harness.world.taskDefinitions).length === 0);
    expect(call(RegisterTaskDefinition, taskDefinition()).taskDefinition?.revision).toBe(2);
  });

  it('that are deleted stay while a service uses them', () => {
    const harness = createHarness();
    const { call } = harness;
    call(CreateService, service);
    harness.until(() => harness.service().steadyAt !== undefined);
    call(DeregisterTaskDefinition, { taskDefinition: 'sinatra-hi:1' });
    call(DeleteTaskDefinitions, { taskDefinitions: ['sinatra-hi:1'] });
    harness.clock.advance(5_000);
    expect(call(ListTaskDefinitions, { status: 'DELETE_IN_PROGRESS' }).taskDefinitionArns).toEqual([
      arn('task-definition/sinatra-hi:1'),
    ]);
    call(DeleteService, { cluster, service: 'my-service', force: true });
    harness.until(() => Object.keys(harness.world.taskDefinitions).length === 0);
    expect(call(ListTaskDefinitions, { status: 'DELETE_IN_PROGRESS' }).taskDefinitionArns).toEqual([]);
  });

  it('are listed by whole family, newest first if asked', () => {
    const { call } = createHarness();
    call(RegisterTaskDefinition, taskDefinition());
    call(RegisterTaskDefinition, { ...taskDefinition(), family: 'sinatra-high' });
    expect(call(ListTaskDefinitions, { familyPrefix: 'sinatra-hi', sort: 'DESC' }).taskDefinitionArns).toEqual(
      [2, 1].map((revision) => arn(`task-definition/sinatra-hi:${revision}`)),
    );
    expect(call(ListTaskDefinitionFamilies, { familyPrefix: 'sinatra-h' }).families).toEqual([
      'sinatra-hi',
      'sinatra-high',
    ]);
  });

  it.each([
    [{ memoryReservation: undefined }, "At least one of 'memory' or 'memoryReservation' must be specified."],
    [{ memoryReservation: 4 }, 'the minimum is 6 MiB'],
    [{ image: '' }, 'Container.image should not be null or empty.'],
    [{ name: 'a b' }, "Invalid container name 'a b'"],
    [{ portMappings: [{ containerPort: 70_000 }] }, "Invalid 'containerPort' setting"],
    [{ essential: false }, "Task definition doesn't have any essential container."],
  ])('with %j are refused', (over, message) => {
    const { call } = createHarness();
    expect(refusalOf(() => call(RegisterTaskDefinition, taskDefinition(over)))).toContain(message);
  });
});

describe('services', () => {
  const loadBalancer = { targetGroupArn, containerName: 'web', containerPort: 4567 };

  it.each([
    [
      { loadBalancers: [{ ...loadBalancer, containerName: 'app' }] },
      'The container app does not exist in the task definition.',
    ],
    [
      { loadBalancers: [{ ...loadBalancer, containerPort: 80 }] },
      'The container web did not have a container port 80 defined.',
    ],
    [
      { loadBalancers: [{ ...loadBalancer, targetGroupArn: `${targetGroupArn}0` }] },
      `The target group with targetGroupArn ${targetGroupArn}0 does not exist.`,
    ],
    [
      { healthCheckGracePeriodSeconds: 5 },
      'Health check grace period is only valid for services configured to use load balancers',
    ],
    [{ taskDefinition: 'none' }, 'TaskDefinition not found.'],
    [{ desiredCount: -1 }, 'Invalid desired count: -1.'],
    [{ serviceName: 'a b' }, 'Service names must contain only'],
    [
      { loadBalancers: [loadBalancer], role: 'ecsServiceRole' },
      'Please verify that the ECS service role being passed has the proper permissions.',
    ],
  ])('with %j are refused', (over, message) => {
    const { call } = createHarness();
    expect(refusalOf(() => call(CreateService, { ...service, ...over }))).toContain(message);
  });

  it('need a target group that a listener uses', () => {
    const harness = createHarness();
    harness.loop.change(({ world }) => {
      world.listeners = {};
    });
    expect(refusalOf(() => harness.call(CreateService, { ...service, loadBalancers: [loadBalancer] }))).toBe(
      `InvalidParameterException: The target group with targetGroupArn ${targetGroupArn} does not have an associated load balancer.`,
    );
  });

  it('are made once per client token, whatever the order of members', () => {
    const { call } = createHarness();
    const made = call(CreateService, { ...service, clientToken: 't' }).service;
    const { cluster: inCluster, ...rest } = service;
    expect(call(CreateService, { clientToken: 't', ...rest, cluster: inCluster }).service?.serviceArn).toBe(
      made?.serviceArn,
    );
    expect(refusalOf(() => call(CreateService, { ...service, desiredCount: 2, clientToken: 't' }))).toBe(
      'InvalidParameterException: Creation of service was not idempotent.',
    );
  });

  it('are described ten at a time, hidden from the list while DRAINING, refused updates when gone', () => {
    const harness = createHarness();
    const { call } = harness;
    call(CreateService, service);
    expect(call(ListServices, { cluster }).serviceArns).toEqual([arn('service/my-cluster/my-service')]);
    harness.until(() => harness.service().steadyAt !== undefined);
    call(DeleteService, { cluster, service: 'my-service', force: true });
    expect(call(ListServices, { cluster }).serviceArns).toEqual([]);
    const described = call(DescribeServices, { cluster, services: [arn('service/my-cluster/my-service'), 'none'] });
    expect(described.services?.[0]?.status).toBe('DRAINING');
    expect(described.failures).toEqual([{ arn: arn('service/my-cluster/none'), reason: 'MISSING' }]);
    expect(refusalOf(() => call(UpdateService, { cluster, service: 'my-service', desiredCount: 1 }))).toBe(
      'ServiceNotActiveException: Service was not ACTIVE.',
    );
    expect(refusalOf(() => call(UpdateService, { cluster, service: 'none' }))).toBe(
      'ServiceNotFoundException: Service not found.',
    );
    expect(
      refusalOf(() => call(DescribeServices, { cluster, services: Array.from({ length: 11 }, (_, n) => `s${n}`) })),
    ).toContain('more than 10');
    expect(refusalOf(() => call(DescribeServices, { cluster: 'none', services: ['s'] }))).toBe(
      'ClusterNotFoundException: Cluster not found.',
    );
  });
});

describe('tasks', () => {
  it('are run as far as there is room, and the rest reported', () => {
    const harness = createHarness();
    const { call } = harness;
    expect(refusalOf(() => call(RunTask, { cluster, taskDefinition: 'sinatra-hi' }))).toBe(
      'InvalidParameterException: No Container Instances were found in your cluster.',
    );
    harness.until(() => Object.keys(harness.world.containerInstances).length === 1);
    const { tasks, failures } = call(RunTask, { cluster, taskDefinition: 'sinatra-hi', count: 10 });
    expect(tasks).toHaveLength(7);
    expect(failures).toEqual([{ arn: Object.keys(harness.world.containerInstances)[0], reason: 'RESOURCE:MEMORY' }]);
    harness.until(() => harness.live().every(({ lastStatus }) => lastStatus === 'RUNNING'));
    const ids = call(ListTasks, { cluster, family: 'sinatra-hi' }).taskArns ?? [];
    const stopped = call(StopTask, { cluster, task: ids[0]?.split('/').at(-1), reason: 'enough' }).task;
    expect(stopped).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'enough', desiredStatus: 'STOPPED' });
    harness.until(() => harness.live().length === 6);
    expect(call(ListTasks, { cluster, desiredStatus: 'STOPPED' }).taskArns).toEqual([ids[0]]);
    expect(call(DescribeTasks, { cluster, tasks: ['0'.repeat(32)] }).failures?.[0]?.reason).toBe('MISSING');
    expect(refusalOf(() => call(StopTask, { cluster, task: 'none' }))).toBe(
      'InvalidParameterException: The referenced task was not found.',
    );
  });

  it('with one fixed host port exclude each other on an instance', () => {
    const harness = createHarness();
    harness.call(RegisterTaskDefinition, taskDefinition({ portMappings: [{ containerPort: 4567, hostPort: 8080 }] }));
    harness.until(() => Object.keys(harness.world.containerInstances).length === 1);
    const { tasks, failures } = harness.call(RunTask, { cluster, taskDefinition: 'sinatra-hi', count: 2 });
    expect([tasks?.length, failures?.[0]?.reason]).toEqual([1, 'RESOURCE:PORTS']);
    const remaining = harness.call(DescribeContainerInstances, {
      cluster,
      containerInstances: Object.keys(harness.world.containerInstances),
    }).containerInstances?.[0];
    expect(remaining?.remainingResources?.find(({ name }) => name === 'PORTS')?.stringSetValue).toContain('8080');
  });
});

describe('attributes', () => {
  it('are given to a container instance and taken off it, and its tasks may ask for them', () => {
    const harness = createHarness();
    harness.until(() => Object.keys(harness.world.containerInstances).length === 1);
    const [targetId = ''] = Object.keys(harness.world.containerInstances);
    const stack = { name: 'stack', value: 'test', targetId };
    const placementConstraints = [{ type: 'memberOf' as const, expression: 'attribute:stack == prod' }];
    const run = () =>
      harness.call(RunTask, { cluster, taskDefinition: 'sinatra-hi', placementConstraints }).tasks?.length;
    harness.call(PutAttributes, { cluster, attributes: [stack] });
    expect(run()).toBe(0);
    harness.call(PutAttributes, { cluster, attributes: [{ ...stack, value: 'prod' }] });
    const listed = { cluster, targetType: 'container-instance' as const, attributeName: 'stack' };
    expect(harness.call(ListAttributes, listed).attributes).toEqual([{ ...stack, value: 'prod' }]);
    expect(run()).toBe(1);
    harness.call(DeleteAttributes, { cluster, attributes: [{ name: 'stack', targetId: targetId.split('/').at(-1) }] });
    expect(harness.call(ListAttributes, listed).attributes).toEqual([]);
    expect(
      refusalOf(() => harness.call(PutAttributes, { cluster, attributes: [{ ...stack, targetId: 'x' }] })),
    ).toContain('TargetNotFoundException');
    expect(refusalOf(() => harness.call(PutAttributes, { cluster, attributes: [] }))).toContain(
      'InvalidParameterException',
    );
  });
});

describe('tags', () => {
  it('are added, replaced, listed and removed on any resource', () => {
    const { call } = createHarness();
    const resourceArn = arn('cluster/my-cluster');
    call(TagResource, {
      resourceArn,
      tags: [
        { key: 'a', value: '1' },
        { key: 'b', value: '2' },
      ],
    });
    call(TagResource, { resourceArn, tags: [{ key: 'a', value: '3' }] });
    call(UntagResource, { resourceArn, tagKeys: ['b'] });
    expect(call(ListTagsForResource, { resourceArn }).tags).toEqual([{ key: 'a', value: '3' }]);
    expect(refusalOf(() => call(TagResource, { resourceArn, tags: [{ key: 'aws:x', value: '' }] }))).toContain(
      'reserved prefix',
    );
    expect(refusalOf(() => call(TagResource, { resourceArn: arn('cluster/none'), tags: [] }))).toBe(
      'ClusterNotFoundException: Cluster not found.',
    );
  });
});
