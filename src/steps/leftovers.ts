// Destroy's proof of emptiness: looks for what is left of the demo by tag and by name, independently of the steps that
// removed it. Reads only. Shared and foreign resources are no leftovers.
import {
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVolumesCommand,
  type Filter,
} from '@aws-sdk/client-ec2';
import {
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ListContainerInstancesCommand,
  paginateListTaskDefinitions,
  type TaskDefinitionStatus,
} from '@aws-sdk/client-ecs';
import { DescribeLoadBalancersCommand, DescribeTagsCommand, DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetInstanceProfileCommand, GetRoleCommand } from '@aws-sdk/client-iam';
import { orAbsent } from '../aws/faults.ts';
import { type AnyTag, isOurs, tagValue } from '../aws/ownership.ts';
import { tagKeys } from '../base/names.ts';
import type { Resource } from '../engine/types.ts';
import type { StepContext } from './context.ts';

/** What is still there and carries the demo's tag, or is unmistakably the demo's by name. Empty: nothing is left. */
export async function findLeftovers(context: StepContext): Promise<Resource[]> {
  const found = await Promise.all([
    ec2Leftovers(context),
    ecsLeftovers(context),
    revisionLeftovers(context, 'ACTIVE'),
    revisionLeftovers(context, 'INACTIVE'),
    loadBalancingLeftovers(context),
    iamLeftovers(context),
  ]);
  return found.flat();
}

function leftover(step: string, type: string, name: string, id: string, state: string): Resource {
  return { step, type, name, id, state, owned: true };
}

async function ec2Leftovers({ aws, names }: StepContext): Promise<Resource[]> {
  const byTag: Filter = { Name: `tag:${tagKeys.demo}`, Values: [names.demo] };
  const [instances, groups, tagged, ofBalancer, volumes, keys] = await Promise.all([
    aws.ec2.send(
      new DescribeInstancesCommand({
        Filters: [byTag, { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped', 'shutting-down'] }],
      }),
    ),
    aws.ec2.send(new DescribeSecurityGroupsCommand({ Filters: [byTag] })),
    aws.ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [byTag] })),
    // A load balancer's interfaces carry no tags; their description has its name (aws-facts §7).
    aws.ec2.send(
      new DescribeNetworkInterfacesCommand({
        Filters: [
          { Name: 'attachment.instance-owner-id', Values: ['amazon-elb'] },
          { Name: 'description', Values: [`ELB app/${names.loadBalancer}/*`] },
        ],
      }),
    ),
    aws.ec2.send(new DescribeVolumesCommand({ Filters: [byTag] })),
    aws.ec2.send(new DescribeKeyPairsCommand({ Filters: [byTag] })),
  ]);
  const interfaces = [...(tagged.NetworkInterfaces ?? []), ...(ofBalancer.NetworkInterfaces ?? [])];
  return [
    ...(instances.Reservations ?? [])
      .flatMap(({ Instances }) => Instances ?? [])
      .map((instance) => leftover('instance', 'AWS::EC2::Instance', names.instance, instance.InstanceId ?? '', instance.State?.Name ?? '')),
    ...(groups.SecurityGroups ?? []).map((group) => leftover('network', 'AWS::EC2::SecurityGroup', group.GroupName ?? '', group.GroupId ?? '', 'present')),
    ...interfaces.map((one) => leftover('network', 'AWS::EC2::NetworkInterface', one.Description ?? '', one.NetworkInterfaceId ?? '', one.Status ?? '')),
    ...(volumes.Volumes ?? []).map((volume) => leftover('instance', 'AWS::EC2::Volume', tagValue(volume.Tags, 'Name') ?? '', volume.VolumeId ?? '', volume.State ?? '')),
    ...(keys.KeyPairs ?? []).map((key) => leftover('instance', 'AWS::EC2::KeyPair', key.KeyName ?? '', key.KeyPairId ?? '', 'present')),
  ];
}

/** An INACTIVE cluster or service is AWS's memory of a deleted one, not a leftover; anything in it would be one. */
async function ecsLeftovers({ aws, names }: StepContext): Promise<Resource[]> {
  const { clusters = [] } = await aws.ecs.send(new DescribeClustersCommand({ clusters: [names.cluster], include: ['TAGS'] }));
  const [cluster] = clusters;
  if (cluster === undefined || !isOurs(cluster.tags, names.demo)) return [];
  const left: Resource[] = [];
  if (cluster.status !== 'INACTIVE') {
    left.push(leftover('cluster', 'AWS::ECS::Cluster', names.cluster, cluster.clusterArn ?? '', cluster.status ?? ''));
    const [services, members] = await Promise.all([
      orAbsent(aws.ecs.send(new DescribeServicesCommand({ cluster: names.cluster, services: [names.service], include: ['TAGS'] }))),
      orAbsent(aws.ecs.send(new ListContainerInstancesCommand({ cluster: names.cluster }))),
    ]);
    for (const service of services?.services ?? []) {
      if (service.status === 'INACTIVE' || !isOurs(service.tags, names.demo)) continue;
      left.push(leftover('service', 'AWS::ECS::Service', names.service, service.serviceArn ?? '', service.status ?? ''));
    }
    for (const arn of members?.containerInstanceArns ?? []) left.push(leftover('instance', 'AWS::ECS::ContainerInstance', arn, arn, 'registered'));
  } else if ((cluster.registeredContainerInstancesCount ?? 0) + (cluster.runningTasksCount ?? 0) > 0) {
    left.push(leftover('cluster', 'AWS::ECS::Cluster', names.cluster, cluster.clusterArn ?? '', 'INACTIVE but not empty'));
  }
  return left;
}

async function revisionLeftovers({ aws, names }: StepContext, status: TaskDefinitionStatus): Promise<Resource[]> {
  const left: Resource[] = [];
  for await (const page of paginateListTaskDefinitions({ client: aws.ecs }, { familyPrefix: names.family, status })) {
    for (const arn of page.taskDefinitionArns ?? []) {
      const described = await orAbsent(aws.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn, include: ['TAGS'] })));
      if (!isOurs(described?.tags, names.demo)) continue;
      left.push(leftover('task-definition', 'AWS::ECS::TaskDefinition', arn.slice(arn.lastIndexOf('/') + 1), arn, status));
    }
  }
  return left;
}

async function loadBalancingLeftovers({ aws, names }: StepContext): Promise<Resource[]> {
  const [balancers, groups] = await Promise.all([
    orAbsent(aws.elbv2.send(new DescribeLoadBalancersCommand({ Names: [names.loadBalancer] }))),
    orAbsent(aws.elbv2.send(new DescribeTargetGroupsCommand({ Names: [names.targetGroup] }))),
  ]);
  const there = [
    ...(balancers?.LoadBalancers ?? []).map((one) =>
      leftover('load-balancer', 'AWS::ElasticLoadBalancingV2::LoadBalancer', names.loadBalancer, one.LoadBalancerArn ?? '', one.State?.Code ?? ''),
    ),
    ...(groups?.TargetGroups ?? []).map((one) =>
      leftover('load-balancer', 'AWS::ElasticLoadBalancingV2::TargetGroup', names.targetGroup, one.TargetGroupArn ?? '', 'present'),
    ),
  ];
  if (there.length === 0) return [];
  const tags = await orAbsent(aws.elbv2.send(new DescribeTagsCommand({ ResourceArns: there.map(({ id }) => id ?? '') })));
  const tagsOf = (id: string | undefined): AnyTag[] => tags?.TagDescriptions?.find(({ ResourceArn }) => ResourceArn === id)?.Tags ?? [];
  return there.filter(({ id }) => isOurs(tagsOf(id), names.demo));
}

async function iamLeftovers({ aws, names }: StepContext): Promise<Resource[]> {
  const [role, profile] = await Promise.all([
    orAbsent(aws.iam.send(new GetRoleCommand({ RoleName: names.role }))),
    orAbsent(aws.iam.send(new GetInstanceProfileCommand({ InstanceProfileName: names.role }))),
  ]);
  const left: Resource[] = [];
  if (isOurs(role?.Role?.Tags, names.demo)) left.push(leftover('role', 'AWS::IAM::Role', names.role, role?.Role?.Arn ?? '', 'present'));
  if (isOurs(profile?.InstanceProfile?.Tags, names.demo)) {
    left.push(leftover('role', 'AWS::IAM::InstanceProfile', names.role, profile?.InstanceProfile?.Arn ?? '', 'present'));
  }
  return left;
}
