// PutLogEvents: which batches AWS takes, and which events of a batch it leaves out.
import type {
  InputLogEvent,
  PutLogEventsRequest,
  PutLogEventsResponse,
  RejectedLogEventsInfo,
} from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import { brokenConstraint, checkTimes, invalidParameter } from './checks.ts';
import { eventsOf, sequenceToken, sizeOf } from './events.ts';
import { describeGroup, describeStream } from './lookups.ts';
import type { LogGroup } from './records.ts';

export const maxBatchBytes = 1_048_576;
const maxBatchEvents = 10_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Sequence tokens are ignored, as since January 2023 on AWS. What is too old or too new is left out, the rest taken.
 * @throws ResourceNotFoundException, InvalidParameterException for the batch as a whole.
 */
export function PutLogEvents(context: Context, input: PutLogEventsRequest): PutLogEventsResponse {
  const { world, now } = context;
  const batch = checkMembers(input.logEvents ?? []);
  const group = describeGroup(world, input.logGroupName ?? '');
  const stream = describeStream(world, group, input.logStreamName ?? '');
  checkBatch(batch);
  const { from, to, rejected } = acceptable(batch, group, now);
  const accepted = batch.slice(from, to);
  if ((accepted.at(-1)?.timestamp ?? 0) - (accepted[0]?.timestamp ?? 0) > dayMs)
    throw invalidParameter('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
  try {
    if (accepted.length > 0) eventsOf(context).add(stream.eventsId, accepted, now);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw new AwsError('ServiceUnavailableException', `the ecsdemo sandbox cannot write the events: ${why}`, 500);
  }
  return { nextSequenceToken: sequenceToken(stream), ...(rejected && { rejectedLogEventsInfo: rejected }) };
}

type Batch = { timestamp: number; message: string }[];

function checkMembers(events: InputLogEvent[]): Batch {
  const list = (rule: string): AwsError => brokenConstraint('logEvents', `[${events.length} events]`, rule);
  if (events.length === 0) throw list('have length greater than or equal to 1');
  if (events.length > maxBatchEvents) throw list(`have length less than or equal to ${maxBatchEvents}`);
  return events.map(({ timestamp = 0, message = '' }, index) => {
    const member = `logEvents.${index + 1}.member`;
    checkTimes({ [`${member}.timestamp`]: timestamp });
    if (message === '') throw brokenConstraint(`${member}.message`, '', 'have length greater than or equal to 1');
    return { timestamp, message };
  });
}

function checkBatch(batch: Batch): void {
  let bytes = 0;
  for (const [index, { timestamp, message }] of batch.entries()) {
    if (timestamp < (batch[index - 1]?.timestamp ?? 0))
      throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.');
    const size = sizeOf(message);
    // 256 KB until April 2025, 1 MB since.
    if (size > maxBatchBytes)
      throw invalidParameter(`Log event too large: ${size} bytes exceeds limit of ${maxBatchBytes}`);
    bytes += size;
  }
  if (bytes > maxBatchBytes)
    throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${maxBatchBytes}`);
}

/** The run of a batch that AWS takes: not older than 14 days or the retention, not newer than two hours from now. */
function acceptable(
  batch: Batch,
  group: LogGroup,
  now: number,
): { from: number; to: number; rejected?: RejectedLogEventsInfo } {
  const firstIndex = (wanted: (timestamp: number) => boolean): number => {
    const index = batch.findIndex(({ timestamp }) => wanted(timestamp));
    return index < 0 ? batch.length : index;
  };
  const young = firstIndex((timestamp) => timestamp >= now - 14 * dayMs);
  const kept = firstIndex((timestamp) => timestamp >= now - (group.retentionInDays ?? Infinity) * dayMs);
  const tooNew = firstIndex((timestamp) => timestamp > now + 2 * hourMs);
  const from = Math.max(young, kept);
  if (from === 0 && tooNew === batch.length) return { from, to: tooNew };
  return {
    from,
    to: tooNew,
    rejected: {
      ...(young > 0 && { tooOldLogEventEndIndex: young }),
      ...(kept > 0 && { expiredLogEventEndIndex: kept }),
      ...(tooNew < batch.length && { tooNewLogEventStartIndex: tooNew }),
    },
  };
}
