// Tags of every ECS resource: the rules for them, and TagResource, UntagResource, ListTagsForResource.
import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  Tag as ApiTag,
  TagResourceRequest,
  TagResourceResponse,
  UntagResourceRequest,
  UntagResourceResponse,
} from '@aws-sdk/client-ecs';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import { checkTags as checkAll, maxTags, mergeTags, type TagWords } from '../tags.ts';
import type { Tag, World } from '../world.ts';
import { ecsArn, invalidParameter } from './lookups.ts';

const tooMany = (): AwsError => invalidParameter(`Tags can not have more than ${maxTags} elements.`);

const words: TagWords = {
  keyLength: () => invalidParameter('Tag keys must be between 1 and 128 characters long.'),
  valueLength: () => invalidParameter('Tag values must be at most 256 characters long.'),
  reserved: () => invalidParameter("Tag keys can not start with the reserved prefix 'aws:'."),
  characters: () =>
    invalidParameter(
      'Some tags contain invalid characters. Valid characters: UTF-8 letters, spaces, numbers and _ . / = + - : @.',
    ),
  duplicate: () => invalidParameter('Duplicate tag keys are not allowed.'),
  tooMany,
};

/** The tags of a request; absent means none. @throws InvalidParameterException naming the rule that is broken. */
export function checkTags(tags: ApiTag[] | undefined): Tag[] {
  return checkAll(
    (tags ?? []).map(({ key = '', value = '' }) => ({ key, value })),
    words,
  );
}

interface Tagged {
  tags: Tag[];
}

/** @throws InvalidParameterException for an ARN that names no kind of resource of ECS, or one that does not exist. */
function describeTagged(world: World, arn: string | undefined): Tagged {
  const prefix = ecsArn(world, '');
  if (!arn?.startsWith(prefix))
    throw invalidParameter(`Invalid identifier: ${arn ?? ''}. The ARN is not a resource of ECS here.`);
  const kind = arn.slice(prefix.length).split('/')[0] ?? '';
  const tables: Record<string, [Record<string, Tagged>, string, string]> = {
    cluster: [world.clusters, 'ClusterNotFoundException', 'Cluster not found.'],
    service: [world.services, 'ServiceNotFoundException', 'Service not found.'],
    task: [world.tasks, 'InvalidParameterException', 'The specified task is not found.'],
    'task-definition': [
      world.taskDefinitions,
      'InvalidParameterException',
      'The specified task definition is not found.',
    ],
    'container-instance': [
      world.containerInstances,
      'InvalidParameterException',
      'The specified container instance is not found.',
    ],
  };
  const table = Object.hasOwn(tables, kind) ? tables[kind] : undefined;
  if (!table) throw invalidParameter(`Invalid identifier: ${arn}.`);
  const [records, code, message] = table;
  const found = Object.hasOwn(records, arn) ? records[arn] : undefined;
  if (!found) throw new AwsError(code, message);
  return found;
}

export function TagResource(context: Context, input: TagResourceRequest): TagResourceResponse {
  const tagged = describeTagged(context.world, input.resourceArn);
  tagged.tags = mergeTags(tagged.tags, checkTags(input.tags), words);
  return {};
}

export function UntagResource(context: Context, input: UntagResourceRequest): UntagResourceResponse {
  const tagged = describeTagged(context.world, input.resourceArn);
  tagged.tags = tagged.tags.filter(({ key }) => !(input.tagKeys ?? []).includes(key));
  return {};
}

export function ListTagsForResource(context: Context, input: ListTagsForResourceRequest): ListTagsForResourceResponse {
  return { tags: describeTagged(context.world, input.resourceArn).tags };
}
