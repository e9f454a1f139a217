import { describe, expect, it } from 'vitest';
import {
  CreateLogGroup,
  DeleteLogGroup,
  DeleteRetentionPolicy,
  DescribeLogGroups,
  PutLogGroupDeletionProtection,
  PutRetentionPolicy,
} from '../../../src/sandbox/logs/groups.ts';
import { eventsOf } from '../../../src/sandbox/logs/events.ts';
import { PutLogEvents } from '../../../src/sandbox/logs/put-events.ts';
import { FilterLogEvents, GetLogEvents } from '../../../src/sandbox/logs/read-events.ts';
import { CreateLogStream, DeleteLogStream, DescribeLogStreams } from '../../../src/sandbox/logs/streams.ts';
import { ListTagsForResource, ListTagsLogGroup, TagResource, UntagResource } from '../../../src/sandbox/logs/tags.ts';
import { refusal } from '../ec2/world-context.ts';
import { aLogsContext, aStream, dayMs, here, put } from './a-context.ts';

const { logGroupName, logStreamName } = here;
const groupArn = `arn:aws:logs:us-east-1:123456789012:log-group:${logGroupName}`;

describe('log groups', () => {
  it('are listed as AWS lists them', () => {
    const context = aStream();
    put(context, 'hello');
    expect(DescribeLogGroups(context, {}).logGroups).toEqual([
      {
        logGroupName,
        creationTime: context.now,
        retentionInDays: undefined,
        metricFilterCount: 0,
        arn: `${groupArn}:*`,
        storedBytes: 31,
        kmsKeyId: undefined,
        logGroupClass: 'STANDARD',
        logGroupArn: groupArn,
        deletionProtectionEnabled: false,
      },
    ]);
  });

  it('are found by prefix and by pattern, in pages that stay right while groups come and go', () => {
    const context = aLogsContext();
    for (const name of ['/ecs/b', '/ecs/a', '/aws/x', 'Zed', '/ecs/c']) CreateLogGroup(context, { logGroupName: name });
    const names = (input: Parameters<typeof DescribeLogGroups>[1]): (string | undefined)[] | undefined =>
      DescribeLogGroups(context, input).logGroups?.map((group) => group.logGroupName);
    expect(names({})).toEqual(['/aws/x', '/ecs/a', '/ecs/b', '/ecs/c', 'Zed']);
    expect(names({ logGroupNamePrefix: '/ecs/' })).toEqual(['/ecs/a', '/ecs/b', '/ecs/c']);
    expect(names({ logGroupNamePattern: 'ecs/b' })).toEqual(['/ecs/b']);
    expect(names({ logGroupNamePattern: 'zed' })).toEqual([]);
    expect(names({ logGroupIdentifiers: ['Zed', 'Zed', groupArn.replace('/web', '/a')] })).toEqual(['/ecs/a', 'Zed']);
    const first = DescribeLogGroups(context, { limit: 2 });
    expect(first.logGroups?.map((group) => group.logGroupName)).toEqual(['/aws/x', '/ecs/a']);
    DeleteLogGroup(context, { logGroupName: '/ecs/a' });
    CreateLogGroup(context, { logGroupName: '/before' });
    expect(names({ limit: 5, nextToken: first.nextToken })).toEqual(['/ecs/b', '/ecs/c', 'Zed']);
    expect(DescribeLogGroups(context, { limit: 5 }).nextToken).toBeUndefined();
  });

  it.each<[string, () => unknown, string]>([
    [
      'a second one',
      () => CreateLogGroup(aStream(), here),
      'ResourceAlreadyExistsException: The specified log group already exists',
    ],
    [
      'a space in its name',
      () => CreateLogGroup(aLogsContext(), { logGroupName: 'a b' }),
      String.raw`InvalidParameterException: 1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`,
    ],
    [
      'no name',
      () => CreateLogGroup(aLogsContext(), { logGroupName: '' }),
      "InvalidParameterException: 1 validation error detected: Value '' at 'logGroupName' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'a line end in its name',
      () => CreateLogGroup(aLogsContext(), { logGroupName: 'a\n' }),
      'InvalidParameterException: 1 validation error detected',
    ],
    [
      'one that is not there',
      () => DeleteLogGroup(aLogsContext(), here),
      'ResourceNotFoundException: The specified log group does not exist.',
    ],
    ['constructor', () => DeleteLogGroup(aLogsContext(), { logGroupName: 'constructor' }), 'ResourceNotFoundException'],
    [
      'prefix and pattern',
      () => DescribeLogGroups(aLogsContext(), { logGroupNamePrefix: 'a', logGroupNamePattern: 'b' }),
      'InvalidParameterException: LogGroup name prefix',
    ],
    [
      'a page of none',
      () => DescribeLogGroups(aLogsContext(), { limit: 0 }),
      "InvalidParameterException: 1 validation error detected: Value '0' at 'limit'",
    ],
    ['a page of 51', () => DescribeLogGroups(aLogsContext(), { limit: 51 }), 'less than or equal to 50'],
    [
      'a made-up token',
      () => DescribeLogGroups(aLogsContext(), { nextToken: 'x' }),
      'InvalidParameterException: The specified nextToken is invalid.',
    ],
  ])('refuses %s', (_what, call, wanted) => {
    expect(refusal(call)).toContain(wanted);
  });

  it('take their streams and events along', () => {
    const context = aStream();
    put(context, 'hello');
    const eventsId = Object.values(context.world.logStreams)[0]?.eventsId ?? '';
    expect(eventsOf(context).of(eventsId).events).toHaveLength(1);
    DeleteLogGroup(context, here);
    expect(eventsOf(context).of(eventsId).events).toEqual([]);
    expect(context.world.logStreams).toEqual({});
    CreateLogGroup(context, here);
    CreateLogStream(context, here);
    expect(GetLogEvents(context, here).events).toEqual([]);
  });

  it('are not deleted while protected', () => {
    const context = aStream();
    PutLogGroupDeletionProtection(context, { logGroupIdentifier: groupArn, deletionProtectionEnabled: true });
    expect(refusal(() => DeleteLogGroup(context, here))).toContain('ValidationException');
    expect(refusal(() => DeleteLogStream(context, here))).toContain('ValidationException');
    PutLogGroupDeletionProtection(context, { logGroupIdentifier: logGroupName, deletionProtectionEnabled: false });
    DeleteLogGroup(context, here);
    expect(context.world.logGroups).toEqual({});
  });

  it('have tags, by ARN and by name', () => {
    const context = aLogsContext();
    CreateLogGroup(context, { logGroupName, tags: { a: '1' } });
    TagResource(context, { resourceArn: groupArn, tags: { b: '2', a: '3' } });
    UntagResource(context, { resourceArn: groupArn, tagKeys: ['b', 'none'] });
    expect(ListTagsForResource(context, { resourceArn: groupArn }).tags).toEqual({ a: '3' });
    expect(ListTagsLogGroup(context, { logGroupName }).tags).toEqual({ a: '3' });
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`key${index}`, '']));
    expect(refusal(() => TagResource(context, { resourceArn: groupArn, tags: many }))).toContain(
      'TooManyTagsException',
    );
    expect(refusal(() => TagResource(context, { resourceArn: groupArn, tags: { 'aws:x': '' } }))).toContain('aws:');
    expect(refusal(() => ListTagsForResource(context, { resourceArn: `${groupArn}2` }))).toContain(
      'ResourceNotFoundException',
    );
  });
});

describe('retention', () => {
  it('lets events vanish, and its end keeps those that are left', () => {
    const context = aStream();
    put(context, 'old');
    PutRetentionPolicy(context, { logGroupName, retentionInDays: 1 });
    context.now += dayMs - 1_000;
    put(context, 'new');
    expect(GetLogEvents(context, here).events).toHaveLength(2);
    context.now += 2_000;
    expect(GetLogEvents(context, here).events?.map(({ message }) => message)).toEqual(['new']);
    expect(FilterLogEvents(context, { logGroupName }).events).toHaveLength(1);
    expect(DescribeLogGroups(context, {}).logGroups?.[0]).toMatchObject({ retentionInDays: 1, storedBytes: 29 });
    DeleteRetentionPolicy(context, { logGroupName });
    context.now += 400 * dayMs;
    expect(GetLogEvents(context, here).events).toHaveLength(1);
    expect(DescribeLogGroups(context, {}).logGroups?.[0]?.retentionInDays).toBeUndefined();
  });

  it.each([2, 0, -1, 366, 1.5])('is not of %d days', (retentionInDays) => {
    expect(refusal(() => PutRetentionPolicy(aStream(), { logGroupName, retentionInDays }))).toMatch(
      /^InvalidParameterException: 1 validation error detected: Value '.*' at 'retentionInDays'/,
    );
  });
});

describe('log streams', () => {
  it('are listed by name and by the time of the last event, both ways, in pages', () => {
    const context = aLogsContext();
    CreateLogGroup(context, here);
    for (const name of ['b', 'a', 'c']) {
      CreateLogStream(context, { logGroupName, logStreamName: name });
      const age = { a: 2_000, b: 1_000, c: 0 }[name] ?? 0;
      if (name !== 'c')
        PutLogEvents(context, {
          logGroupName,
          logStreamName: name,
          logEvents: [{ timestamp: context.now - age, message: name }],
        });
    }
    const names = (input: object): (string | undefined)[] | undefined =>
      DescribeLogStreams(context, { logGroupName, ...input }).logStreams?.map((stream) => stream.logStreamName);
    expect(names({})).toEqual(['a', 'b', 'c']);
    expect(names({ descending: true })).toEqual(['c', 'b', 'a']);
    expect(names({ orderBy: 'LastEventTime', descending: true })).toEqual(['b', 'a', 'c']);
    expect(names({ logStreamNamePrefix: 'b' })).toEqual(['b']);
    const { nextToken } = DescribeLogStreams(context, {
      logGroupName,
      orderBy: 'LastEventTime',
      descending: true,
      limit: 2,
    });
    expect(names({ orderBy: 'LastEventTime', descending: true, nextToken })).toEqual(['c']);
    expect(DescribeLogStreams(context, { logGroupIdentifier: groupArn, limit: 1 }).logStreams?.[0]).toMatchObject({
      arn: `${groupArn}:log-stream:a`,
      firstEventTimestamp: context.now - 2_000,
      lastEventTimestamp: context.now - 2_000,
      lastIngestionTime: context.now,
      storedBytes: 0,
      uploadSequenceToken: expect.stringMatching(/^\d{56}$/) as unknown,
    });
  });

  it.each<[string, () => unknown, string]>([
    [
      'a second one',
      () => CreateLogStream(aStream(), here),
      'ResourceAlreadyExistsException: The specified log stream already exists',
    ],
    ['a colon in its name', () => CreateLogStream(aStream(), { logGroupName, logStreamName: 'a:b' }), '[^:*]*'],
    [
      'one in no group',
      () => CreateLogStream(aLogsContext(), here),
      'ResourceNotFoundException: The specified log group does not exist.',
    ],
    [
      'one that is not there',
      () => GetLogEvents(aStream(), { logGroupName, logStreamName: 'none' }),
      'ResourceNotFoundException: The specified log stream does not exist.',
    ],
    [
      'order by time with a prefix',
      () => DescribeLogStreams(aStream(), { logGroupName, orderBy: 'LastEventTime', logStreamNamePrefix: 'a' }),
      'InvalidParameterException: Cannot order by LastEventTime with a logStreamNamePrefix.',
    ],
    [
      'a group by name and identifier',
      () => DescribeLogStreams(aStream(), { logGroupName, logGroupIdentifier: groupArn }),
      'InvalidParameterException',
    ],
    ['no group', () => DescribeLogStreams(aStream(), {}), 'InvalidParameterException'],
  ])('refuses %s', (_what, call, wanted) => {
    expect(refusal(call)).toContain(wanted);
  });

  it('have no old events when they are made anew', () => {
    const context = aStream();
    put(context, 'old');
    DeleteLogStream(context, here);
    CreateLogStream(context, here);
    expect(GetLogEvents(context, here).events).toEqual([]);
  });
});

describe('PutLogEvents', () => {
  const at = (...timestamps: number[]) => timestamps.map((timestamp) => ({ timestamp, message: 'x' }));

  it('leaves out what is too old, expired or too new, and says from where to where', () => {
    const context = aStream();
    const { now } = context;
    PutRetentionPolicy(context, { logGroupName, retentionInDays: 7 });
    const times = [now - 15 * dayMs, now - 8 * dayMs, now - 1, now, now + 3 * 3_600_000];
    const answer = PutLogEvents(context, { ...here, logEvents: at(...times), sequenceToken: 'ignored' });
    expect(answer.rejectedLogEventsInfo).toEqual({
      tooOldLogEventEndIndex: 1,
      expiredLogEventEndIndex: 2,
      tooNewLogEventStartIndex: 4,
    });
    expect(answer.nextSequenceToken).toMatch(/^\d{56}$/);
    expect(GetLogEvents(context, here).events?.map(({ timestamp }) => timestamp)).toEqual([now - 1, now]);
    expect(PutLogEvents(context, { ...here, logEvents: at(now) })).not.toHaveProperty('rejectedLogEventsInfo');
    expect(PutLogEvents(context, { ...here, logEvents: at(now - 20 * dayMs) }).rejectedLogEventsInfo).toBeDefined();
  });

  it.each<[string, (now: number) => { timestamp: number; message: string }[], string]>([
    ['nothing', () => [], 'length greater than or equal to 1'],
    ['10,001 events', (now) => at(...Array.from({ length: 10_001 }, () => now)), 'length less than or equal to 10000'],
    ['an empty message', (now) => [{ timestamp: now, message: '' }], "at 'logEvents.1.member.message'"],
    ['a time before 1970', () => at(-1), "at 'logEvents.1.member.timestamp'"],
    [
      'disorder',
      (now) => at(now, now - 1),
      'Log events in a single PutLogEvents request must be in chronological order.',
    ],
    [
      'more than a day at once',
      (now) => at(now - dayMs - 1, now),
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    ],
    [
      'an event above 1 MiB',
      (now) => [{ timestamp: now, message: 'x'.repeat(1_048_551) }],
      'Log event too large: 1048577 bytes exceeds limit of 1048576',
    ],
    [
      'a batch above 1 MiB',
      (now) => Array.from({ length: 2 }, () => ({ timestamp: now, message: 'ü'.repeat(262_132) })),
      'Upload too large: 1048580 bytes exceeds limit of 1048576',
    ],
  ])('refuses %s', (_what, events, wanted) => {
    const context = aStream();
    expect(refusal(() => PutLogEvents(context, { ...here, logEvents: events(context.now) }))).toMatch(
      new RegExp(`^InvalidParameterException: .*${wanted.replace(/[.()]/g, '\\$&')}`),
    );
    expect(GetLogEvents(context, here).events).toEqual([]);
  });
});

describe('GetLogEvents', () => {
  const texts = (answer: ReturnType<typeof GetLogEvents>): string =>
    (answer.events ?? []).map(({ message }) => message).join('');

  it('gives the latest page, and leads back and forth from there; at the ends a token leads to itself', () => {
    const context = aStream();
    put(context, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    const latest = GetLogEvents(context, { ...here, limit: 3 });
    expect(texts(latest)).toBe('fgh');
    const before = GetLogEvents(context, { ...here, limit: 3, nextToken: latest.nextBackwardToken });
    expect(texts(before)).toBe('cde');
    const first = GetLogEvents(context, { ...here, limit: 3, nextToken: before.nextBackwardToken });
    expect(texts(first)).toBe('ab');
    const end = GetLogEvents(context, { ...here, limit: 3, nextToken: first.nextBackwardToken });
    expect(texts(end)).toBe('');
    expect(end.nextBackwardToken).toBe(first.nextBackwardToken);
    // And forward from there nothing is left out.
    expect(texts(GetLogEvents(context, { ...here, nextToken: end.nextForwardToken }))).toBe('abcdefgh');
    const beyond = GetLogEvents(context, { ...here, nextToken: latest.nextForwardToken, startFromHead: true });
    expect(texts(beyond)).toBe('');
    expect(beyond.nextForwardToken).toBe(latest.nextForwardToken);
    expect(texts(GetLogEvents(context, { ...here, nextToken: beyond.nextBackwardToken, limit: 2 }))).toBe('gh');
    put(context, 'i');
    expect(texts(GetLogEvents(context, { ...here, nextToken: beyond.nextForwardToken }))).toBe('i');
  });

  it('reads from the head', () => {
    const context = aStream();
    put(context, 'a', 'b', 'c', 'd', 'e');
    let read = '';
    let nextToken: string | undefined;
    for (;;) {
      const page = GetLogEvents(context, { ...here, startFromHead: true, limit: 2, nextToken });
      read += texts(page);
      if (page.nextForwardToken === nextToken) break;
      nextToken = page.nextForwardToken;
    }
    expect(read).toBe('abcde');
    expect(nextToken).toMatch(/^f\/\d{56}\/s$/);
  });

  it('follows an empty stream', () => {
    const context = aStream();
    const { nextForwardToken } = GetLogEvents(context, here);
    expect(GetLogEvents(context, { ...here, nextToken: nextForwardToken }).nextForwardToken).toBe(nextForwardToken);
    put(context, 'a', 'b');
    expect(texts(GetLogEvents(context, { ...here, nextToken: nextForwardToken }))).toBe('ab');
  });

  it('includes startTime and excludes endTime', () => {
    const context = aStream();
    put(context, 'a', 'b', 'c', 'd', 'e');
    const startTime = context.now - 3;
    expect(texts(GetLogEvents(context, { ...here, startTime, endTime: context.now }))).toBe('bcd');
    expect(texts(GetLogEvents(context, { ...here, startTime: context.now, endTime: startTime }))).toBe('');
  });

  it('gives at most 1 MiB', () => {
    const context = aStream();
    put(context, 'a', 'b'.repeat(600_000));
    put(context, 'c'.repeat(600_000));
    const page = GetLogEvents(context, { ...here, startFromHead: true });
    expect(page.events).toHaveLength(2);
    expect(GetLogEvents(context, { ...here, nextToken: page.nextForwardToken }).events).toHaveLength(1);
  });

  it.each(['x', `f/${'9'.repeat(56)}/s`, 'f/0/s'])('refuses the token %s', (nextToken) => {
    expect(refusal(() => GetLogEvents(aStream(), { ...here, nextToken }))).toBe(
      'InvalidParameterException: The specified nextToken is invalid.',
    );
  });
});

describe('FilterLogEvents', () => {
  function twoStreams() {
    const context = aStream();
    CreateLogStream(context, { logGroupName, logStreamName: 'web/web/2' });
    for (const [index, name] of [logStreamName, 'web/web/2', logStreamName, 'web/web/2'].entries())
      PutLogEvents(context, {
        logGroupName,
        logStreamName: name,
        logEvents: [{ timestamp: context.now - 10 + index, message: `${index} from ${name}` }],
      });
    return context;
  }
  const texts = (answer: ReturnType<typeof FilterLogEvents>): string[] =>
    (answer.events ?? []).map(({ message = '' }) => message.slice(0, 1));

  it('interleaves the streams of a group', () => {
    const context = twoStreams();
    const answer = FilterLogEvents(context, { logGroupName });
    expect(texts(answer)).toEqual(['0', '1', '2', '3']);
    expect(answer.events?.[1]).toEqual({
      logStreamName: 'web/web/2',
      timestamp: context.now - 9,
      message: '1 from web/web/2',
      ingestionTime: context.now,
      eventId: expect.stringMatching(/^\d{56}$/) as unknown,
    });
    expect(answer.searchedLogStreams).toEqual([]);
    expect(answer.nextToken).toBeUndefined();
  });

  it('takes streams by name and by prefix, times with both ends, and a pattern', () => {
    const context = twoStreams();
    const filter = (input: object): string[] => texts(FilterLogEvents(context, { logGroupName, ...input }));
    expect(filter({ logStreamNames: ['web/web/2', 'web/web/2'] })).toEqual(['1', '3']);
    expect(filter({ logStreamNamePrefix: 'web/' })).toHaveLength(4);
    expect(filter({ logStreamNamePrefix: 'api/' })).toEqual([]);
    expect(filter({ startTime: context.now - 9, endTime: context.now - 8 })).toEqual(['1', '2']);
    expect(filter({ filterPattern: '"web/2"' })).toEqual(['1', '3']);
    expect(texts(FilterLogEvents(context, { logGroupIdentifier: groupArn }))).toHaveLength(4);
  });

  it('goes on where a page ended, whatever came in meanwhile', () => {
    const context = twoStreams();
    const first = FilterLogEvents(context, { logGroupName, limit: 3 });
    expect(texts(first)).toEqual(['0', '1', '2']);
    PutLogEvents(context, {
      ...here,
      logEvents: [
        { timestamp: context.now - 10, message: 'late' },
        { timestamp: context.now, message: '4' },
      ],
    });
    const second = FilterLogEvents(context, { logGroupName, limit: 3, nextToken: first.nextToken });
    expect(texts(second)).toEqual(['3', '4']);
    expect(second.nextToken).toBeUndefined();
  });

  it('ends a page after 100,000 events that do not match, with a token', () => {
    const context = aStream();
    for (let batch = 0; batch < 11; batch++)
      PutLogEvents(context, {
        ...here,
        logEvents: Array.from({ length: 10_000 }, () => ({ timestamp: context.now, message: 'x' })),
      });
    put(context, 'needle');
    const page = FilterLogEvents(context, { logGroupName, filterPattern: 'needle' });
    expect(page.events).toEqual([]);
    expect(
      FilterLogEvents(context, { logGroupName, filterPattern: 'needle', nextToken: page.nextToken }).events,
    ).toHaveLength(1);
  });

  it.each<[string, object, string]>([
    ['names and a prefix', { logStreamNames: ['a'], logStreamNamePrefix: 'a' }, 'InvalidParameterException'],
    [
      'a stream that is not there',
      { logStreamNames: ['none'] },
      'ResourceNotFoundException: The specified log stream does not exist.',
    ],
    ['no names', { logStreamNames: [] }, 'InvalidParameterException'],
    ['10,001 events', { limit: 10_001 }, 'less than or equal to 10000'],
    ['a made-up token', { nextToken: 'f/1/s' }, 'The specified nextToken is invalid.'],
    ['a bad pattern', { filterPattern: '{ $.a' }, "it must end with '}'"],
  ])('refuses %s', (_what, input, wanted) => {
    expect(refusal(() => FilterLogEvents(aStream(), { logGroupName, ...input }))).toContain(wanted);
  });
});
