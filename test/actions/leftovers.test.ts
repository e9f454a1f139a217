import {
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVolumesCommand,
} from '@aws-sdk/client-ec2';
import {
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ListContainerInstancesCommand,
  ListTaskDefinitionsCommand,
} from '@aws-sdk/client-ecs';
import {
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetInstanceProfileCommand, GetRoleCommand } from '@aws-sdk/client-iam';
import { describe, expect, it } from 'vitest';
import { findLeftovers, waitNothingLeft } from '../../src/actions/leftovers.ts';
import { tutorial } from '../../src/chapters/tutorial/chapter.ts';
import { aContext, fault, ourEcsTags, ourTags } from '../helpers/a-context.ts';

/** An account in which nothing is left. */
function anEmptyAccount() {
  const made = aContext();
  const { ec2, ecs, elbv2, iam } = made;
  ec2
    .on(DescribeInstancesCommand)
    .resolves({ Reservations: [] })
    .on(DescribeSecurityGroupsCommand)
    .resolves({ SecurityGroups: [] });
  ec2
    .on(DescribeNetworkInterfacesCommand)
    .resolves({ NetworkInterfaces: [] })
    .on(DescribeVolumesCommand)
    .resolves({ Volumes: [] });
  ec2.on(DescribeKeyPairsCommand).resolves({ KeyPairs: [] });
  ecs
    .on(DescribeClustersCommand)
    .resolves({ clusters: [{ status: 'INACTIVE', tags: ourEcsTags }] })
    .on(ListTaskDefinitionsCommand)
    .resolves({ taskDefinitionArns: [] });
  elbv2
    .on(DescribeLoadBalancersCommand)
    .rejects(fault('LoadBalancerNotFoundException'))
    .on(DescribeTargetGroupsCommand)
    .rejects(fault('TargetGroupNotFoundException'));
  iam
    .on(GetRoleCommand)
    .rejects(fault('NoSuchEntityException'))
    .on(GetInstanceProfileCommand)
    .rejects(fault('NoSuchEntityException'));
  return made;
}

describe('findLeftovers', () => {
  it('finds nothing where nothing is, and reads only', async () => {
    const { context, mutating } = anEmptyAccount();
    expect(await findLeftovers(context, tutorial)).toEqual([]);
    expect(mutating()).toEqual([]);
  });

  it('names everything of the demo’s, by tag and by name', async () => {
    const { context, ec2, ecs, elbv2, iam } = anEmptyAccount();
    ec2
      .on(DescribeInstancesCommand)
      .resolves({ Reservations: [{ Instances: [{ InstanceId: 'i-1', State: { Name: 'running' }, Tags: ourTags }] }] });
    ec2.on(DescribeSecurityGroupsCommand).resolves({ SecurityGroups: [{ GroupId: 'sg-1', GroupName: 'my-ecs-sg' }] });
    ec2
      .on(DescribeNetworkInterfacesCommand)
      .resolvesOnce({ NetworkInterfaces: [] })
      .resolves({ NetworkInterfaces: [{ NetworkInterfaceId: 'eni-1', Description: 'ELB app/my-elb/1' }] });
    ec2
      .on(DescribeVolumesCommand)
      .resolves({ Volumes: [{ VolumeId: 'vol-1', State: 'available' }] })
      .on(DescribeKeyPairsCommand)
      .resolves({ KeyPairs: [{ KeyName: 'k', KeyPairId: 'key-1' }] });
    ecs
      .on(DescribeClustersCommand)
      .resolves({ clusters: [{ clusterArn: 'arn:cluster', status: 'ACTIVE', tags: ourEcsTags }] });
    ecs
      .on(DescribeServicesCommand)
      .resolves({ services: [{ serviceArn: 'arn:service', status: 'DRAINING', tags: ourEcsTags }] });
    ecs.on(ListContainerInstancesCommand).resolves({ containerInstanceArns: ['ci-1', 'ci-2'] });
    ecs.on(DescribeContainerInstancesCommand).resolves({
      containerInstances: [
        { containerInstanceArn: 'ci-1', ec2InstanceId: 'i-1', status: 'ACTIVE' },
        { containerInstanceArn: 'ci-2', ec2InstanceId: 'i-theirs', status: 'ACTIVE' },
      ],
    });
    ec2.on(DescribeInstancesCommand, { Filters: [{ Name: 'instance-id', Values: ['i-1', 'i-theirs'] }] }).resolves({
      Reservations: [
        {
          Instances: [
            { InstanceId: 'i-1', Tags: ourTags },
            { InstanceId: 'i-theirs', Tags: [] },
          ],
        },
      ],
    });
    ecs
      .on(ListTaskDefinitionsCommand, { status: 'INACTIVE' })
      .resolves({ taskDefinitionArns: ['arn:x/sinatra-hi:1', 'arn:x/sinatra-hi:2'] });
    ecs.on(DescribeTaskDefinitionCommand).callsFake(async ({ taskDefinition }: { taskDefinition: string }) => ({
      tags: taskDefinition.endsWith(':1') ? ourEcsTags : [],
    }));
    elbv2
      .on(DescribeLoadBalancersCommand)
      .resolves({ LoadBalancers: [{ LoadBalancerArn: 'arn:lb', State: { Code: 'active' } }] });
    elbv2.on(DescribeTargetGroupsCommand).resolves({ TargetGroups: [{ TargetGroupArn: 'arn:tg' }] });
    elbv2.on(DescribeTagsCommand).resolves({
      TagDescriptions: [
        { ResourceArn: 'arn:lb', Tags: ourTags },
        { ResourceArn: 'arn:tg', Tags: [] },
      ],
    });
    iam.on(GetRoleCommand).resolves({ Role: { Arn: 'arn:role', Tags: ourTags } as never });
    iam.on(GetInstanceProfileCommand).resolves({ InstanceProfile: { Arn: 'arn:profile', Tags: [] } as never });
    const left = await findLeftovers(context, tutorial);
    expect(left.map(({ id }) => id).toSorted()).toEqual(
      [
        'i-1',
        'sg-1',
        'eni-1',
        'vol-1',
        'key-1',
        'arn:cluster',
        'arn:service',
        'ci-1',
        'arn:x/sinatra-hi:1',
        'arn:lb',
        'arn:role',
      ].toSorted(),
    );
  });
});

describe('waitNothingLeft', () => {
  it('gives network interfaces and volumes the time they take', async () => {
    const { context, run, ec2, clock } = anEmptyAccount();
    ec2
      .on(DescribeVolumesCommand)
      .callsFake(async () => ({ Volumes: clock.elapsed() < 60_000 ? [{ VolumeId: 'vol-1', State: 'deleting' }] : [] }));
    expect(await waitNothingLeft(context, tutorial, run)).toEqual([]);
    expect(clock.elapsed()).toBeGreaterThanOrEqual(60_000);
  });

  it('does not wait long for what will stay', async () => {
    const { context, run, ec2, clock } = anEmptyAccount();
    ec2.on(DescribeKeyPairsCommand).resolves({ KeyPairs: [{ KeyName: 'k', KeyPairId: 'key-1' }] });
    expect(await waitNothingLeft(context, tutorial, run)).toMatchObject([{ id: 'key-1' }]);
    expect(clock.elapsed()).toBeLessThan(10_000);
  });

  it('names at last what never went', async () => {
    const { context, run, ec2 } = anEmptyAccount();
    ec2.on(DescribeVolumesCommand).resolves({ Volumes: [{ VolumeId: 'vol-1', State: 'in-use' }] });
    expect(await waitNothingLeft(context, tutorial, run)).toMatchObject([{ id: 'vol-1' }]);
  });
});
