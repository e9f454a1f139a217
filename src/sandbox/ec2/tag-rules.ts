// EC2's rules for tags, and their two shapes: the world's and the API's. Knows no resource.
import type { Tag as ApiTag, TagSpecification } from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import { checkTags, maxTags, mergeTags as merge, type TagWords } from '../tags.ts';
import type { Tag } from '../world.ts';

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

const words: TagWords = {
  keyLength: (key) =>
    invalid(key === '' ? 'Tag key cannot be empty.' : `Tag key exceeds the maximum length of 128 characters: ${key}`),
  valueLength: (_key, value) => invalid(`Tag value exceeds the maximum length of 256 characters: ${value}`),
  reserved: (key) =>
    invalid(
      `Value ( ${key} ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use`,
    ),
  allowed: /^\P{Cc}*$/u,
  characters: (tag, broken) =>
    invalid(
      `Value ( ${JSON.stringify(tag[broken])} ) for parameter ${broken} is invalid. Tags cannot have control characters`,
    ),
  duplicate: (key) => invalid(`Duplicate tag key '${key}' specified.`),
  tooMany: () => new AwsError('TagLimitExceeded', `The maximum number of tags (${maxTags}) has been reached.`),
};

export function toApiTags(tags: readonly Tag[]): ApiTag[] {
  return tags.map((tag) => ({ Key: tag.key, Value: tag.value }));
}

/**
 * Reads and checks tags as sent.
 * @throws AwsError `InvalidParameterValue` for a bad key or value, `TagLimitExceeded` for more than 50.
 */
export function fromApiTags(tags: readonly ApiTag[] | undefined): Tag[] {
  return checkTags(
    (tags ?? []).map(({ Key: key = '', Value: value = '' }) => ({ key, value })),
    words,
  );
}

/** `tags` with `added` over them. @throws AwsError `TagLimitExceeded`. */
export function mergeTags(tags: readonly Tag[], added: readonly Tag[]): Tag[] {
  return merge(tags, added, words);
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
