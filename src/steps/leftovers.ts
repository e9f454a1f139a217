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
  paginateListTaskDefinitions,
  type TaskDefinitionStatus,
} from '@aws-sdk/client-ecs';
import {
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetInstanceProfileCommand, GetRoleCommand } from '@aws-sdk/client-iam';
import { orAbsent } from '../aws/faults.ts';
import { type AnyTag, isOurs, tagValue } from '../aws/ownership.ts';
import { EcsdemoError } from '../base/errors.ts';
import { tagKeys } from '../base/names.ts';
import type { Resource, StepRun } from '../engine/types.ts';
import { describeMembers, instancesById } from './container-instances.ts';
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

/** On its way out, as far as its state tells: AWS takes these away by itself in seconds or minutes. */
function isPassing({ type, state }: Resource): boolean {
  return (
    type === 'AWS::EC2::NetworkInterface' ||
    (type === 'AWS::EC2::Volume' && ['deleting', 'in-use'].includes(state)) ||
    (type === 'AWS::EC2::Instance' && state === 'shutting-down') ||
    (type === 'AWS::ECS::Service' && state === 'DRAINING')
  );
}

/** How long AWS may go on listing what is deleted. */
const forgettingMs = 4000;

/**
 * The same, given AWS time to forget: network interfaces and volumes go after what held them, and descriptions may be
 * older than the deletions. @returns what then is still there.
 */
export async function waitNothingLeft(context: StepContext, run: StepRun): Promise<Resource[]> {
  let left: Resource[] = [];
  await run
    .wait({
      what: 'nothing to be left',
      typicalMs: 5000,
      limitMs: 300_000,
      look: async (elapsedMs) => {
        left = await findLeftovers(context);
        const stays = !left.every((resource) => isPassing(resource));
        if (left.length === 0 || (stays && elapsedMs >= forgettingMs)) return { done: true, value: undefined };
        return { done: false, state: `${left.length} still listed` };
      },
    })
    .catch((error: unknown) => {
      if (!(error instanceof EcsdemoError) || error.code !== 'timeout') throw error;
    });
  return left;
}

function leftover(step: string, type: string, name: string, id: string, state: string): Resource {
  return { step, type, name, id, state, owned: true };
}

async function ec2Leftovers({ aws, names }: StepContext): Promise<Resource[]> {
  const byTag: Filter = { Name: `tag:${tagKeys.demo}`, Values: [names.demo] };
  const [instances, groups, tagged, ofBalancer, volumes, keys] = await Promise.all([
    aws.ec2.send(
      new DescribeInstancesCommand({
        Filters: [
          byTag,
          { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped', 'shutting-down'] },
        ],
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
      .map((instance) =>
        leftover(
          'instance',
          'AWS::EC2::Instance',
          names.instance,
          instance.InstanceId ?? '',
          instance.State?.Name ?? '',
        ),
      ),
    ...(groups.SecurityGroups ?? []).map((group) =>
      leftover('network', 'AWS::EC2::SecurityGroup', group.GroupName ?? '', group.GroupId ?? '', 'present'),
    ),
    ...interfaces.map((one) =>
      leftover(
        'network',
        'AWS::EC2::NetworkInterface',
        one.Description ?? '',
        one.NetworkInterfaceId ?? '',
        one.Status ?? '',
      ),
    ),
    ...(volumes.Volumes ?? []).map((volume) =>
      leftover(
        'instance',
        'AWS::EC2::Volume',
        tagValue(volume.Tags, 'Name') ?? '',
        volume.VolumeId ?? '',
        volume.State ?? '',
      ),
    ),
    ...(keys.KeyPairs ?? []).map((key) =>
      leftover('instance', 'AWS::EC2::KeyPair', key.KeyName ?? '', key.KeyPairId ?? '', 'present'),
    ),
  ];
}

/** An INACTIVE cluster or service is AWS's memory of a deleted one, not a leftover; anything in it would be one. */
async function ecsLeftovers(context: StepContext): Promise<Resource[]> {
  const { aws, names } = context;
  const { clusters = [] } = await aws.ecs.send(
    new DescribeClustersCommand({ clusters: [names.cluster], include: ['TAGS'] }),
  );
  const [cluster] = clusters;
  if (cluster === undefined || !isOurs(cluster.tags, names.demo)) return [];
  const left: Resource[] = [];
  if (cluster.status !== 'INACTIVE') {
    left.push(leftover('cluster', 'AWS::ECS::Cluster', names.cluster, cluster.clusterArn ?? '', cluster.status ?? ''));
    const [services, members] = await Promise.all([
      orAbsent(
        aws.ecs.send(
          new DescribeServicesCommand({ cluster: names.cluster, services: [names.service], include: ['TAGS'] }),
        ),
      ),
      describeMembers(context),
    ]);
    for (const service of services?.services ?? []) {
      if (service.status === 'INACTIVE' || !isOurs(service.tags, names.demo)) continue;
      left.push(
        leftover('service', 'AWS::ECS::Service', names.service, service.serviceArn ?? '', service.status ?? ''),
      );
    }
    const byId = await instancesById(
      context,
      members.map(({ ec2InstanceId }) => ec2InstanceId ?? ''),
    );
    for (const { containerInstanceArn = '', ec2InstanceId = '', status = '' } of members) {
      const instance = byId.get(ec2InstanceId);
      if (instance !== undefined && !isOurs(instance.Tags, names.demo)) continue;
      left.push(leftover('instance', 'AWS::ECS::ContainerInstance', ec2InstanceId, containerInstanceArn, status));
    }
  } else if ((cluster.registeredContainerInstancesCount ?? 0) + (cluster.runningTasksCount ?? 0) > 0) {
    left.push(
      leftover('cluster', 'AWS::ECS::Cluster', names.cluster, cluster.clusterArn ?? '', 'INACTIVE but not empty'),
    );
  }
  return left;
}

async function revisionLeftovers({ aws, names }: StepContext, status: TaskDefinitionStatus): Promise<Resource[]> {
  const left: Resource[] = [];
  for await (const page of paginateListTaskDefinitions({ client: aws.ecs }, { familyPrefix: names.family, status })) {
    const arns = page.taskDefinitionArns ?? [];
    // Few at a time: the bucket of ECS reads is shared.
    for (let at = 0; at < arns.length; at += 5) {
      const some = arns.slice(at, at + 5);
      const tags = await Promise.all(
        some.map(
          async (arn) =>
            (
              await orAbsent(
                aws.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn, include: ['TAGS'] })),
              )
            )?.tags,
        ),
      );
      for (const [index, arn] of some.entries()) {
        if (!isOurs(tags[index], names.demo)) continue;
        left.push(
          leftover('task-definition', 'AWS::ECS::TaskDefinition', arn.slice(arn.lastIndexOf('/') + 1), arn, status),
        );
      }
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
      leftover(
        'load-balancer',
        'AWS::ElasticLoadBalancingV2::LoadBalancer',
        names.loadBalancer,
        one.LoadBalancerArn ?? '',
        one.State?.Code ?? '',
      ),
    ),
    ...(groups?.TargetGroups ?? []).map((one) =>
      leftover(
        'load-balancer',
        'AWS::ElasticLoadBalancingV2::TargetGroup',
        names.targetGroup,
        one.TargetGroupArn ?? '',
        'present',
      ),
    ),
  ];
  if (there.length === 0) return [];
  const tags = await orAbsent(
    aws.elbv2.send(new DescribeTagsCommand({ ResourceArns: there.map(({ id }) => id ?? '') })),
  );
  const tagsOf = (id: string | undefined): AnyTag[] =>
    tags?.TagDescriptions?.find(({ ResourceArn }) => ResourceArn === id)?.Tags ?? [];
  return there.filter(({ id }) => isOurs(tagsOf(id), names.demo));
}

async function iamLeftovers({ aws, names }: StepContext): Promise<Resource[]> {
  const [role, profile] = await Promise.all([
    orAbsent(aws.iam.send(new GetRoleCommand({ RoleName: names.role }))),
    orAbsent(aws.iam.send(new GetInstanceProfileCommand({ InstanceProfileName: names.role }))),
  ]);
  const left: Resource[] = [];
  if (isOurs(role?.Role?.Tags, names.demo))
    left.push(leftover('role', 'AWS::IAM::Role', names.role, role?.Role?.Arn ?? '', 'present'));
  if (isOurs(profile?.InstanceProfile?.Tags, names.demo)) {
    left.push(
      leftover('role', 'AWS::IAM::InstanceProfile', names.role, profile?.InstanceProfile?.Arn ?? '', 'present'),
    );
  }
  return left;
}
