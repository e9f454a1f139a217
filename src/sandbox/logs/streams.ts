// Log streams: made, listed, deleted. What is in them is events.ts's.
import type {
  CreateLogStreamRequest,
  DeleteLogStreamRequest,
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import { checkLimit, checkOneOf, checkStreamNames, invalidParameter } from './checks.ts';
import { eventsOf, liveEvents, sequenceToken } from './events.ts';
import { byName, describeGroup, describeNamedGroup, describeStream, streamArn, streamsOf } from './lookups.ts';
import { pageOf, readToken } from './paging.ts';

const maxPage = 50;

/** @throws ResourceAlreadyExistsException, ResourceNotFoundException (the group), InvalidParameterException */
export function CreateLogStream({ world, now, ids }: Context, input: CreateLogStreamRequest): object {
  const { logStreamName = '' } = input;
  const { logGroupName } = describeGroup(world, input.logGroupName ?? '');
  checkStreamNames({ logStreamName });
  const arn = streamArn(world, logGroupName, logStreamName);
  if (world.logStreams[arn] !== undefined)
    throw new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');
  world.logStreams[arn] = { logGroupName, logStreamName, createdAt: now, eventsId: ids.hex(16) };
  return {};
}

/** With its events. @throws ResourceNotFoundException, ValidationException while its group is protected. */
export function DeleteLogStream(context: Context, input: DeleteLogStreamRequest): object {
  const { world } = context;
  const group = describeGroup(world, input.logGroupName ?? '');
  const stream = describeStream(world, group, input.logStreamName ?? '');
  if (group.deletionProtectionEnabled)
    throw new AwsError('ValidationException', 'The log group has deletion protection enabled and cannot be deleted.');
  delete world.logStreams[streamArn(world, group.logGroupName, stream.logStreamName)];
  eventsOf(context).forget([stream.eventsId]);
  return {};
}

/** By name, or by the time of the last event, those without events first; in pages of at most 50. */
export function DescribeLogStreams(context: Context, input: DescribeLogStreamsRequest): DescribeLogStreamsResponse {
  const { logStreamNamePrefix, orderBy = 'LogStreamName', descending = false } = input;
  checkOneOf('orderBy', orderBy, ['LogStreamName', 'LastEventTime']);
  checkStreamNames({ logStreamNamePrefix });
  if (orderBy === 'LastEventTime' && logStreamNamePrefix !== undefined)
    throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
  const limit = checkLimit(input.limit, maxPage);
  const after = readToken(input.nextToken);
  const group = describeNamedGroup(context.world, input);
  // One text per stream that sorts as asked: times are padded to one length.
  const placeOf = ({ stream, events }: (typeof streams)[number]): string =>
    orderBy === 'LogStreamName'
      ? stream.logStreamName
      : `${String(events.last ?? 0).padStart(16, '0')} ${stream.logStreamName}`;
  const streams = streamsOf(context.world, group, logStreamNamePrefix).map((stream) => ({
    stream,
    events: liveEvents(context, group, stream),
  }));
  const direction = descending ? -1 : 1;
  const rest = streams
    .filter((each) => after === undefined || byName(placeOf(each), after) * direction > 0)
    .sort((a, b) => byName(placeOf(a), placeOf(b)) * direction);
  const { items, next } = pageOf(rest, limit, placeOf);
  return {
    logStreams: items.map(({ stream, events }) => ({
      logStreamName: stream.logStreamName,
      creationTime: stream.createdAt,
      firstEventTimestamp: events.first,
      lastEventTimestamp: events.last,
      lastIngestionTime: events.lastIngestionTime,
      uploadSequenceToken: sequenceToken(stream),
      arn: streamArn(context.world, group.logGroupName, stream.logStreamName),
      // Since June 2019 AWS says 0 for every stream; the group has the real number.
      storedBytes: 0,
    })),
    nextToken: next,
  };
}
