// The world on disk: one file, whole, with a checksum, replaced by rename; the generation before is kept beside it.
// Knows files and nothing of what a world means. Not synced to the platter: it survives kill -9, and a torn file after
// a power cut is caught by the checksum and the older generation taken.
import { createHash } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EcsdemoError } from '../base/errors.ts';
import { bareTables, type World } from './world.ts';

export interface Store {
  /** The world has changed; it is written soon, many changes in one write. */
  changed(world: World): void;
  /** Resolves when every change so far is on disk; rejects when it cannot be written. */
  saved(): Promise<void>;
  /** Writes what is left. */
  close(): Promise<void>;
}

export const stateFile = 'state.json';
export const previousStateFile = 'state.previous.json';
export const damagedStateFile = 'state.damaged.json';
const previousDamagedFile = 'state.previous.damaged.json';

const formatVersion = 1;
/** Changes that nobody waits for (probes, time passing) are collected this long. */
const backgroundDelayMs = 50;

/** Keeps nothing: for tests. */
export const memoryStore: Store = {
  changed: () => undefined,
  saved: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

export interface LoadedWorld {
  /** Absent: there is no state yet. */
  world?: World;
  /** What to tell the person when not everything was as it should be. */
  notice?: string;
}

/**
 * Reads the newest intact generation in `dir`.
 * @throws EcsdemoError `sandbox-state-damaged` when neither can be read; the damaged file is left under its own name, aside.
 */
export async function loadWorld(dir: string): Promise<LoadedWorld> {
  const newest = await readGeneration(join(dir, stateFile));
  if (newest.world !== undefined) return { world: newest.world };
  const previous = await readGeneration(join(dir, previousStateFile));
  if (newest.problem === undefined && previous.problem === undefined) {
    return previous.world === undefined ? {} : { world: previous.world };
  }
  const aside = join(dir, damagedStateFile);
  if (previous.world !== undefined) {
    await rename(join(dir, stateFile), aside);
    return {
      world: previous.world,
      notice: `${join(dir, stateFile)} ${newest.problem ?? 'is missing'}: continuing from the state before it; the damaged file is kept as ${aside}`,
    };
  }
  const file = newest.problem === undefined ? previousStateFile : stateFile;
  const problem = newest.problem ?? previous.problem ?? '';
  await rename(join(dir, file), aside).catch(() => undefined);
  // A previous generation that is damaged too would be refused again at the next start, for nothing; but it is kept.
  await rename(join(dir, previousStateFile), join(dir, previousDamagedFile)).catch(() => undefined);
  throw new EcsdemoError(
    'sandbox-state-damaged',
    `the sandbox's state file ${join(dir, file)} ${problem}; it is kept as ${aside}`,
    {
      suggestions: [
        { command: 'sandbox start', after: '(begins with an empty sandbox)' },
        `or put a good copy back as ${join(dir, stateFile)}`,
      ],
    },
  );
}

async function readGeneration(path: string): Promise<{ world?: World; problem?: string }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    return { problem: `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` };
  }
  const end = text.indexOf('\n');
  const body = text.slice(end + 1);
  try {
    const header = JSON.parse(text.slice(0, Math.max(end, 0))) as { format?: unknown; sha256?: unknown };
    if (header.format !== formatVersion)
      return { problem: `has format ${String(header.format)}, and this ecsdemo reads ${formatVersion}` };
    if (header.sha256 !== checksum(body)) return { problem: 'does not match its checksum' };
    return { world: bareTables(JSON.parse(body) as World) };
  } catch {
    return { problem: 'is damaged' };
  }
}

const checksum = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Saves worlds into `dir`, which must exist and belong to this process alone. */
export function createStore(dir: string): Store {
  let latest: World | undefined;
  let writtenBody = '';
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  async function write(world: World): Promise<void> {
    const body = JSON.stringify(world);
    // The loop reports every tick; most change nothing.
    if (body === writtenBody) return;
    const path = join(dir, stateFile);
    const previous = join(dir, previousStateFile);
    const temporary = `${path}.new`;
    // 'wx' makes the file: a link that lies there is never written through.
    await rm(temporary, { force: true });
    await writeFile(temporary, `${JSON.stringify({ format: formatVersion, sha256: checksum(body) })}\n${body}`, {
      mode: 0o600,
      flag: 'wx',
    });
    await rm(previous, { force: true });
    await link(path, previous).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rename(temporary, path);
    writtenBody = body;
  }

  /** One write at a time; whatever changed meanwhile goes into the next one, together. */
  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    // A failed write concerns those who waited for it; the next one starts anew, with the world as it is then.
    while (writing !== undefined) await writing.catch(() => undefined);
    if (latest === undefined) return;
    const world = latest;
    latest = undefined;
    writing = write(world)
      .catch((error: unknown) => {
        latest ??= world;
        throw error;
      })
      .finally(() => {
        writing = undefined;
      });
    await writing;
  }

  return {
    changed(world) {
      latest = world;
      timer ??= setTimeout(() => {
        flush().catch(() => undefined);
      }, backgroundDelayMs);
    },
    // The turn of the loop lets changes that arrived together share one write.
    saved: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      if (latest === undefined && writing !== undefined) return writing;
      await flush();
    },
    close: () => flush(),
  };
}
