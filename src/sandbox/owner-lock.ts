// One sandbox per state directory: a lock file with the owner's pid and start time, so that the lock of a killed
// process, or of a pid that now belongs to another program, is taken over. Also answers "is that process still that one?".
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface Owner {
  pid: number;
  /** When the process started, in the system's own terms; compared, never read. */
  started: string;
}

const lockFile = 'lock';
const takeoverDir = 'lock.takeover';
/** Longer than a takeover takes; after that the one who began it is dead. */
const takeoverMs = 2000;

/** Undefined: no such process. */
export function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // After the command in brackets, which may itself hold spaces: state is the first field, the start time the 20th.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? undefined : fields[19];
    }
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text.trim() || undefined;
  } catch {
    return undefined;
  }
}

export const isRunning = (owner: Owner): boolean => startOf(owner.pid) === owner.started;

/** Who holds the lock in `dir` and is alive. */
export function findOwner(dir: string): Owner | undefined {
  const owner = readLock(dir);
  return owner !== undefined && isRunning(owner) ? owner : undefined;
}

function readLock(dir: string): Owner | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(join(dir, lockFile), 'utf8')) as Partial<Owner>;
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Takes the lock of `dir` for this process.
 * @returns a function that gives it back, or the living owner.
 */
export function takeLock(dir: string): { release: () => void } | { owner: Owner } {
  const started = startOf(process.pid) ?? '';
  const path = join(dir, lockFile);
  const mutex = join(dir, takeoverDir);
  for (;;) {
    if (!enter(mutex)) continue;
    try {
      const owner = findOwner(dir);
      if (owner !== undefined) return { owner };
      rmSync(path, { force: true });
      const file = openSync(path, 'wx', 0o600);
      writeSync(file, JSON.stringify({ pid: process.pid, started }));
      closeSync(file);
      return { release: () => rmSync(path, { force: true }) };
    } finally {
      rmdirSync(mutex);
    }
  }
}

/** Making a directory is atomic: whoever made it may look at the lock and replace it. */
function enter(mutex: string): boolean {
  try {
    mkdirSync(mutex);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const age = Date.now() - (statSync(mutex, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > takeoverMs) rmSync(mutex, { recursive: true, force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return false;
  }
}
