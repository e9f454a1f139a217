// Every demo of the account in this region, found by tag: what it consists of, how old it is, when it expires and what
// it costs. Reads only, a page at a time, and asks for tags only where a name could be a demo's.
import {
  DescribeTagsCommand,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  paginateDescribeInstances,
  paginateDescribeSecurityGroups,
  paginateDescribeVolumes,
} from '@aws-sdk/client-ec2';
import {
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ListTaskDefinitionsCommand,
  paginateListClusters,
  paginateListTaskDefinitionFamilies,
} from '@aws-sdk/client-ecs';
import {
  GetInstanceProfileCommand,
  ListRoleTagsCommand,
  paginateListInstanceProfiles,
  paginateListRoles,
} from '@aws-sdk/client-iam';
import type { Clients } from '../aws/clients.ts';
import { orAbsent } from '../aws/faults.ts';
import { type AnyTag, regionsUsing, tagValue } from '../aws/ownership.ts';
import { type Cost, costOf } from '../base/cost.ts';
import { tagKeys } from '../base/names.ts';
import type { Resource } from '../engine/types.ts';

/** A demo as its tags tell of it. */
export interface FoundDemo {
  name: string;
  /** The oldest of its resources; undefined when none says. */
  createdAt: Date | undefined;
  /** Undefined: it may live for ever. */
  expiresAt: Date | undefined;
  cost: Cost;
  resources: Resource[];
}

/** One resource that carries a demo's tag, with what it adds to that demo. */
interface Piece {
  demo: string;
  resource: Resource;
  tags: readonly AnyTag[];
  /** AWS's own record of when it was made, for what lost its created-at. */
  bornAt?: Date | undefined;
  instanceType?: string;
  stopped?: boolean;
  subnets?: number;
}

/** All demos, the oldest first. */
export async function findDemos(aws: Clients, region: string): Promise<FoundDemo[]> {
  const found = await Promise.all([
    findInstances(aws),
    findVolumes(aws),
    findGroups(aws),
    findClusters(aws),
    findRevisions(aws),
    findBalancing(aws),
    findRoles(aws, region),
    findProfiles(aws, region),
  ]);
  const pieces = new Map<string, Piece[]>();
  for (const each of found.flat()) pieces.set(each.demo, [...(pieces.get(each.demo) ?? []), each]);
  return [...pieces]
    .map(([name, own]) => toDemo(name, own))
    .toSorted((one, other) => Number(one.createdAt ?? 0) - Number(other.createdAt ?? 0));
}

/** The cluster's expiry is the demo's; without a cluster the latest of the others'. */
function toDemo(name: string, pieces: readonly Piece[]): FoundDemo {
  const dates = (key: string, from = pieces): Date[] =>
    from.map(({ tags }) => new Date(tagValue(tags, key) ?? '')).filter((date) => !Number.isNaN(date.getTime()));
  const born = pieces.flatMap(({ bornAt }) => (bornAt === undefined ? [] : [bornAt]));
  const made = dates(tagKeys.createdAt);
  const [createdAt] = (made.length > 0 ? made : born).toSorted((one, other) => Number(one) - Number(other));
  const clusters = pieces.filter(({ resource }) => resource.type === 'AWS::ECS::Cluster');
  const expiresAt = dates(tagKeys.expiresAt, clusters.length > 0 ? clusters : pieces)
    .toSorted((one, other) => Number(one) - Number(other))
    .at(-1);
  const instanceTypes = pieces.flatMap(({ instanceType, stopped }) =>
    instanceType === undefined || stopped === true ? [] : [instanceType],
  );
  const cost = costOf({
    instanceTypes,
    stoppedInstances: pieces.filter(({ stopped }) => stopped === true).length,
    loadBalancerSubnets: pieces.flatMap(({ subnets }) => (subnets === undefined ? [] : [subnets])),
  });
  return { name, createdAt, expiresAt, cost, resources: pieces.map(({ resource }) => resource) };
}

/** Empty when the tags name no demo. */
function piece(
  step: string,
  type: string,
  name: string,
  id: string,
  state: string,
  tags: readonly AnyTag[] | undefined,
  more: Partial<Piece> = {},
): Piece[] {
  const demo = tagValue(tags, tagKeys.demo);
  if (demo === undefined) return [];
  return [{ demo, resource: { step, type, name, id, state, owned: true }, tags: tags ?? [], ...more }];
}

const byTag = { Filters: [{ Name: 'tag-key', Values: [tagKeys.demo] }] };

async function findInstances({ ec2 }: Clients): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for await (const page of paginateDescribeInstances({ client: ec2, pageSize: 1000 }, byTag)) {
    for (const instance of (page.Reservations ?? []).flatMap(({ Instances }) => Instances ?? [])) {
      const state = instance.State?.Name ?? '';
      // EC2 lists a terminated instance for up to an hour more.
      if (state === 'terminated' || state === 'shutting-down') continue;
      const name = tagValue(instance.Tags, 'Name') ?? '';
      const more = {
        bornAt: instance.LaunchTime,
        instanceType: instance.InstanceType ?? 'unknown',
        stopped: state.startsWith('stop'),
      };
      pieces.push(
        ...piece('instance', 'AWS::EC2::Instance', name, instance.InstanceId ?? '', state, instance.Tags, more),
      );
    }
  }
  return pieces;
}

/** Only those that outlived their instance: the others go with it. */
async function findVolumes({ ec2 }: Clients): Promise<Piece[]> {
  const pieces: Piece[] = [];
  const free = { Filters: [...byTag.Filters, { Name: 'status', Values: ['available'] }] };
  for await (const page of paginateDescribeVolumes({ client: ec2, pageSize: 500 }, free)) {
    for (const { VolumeId = '', State = '', CreateTime, Tags } of page.Volumes ?? []) {
      pieces.push(
        ...piece('instance', 'AWS::EC2::Volume', tagValue(Tags, 'Name') ?? '', VolumeId, State, Tags, {
          bornAt: CreateTime,
          stopped: true,
        }),
      );
    }
  }
  return pieces;
}

async function findGroups({ ec2 }: Clients): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for await (const page of paginateDescribeSecurityGroups({ client: ec2, pageSize: 1000 }, byTag)) {
    for (const { GroupId = '', GroupName = '', Tags } of page.SecurityGroups ?? []) {
      pieces.push(...piece('network', 'AWS::EC2::SecurityGroup', GroupName, GroupId, 'present', Tags));
    }
  }
  return pieces;
}

/** Each cluster with its services; a hundred and ten at a time are the most that the two calls take. */
async function findClusters({ ecs }: Clients): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for await (const page of paginateListClusters({ client: ecs, pageSize: 100 }, {})) {
    const arns = page.clusterArns ?? [];
    if (arns.length === 0) continue;
    const { clusters = [] } = await ecs.send(new DescribeClustersCommand({ clusters: arns, include: ['TAGS'] }));
    for (const { clusterArn = '', clusterName = '', status = '', tags, activeServicesCount = 0 } of clusters) {
      const own =
        status === 'INACTIVE' ? [] : piece('cluster', 'AWS::ECS::Cluster', clusterName, clusterArn, status, tags);
      const [cluster] = own;
      if (cluster === undefined) continue;
      pieces.push(cluster);
      if (activeServicesCount === 0) continue;
      const described = await orAbsent(
        ecs.send(
          new DescribeServicesCommand({
            cluster: clusterArn,
            services: [`${cluster.demo}-service`],
            include: ['TAGS'],
          }),
        ),
      );
      for (const service of described?.services ?? []) {
        if (service.status === 'INACTIVE') continue;
        const { serviceName = '', serviceArn = '', createdAt } = service;
        pieces.push(
          ...piece('service', 'AWS::ECS::Service', serviceName, serviceArn, service.status ?? '', service.tags, {
            bornAt: createdAt,
          }),
        );
      }
    }
  }
  return pieces;
}

/** One piece per family, whose newest revision tells of all. Families of deregistered revisions count too. */
async function findRevisions({ ecs }: Clients): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for await (const page of paginateListTaskDefinitionFamilies({ client: ecs, pageSize: 100 }, { status: 'ALL' })) {
    for (const family of page.families ?? []) {
      if (!family.endsWith('sinatra-hi')) continue;
      const newest =
        (await orAbsent(ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: family, include: ['TAGS'] })))) ??
        (await newestInactive(ecs, family));
      const { taskDefinitionArn = '', status = '', registeredAt } = newest?.taskDefinition ?? {};
      pieces.push(
        ...piece('task-definition', 'AWS::ECS::TaskDefinition', family, taskDefinitionArn, status, newest?.tags, {
          bornAt: registeredAt,
        }),
      );
    }
  }
  return pieces;
}

async function newestInactive(ecs: Clients['ecs'], familyPrefix: string) {
  const listed = await ecs.send(
    new ListTaskDefinitionsCommand({ familyPrefix, status: 'INACTIVE', sort: 'DESC', maxResults: 1 }),
  );
  const [taskDefinition] = listed.taskDefinitionArns ?? [];
  if (taskDefinition === undefined) return undefined;
  return orAbsent(ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] })));
}

/** Load balancers and target groups; their tags are asked for twenty at a time, the most that the call takes. */
async function findBalancing({ elbv2 }: Clients): Promise<Piece[]> {
  const listed: { type: string; name: string; arn: string; state: string; more: Partial<Piece> }[] = [];
  for await (const page of paginateDescribeLoadBalancers({ client: elbv2, pageSize: 400 }, {})) {
    for (const {
      LoadBalancerName: name = '',
      LoadBalancerArn: arn = '',
      State,
      CreatedTime,
      AvailabilityZones,
    } of page.LoadBalancers ?? []) {
      const more = { bornAt: CreatedTime, subnets: AvailabilityZones?.length ?? 0 };
      listed.push({ type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', name, arn, state: State?.Code ?? '', more });
    }
  }
  for await (const page of paginateDescribeTargetGroups({ client: elbv2, pageSize: 400 }, {})) {
    for (const { TargetGroupName: name = '', TargetGroupArn: arn = '' } of page.TargetGroups ?? []) {
      listed.push({ type: 'AWS::ElasticLoadBalancingV2::TargetGroup', name, arn, state: 'present', more: {} });
    }
  }
  const candidates = listed.filter(({ name }) => name.endsWith('-elb') || name.endsWith('-target-group'));
  const pieces: Piece[] = [];
  for (let at = 0; at < candidates.length; at += 20) {
    const some = candidates.slice(at, at + 20);
    // Absent: one of them went meanwhile, and the call fails for all; then each is asked for alone.
    const tags = await tagsOf(
      elbv2,
      some.map(({ arn }) => arn),
    );
    for (const { type, name, arn, state, more } of some)
      pieces.push(...piece('load-balancer', type, name, arn, state, tags.get(arn), more));
  }
  return pieces;
}

async function tagsOf(elbv2: Clients['elbv2'], arns: readonly string[]): Promise<Map<string, AnyTag[]>> {
  const ask = (ResourceArns: string[]) => orAbsent(elbv2.send(new DescribeTagsCommand({ ResourceArns })));
  const answers = [await ask([...arns])];
  if (answers[0] === undefined) for (const arn of arns) answers.push(await ask([arn]));
  return new Map(
    answers
      .flatMap((answer) => answer?.TagDescriptions ?? [])
      .map(({ ResourceArn = '', Tags = [] }) => [ResourceArn, Tags]),
  );
}

/** IAM knows no regions: what a demo of another region uses as well is not to be swept from here. */
function isElsewhere(tags: readonly AnyTag[], region: string): boolean {
  const regions = regionsUsing(tags);
  return regions.length > 0 && !regions.includes(region);
}

async function findRoles({ iam }: Clients, region: string): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for await (const page of paginateListRoles({ client: iam, pageSize: 1000 }, {})) {
    for (const { RoleName = '', Arn = '', CreateDate } of page.Roles ?? []) {
      if (!RoleName.endsWith('ecsInstanceRole')) continue;
      // ListRoles never gives tags.
      const Tags = (await orAbsent(iam.send(new ListRoleTagsCommand({ RoleName }))))?.Tags ?? [];
      if (!isElsewhere(Tags, region))
        pieces.push(...piece('role', 'AWS::IAM::Role', RoleName, Arn, 'present', Tags, { bornAt: CreateDate }));
    }
  }
  return pieces;
}

async function findProfiles({ iam }: Clients, region: string): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for await (const page of paginateListInstanceProfiles({ client: iam, pageSize: 1000 }, {})) {
    for (const { InstanceProfileName = '', Arn = '', CreateDate } of page.InstanceProfiles ?? []) {
      if (!InstanceProfileName.endsWith('ecsInstanceRole')) continue;
      const Tags =
        (await orAbsent(iam.send(new GetInstanceProfileCommand({ InstanceProfileName }))))?.InstanceProfile?.Tags ?? [];
      if (isElsewhere(Tags, region)) continue;
      pieces.push(
        ...piece('role', 'AWS::IAM::InstanceProfile', InstanceProfileName, Arn, 'present', Tags, {
          bornAt: CreateDate,
        }),
      );
    }
  }
  return pieces;
}
