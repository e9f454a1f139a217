// GetLogEvents and FilterLogEvents: pages of events, and the tokens that lead to the next ones.
// A token is a place in the order of events, so it stays right whatever comes in meanwhile.
import type {
  FilterLogEventsRequest,
  FilterLogEventsResponse,
  GetLogEventsRequest,
  GetLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Context } from '../handler.ts';
import { checkLimit, checkStreamNames, checkTimes, invalidParameter, brokenConstraint } from './checks.ts';
import { compare, indexFrom, liveEvents, sizeOf, type LogEvent, type Position } from './events.ts';
import { parseFilterPattern } from './filter-pattern.ts';
import { describeNamedGroup, describeStream, streamsOf } from './lookups.ts';
import { badToken, readToken, writeToken } from './paging.ts';

const maxPageEvents = 10_000;
const maxPageBytes = 1_048_576;
/** Looked at for one page of FilterLogEvents; a page may be empty and yet have a next one, as on AWS. */
const maxPageSearched = 100_000;

/** 56 digits that sort as the events do. */
export function eventId({ timestamp, sequence }: Position): string {
  return String(timestamp).padStart(13, '0') + String(sequence).padStart(43, '0');
}

const after = ({ timestamp, sequence }: Position): Position => ({ timestamp, sequence: sequence + 1 });

/** @param text `f/…` leads to what comes from there on, `b/…` to what is before. */
function readPlace(text: string): { forward: boolean; position: Position } {
  const [, direction, timestamp, sequence] = /^([fb])\/(\d{13})(\d{43})\/s$/.exec(text) ?? [];
  const position = { timestamp: Number(timestamp), sequence: Number(sequence) };
  if (direction === undefined || !Number.isSafeInteger(position.sequence)) throw badToken();
  return { forward: direction === 'f', position };
}

const writePlace = (direction: 'f' | 'b', position: Position): string => `${direction}/${eventId(position)}/s`;

/** The longest run from the start of `events`, or up to its end, that makes one page. */
function pageOf(events: readonly LogEvent[], limit: number, fromStart: boolean): readonly LogEvent[] {
  let [count, bytes] = [0, 0];
  while (count < Math.min(limit, events.length)) {
    const event = events[fromStart ? count : events.length - 1 - count];
    bytes += event === undefined ? 0 : sizeOf(event.message);
    if (count > 0 && bytes > maxPageBytes) break;
    count++;
  }
  return fromStart ? events.slice(0, count) : events.slice(events.length - count);
}

/**
 * The latest events of a stream, or with `startFromHead` the earliest. At either end a token leads to itself.
 * @throws ResourceNotFoundException, InvalidParameterException
 */
export function GetLogEvents(context: Context, input: GetLogEventsRequest): GetLogEventsResponse {
  const { startTime = 0, endTime, nextToken, startFromHead = false } = input;
  checkTimes({ startTime, endTime });
  const limit = checkLimit(input.limit, maxPageEvents);
  const token = nextToken === undefined ? undefined : readPlace(nextToken);
  const group = describeNamedGroup(context.world, input);
  const { events } = liveEvents(context, group, describeStream(context.world, group, input.logStreamName ?? ''));
  const forward = token?.forward ?? startFromHead;
  let from = indexFrom(events, { timestamp: startTime, sequence: 0 });
  let to = endTime === undefined ? events.length : indexFrom(events, { timestamp: endTime, sequence: 0 });
  if (token !== undefined && forward) from = Math.max(from, indexFrom(events, token.position));
  if (token !== undefined && !forward) to = Math.min(to, indexFrom(events, token.position));
  const page = pageOf(events.slice(from, Math.max(from, to)), limit, forward);
  const [first] = page;
  const last = page.at(-1);
  const here = token?.position ?? { timestamp: startTime, sequence: 0 };
  return {
    events: page.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
    nextForwardToken: writePlace('f', last === undefined ? here : after(last)),
    nextBackwardToken: writePlace('b', first ?? here),
  };
}

/**
 * The events of all streams of a group, or of some, that match a pattern; in order of time.
 * @throws ResourceNotFoundException, InvalidParameterException
 */
export function FilterLogEvents(context: Context, input: FilterLogEventsRequest): FilterLogEventsResponse {
  const { startTime = 0, endTime, logStreamNames, logStreamNamePrefix } = input;
  checkTimes({ startTime, endTime });
  checkStreamNames({ logStreamNamePrefix });
  // Worded by the sandbox, as the next.
  if (logStreamNames !== undefined && logStreamNamePrefix !== undefined)
    throw invalidParameter('logStreamNames and logStreamNamePrefix are mutually exclusive parameters.');
  if (logStreamNames !== undefined && (logStreamNames.length < 1 || logStreamNames.length > 100))
    throw brokenConstraint('logStreamNames', `[${logStreamNames.length} names]`, 'have length between 1 and 100');
  const limit = checkLimit(input.limit, maxPageEvents);
  const matches = parseFilterPattern(input.filterPattern ?? '');
  const place = readToken(input.nextToken);
  const from = place === undefined ? { timestamp: startTime, sequence: 0 } : readPlace(place).position;
  const group = describeNamedGroup(context.world, input);
  const streams =
    logStreamNames === undefined
      ? streamsOf(context.world, group, logStreamNamePrefix)
      : [...new Set(logStreamNames)].map((name) => describeStream(context.world, group, name));
  const page: (LogEvent & { logStreamName: string })[] = [];
  let [bytes, searched] = [0, 0];
  let next: Position | undefined;
  const sources = streams.map((stream) => ({ ...stream, events: liveEvents(context, group, stream).events }));
  for (const event of inOrder(sources, from)) {
    // Unlike GetLogEvents, whose end is exclusive.
    if (endTime !== undefined && event.timestamp > endTime) break;
    const matching = matches(event.message);
    if (matching) bytes += sizeOf(event.message);
    if (page.length === limit || searched === maxPageSearched || (page.length > 0 && bytes > maxPageBytes)) {
      next = event;
      break;
    }
    searched++;
    if (matching) page.push(event);
  }
  return {
    events: page.map((event) => ({
      logStreamName: event.logStreamName,
      timestamp: event.timestamp,
      message: event.message,
      ingestionTime: event.ingestionTime,
      eventId: eventId(event),
    })),
    // Deprecated, and empty on AWS too.
    searchedLogStreams: [],
    nextToken: next === undefined ? undefined : writeToken(writePlace('f', next)),
  };
}

interface Source {
  logStreamName: string;
  events: readonly LogEvent[];
}

/** The events of all sources from a place on, merged: what is not asked for is not sorted. */
function* inOrder(sources: Source[], from: Position): Generator<LogEvent & { logStreamName: string }> {
  const heads = sources.map(({ logStreamName, events }) => ({ logStreamName, events, index: indexFrom(events, from) }));
  for (;;) {
    let earliest: { event: LogEvent; head: (typeof heads)[number] } | undefined;
    for (const head of heads) {
      const event = head.events[head.index];
      if (event !== undefined && (earliest === undefined || compare(event, earliest.event) < 0))
        earliest = { event, head };
    }
    if (earliest === undefined) return;
    earliest.head.index++;
    yield { ...earliest.event, logStreamName: earliest.head.logStreamName };
  }
}
