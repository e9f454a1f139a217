import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compare, indexFrom, openEvents, type Events } from '../../../src/sandbox/logs/events.ts';

function aDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ecsdemo-events-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Opened as after a restart: what the last one left open does not matter. */
function open(dir: string | undefined, limitBytes?: number): { events: Events; warnings: string[] } {
  const warnings: string[] = [];
  const events = openEvents({ dir, warn: (message) => warnings.push(message) }, limitBytes);
  onTestFinished(() => events.close());
  return { events, warnings };
}

const messagesOf = (events: Events, id: string): string[] => events.of(id).events.map(({ message }) => message);
const add = (events: Events, id: string, ...pairs: [number, string][]): void =>
  events.add(
    id,
    pairs.map(([timestamp, message]) => ({ timestamp, message })),
    1_000,
  );

describe('events', () => {
  it('are in order of time, and of their coming where times are equal', () => {
    const { events } = open(undefined);
    add(events, 'a', [5, 'five'], [9, 'nine']);
    add(events, 'a', [1, 'one'], [5, 'five again']);
    add(events, 'b', [2, 'other']);
    expect(messagesOf(events, 'a')).toEqual(['one', 'five', 'five again', 'nine']);
    const stream = events.of('a');
    expect([stream.first, stream.last, stream.lastIngestionTime]).toEqual([1, 9, 1_000]);
    expect(stream.storedBytes).toBe(3 + 4 + 10 + 4 + 4 * 26);
    expect(indexFrom(stream.events, { timestamp: 5, sequence: 0 })).toBe(1);
    expect([...stream.events].sort(compare)).toEqual(stream.events);
  });

  it('survive a restart, with the places they had', () => {
    const dir = aDirectory();
    const before = open(dir).events;
    add(before, 'a', [5, 'five\nlines "and" ☃'], [9, 'nine']);
    add(before, 'a', [1, 'one']);
    const after = open(dir);
    expect(after.events.of('a').events).toEqual(before.of('a').events);
    add(after.events, 'a', [10, 'ten']);
    expect(after.events.of('a').events.at(-1)?.sequence).toBe(4);
    expect(after.warnings).toEqual([]);
  });

  it('lose no more than the line in which the process was killed', () => {
    const dir = aDirectory();
    add(open(dir).events, 'a', [1, 'one'], [2, 'two']);
    const [name = ''] = readdirSync(join(dir, 'log-events'));
    const file = join(dir, 'log-events', name);
    appendFileSync(file, '["a",3,3,1000,"thr');
    const { events, warnings } = open(dir);
    add(events, 'a', [4, 'four']);
    expect(messagesOf(events, 'a')).toEqual(['one', 'two', 'four']);
    expect(messagesOf(open(dir).events, 'a')).toEqual(['one', 'two', 'four']);
    expect(warnings).toEqual([]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'log-events')).mode & 0o777).toBe(0o700);
  });

  it('leave damaged lines out, and say so', () => {
    const dir = aDirectory();
    mkdirSync(join(dir, 'log-events'));
    const lines = ['["a",1,1,1,"one"]', 'no JSON', '[]', '["a","2",1,1,"x"]', '["a",3,3,3,"three"]'];
    writeFileSync(join(dir, 'log-events', '0000000001.jsonl'), `${lines.join('\n')}\n`);
    const { events, warnings } = open(dir);
    expect(messagesOf(events, 'a')).toEqual(['one', 'three']);
    expect(warnings.join()).toContain('3 events');
  });

  it.each([
    ['in memory', false],
    ['on disk', true],
  ])('are bounded: the oldest go, and that is said (%s)', (_where, onDisk) => {
    const dir = onDisk ? aDirectory() : undefined;
    const limit = 8_000;
    const { events, warnings } = open(dir, limit);
    for (let n = 1; n <= 200; n++) add(events, n % 2 === 0 ? 'a' : 'b', [n, `line ${n} ${'.'.repeat(80)}`]);
    const kept = [...events.of('a').events, ...events.of('b').events]
      .map(({ timestamp }) => timestamp)
      .sort((x, y) => x - y);
    expect(kept.at(-1)).toBe(200);
    expect(kept.length).toBeGreaterThan(40);
    expect(kept.length).toBeLessThan(80);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 201 - kept.length + index));
    expect(warnings[0]).toContain(`more than ${limit} bytes: its oldest`);
    if (dir === undefined) return;
    const files = readdirSync(join(dir, 'log-events')).map(
      (name) => readFileSync(join(dir, 'log-events', name)).length,
    );
    expect(files.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(limit);
    const again = open(dir, limit).events;
    expect(again.of('a').events.length + again.of('b').events.length).toBe(kept.length);
  });

  it('expire and are forgotten', () => {
    const { events } = open(undefined);
    add(events, 'a', [1, 'one'], [5, 'five']);
    events.expire('a', 5);
    expect(messagesOf(events, 'a')).toEqual(['five']);
    expect(events.of('a').storedBytes).toBe(4 + 26);
    events.forget(['a']);
    expect(messagesOf(events, 'a')).toEqual([]);
  });

  it('stay in memory when their directory cannot be used, and say so', () => {
    const dir = aDirectory();
    writeFileSync(join(dir, 'log-events'), 'a file');
    const { events, warnings } = open(dir);
    add(events, 'a', [1, 'one']);
    expect(messagesOf(events, 'a')).toEqual(['one']);
    expect(warnings.join()).toContain('in memory alone');
  });

  it('are not written through a link', () => {
    const dir = aDirectory();
    const victim = join(aDirectory(), 'victim');
    writeFileSync(victim, 'untouched');
    chmodSync(victim, 0o644);
    mkdirSync(join(dir, 'log-events'));
    symlinkSync(victim, join(dir, 'log-events', '0000000001.jsonl'));
    const { events } = open(dir);
    add(events, 'a', [1, 'one']);
    expect(readFileSync(victim, 'utf8')).toBe('untouched');
  });
});
