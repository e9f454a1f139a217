// What a handler of CloudWatch Logs is called with: an empty world, a time that a test turns, events in memory or in a directory.
import { CreateLogGroup } from '../../../src/sandbox/logs/groups.ts';
import { CreateLogStream } from '../../../src/sandbox/logs/streams.ts';
import { PutLogEvents } from '../../../src/sandbox/logs/put-events.ts';
import type { Context } from '../../../src/sandbox/handler.ts';
import { createKept, type Place } from '../../../src/sandbox/kept.ts';
import { emptyWorld } from '../empty-world.ts';
import { countingIds, testPace } from '../ec2/world-context.ts';

/** 2026-11-22T00:00:00Z */
export const midnight = Date.UTC(2026, 10, 22);
export const dayMs = 86_400_000;

export function aLogsContext(place?: Place): Context & { now: number } {
  const world = emptyWorld('123456789012', 'us-east-1');
  return {
    world,
    now: midnight,
    ids: countingIds(),
    pace: testPace(),
    reservePort: () => 0,
    kept: createKept(place).kept,
  };
}

export const here = { logGroupName: '/ecs/web', logStreamName: 'web/web/1' };

/** A context with the group and the stream of `here`. */
export function aStream(place?: Place): Context & { now: number } {
  const context = aLogsContext(place);
  CreateLogGroup(context, here);
  CreateLogStream(context, here);
  return context;
}

/** Events a millisecond apart, the last one now. */
export function put(context: Context, ...messages: string[]): void {
  const from = context.now - messages.length + 1;
  PutLogEvents(context, {
    ...here,
    logEvents: messages.map((message, index) => ({ timestamp: from + index, message })),
  });
}
