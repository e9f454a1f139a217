// EC2's rules for tags, and their two shapes: the world's and the API's. Knows no resource.
import type { Tag as ApiTag, TagSpecification } from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Tag } from '../world.ts';

const maxTags = 50;

export function toApiTags(tags: readonly Tag[]): ApiTag[] {
  return tags.map((tag) => ({ Key: tag.key, Value: tag.value }));
}

/**
 * Reads and checks tags as sent.
 * @throws AwsError `InvalidParameterValue` for a bad key or value, `TagLimitExceeded` for more than 50.
 */
export function fromApiTags(tags: readonly ApiTag[] | undefined): Tag[] {
  const read: Tag[] = [];
  for (const { Key: key = '', Value: value = '' } of tags ?? []) {
    if (key === '') throw new AwsError('InvalidParameterValue', 'Tag key cannot be empty.');
    if (key.toLowerCase().startsWith('aws:')) {
      throw new AwsError(
        'InvalidParameterValue',
        `Value ( ${key} ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use`,
      );
    }
    if (key.length > 128)
      throw new AwsError('InvalidParameterValue', `Tag key exceeds the maximum length of 128 characters: ${key}`);
    if (value.length > 256)
      throw new AwsError('InvalidParameterValue', `Tag value exceeds the maximum length of 256 characters: ${value}`);
    if (read.some((tag) => tag.key === key))
      throw new AwsError('InvalidParameterValue', `Duplicate tag key '${key}' specified.`);
    read.push({ key, value });
  }
  refuseTooMany(read);
  return read;
}

function refuseTooMany(tags: readonly Tag[]): void {
  if (tags.length > maxTags) {
    throw new AwsError('TagLimitExceeded', `The maximum number of tags (${maxTags}) has been reached.`);
  }
}

/** `tags` with `added` over them. @throws AwsError `TagLimitExceeded`. */
export function mergeTags(tags: readonly Tag[], added: readonly Tag[]): Tag[] {
  const merged = [...tags.filter((tag) => !added.some((one) => one.key === tag.key)), ...added];
  refuseTooMany(merged);
  return merged;
}

/**
 * The tags that `TagSpecifications` gives to each resource type. An absent type has no entry.
 * @param allowed the resource types that the operation can tag.
 * @throws AwsError `InvalidParameterValue` for another type.
 */
export function readTagSpecifications<Type extends string>(
  specifications: readonly TagSpecification[] | undefined,
  allowed: readonly Type[],
): Partial<Record<Type, Tag[]>> {
  const read: Partial<Record<Type, Tag[]>> = {};
  for (const specification of specifications ?? []) {
    const type = allowed.find((one) => one === specification.ResourceType);
    if (type === undefined) {
      throw new AwsError(
        'InvalidParameterValue',
        `'${specification.ResourceType ?? ''}' is not a valid taggable resource type for this operation.`,
      );
    }
    read[type] = fromApiTags([...toApiTags(read[type] ?? []), ...(specification.Tags ?? [])]);
  }
  return read;
}
