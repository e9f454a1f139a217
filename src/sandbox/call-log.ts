// What was called, when, with what outcome: the last calls in memory, and a bounded file for `sandbox logs`.
// Never holds inputs, outputs or credentials.
import { closeSync, fstatSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface CallRecord {
  /** ISO 8601. */
  at: string;
  service: string;
  operation: string;
  /** AWS's error code; absent when the call succeeded. */
  error?: string;
  ms: number;
  /** Size of the request's body and of the answer's, in bytes. */
  received: number;
  sent: number;
}

export interface CallLog {
  add(record: CallRecord): void;
  /** Oldest first. */
  recent(): readonly CallRecord[];
  close(): Promise<void>;
}

export const callLogFile = 'calls.log';

const keptInMemory = 1000;
/** Past this size the file becomes `calls.log.1`, replacing the one before. */
const maxFileBytes = 1_000_000;
/** Calls are written together, this long after the first of them. */
const delayMs = 20;

/** @param dir where the file lies; absent: memory only. */
export function createCallLog(dir?: string): CallLog {
  const records: CallRecord[] = [];
  const path = dir === undefined ? undefined : join(dir, callLogFile);
  let unwritten: CallRecord[] = [];
  let timer: NodeJS.Timeout | undefined;
  let file: { fd: number; size: number } | undefined;

  function open(at: string): { fd: number; size: number } {
    // Never through a link that somebody put there.
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(at);
    const fd = openSync(at, 'a', 0o600);
    return { fd, size: fstatSync(fd).size };
  }

  function close(): void {
    if (file !== undefined) closeSync(file.fd);
    file = undefined;
  }

  function write(): void {
    clearTimeout(timer);
    timer = undefined;
    if (path === undefined || unwritten.length === 0) return;
    const text = unwritten.map((record) => `${JSON.stringify(record)}\n`).join('');
    unwritten = [];
    try {
      file ??= open(path);
      if (file.size > 0 && file.size + text.length > maxFileBytes) {
        close();
        renameSync(path, `${path}.1`);
        file = open(path);
      }
      file.size += writeSync(file.fd, text);
    } catch {
      // A full disk must not end the sandbox; the log is then incomplete.
      close();
    }
  }

  return {
    add(record) {
      records.push(record);
      if (records.length >= 2 * keptInMemory) records.splice(0, keptInMemory);
      if (path === undefined) return;
      unwritten.push(record);
      timer ??= setTimeout(write, delayMs);
    },
    recent: () => records.slice(-keptInMemory),
    close() {
      write();
      close();
      return Promise.resolve();
    },
  };
}
