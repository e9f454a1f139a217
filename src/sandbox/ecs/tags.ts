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
import type { Tag, World } from '../world.ts';
import { ecsArn, invalidParameter } from './lookups.ts';

/** AWS's limit per resource. */
const maxTags = 50;

/**
 * The tags of a request, checked as ECS checks them; absent means none.
 * @throws InvalidParameterException naming the rule that is broken.
 */
export function checkTags(tags: ApiTag[] | undefined): Tag[] {
  const checked: Tag[] = [];
  for (const { key = '', value = '' } of tags ?? []) {
    if (key.length < 1 || key.length > 128)
      throw invalidParameter('Tag keys must be between 1 and 128 characters long.');
    if (value.length > 256) throw invalidParameter('Tag values must be at most 256 characters long.');
    if (/^aws:/i.test(key)) throw invalidParameter("Tag keys can not start with the reserved prefix 'aws:'.");
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(key) || !/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(value)) {
      throw invalidParameter(
        'Some tags contain invalid characters. Valid characters: UTF-8 letters, spaces, numbers and _ . / = + - : @.',
      );
    }
    if (checked.some((tag) => tag.key === key)) throw invalidParameter('Duplicate tag keys are not allowed.');
    checked.push({ key, value });
  }
  if (checked.length > maxTags) throw invalidParameter(`Tags can not have more than ${maxTags} elements.`);
  return checked;
}

/** `added` over `existing`: a key that is there gets the new value. */
export function mergeTags(existing: Tag[], added: Tag[]): Tag[] {
  return [...existing.filter((tag) => !added.some(({ key }) => key === tag.key)), ...added];
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
  const merged = mergeTags(tagged.tags, checkTags(input.tags));
  if (merged.length > maxTags) throw invalidParameter(`Tags can not have more than ${maxTags} elements.`);
  tagged.tags = merged;
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
