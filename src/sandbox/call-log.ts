// What was called, when, with what outcome: the last calls in memory, and a bounded file for `sandbox logs`.
// Never holds inputs, outputs or credentials.
import { createWriteStream, existsSync, lstatSync, renameSync, rmSync, statSync, type WriteStream } from 'node:fs';
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

/** @param dir where the file lies; absent: memory only. */
export function createCallLog(dir?: string): CallLog {
  const records: CallRecord[] = [];
  const path = dir === undefined ? undefined : join(dir, callLogFile);
  let size = 0;
  let stream: WriteStream | undefined;

  function open(file: string): WriteStream {
    // Never through a link that somebody put there.
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(file);
    size = existsSync(file) ? statSync(file).size : 0;
    const opened = createWriteStream(file, { flags: 'a', mode: 0o600 });
    // A full disk must not end the sandbox; the log is then incomplete.
    opened.on('error', () => undefined);
    return opened;
  }

  function append(file: string, line: string): void {
    stream ??= open(file);
    if (size + line.length > maxFileBytes && size > 0) {
      stream.end();
      renameSync(file, `${file}.1`);
      stream = open(file);
    }
    size += line.length;
    stream.write(line);
  }

  return {
    add(record) {
      records.push(record);
      if (records.length > keptInMemory) records.shift();
      if (path !== undefined) append(path, `${JSON.stringify(record)}\n`);
    },
    recent: () => records,
    close: () =>
      new Promise((resolve) => {
        if (stream === undefined) resolve();
        else stream.end(() => resolve());
      }),
  };
}
