// One generation of the sandbox's state as a file: a header, the whole world on one line with its checksum, then one line
// per save with what that save changed. Knows bytes, not when they are written (store.ts) nor by whom.
//
//   {"format":2,"sha256":"…"}          checksum of the second line
//   {"version":1,"clusters":{…},…}     the snapshot
//   9f86d081… [["clusters","arn…",{…}],["tasks","arn…"]]
//
// A line's checksum is taken of the checksum before it and the line itself, so a line that is missing, out of place or
// of another file is found like one that is torn. Format 1 was the first two lines alone.
import { createHash } from 'node:crypto';
import { fstatSync, ftruncateSync, writeSync } from 'node:fs';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { bareTables, type World } from './world.ts';
import { applyEntry, type Entry } from './world-changes.ts';

const formatVersion = 2;
const sha256Digits = 64;
/** Text of the snapshot that is made, checked and written in one go: other work gets its turn in between. */
const pieceLength = 128 * 1024;

const sha256 = (...parts: (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

export interface Generation {
  /** Absent: there is no such file, or it cannot be used. */
  world?: World;
  /** What is wrong with the file, as the end of a sentence. With a world: that of the intact lines. */
  problem?: string;
}

/** Reads one generation: the snapshot and every change after it up to the first that is not whole. */
export async function readGeneration(path: string): Promise<Generation> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? {} : { problem: `cannot be read (${code})` };
  }
  try {
    const headEnd = bytes.indexOf('\n');
    const header = JSON.parse(bytes.toString('utf8', 0, Math.max(headEnd, 0))) as {
      format?: unknown;
      sha256?: unknown;
    };
    if (header.format !== 1 && header.format !== formatVersion)
      return { problem: `has format ${String(header.format)}, and this ecsdemo reads ${formatVersion}` };
    const found = header.format === 1 ? -1 : bytes.indexOf('\n', headEnd + 1);
    const bodyEnd = found < 0 ? bytes.length : found;
    const body = bytes.subarray(headEnd + 1, bodyEnd);
    if (header.sha256 !== sha256(body)) return { problem: 'does not match its checksum' };
    const world = bareTables(JSON.parse(body.toString('utf8')) as World);
    const problem = replay(world, bytes, bodyEnd + 1, header.sha256);
    return problem === undefined ? { world } : { world, problem };
  } catch {
    return { problem: 'is damaged' };
  }
}

/** Applies the lines from `start` on. @returns what is wrong with the first that is not applied. */
function replay(world: World, bytes: Buffer, start: number, seed: string): string | undefined {
  let checksum = seed;
  let changes = 0;
  for (let at = start; at < bytes.length;) {
    const end = bytes.indexOf('\n', at);
    const line = end < 0 ? undefined : readLine(bytes.subarray(at, end), checksum);
    if (line === undefined) return `is damaged after ${changes} changes, ${bytes.length - at} bytes before its end`;
    for (const entry of line.entries) applyEntry(world, entry);
    checksum = line.checksum;
    changes++;
    at = end + 1;
  }
  return undefined;
}

function readLine(line: Buffer, previous: string): { checksum: string; entries: Entry[] } | undefined {
  const checksum = line.toString('latin1', 0, sha256Digits);
  const text = line.subarray(sha256Digits + 1);
  if (line[sha256Digits] !== 0x20 || checksum !== sha256(previous, text)) return undefined;
  return { checksum, entries: JSON.parse(text.toString('utf8')) as Entry[] };
}

/** A generation that is being written to. */
export interface StateFile {
  /** Bytes of the snapshot, and of the lines after it. */
  snapshotBytes: number;
  journalBytes: number;
  /**
   * Adds one line; returns when it is with the system, where it outlives this process but no power cut.
   * @param text JSON of an Entry[]
   * @throws NodeJS.ErrnoException; then nothing was added.
   */
  append(text: string): void;
  /** False: somebody removed the file, and what is written to it is lost. */
  isThere(): boolean;
  close(): Promise<void>;
}

const headerOf = (checksum: string): string => `${JSON.stringify({ format: formatVersion, sha256: checksum })}\n`;

/**
 * Writes a snapshot into a new file, piece by piece while the world goes on changing: it is right only together with
 * every change made since this was called, which the caller appends. Readable by its owner alone.
 * @throws NodeJS.ErrnoException, EEXIST when there is such a file: a link that lies there is never written through.
 */
export async function writeSnapshot(path: string, world: World): Promise<StateFile> {
  const file = await open(path, 'wx+', 0o600);
  try {
    // Holds the place: without its checksum the file is nothing.
    const placeholder = headerOf('0'.repeat(sha256Digits));
    await file.writeFile(placeholder);
    const hash = createHash('sha256');
    let length = placeholder.length;
    for (const piece of worldText(world)) {
      const bytes = Buffer.from(piece);
      hash.update(bytes);
      await file.writeFile(bytes);
      length += bytes.length;
    }
    await file.writeFile('\n');
    const checksum = hash.digest('hex');
    await file.write(headerOf(checksum), 0);
    return stateFile(file, length + 1, checksum);
  } catch (error) {
    await file.close();
    throw error;
  }
}

function stateFile(file: FileHandle, snapshotBytes: number, seed: string): StateFile {
  let checksum = seed;
  let length = snapshotBytes;
  let torn = false;
  const { fd } = file;
  return {
    snapshotBytes,
    get journalBytes() {
      return length - snapshotBytes;
    },
    append(text) {
      // Where there was no room, part of a line may stand at the end.
      if (torn) ftruncateSync(fd, length);
      const next = sha256(checksum, text);
      const line = Buffer.from(`${next} ${text}\n`);
      torn = true;
      for (let done = 0; done < line.length;) done += writeSync(fd, line, done, line.length - done, length + done);
      torn = false;
      length += line.length;
      checksum = next;
    },
    isThere: () => fstatSync(fd).nlink > 0,
    close: () => file.close(),
  };
}

/** `JSON.stringify(world)` in pieces. What is added meanwhile may be missing, what is removed may still be there. */
function* worldText(world: World): Generator<string> {
  let text = '{';
  let separator = '';
  for (const [name, table] of Object.entries(world) as [string, unknown][]) {
    text += `${separator}${JSON.stringify(name)}:`;
    separator = ',';
    if (typeof table !== 'object' || table === null || Array.isArray(table)) {
      text += JSON.stringify(table);
      continue;
    }
    const records = table as Record<string, unknown>;
    let between = '{';
    for (const key of Object.keys(records)) {
      if (!Object.hasOwn(records, key)) continue;
      text += `${between}${JSON.stringify(key)}:${JSON.stringify(records[key])}`;
      between = ',';
      if (text.length < pieceLength) continue;
      yield text;
      text = '';
    }
    text += between === '{' ? '{}' : '}';
  }
  yield `${text}}`;
}
