// Tags of log groups, by ARN and in the older form by name.
import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  ListTagsLogGroupRequest,
  ListTagsLogGroupResponse,
  TagLogGroupRequest,
  TagResourceRequest,
  UntagLogGroupRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Context } from '../handler.ts';
import { mergedTags } from './checks.ts';
import { describeGroup, describeGroupOfArn } from './lookups.ts';
import type { LogGroup } from './records.ts';

function tag(group: LogGroup, tags: Record<string, string> = {}): object {
  group.tags = mergedTags(group.tags, tags);
  return {};
}

/** A key that is not there is no error. */
function untag(group: LogGroup, keys: string[] = []): object {
  group.tags = Object.fromEntries(Object.entries(group.tags).filter(([key]) => !keys.includes(key)));
  return {};
}

/** @throws ResourceNotFoundException, InvalidParameterException, TooManyTagsException */
export function TagResource({ world }: Context, input: TagResourceRequest): object {
  return tag(describeGroupOfArn(world, input.resourceArn ?? ''), input.tags);
}

export function UntagResource({ world }: Context, input: UntagResourceRequest): object {
  return untag(describeGroupOfArn(world, input.resourceArn ?? ''), input.tagKeys);
}

export function ListTagsForResource(
  { world }: Context,
  input: ListTagsForResourceRequest,
): ListTagsForResourceResponse {
  return { tags: describeGroupOfArn(world, input.resourceArn ?? '').tags };
}

export function TagLogGroup({ world }: Context, input: TagLogGroupRequest): object {
  return tag(describeGroup(world, input.logGroupName ?? ''), input.tags);
}

export function UntagLogGroup({ world }: Context, input: UntagLogGroupRequest): object {
  return untag(describeGroup(world, input.logGroupName ?? ''), input.tags);
}

export function ListTagsLogGroup({ world }: Context, input: ListTagsLogGroupRequest): ListTagsLogGroupResponse {
  return { tags: describeGroup(world, input.logGroupName ?? '').tags };
}
