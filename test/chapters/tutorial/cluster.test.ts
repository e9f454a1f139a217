import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import {
  type Cluster,
  CreateClusterCommand,
  DeleteClusterCommand,
  DeregisterContainerInstanceCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  ListContainerInstancesCommand,
  ListServicesCommand,
  TagResourceCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { cluster } from '../../../src/chapters/tutorial/cluster.ts';
import { aContext, fault, inTurn, ourEcsTags, ourTags } from '../../helpers/a-context.ts';

const active: Cluster = { clusterName: 'my-cluster', clusterArn: 'arn:cluster', status: 'ACTIVE', tags: ourEcsTags };

function anAccount(clusters: Cluster[], flags = {}) {
  const made = aContext(flags);
  made.ecs.on(DescribeClustersCommand).resolves({ clusters });
  return made;
}

describe('ensure', () => {
  it('asks once when the cluster is there', async () => {
    const { context, run, operations } = anAccount([active]);
    expect(await cluster.ensure(context, run)).toMatchObject([{ id: 'arn:cluster', owned: true }]);
    expect(operations()).toEqual(['DescribeClusters']);
  });

  it.each([
    ['absent', []],
    ['only a memory', [{ ...active, status: 'INACTIVE' }]],
  ])('creates it, with a generation, when it is %s', async (_, clusters) => {
    const { context, run, ecs, mutating, events } = anAccount(clusters);
    ecs.on(CreateClusterCommand).callsFake(async () => {
      ecs
        .on(DescribeClustersCommand)
        .callsFake(inTurn({ clusters: [{ ...active, status: 'PROVISIONING' }] }, { clusters: [active] }));
      return {};
    });
    await cluster.ensure(context, run);
    expect(mutating()).toEqual(['CreateCluster']);
    expect(ecs.commandCalls(CreateClusterCommand)[0]?.args[0].input.tags).toContainEqual({
      key: 'ecsdemo:generation',
      value: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(events).toContainEqual(expect.objectContaining({ type: 'waiting', state: 'PROVISIONING' }));
    // Whoever created it first: its generation counts.
    expect(context.facts.cluster?.tags).toEqual(ourEcsTags);
  });

  it('rides out the account’s first use of ECS', async () => {
    const { context, run, ecs, events } = anAccount([]);
    ecs
      .on(CreateClusterCommand)
      .rejectsOnce(
        fault(
          'InvalidParameterException',
          'Unable to assume the service linked role. Please verify that the ECS service linked role exists.',
        ),
      )
      .callsFake(async () => {
        ecs.on(DescribeClustersCommand).resolves({ clusters: [active] });
        return {};
      });
    await cluster.ensure(context, run);
    expect(events.filter(({ type }) => type === 'retrying')).toHaveLength(1);
  });

  it('takes another run’s cluster of the same moment for its own', async () => {
    const { context, run, ecs } = anAccount([]);
    ecs.on(CreateClusterCommand).callsFake(async () => {
      ecs.on(DescribeClustersCommand).resolves({ clusters: [active] });
      throw fault(
        'InvalidParameterException',
        'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
      );
    });
    expect(await cluster.ensure(context, run)).toMatchObject([{ owned: true }]);
  });

  it('passes on every other refusal', async () => {
    const { context, run, ecs, clock } = anAccount([]);
    ecs.on(CreateClusterCommand).rejects(fault('InvalidParameterException', 'Something else'));
    await expect(cluster.ensure(context, run)).rejects.toThrow('Something else');
    expect(clock.elapsed()).toBe(0);
  });

  it('restores a lost generation tag', async () => {
    const { context, run, ecs, mutating } = anAccount([{ ...active, tags: ourEcsTags.slice(0, 2) }]);
    ecs.on(TagResourceCommand).resolves({});
    await cluster.ensure(context, run);
    expect(mutating()).toEqual(['TagResource']);
    expect(context.facts.cluster?.tags?.map(({ key }) => key)).toContain('ecsdemo:generation');
  });

  it('does not touch a cluster that is not ours, and takes it over with --adopt', async () => {
    const refused = anAccount([{ ...active, tags: [] }]);
    await expect(cluster.ensure(refused.context, refused.run)).rejects.toMatchObject({ code: 'not-ours', exitCode: 4 });
    expect(refused.mutating()).toEqual([]);
    const adopted = anAccount([{ ...active, tags: [] }], { adopt: true });
    adopted.ecs.on(TagResourceCommand).resolves({});
    await cluster.ensure(adopted.context, adopted.run);
    expect(
      adopted.ecs
        .commandCalls(TagResourceCommand)[0]
        ?.args[0].input.tags?.map(({ key }) => key)
        .toSorted(),
    ).toEqual(['ecsdemo:created-at', 'ecsdemo:demo', 'ecsdemo:generation']);
  });

  it('says nothing about a throttled look but its name', async () => {
    const { context, run, ecs } = anAccount([]);
    ecs.on(DescribeClustersCommand).rejects(fault('ThrottlingException', 'Rate exceeded'));
    await expect(cluster.ensure(context, run)).rejects.toMatchObject({ name: 'ThrottlingException' });
  });
});

describe('remove', () => {
  it('waits for what is still in it', async () => {
    const { context, run, ecs, events } = anAccount([active]);
    ecs
      .on(DeleteClusterCommand)
      .rejectsOnce(fault('ClusterContainsServicesException'))
      .rejectsOnce(fault('ClusterContainsTasksException'))
      .resolves({});
    ecs.on(DescribeServicesCommand).resolves({ services: [{ serviceName: 'my-service', status: 'DRAINING' }] });
    ecs.on(ListContainerInstancesCommand).resolves({ containerInstanceArns: [] });
    expect((await cluster.remove(context, run)).removed).toMatchObject([{ name: 'my-cluster', state: 'deleted' }]);
    expect(events.filter(({ type }) => type === 'retrying')).toHaveLength(1);
  });

  it('does not wait for a service that came after the demo’s was taken away', async () => {
    const { context, run, ecs, clock } = anAccount([active]);
    ecs.on(DeleteClusterCommand).rejects(fault('ClusterContainsServicesException'));
    ecs.on(DescribeServicesCommand).resolves({ services: [{ serviceName: 'my-service', status: 'ACTIVE' }] });
    ecs.on(ListContainerInstancesCommand).resolves({ containerInstanceArns: [] });
    expect((await cluster.remove(context, run)).kept).toMatchObject([
      { reason: 'the service my-service is ACTIVE in it, or again' },
    ]);
    expect(clock.elapsed()).toBe(0);
  });

  it('takes a cluster that is gone for deleted', async () => {
    const { context, run, ecs } = anAccount([active]);
    ecs.on(DeleteClusterCommand).rejects(fault('ClusterNotFoundException'));
    expect((await cluster.remove(context, run)).removed).toHaveLength(1);
  });

  it('keeps it at once for services of others, beyond the first ten too', async () => {
    const { context, run, ecs, mutating, clock } = anAccount([{ ...active, activeServicesCount: 12 }]);
    const serviceArns = Array.from({ length: 12 }, (_, index) => `arn:service/my-cluster/s-${index}`);
    ecs.on(ListServicesCommand).resolves({ serviceArns });
    ecs.on(DescribeServicesCommand).callsFake(async ({ services }: { services: string[] }) => ({
      services: services.map((arn) => ({
        serviceName: arn.split('/').at(-1),
        tags: arn.endsWith('s-11') ? [] : ourEcsTags,
      })),
    }));
    expect((await cluster.remove(context, run)).kept).toMatchObject([
      { owned: true, reason: "it holds services that are not this demo's: s-11" },
    ]);
    expect(mutating()).toEqual([]);
    expect(clock.elapsed()).toBe(0);
  });

  it('keeps it at once for a service of our name that is not ours', async () => {
    const { context, run, ecs, mutating } = anAccount([{ ...active, activeServicesCount: 1 }]);
    ecs.on(ListServicesCommand).resolves({ serviceArns: ['arn:service/my-cluster/my-service'] });
    ecs.on(DescribeServicesCommand).resolves({ services: [{ serviceName: 'my-service', tags: [] }] });
    expect((await cluster.remove(context, run)).kept).toHaveLength(1);
    expect(mutating()).toEqual([]);
  });

  it('keeps it at once for container instances of others', async () => {
    const { context, run, ecs, ec2, mutating, clock } = anAccount([
      { ...active, registeredContainerInstancesCount: 2 },
    ]);
    ecs.on(ListContainerInstancesCommand).resolves({ containerInstanceArns: ['ci-1', 'ci-2'] });
    ecs.on(DescribeContainerInstancesCommand).resolves({
      containerInstances: [
        { containerInstanceArn: 'ci-1', ec2InstanceId: 'i-ours', agentConnected: false },
        { containerInstanceArn: 'ci-2', ec2InstanceId: 'i-theirs', agentConnected: true },
      ],
    });
    ec2.on(DescribeInstancesCommand).resolves({
      Reservations: [
        {
          Instances: [
            { InstanceId: 'i-ours', Tags: ourTags },
            { InstanceId: 'i-theirs', Tags: [] },
          ],
        },
      ],
    });
    expect((await cluster.remove(context, run)).kept).toMatchObject([
      { reason: "it holds container instances that are not this demo's: i-theirs" },
    ]);
    expect(mutating()).toEqual([]);
    expect(clock.elapsed()).toBe(0);
  });

  it('takes away a registration whose instance EC2 has forgotten', async () => {
    const { context, run, ecs, ec2, mutating } = anAccount([{ ...active, registeredContainerInstancesCount: 1 }]);
    ecs.on(ListContainerInstancesCommand).resolves({ containerInstanceArns: ['ci-1'] });
    ecs.on(DescribeContainerInstancesCommand).resolves({
      containerInstances: [{ containerInstanceArn: 'ci-1', ec2InstanceId: 'i-gone', agentConnected: false }],
    });
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [] });
    ecs.on(DeregisterContainerInstanceCommand).resolves({}).on(DeleteClusterCommand).resolves({});
    await cluster.remove(context, run);
    expect(mutating()).toEqual(['DeregisterContainerInstance', 'DeleteCluster']);
  });

  it.each([[[]], [[{ ...active, status: 'INACTIVE' }]]])('of nothing is nothing', async (clusters) => {
    const { context, run, mutating } = anAccount(clusters);
    expect(await cluster.remove(context, run)).toEqual({ removed: [], kept: [] });
    expect(mutating()).toEqual([]);
  });

  it('leaves a cluster that is not ours', async () => {
    const { context, run, mutating } = anAccount([{ ...active, tags: [] }]);
    expect((await cluster.remove(context, run)).kept).toMatchObject([{ owned: false }]);
    expect(mutating()).toEqual([]);
  });
});
