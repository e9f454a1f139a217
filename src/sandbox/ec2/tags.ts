// CreateTags, DeleteTags and DescribeTags over every EC2 resource that has tags.
import type {
  CreateTagsRequest,
  DeleteTagsRequest,
  DescribeTagsRequest,
  DescribeTagsResult,
  ResourceType,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Tag, World } from '../world.ts';
import { refuseDryRun } from './dry-run.ts';
import { filterItems } from './filters.ts';
import { pageOf } from './paging.ts';
import { fromApiTags, mergeTags } from './tag-rules.ts';

interface Taggable {
  id: string;
  type: ResourceType;
  get(): Tag[];
  set(tags: Tag[]): void;
}

function taggable(id: string, type: ResourceType, record: { tags: Tag[] }): Taggable {
  return {
    id,
    type,
    get: () => record.tags,
    set: (tags) => {
      record.tags = tags;
    },
  };
}

function everyTaggable(world: World): Taggable[] {
  return [
    ...Object.values(world.vpcs).map((one) => taggable(one.vpcId, 'vpc', one)),
    ...Object.values(world.subnets).map((one) => taggable(one.subnetId, 'subnet', one)),
    ...Object.values(world.securityGroups).flatMap((group) => [
      taggable(group.groupId, 'security-group', group),
      ...group.rules.map((rule) => taggable(rule.securityGroupRuleId, 'security-group-rule', rule)),
    ]),
    ...Object.values(world.networkInterfaces).map((one) => taggable(one.networkInterfaceId, 'network-interface', one)),
    ...Object.values(world.keyPairs).map((one) => taggable(one.keyPairId, 'key-pair', one)),
    ...Object.values(world.instances).flatMap((one): Taggable[] => [
      taggable(one.instanceId, 'instance', one),
      {
        id: one.volumeId,
        type: 'volume',
        get: () => one.volumeTags,
        set: (tags) => {
          one.volumeTags = tags;
        },
      },
    ]),
  ];
}

/** The family's error for an id that names nothing: `InvalidInstanceID.NotFound` and so on. */
function notFound(id: string): AwsError {
  const byPrefix: Record<string, [string, string]> = {
    i: ['InvalidInstanceID.NotFound', 'instance ID'],
    sg: ['InvalidGroup.NotFound', 'security group'],
    sgr: ['InvalidSecurityGroupRuleId.NotFound', 'security group rule ID'],
    vpc: ['InvalidVpcID.NotFound', 'vpc ID'],
    subnet: ['InvalidSubnetID.NotFound', 'subnet ID'],
    eni: ['InvalidNetworkInterfaceID.NotFound', 'networkInterface ID'],
    vol: ['InvalidVolume.NotFound', 'volume'],
    key: ['InvalidKeyPair.NotFound', 'key pair'],
    ami: ['InvalidAMIID.NotFound', 'image id'],
  };
  const known = byPrefix[id.split('-')[0] ?? ''];
  if (known === undefined || !id.includes('-')) return new AwsError('InvalidID', `The ID '${id}' is not valid`);
  return new AwsError(known[0], `The ${known[1]} '${id}' does not exist`);
}

function describeResources(world: World, ids: readonly string[] | undefined): Taggable[] {
  if (ids === undefined || ids.length === 0) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter resourceIdSet');
  }
  const all = new Map(everyTaggable(world).map((one) => [one.id, one]));
  return ids.map((id) => {
    const found = all.get(id);
    if (found === undefined) throw notFound(id);
    return found;
  });
}

/** Overwrites the value of a key that is there. All or none of the resources. */
export function CreateTags({ world }: Context, input: CreateTagsRequest): object {
  const resources = describeResources(world, input.Resources);
  if (input.Tags === undefined || input.Tags.length === 0) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter tagSet');
  }
  const added = fromApiTags(input.Tags);
  const merged = resources.map((one) => ({ one, tags: mergeTags(one.get(), added) }));
  refuseDryRun(input);
  for (const { one, tags } of merged) one.set(tags);
  return {};
}

/** A tag without a value goes whatever its value; with one (even empty) only when the value is that; no tags: all go. */
export function DeleteTags({ world }: Context, input: DeleteTagsRequest): object {
  const resources = describeResources(world, input.Resources);
  refuseDryRun(input);
  const wanted = input.Tags ?? [];
  for (const one of resources) {
    one.set(
      one
        .get()
        .filter(
          (tag) =>
            wanted.length > 0 &&
            !wanted.some(
              ({ Key: key, Value: value }) => key === tag.key && (value === undefined || value === tag.value),
            ),
        ),
    );
  }
  return {};
}

export function DescribeTags({ world }: Context, input: DescribeTagsRequest): DescribeTagsResult {
  refuseDryRun(input);
  const all = everyTaggable(world).flatMap((one) =>
    one.get().map((tag) => ({ ResourceId: one.id, ResourceType: one.type, Key: tag.key, Value: tag.value })),
  );
  const matching = filterItems(
    all,
    input.Filters,
    {
      key: (tag) => tag.Key,
      'resource-id': (tag) => tag.ResourceId,
      'resource-type': (tag) => tag.ResourceType,
      value: (tag) => tag.Value,
    },
    (tag) => [{ key: tag.Key, value: tag.Value }],
  );
  const page = pageOf(matching, input, { key: (tag) => `${tag.ResourceId}/${tag.Key}`, min: 5, max: 1000 });
  return { Tags: page.items, NextToken: page.nextToken };
}
