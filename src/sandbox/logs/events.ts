// The log events of every stream: in memory in order of time, on disk in segments beside the world, since they are too many
// for it. Bounded: the oldest go, and that is said. Knows streams by their eventsId alone, so no name ever reaches a file.
import { join } from 'node:path';
import type { Context } from '../handler.ts';
import type { Place } from '../kept.ts';
import type { LogGroup, LogStream } from './records.ts';
import { openSegments, type Segments } from './segments.ts';

/** A place in the order of all events: by time, then as they came in. */
export interface Position {
  /** When it happened, milliseconds since the epoch, as the sender says. */
  timestamp: number;
  /** Counts what this sandbox was ever sent, from 1. */
  sequence: number;
}

export interface LogEvent extends Position {
  ingestionTime: number;
  message: string;
  segment: number;
}

export interface StreamEvents {
  /** In order. */
  readonly events: readonly LogEvent[];
  /** As AWS counts: the messages in UTF-8 and 26 for each. */
  storedBytes: number;
  /** Timestamps of the earliest and latest; absent without events. */
  first: number | undefined;
  last: number | undefined;
  lastIngestionTime: number | undefined;
}

export interface Events {
  /**
   * Adds events.
   * @throws NodeJS.ErrnoException when they cannot be written; then none is added.
   */
  add(eventsId: string, added: readonly { timestamp: number; message: string }[], ingestionTime: number): void;
  of(eventsId: string): StreamEvents;
  /** Drops a stream's events from before a time. */
  expire(eventsId: string, before: number): void;
  forget(eventsIds: readonly string[]): void;
  close(): void;
}

/** What AWS adds to each message when it counts. */
export const eventOverheadBytes = 26;
const maxBytes = 32 * 1024 * 1024;
const dayMs = 86_400_000;

export function sizeOf(message: string): number {
  return Buffer.byteLength(message) + eventOverheadBytes;
}

export function compare(a: Position, b: Position): number {
  return a.timestamp - b.timestamp || a.sequence - b.sequence;
}

/** Index of the first event that is not before the position; the length when all are. */
export function indexFrom(events: readonly LogEvent[], position: Position): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const event = events[middle];
    if (event !== undefined && compare(event, position) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** This sandbox's. */
export function eventsOf(context: Context): Events {
  return context.kept(openEvents);
}

/** A stream's events that its group's retention has left. */
export function liveEvents(context: Context, group: LogGroup, stream: LogStream): StreamEvents {
  const events = eventsOf(context);
  if (group.retentionInDays !== undefined) events.expire(stream.eventsId, context.now - group.retentionInDays * dayMs);
  return events.of(stream.eventsId);
}

/** AWS still gives one, of 56 digits, and ignores it when it comes back. */
export function sequenceToken({ eventsId }: LogStream): string {
  return `49${BigInt(`0x${eventsId}`).toString().padStart(54, '0')}`;
}

class Stream implements StreamEvents {
  #events: LogEvent[] = [];
  #inOrder = true;
  storedBytes = 0;
  lastIngestionTime: number | undefined;

  /** Nearly always they come in order; what did not is sorted in when somebody looks. */
  get events(): readonly LogEvent[] {
    if (!this.#inOrder) this.#events.sort(compare);
    this.#inOrder = true;
    return this.#events;
  }

  get first(): number | undefined {
    return this.events[0]?.timestamp;
  }

  get last(): number | undefined {
    return this.events.at(-1)?.timestamp;
  }

  add(event: LogEvent): void {
    const before = this.#events.at(-1);
    if (before !== undefined && compare(before, event) > 0) this.#inOrder = false;
    this.#events.push(event);
    this.storedBytes += sizeOf(event.message);
    this.lastIngestionTime = Math.max(this.lastIngestionTime ?? 0, event.ingestionTime);
  }

  /** @returns how many went. */
  keep(wanted: (event: LogEvent) => boolean): number {
    const before = this.#events.length;
    this.#events = this.#events.filter((event) => {
      const stays = wanted(event);
      if (!stays) this.storedBytes -= sizeOf(event.message);
      return stays;
    });
    return before - this.#events.length;
  }
}

const none: StreamEvents = new Stream();

/** Exported for tests of its bound. */
export function openEvents({ dir, warn }: Place, limitBytes = maxBytes): Events {
  const streams = new Map<string, Stream>();
  let sequence = 0;
  let unreadable = 0;
  let refused = false;

  function streamOf(eventsId: string): Stream {
    const stream = streams.get(eventsId) ?? new Stream();
    streams.set(eventsId, stream);
    return stream;
  }

  const options = {
    maxBytes: limitBytes,
    kept(line: string, segment: number): void {
      const read = readLine(line, segment);
      if (read === undefined) {
        unreadable++;
        return;
      }
      sequence = Math.max(sequence, read.event.sequence);
      streamOf(read.eventsId).add(read.event);
    },
    dropped(segment: number): void {
      let count = 0;
      for (const stream of streams.values()) count += stream.keep((event) => event.segment !== segment);
      warn(`CloudWatch Logs holds more than ${limitBytes} bytes: its oldest ${count} events are dropped`);
    },
  };
  let segments: Segments;
  try {
    segments = openSegments({ ...options, dir: dir === undefined ? undefined : join(dir, 'log-events') });
  } catch (error) {
    warn(`CloudWatch Logs keeps its events in memory alone: ${(error as Error).message}`);
    segments = openSegments(options);
  }
  if (unreadable > 0) warn(`CloudWatch Logs: ${unreadable} events in ${dir ?? ''} are damaged and left out`);

  function write(lines: string): number {
    try {
      const segment = segments.append(lines);
      refused = false;
      return segment;
    } catch (error) {
      // Once, not for every line of a container.
      if (!refused) warn(`CloudWatch Logs cannot write events, they are lost: ${(error as Error).message}`);
      refused = true;
      throw error;
    }
  }

  return {
    add(eventsId, added, ingestionTime) {
      const lines = added.map(
        ({ timestamp, message }, index) =>
          `${JSON.stringify([eventsId, sequence + index + 1, timestamp, ingestionTime, message])}\n`,
      );
      const segment = write(lines.join(''));
      const stream = streamOf(eventsId);
      for (const { timestamp, message } of added)
        stream.add({ timestamp, message, ingestionTime, sequence: ++sequence, segment });
    },
    of: (eventsId) => streams.get(eventsId) ?? none,
    expire(eventsId, before) {
      const stream = streams.get(eventsId);
      if (stream?.first !== undefined && stream.first < before) stream.keep(({ timestamp }) => timestamp >= before);
    },
    forget(eventsIds) {
      for (const eventsId of eventsIds) streams.delete(eventsId);
    },
    close: () => segments.close(),
  };
}

function readLine(line: string, segment: number): { eventsId: string; event: LogEvent } | undefined {
  try {
    const [eventsId, sequence, timestamp, ingestionTime, message] = JSON.parse(line) as unknown[];
    if (typeof eventsId !== 'string' || typeof message !== 'string') return undefined;
    if (typeof sequence !== 'number' || typeof timestamp !== 'number' || typeof ingestionTime !== 'number')
      return undefined;
    return { eventsId, event: { sequence, timestamp, ingestionTime, message, segment } };
  } catch {
    return undefined;
  }
}
