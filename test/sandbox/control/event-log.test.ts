// The numbered events: which are kept, what comes next, and that watchers wake once a turn.
import { expect, test, vi } from 'vitest';
import { createEventLog, type EventLog, type Happening } from '../../../src/sandbox/control/event-log.ts';

const effect = (subject: string): Happening => ({ type: 'effect', kind: 'happened', subject });

function logOf(count: number, capacity: number): EventLog {
  const log = createEventLog(capacity);
  for (let index = 1; index <= count; index++) log.add(effect(`n${index}`), index * 10);
  return log;
}

test('numbers from 1, and gives what comes after a number', () => {
  const log = logOf(3, 10);
  expect(log.last()).toBe(3);
  expect(log.next(0)).toEqual({ seq: 1, at: 10, type: 'effect', kind: 'happened', subject: 'n1' });
  expect(log.next(2)).toMatchObject({ subject: 'n3' });
  expect(log.next(3)).toBeUndefined();
  expect(logOf(0, 10).next(0)).toBeUndefined();
});

test('keeps so many and no more: the oldest that is kept comes next', () => {
  const log = logOf(25, 10);
  expect(log.next(0)?.seq).toBe(16);
  expect(log.next(15)?.seq).toBe(16);
  expect(log.next(20)?.seq).toBe(21);
  expect(log.next(25)).toBeUndefined();
});

test('wakes watchers once for all of a turn, and those that left no more', async () => {
  const log = createEventLog();
  const stay = vi.fn<() => void>();
  const leave = vi.fn<() => void>();
  log.watch(stay);
  const unwatch = log.watch(leave);
  for (let index = 0; index < 50; index++) log.add(effect('a'), 0);
  expect(stay).not.toHaveBeenCalled();
  await vi.waitFor(() => expect(stay).toHaveBeenCalledTimes(1));
  unwatch();
  log.add(effect('b'), 0);
  await vi.waitFor(() => expect(stay).toHaveBeenCalledTimes(2));
  expect(leave).toHaveBeenCalledTimes(1);
});
