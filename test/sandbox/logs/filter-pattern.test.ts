import { describe, expect, it } from 'vitest';
import { isLike } from '../../../src/sandbox/logs/condition.ts';
import { parseFilterPattern } from '../../../src/sandbox/logs/filter-pattern.ts';
import { refusal } from '../ec2/world-context.ts';

/** Those of the messages that the pattern matches. */
function matching(pattern: string, messages: string[]): string[] {
  return messages.filter(parseFilterPattern(pattern));
}

// The examples of AWS's page "Filter pattern syntax".
const lines = [
  '[ERROR] A fatal exception has occurred',
  'Exiting with ERRORCODE: -1',
  '[WARN] slow',
  'INFO all is well',
];

describe('terms', () => {
  it.each([
    ['', [0, 1, 2, 3]],
    ['   ', [0, 1, 2, 3]],
    ['ERROR', [0, 1]],
    ['error', []],
    ['ERROR exception', [0]],
    ['"fatal exception"', [0]],
    ['"exception fatal"', []],
    ['ERROR -Exiting', [0]],
    ['"ERROR" - "Exiting"', [0]],
    ['-ERROR', [2, 3]],
    ['?ERROR ?WARN', [0, 1, 2]],
    ['?"[WARN]" ?INFO', [2, 3]],
    // Beside other terms those with a question mark are ignored, as on AWS.
    ['INFO ?WARN', [3]],
  ])('%s', (pattern, wanted) => {
    expect(matching(pattern, lines)).toEqual(wanted.map((index) => lines[index]));
  });

  it('takes escaped quotes as part of a phrase', () => {
    expect(matching(String.raw`"say \"hi\""`, ['say "hi"', 'say hi'])).toEqual(['say "hi"']);
  });

  it.each([
    ['a:b', "InvalidParameterException: Invalid character(s) in term 'a:b'"],
    ['"open', 'InvalidParameterException: Invalid filter pattern'],
    ['{ $.a = 1', "InvalidParameterException: If a filter pattern starts with '{' it must end with '}'"],
    ['[a, b', "InvalidParameterException: If a filter pattern starts with '[' it must end with ']'"],
    ['{ $.a }', 'InvalidParameterException: Invalid filter pattern'],
    ['{ $.a = 1 && }', 'InvalidParameterException: Invalid filter pattern'],
    ['{ $.a > b }', 'InvalidParameterException: Invalid filter pattern'],
    ['{ a = 1 }', 'InvalidParameterException: Invalid filter pattern'],
    ['[..., a, ...]', 'InvalidParameterException: Invalid filter pattern'],
    ['[a b]', 'InvalidParameterException: Invalid filter pattern'],
  ])('refuses %s', (pattern, wanted) => {
    expect(refusal(() => parseFilterPattern(pattern))).toBe(wanted);
  });

  it('refuses regular expressions in words, and patterns above 1024 characters', () => {
    expect(refusal(() => parseFilterPattern('%a.*b%'))).toContain('regular expressions');
    expect(refusal(() => parseFilterPattern('a'.repeat(1025)))).toContain('less than or equal to 1024');
  });
});

describe('JSON', () => {
  const event = JSON.stringify({
    eventType: 'UpdateTrail',
    sourceIPAddress: '111.111.111.111',
    arrayKey: ['value', 'another value'],
    objectList: [
      { name: 'a', id: 1 },
      { name: 'b', id: 2 },
    ],
    SomeObject: null,
    ThisFlag: true,
    latency: 512.5,
    'dashed-key_1': 'x',
    user: { id: 1, email: 'John.Stiles@example.com' },
    coordinates: [[0, 1, 2]],
  });

  it.each([
    ['{ $.eventType = "UpdateTrail" }', true],
    ['{$.eventType=UpdateTrail}', true],
    ['{ $.eventType = "Update*" }', true],
    ['{ $.eventType = "*Trai" }', false],
    ['{ $.eventType != "UpdateTrail" }', false],
    ['{ $.sourceIPAddress != 123.123.* }', true],
    ['{ $.arrayKey[0] = "value" }', true],
    ['{ $.arrayKey[*] = "another value" }', true],
    ['{ $.arrayKey[2] = "value" }', false],
    ['{ $.arrayKey = "value" }', false],
    ['{ $.arrayKey != "value" }', false],
    ['{ $.objectList[1].id = 2 }', true],
    ['{ $.coordinates[0][1] = 1 }', true],
    ['{ $.SomeObject IS NULL }', true],
    ['{ $.eventType IS NULL }', false],
    ['{ $.SomeOtherObject NOT EXISTS }', true],
    ['{ $.SomeObject NOT EXISTS }', false],
    ['{ $.ThisFlag IS TRUE }', true],
    ['{ $.ThisFlag is false }', false],
    ['{ $.latency > 500 }', true],
    ['{ $.latency >= 5.125e2 }', true],
    ['{ $.latency < +512.5 }', false],
    ['{ $.latency = 512.50 }', true],
    ['{ $.absent != 1 }', false],
    ["{ $['dashed-key_1'] = x }", true],
    ['{ $.dashed-key_1 = x }', true],
    ['{ ($.user.id = 1) && ($.arrayKey[0] = "value") }', true],
    ['{ ($.user.id = 2 && $.arrayKey[0] = "value") || $.latency < 1 }', false],
    // && binds closer than ||.
    ['{ $.user.id = 1 || $.latency < 1 && $.latency < 2 }', true],
    ['{ ($.user.id = 1 || $.latency < 1) && $.latency < 2 }', false],
    ['{ $.toString EXISTS }', false],
  ])('%s: %s', (pattern, wanted) => {
    expect(parseFilterPattern(pattern)(event)).toBe(wanted);
  });

  it.each(['no JSON', '', '{"a":', '"text"', '42'])('matches nothing in %j', (message) => {
    expect(parseFilterPattern('{ $.a NOT EXISTS }')(message)).toBe(false);
  });
});

describe('fields', () => {
  const request = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 404 1534';

  it.each([
    ['[ip, user, username, timestamp, request, status_code, bytes]', true],
    ['[ip, user, username, timestamp, request, status_code]', false],
    ['[..., status_code, bytes]', true],
    ['[ip, user, ...]', true],
    ['[ip, user, ..., status_code = 404, bytes]', true],
    ['[ip, user, username, timestamp, request, status_code = 4*, bytes > 1000]', true],
    ['[ip, user, username, timestamp, request, status_code = 4* && status_code != 404, bytes]', false],
    ['[ip, user, username, timestamp, request = *apache*, status_code = 4*, bytes]', true],
    ['[ip, user, username, timestamp, request = "GET *", ...]', true],
    ['[..., status_code = 500 || status_code = 404, bytes]', true],
    ['[ip = 10.*, ...]', false],
    ['[..., bytes < 1000]', false],
  ])('%s: %s', (pattern, wanted) => {
    expect(parseFilterPattern(pattern)(request)).toBe(wanted);
  });
});

describe('hostile patterns and messages', () => {
  it('are done in no time', () => {
    const started = performance.now();
    expect(isLike('ab', 'ab*b')).toBe(false);
    expect(isLike('a'.repeat(200_000), `${'a*'.repeat(500)}b`)).toBe(false);
    expect(parseFilterPattern('[a, b]')('[ '.repeat(300_000))).toBe(false);
    expect(parseFilterPattern('[a, b]')('" '.repeat(300_000))).toBe(false);
    expect(parseFilterPattern('{ $.a = 1 }')('['.repeat(500_000))).toBe(false);
    expect(refusal(() => parseFilterPattern(`{${'('.repeat(1000)}}`))).toContain('Invalid filter pattern');
    expect(refusal(() => parseFilterPattern(`a${' '.repeat(1000)}"`))).toContain('Invalid filter pattern');
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
