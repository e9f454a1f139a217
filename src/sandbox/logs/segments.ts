// Lines that are only ever added, in files of limited number and size: the oldest file goes when all hold too much.
// Knows nothing of what a line means. Written before the caller is told, so kill -9 costs at most a torn last line.
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export interface SegmentsOptions {
  /** Absent: nothing is written, and the limit counts all the same. */
  dir?: string | undefined;
  /** Of all segments together. */
  maxBytes: number;
  /** Each line that was kept from before, without its newline, oldest first. */
  kept(line: string, segment: number): void;
  /** The segment and every line in it are gone: there was too much. */
  dropped(segment: number): void;
}

export interface Segments {
  /**
   * Adds lines, each with its newline, all or none.
   * @returns the number of their segment. @throws NodeJS.ErrnoException when the disk refuses.
   */
  append(lines: string): number;
  close(): void;
}

/** So that what is dropped at once is a small part. */
const segmentsInAll = 8;
const nameOf = (segment: number): string => `${String(segment).padStart(10, '0')}.jsonl`;
/** Never through a link that somebody put there. */
const openFlags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/** @throws NodeJS.ErrnoException when the directory cannot be used. */
export function openSegments({ dir, maxBytes, kept, dropped }: SegmentsOptions): Segments {
  /** Number and bytes, oldest first; the last is the one that grows. */
  const segments: { number: number; bytes: number }[] = [];
  let file: number | undefined;

  function open(number: number): void {
    if (dir === undefined) return;
    if (file !== undefined) closeSync(file);
    file = openSync(join(dir, nameOf(number)), openFlags, 0o600);
  }

  function begin(): { number: number; bytes: number } {
    const begun = { number: (segments.at(-1)?.number ?? 0) + 1, bytes: 0 };
    open(begun.number);
    segments.push(begun);
    return begun;
  }

  function dropOldest(): void {
    while (segments.length > 1 && segments.reduce((sum, { bytes }) => sum + bytes, 0) > maxBytes) {
      const [oldest] = segments.splice(0, 1);
      if (oldest === undefined) return;
      if (dir !== undefined) rmSync(join(dir, nameOf(oldest.number)), { force: true });
      dropped(oldest.number);
    }
  }

  /** What was killed in the middle of a line left a part of it: cut, so that the next line begins as one. */
  function recover(number: number): void {
    open(number);
    if (file === undefined) return;
    const text = readFileSync(file);
    const whole = text.lastIndexOf(0x0a) + 1;
    if (whole < text.length) ftruncateSync(file, whole);
    for (const line of text.subarray(0, whole).toString('utf8').split('\n')) if (line !== '') kept(line, number);
    segments.push({ number, bytes: whole });
  }

  if (dir !== undefined) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const numbers = readdirSync(dir).flatMap((name) => /^(\d{10})\.jsonl$/.exec(name)?.[1] ?? []);
    for (const number of numbers.sort()) recover(Number(number));
  }

  return {
    append(lines) {
      const bytes = Buffer.from(lines);
      let current = segments.at(-1);
      if (current === undefined || current.bytes >= maxBytes / segmentsInAll) current = begin();
      if (file !== undefined) {
        try {
          for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
        } catch (error) {
          // A disk that is full may have taken a part.
          if (fstatSync(file).size > current.bytes) ftruncateSync(file, current.bytes);
          throw error;
        }
      }
      current.bytes += bytes.length;
      dropOldest();
      return current.number;
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
