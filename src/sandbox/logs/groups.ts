// Log groups: made, listed, deleted, and how long they keep their events. Knows streams only to take them along.
import type {
  CreateLogGroupRequest,
  DeleteLogGroupRequest,
  DeleteRetentionPolicyRequest,
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  LogGroup as ApiLogGroup,
  PutLogGroupDeletionProtectionRequest,
  PutRetentionPolicyRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import { brokenConstraint, checkGroupNames, checkLimit, checkOneOf, invalidParameter, mergedTags } from './checks.ts';
import { eventsOf, liveEvents } from './events.ts';
import { byName, describeGroup, describeIdentifiedGroup, groupArn, streamArn, streamsOf } from './lookups.ts';
import { pageOf, readToken } from './paging.ts';
import type { LogGroup } from './records.ts';

const classes = ['STANDARD', 'INFREQUENT_ACCESS', 'ESSENTIALS', 'DELIVERY'] as const;
/** In days; no others are allowed. */
const retentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const maxPage = 50;

/** Says nothing: the API answers with an empty document. @throws ResourceAlreadyExistsException, InvalidParameterException */
export function CreateLogGroup({ world, now }: Context, input: CreateLogGroupRequest): object {
  const { logGroupName = '', logGroupClass = 'STANDARD', kmsKeyId, deletionProtectionEnabled } = input;
  checkGroupNames({ logGroupName });
  checkOneOf('logGroupClass', logGroupClass, classes);
  // Worded by the sandbox.
  if (logGroupName.startsWith('aws/')) throw invalidParameter("Log groups starting with 'aws/' are reserved for AWS.");
  const tags = mergedTags({}, input.tags ?? {});
  if (world.logGroups[logGroupName] !== undefined)
    throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
  world.logGroups[logGroupName] = {
    logGroupName,
    createdAt: now,
    logGroupClass,
    tags,
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
    ...(deletionProtectionEnabled ? { deletionProtectionEnabled } : {}),
  };
  return {};
}

/** With its streams and their events. @throws ResourceNotFoundException, ValidationException while it is protected. */
export function DeleteLogGroup(context: Context, input: DeleteLogGroupRequest): object {
  const { world } = context;
  const group = describeGroup(world, input.logGroupName ?? '');
  // The code is AWS's; the sandbox words the text.
  if (group.deletionProtectionEnabled)
    throw new AwsError('ValidationException', 'The log group has deletion protection enabled and cannot be deleted.');
  const streams = streamsOf(world, group);
  for (const { logStreamName } of streams) delete world.logStreams[streamArn(world, group.logGroupName, logStreamName)];
  delete world.logGroups[group.logGroupName];
  eventsOf(context).forget(streams.map(({ eventsId }) => eventsId));
  return {};
}

export function PutLogGroupDeletionProtection({ world }: Context, input: PutLogGroupDeletionProtectionRequest): object {
  const group = describeIdentifiedGroup(world, input.logGroupIdentifier ?? '');
  if (input.deletionProtectionEnabled) group.deletionProtectionEnabled = true;
  else delete group.deletionProtectionEnabled;
  return {};
}

/** In the order of their names, in pages of at most 50. */
export function DescribeLogGroups(context: Context, input: DescribeLogGroupsRequest): DescribeLogGroupsResponse {
  const { logGroupNamePrefix, logGroupNamePattern, logGroupClass, logGroupIdentifiers } = input;
  checkGroupNames({ logGroupNamePrefix, logGroupNamePattern: logGroupNamePattern || undefined });
  checkOneOf('logGroupClass', logGroupClass, classes);
  if (logGroupNamePrefix !== undefined && logGroupNamePattern !== undefined)
    throw invalidParameter('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.');
  const limit = checkLimit(input.limit, maxPage);
  const after = readToken(input.nextToken);
  const named =
    logGroupIdentifiers && new Set(logGroupIdentifiers.map((each) => describeIdentifiedGroup(context.world, each)));
  const found = [...(named ?? Object.values(context.world.logGroups))]
    .filter(({ logGroupName }) => logGroupName.startsWith(logGroupNamePrefix ?? ''))
    .filter(({ logGroupName }) => logGroupName.includes(logGroupNamePattern ?? ''))
    .filter((group) => logGroupClass === undefined || group.logGroupClass === logGroupClass)
    .filter(({ logGroupName }) => after === undefined || logGroupName > after)
    .sort((a, b) => byName(a.logGroupName, b.logGroupName));
  const { items, next } = pageOf(found, limit, ({ logGroupName }) => logGroupName);
  return { logGroups: items.map((group) => toApi(context, group)), nextToken: next };
}

function toApi(context: Context, group: LogGroup): ApiLogGroup {
  const arn = groupArn(context.world, group.logGroupName);
  return {
    logGroupName: group.logGroupName,
    creationTime: group.createdAt,
    retentionInDays: group.retentionInDays,
    metricFilterCount: 0,
    arn: `${arn}:*`,
    storedBytes: streamsOf(context.world, group).reduce(
      (sum, stream) => sum + liveEvents(context, group, stream).storedBytes,
      0,
    ),
    kmsKeyId: group.kmsKeyId,
    logGroupClass: group.logGroupClass,
    logGroupArn: arn,
    deletionProtectionEnabled: group.deletionProtectionEnabled ?? false,
  };
}

/** @throws InvalidParameterException for a number of days that is not on AWS's list, ResourceNotFoundException */
export function PutRetentionPolicy({ world }: Context, input: PutRetentionPolicyRequest): object {
  const { logGroupName = '', retentionInDays = 0 } = input;
  if (!retentions.includes(retentionInDays))
    throw brokenConstraint('retentionInDays', retentionInDays, `satisfy enum value set: [${retentions.join(', ')}]`);
  describeGroup(world, logGroupName).retentionInDays = retentionInDays;
  return {};
}

export function DeleteRetentionPolicy({ world }: Context, input: DeleteRetentionPolicyRequest): object {
  delete describeGroup(world, input.logGroupName ?? '').retentionInDays;
  return {};
}
