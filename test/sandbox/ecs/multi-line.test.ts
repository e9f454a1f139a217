import { expect, it } from 'vitest';
import { dateOf, joinLines, type Joined } from '../../../src/sandbox/ecs/multi-line.ts';
import { createTestClock } from './harness.ts';

it.each([
  ['%Y-%m-%d', '2026-11-22 something', true],
  ['%Y-%m-%d', 'at line 2026', false],
  [String.raw`\[%b %d, %Y %H:%M:%S\]`, '[May 01, 2017 19:00:01] A message', true],
  ['[%b %d, %Y %H:%M:%S]', '[May 01, 2017 19:00:01] A message', true],
  ['%H:%M:%S%L %p', '23:59:59.123 AM', true],
  ['(%y)+', '(26)+', true],
  ['(%y)+', '2626', false],
])('a line with %s begins an event: %s', (format, line, wanted) => {
  expect(dateOf(format).test(line)).toBe(wanted);
});

it('joins lines up to the next date, or until they have waited', () => {
  const clock = createTestClock();
  const start = clock.now();
  const events: Joined[] = [];
  const joined = joinLines(dateOf('%Y-%m-%d'), clock, (event) => events.push(event));
  joined.add('2026-11-22 Error: no');
  clock.advance(10);
  joined.add('');
  joined.add('    at line 1');
  joined.add('2026-11-22 fine');
  expect(events).toEqual([{ timestamp: start, message: '2026-11-22 Error: no\n\n    at line 1\n' }]);
  clock.advance(5_000);
  expect(events[1]).toEqual({ timestamp: start + 10, message: '2026-11-22 fine\n' });
  joined.add('late');
  joined.end();
  joined.end();
  expect(events.slice(2).map(({ message }) => message)).toEqual(['late\n']);
});
