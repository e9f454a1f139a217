// Tags of load balancers, listeners and target groups, by ARN. Knows nothing of what the tagged things do.
import type {
  AddTagsInput,
  AddTagsOutput,
  DescribeTagsInput,
  DescribeTagsOutput,
  RemoveTagsInput,
  RemoveTagsOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../handler.ts';
import { mergeTags } from '../tags.ts';
import type { Tag, World } from '../world.ts';
import { invalid, tagWords, toTags } from './checks.ts';
import {
  checkAtMostTwenty,
  describeListener,
  describeLoadBalancer,
  describeRule,
  describeTargetGroup,
  pathOfArn,
} from './lookups.ts';

/** All of them or none: an unknown ARN changes nothing. */
export function AddTags(context: Context, input: AddTagsInput): AddTagsOutput {
  const tagged = describeTagged(context.world, input.ResourceArns);
  const added = toTags(input.Tags);
  const merged = tagged.map(({ tags }) => mergeTags(tags, added, tagWords));
  for (const [index, { record }] of tagged.entries()) record.tags = merged[index] ?? [];
  return {};
}

/** Keys that are not there are passed over. */
export function RemoveTags(context: Context, input: RemoveTagsInput): RemoveTagsOutput {
  const keys = input.TagKeys ?? [];
  for (const { record } of describeTagged(context.world, input.ResourceArns)) {
    record.tags = record.tags.filter((tag) => !keys.includes(tag.key));
  }
  return {};
}

export function DescribeTags(context: Context, input: DescribeTagsInput): DescribeTagsOutput {
  return {
    TagDescriptions: describeTagged(context.world, input.ResourceArns).map(({ arn, tags }) => ({
      ResourceArn: arn,
      Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })),
    })),
  };
}

interface Tagged {
  arn: string;
  tags: Tag[];
  record: { tags: Tag[] };
}

function describeTagged(world: World, arns: string[] | undefined): Tagged[] {
  checkAtMostTwenty('ResourceArns', arns);
  if (!arns?.length) throw invalid('At least one resource ARN must be specified');
  return [...new Set(arns)].map((arn) => {
    const record = describeRecord(world, arn);
    return { arn, tags: record.tags, record };
  });
}

function describeRecord(world: World, arn: string): { tags: Tag[] } {
  const [kind] = pathOfArn(arn).split('/');
  switch (kind) {
    case 'loadbalancer':
      return describeLoadBalancer(world, arn);
    case 'targetgroup':
      return describeTargetGroup(world, arn);
    case 'listener':
      return describeListener(world, arn);
    case 'listener-rule':
      // A default rule cannot have tags.
      return describeRule(world, arn).rule ?? { tags: [] };
    default:
      throw invalid(`'${arn}' is not a valid ARN`);
  }
}
