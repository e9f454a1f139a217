// Everything that carries the tag of a demo: of one demo, which is destroy's proof that nothing is left, or of all, which is
// what sweep goes by. A row for each kind of thing. Reads only, and must not know how the resources find what they made: a
// proof that looked in the same way would miss the same things.
import * as EC2 from '@aws-sdk/client-ec2';
import * as ECS from '@aws-sdk/client-ecs';
import * as ELB from '@aws-sdk/client-elastic-load-balancing-v2';
import * as IAM from '@aws-sdk/client-iam';
import type { Clients } from '../aws/clients.ts';
import { orAbsent } from '../aws/faults.ts';
import { type AnyTag, regionsUsing, tagValue } from '../aws/ownership.ts';
import { defaultDemo, tagKeys } from '../base/names.ts';
import type { Uses } from './uses.ts';

/** What looking for everything of one demo calls. */
export const searchUses: Uses = {
  look: [
    'ec2:DescribeInstances',
    'ec2:DescribeVolumes',
    'ec2:DescribeKeyPairs',
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeNetworkInterfaces',
    'ecs:DescribeClusters',
    'ecs:DescribeServices',
    'ecs:ListContainerInstances',
    'ecs:DescribeContainerInstances',
    'ecs:ListTaskDefinitions',
    'ecs:DescribeTaskDefinition',
    'elasticloadbalancing:DescribeLoadBalancers',
    'elasticloadbalancing:DescribeTargetGroups',
    'elasticloadbalancing:DescribeTags',
    'iam:GetRole',
    'iam:GetInstanceProfile',
  ],
};

/** And for that of every demo, beside the same. */
export const searchAllUses: Uses = {
  look: ['ecs:ListClusters', 'ecs:ListTaskDefinitionFamilies', 'iam:ListRoles', 'iam:ListInstanceProfiles'],
};

/** Something that carries the tag of a demo. */
export interface Tagged {
  /** In CloudFormation's words. */
  type: string;
  name: string;
  id: string;
  /** AWS's own word where it has one, otherwise 'present'. */
  state: string;
  demo: string;
  tags: readonly AnyTag[];
  /** AWS's own record of when it was made. */
  bornAt?: Date | undefined;
  /** Of an instance. */
  instanceType?: string | undefined;
  /** Of a load balancer: how many subnets it is in. */
  subnets?: number;
}

/** The names of a demo's things by CloudFormation type, { 'AWS::ECS::Service': ['my-service'], … }: AWS cannot list all by tag. */
export type NamesByType = Readonly<Record<string, readonly string[]>>;

export interface Search {
  aws: Clients;
  region: string;
  /** The demo of which everything is looked for. Absent: what tells of every demo there is. */
  demo?: string;
  /** @throws for what is no demo name */
  namesOf(demo: string): NamesByType;
}

/** All of it, in the order of the rows. */
export async function findTagged(search: Search): Promise<Tagged[]> {
  return (await Promise.all(rows.map((row) => row(search)))).flat();
}

type Row = (search: Search) => Promise<Tagged[]>;

/** Empty when the tags name no demo, or another than the one that is looked for. */
function tagged({ demo }: Search, tags: readonly AnyTag[] | undefined, what: Omit<Tagged, 'demo' | 'tags'>): Tagged[] {
  const owner = tagValue(tags, tagKeys.demo);
  if (owner === undefined || owner !== (demo ?? owner)) return [];
  return [{ ...what, demo: owner, tags: tags ?? [] }];
}

/** The filter by tag that only EC2 has. */
function byTag({ demo }: Search): EC2.Filter {
  return demo === undefined
    ? { Name: 'tag-key', Values: [tagKeys.demo] }
    : { Name: `tag:${tagKeys.demo}`, Values: [demo] };
}

/** For what EC2 has listed by the tag, or by what only the demo's own can have. */
function filtered(search: Search, tags: readonly AnyTag[] | undefined, what: Omit<Tagged, 'demo' | 'tags'>): Tagged[] {
  return search.demo === undefined ? tagged(search, tags, what) : [{ ...what, demo: search.demo, tags: tags ?? [] }];
}

/** None for what is no demo name: nobody can tell then what belongs to it. */
function namesOf(search: Search, demo: string, type: string): string[] {
  try {
    return [...(search.namesOf(demo)[type] ?? [])];
  } catch {
    return [];
  }
}

/** The names of the demo that is looked for. Of all demos, those of `listed` that may be a demo's: tags are asked for only then. */
async function candidates(
  search: Search,
  type: string,
  listed: () => Promise<(string | undefined)[]>,
): Promise<string[]> {
  if (search.demo !== undefined) return namesOf(search, search.demo, type);
  return (await listed()).filter((name) => name !== undefined).filter((name) => isLikeName(search, type, name));
}

function isLikeName(search: Search, type: string, name: string): boolean {
  // 'x-service' → '-service': what follows the demo's own name is the same in all, and the default demo may go without.
  const suffixes = namesOf(search, 'x', type).map((each) => each.slice(1));
  return suffixes.some((suffix) => name.endsWith(suffix)) || namesOf(search, defaultDemo, type).includes(name);
}

async function every<Page, Item>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => Item[] | undefined,
): Promise<Item[]> {
  const all: Item[] = [];
  for await (const page of pages) all.push(...(items(page) ?? []));
  return all;
}

/** So many at a time, the most that a call takes or that is polite to AWS. */
async function inGroups<Item, Result>(items: Item[], size: number, work: (some: Item[]) => Promise<Result[]>) {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += size) results.push(...(await work(items.slice(at, at + size))));
  return results;
}

const instances: Row = async (search) => {
  // EC2 lists a terminated instance for up to an hour more. One that is going is left of a demo, and no demo to sweep.
  const going = search.demo === undefined ? [] : ['shutting-down'];
  const states = { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped', ...going] };
  const pages = EC2.paginateDescribeInstances(
    { client: search.aws.ec2, pageSize: 1000 },
    { Filters: [byTag(search), states] },
  );
  const found = (await every(pages, (page) => page.Reservations)).flatMap(({ Instances = [] }) => Instances);
  return found.flatMap(({ InstanceId: id = '', InstanceType: instanceType = 'unknown', LaunchTime, State, Tags }) =>
    filtered(search, Tags, {
      type: 'AWS::EC2::Instance',
      name: tagValue(Tags, 'Name') ?? '',
      id,
      state: State?.Name ?? '',
      bornAt: LaunchTime,
      instanceType,
    }),
  );
};

const volumes: Row = async (search) => {
  // Of all demos only those that outlived their instance: the others go with it.
  const free = search.demo === undefined ? [{ Name: 'status', Values: ['available'] }] : [];
  const pages = EC2.paginateDescribeVolumes(
    { client: search.aws.ec2, pageSize: 500 },
    { Filters: [byTag(search), ...free] },
  );
  const found = await every(pages, (page) => page.Volumes);
  return found.flatMap(({ VolumeId: id = '', State: state = '', CreateTime: bornAt, Tags }) =>
    filtered(search, Tags, { type: 'AWS::EC2::Volume', name: tagValue(Tags, 'Name') ?? '', id, state, bornAt }),
  );
};

const keyPairs: Row = async (search) => {
  if (search.demo === undefined) return [];
  const found = await search.aws.ec2.send(new EC2.DescribeKeyPairsCommand({ Filters: [byTag(search)] }));
  return (found.KeyPairs ?? []).flatMap(({ KeyName: name = '', KeyPairId: id = '', Tags }) =>
    filtered(search, Tags, { type: 'AWS::EC2::KeyPair', name, id, state: 'present' }),
  );
};

const securityGroups: Row = async (search) => {
  const client = search.aws.ec2;
  const pages = EC2.paginateDescribeSecurityGroups({ client, pageSize: 1000 }, { Filters: [byTag(search)] });
  const found = await every(pages, (page) => page.SecurityGroups);
  return found.flatMap(({ GroupId: id = '', GroupName: name = '', Tags }) =>
    filtered(search, Tags, { type: 'AWS::EC2::SecurityGroup', name, id, state: 'present' }),
  );
};

/** They go after what they belong to, and hold security groups until then. */
const networkInterfaces: Row = async (search) => {
  const { demo } = search;
  if (demo === undefined) return [];
  // A load balancer's interfaces carry no tags; their description has its name (aws-facts §7).
  const ofBalancers = namesOf(search, demo, balancerType).map((name) => [
    { Name: 'attachment.instance-owner-id', Values: ['amazon-elb'] },
    { Name: 'description', Values: [`ELB app/${name}/*`] },
  ]);
  const found = await Promise.all(
    [[byTag(search)], ...ofBalancers].map((Filters) =>
      every(
        EC2.paginateDescribeNetworkInterfaces({ client: search.aws.ec2, pageSize: 1000 }, { Filters }),
        (page) => page.NetworkInterfaces,
      ),
    ),
  );
  return found
    .flat()
    .flatMap(({ NetworkInterfaceId: id = '', Description: name = '', Status: state = '', TagSet }) =>
      filtered(search, TagSet, { type: 'AWS::EC2::NetworkInterface', name, id, state }),
    );
};

/** Clusters, and what is in them: it can be listed by its cluster only. */
const clusters: Row = async (search) => {
  const { ecs } = search.aws;
  const type = 'AWS::ECS::Cluster';
  const names =
    search.demo === undefined
      ? await every(ECS.paginateListClusters({ client: ecs, pageSize: 100 }, {}), (page) => page.clusterArns)
      : namesOf(search, search.demo, type);
  const described = await inGroups(names, 100, async (some) => {
    const answer = await ecs.send(new ECS.DescribeClustersCommand({ clusters: some, include: ['TAGS'] }));
    return answer.clusters ?? [];
  });
  return inGroups(described, 1, async ([cluster = {}]) => {
    const { clusterArn: id = '', clusterName: name = '', status: state = '', tags } = cluster;
    const [own] = tagged(search, tags, { type, name, id, state });
    if (own === undefined) return [];
    if (state !== 'INACTIVE')
      return [
        own,
        ...(await servicesIn(search, cluster, own.demo)),
        ...(search.demo === undefined ? [] : await membersOf(search, cluster)),
      ];
    // An INACTIVE cluster is AWS's memory of a deleted one; only what is still in it would be left.
    const { registeredContainerInstancesCount = 0, runningTasksCount = 0 } = cluster;
    const isLeft = search.demo !== undefined && registeredContainerInstancesCount + runningTasksCount > 0;
    return isLeft ? [{ ...own, state: 'INACTIVE but not empty' }] : [];
  });
};

async function servicesIn(search: Search, { clusterArn, activeServicesCount }: ECS.Cluster, demo: string) {
  // Of all demos, clusters without services are not asked. For the proof a count that may lag behind is not enough.
  if (search.demo === undefined && activeServicesCount === 0) return [];
  const type = 'AWS::ECS::Service';
  const services = namesOf(search, demo, type);
  const command = new ECS.DescribeServicesCommand({ cluster: clusterArn, services, include: ['TAGS'] });
  const described = services.length === 0 ? undefined : await orAbsent(search.aws.ecs.send(command));
  return (described?.services ?? [])
    .filter(({ status }) => status !== 'INACTIVE')
    .flatMap(({ serviceName: name = '', serviceArn: id = '', status: state = '', createdAt: bornAt, tags }) =>
      tagged(search, tags, { type, name, id, state, bornAt }),
    );
}

/** Container instances carry no tag: they are the demo's unless EC2 says that somebody else launched them. */
async function membersOf(search: Search, { clusterArn: cluster }: ECS.Cluster): Promise<Tagged[]> {
  const { ecs, ec2 } = search.aws;
  const listed = ECS.paginateListContainerInstances({ client: ecs, pageSize: 100 }, { cluster });
  const arns = await every(listed, (page) => page.containerInstanceArns);
  const members = await inGroups(arns, 100, async (containerInstances) => {
    const command = new ECS.DescribeContainerInstancesCommand({ cluster, containerInstances });
    return (await ecs.send(command)).containerInstances ?? [];
  });
  if (members.length === 0) return [];
  const Values = members.map(({ ec2InstanceId }) => ec2InstanceId ?? '');
  const known = await ec2.send(new EC2.DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values }] }));
  const launched = (known.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
  return members.flatMap(({ containerInstanceArn: id = '', ec2InstanceId: name = '', status: state = '' }) => {
    const what = { type: 'AWS::ECS::ContainerInstance', name, id, state };
    const instance = launched.find(({ InstanceId }) => InstanceId === name);
    return instance === undefined ? filtered(search, [], what) : tagged(search, instance.Tags, what);
  });
}

/** Of one demo every revision, deregistered ones too. Of all, the newest of a family tells of the family. */
const taskDefinitions: Row = async (search) => {
  const client = search.aws.ecs;
  const type = 'AWS::ECS::TaskDefinition';
  const families = await candidates(search, type, () =>
    every(
      ECS.paginateListTaskDefinitionFamilies({ client, pageSize: 100 }, { status: 'ALL' }),
      (page) => page.families,
    ),
  );
  const describe = (taskDefinition: string) =>
    orAbsent(client.send(new ECS.DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] })));
  const revisions = (familyPrefix: string, status: 'ACTIVE' | 'INACTIVE') =>
    every(ECS.paginateListTaskDefinitions({ client }, { familyPrefix, status }), (page) => page.taskDefinitionArns);
  const newestInactive = async (familyPrefix: string) => {
    const last = { familyPrefix, status: 'INACTIVE', sort: 'DESC', maxResults: 1 } as const;
    const [arn] = (await client.send(new ECS.ListTaskDefinitionsCommand(last))).taskDefinitionArns ?? [];
    return arn === undefined ? undefined : describe(arn);
  };
  const toAsk =
    search.demo === undefined
      ? families
      : (
          await Promise.all(families.flatMap((each) => [revisions(each, 'ACTIVE'), revisions(each, 'INACTIVE')]))
        ).flat();
  const described = await inGroups(toAsk, 5, (some) =>
    Promise.all(
      some.map(async (id) => ({
        asked: id,
        answer: (await describe(id)) ?? (search.demo === undefined ? await newestInactive(id) : undefined),
      })),
    ),
  );
  return described.flatMap(({ asked, answer }) => {
    const { taskDefinitionArn: id = asked, status: state = '', registeredAt: bornAt } = answer?.taskDefinition ?? {};
    return tagged(search, answer?.tags, { type, name: asked.slice(asked.lastIndexOf('/') + 1), id, state, bornAt });
  });
};

const balancerType = 'AWS::ElasticLoadBalancingV2::LoadBalancer';

/** Load balancers and target groups: they share the call for tags. */
const balancing: Row = async (search) => {
  const client = search.aws.elbv2;
  const groupType = 'AWS::ElasticLoadBalancingV2::TargetGroup';
  // Names and a page size exclude each other.
  const pages = search.demo === undefined ? { client, pageSize: 400 } : { client };
  const named = (type: string) => (search.demo === undefined ? {} : { Names: namesOf(search, search.demo, type) });
  const [balancers = [], groups = []] = await Promise.all([
    orAbsent(every(ELB.paginateDescribeLoadBalancers(pages, named(balancerType)), (page) => page.LoadBalancers)),
    orAbsent(every(ELB.paginateDescribeTargetGroups(pages, named(groupType)), (page) => page.TargetGroups)),
  ]);
  const there: Omit<Tagged, 'demo' | 'tags'>[] = [
    ...balancers.map(({ LoadBalancerName: name = '', LoadBalancerArn: id = '', State, CreatedTime, ...more }) => {
      const subnets = more.AvailabilityZones?.length ?? 0;
      return { type: balancerType, name, id, state: State?.Code ?? '', bornAt: CreatedTime, subnets };
    }),
    ...groups.map(({ TargetGroupName: name = '', TargetGroupArn: id = '' }) => {
      return { type: groupType, name, id, state: 'present' };
    }),
  ];
  const likely = there.filter(({ type, name }) => search.demo !== undefined || isLikeName(search, type, name));
  const ask = (ResourceArns: string[]) => orAbsent(client.send(new ELB.DescribeTagsCommand({ ResourceArns })));
  return inGroups(likely, 20, async (some) => {
    const arns = some.map(({ id }) => id);
    const together = await ask(arns);
    // Absent: one of them went meanwhile, and the call fails for all; then each is asked for alone.
    const answers = together === undefined ? await inGroups(arns, 1, async (arn) => [await ask(arn)]) : [together];
    const described = answers.flatMap((answer) => answer?.TagDescriptions ?? []);
    const tagsOf = (id: string) => described.find(({ ResourceArn }) => ResourceArn === id)?.Tags;
    return some.flatMap((each) => tagged(search, tagsOf(each.id), each));
  });
};

/** IAM knows no regions: what only demos of other regions use is not of here. */
function usedHere({ region }: Search, tags: readonly AnyTag[] | undefined): readonly AnyTag[] | undefined {
  const regions = regionsUsing(tags);
  return regions.length === 0 || regions.includes(region) ? tags : undefined;
}

const roles: Row = async (search) => {
  const client = search.aws.iam;
  const type = 'AWS::IAM::Role';
  const all = async () => every(IAM.paginateListRoles({ client, pageSize: 1000 }, {}), (page) => page.Roles);
  const names = await candidates(search, type, async () => (await all()).map(({ RoleName }) => RoleName));
  return inGroups(names, 1, async ([RoleName]) => {
    // ListRoles never gives tags.
    const found = await orAbsent(client.send(new IAM.GetRoleCommand({ RoleName })));
    const { RoleName: name = '', Arn: id = '', CreateDate: bornAt, Tags } = found?.Role ?? {};
    return tagged(search, usedHere(search, Tags), { type, name, id, state: 'present', bornAt });
  });
};

const instanceProfiles: Row = async (search) => {
  const client = search.aws.iam;
  const type = 'AWS::IAM::InstanceProfile';
  const pages = IAM.paginateListInstanceProfiles({ client, pageSize: 1000 }, {});
  const all = async () => every(pages, (page) => page.InstanceProfiles);
  const names = await candidates(search, type, async () =>
    (await all()).map(({ InstanceProfileName }) => InstanceProfileName),
  );
  return inGroups(names, 1, async ([InstanceProfileName]) => {
    const found = await orAbsent(client.send(new IAM.GetInstanceProfileCommand({ InstanceProfileName })));
    const { InstanceProfileName: name = '', Arn: id = '', CreateDate: bornAt, Tags } = found?.InstanceProfile ?? {};
    return tagged(search, usedHere(search, Tags), { type, name, id, state: 'present', bornAt });
  });
};

const rows: readonly Row[] = [
  instances,
  volumes,
  keyPairs,
  securityGroups,
  networkInterfaces,
  clusters,
  taskDefinitions,
  balancing,
  roles,
  instanceProfiles,
];
