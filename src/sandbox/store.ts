// The world on disk: each save adds one line with what changed; now and then a new generation replaces the file, and the
// one before is kept beside it with all its lines. Knows when to write, and files by name; the bytes are state-file.ts's.
// "Saved" means: with the operating system. It survives kill -9 of this process; after a power cut a torn file is caught
// by its checksums, and what is whole of it or the generation before is taken.
import { linkSync, renameSync, rmSync } from 'node:fs';
import { link, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EcsdemoError } from '../base/errors.ts';
import { readGeneration, writeSnapshot, type StateFile } from './state-file.ts';
import type { World } from './world.ts';
import type { WorldChanges } from './world-changes.ts';

export interface Store {
  /** The world may have changed; it is written soon, many changes in one write. */
  changed(): void;
  /** Resolves when every change so far is on disk; rejects with a SaveError when it cannot be written. */
  saved(): Promise<void>;
  /** Why the last save failed; undefined: it did not. What it held is kept in memory and goes with the next one. */
  trouble(): SaveError | undefined;
  /** Writes what is left, as a generation of its own. */
  close(): Promise<void>;
}

/** The disk takes no more. The message is for people and names the file. */
export class SaveError extends Error {
  readonly code: string | undefined;

  constructor(path: string, cause: NodeJS.ErrnoException) {
    const words: Record<string, string> = {
      ENOSPC: 'no space left on the disk',
      EDQUOT: 'the disk quota is used up',
      EFBIG: 'the largest file size allowed here is reached',
      EROFS: 'the file system is read-only',
      EACCES: 'permission denied',
      ENOENT: 'the directory is gone',
    };
    super(`the sandbox cannot save its state to ${path}: ${words[cause.code ?? ''] ?? cause.message}`, { cause });
    this.name = 'SaveError';
    this.code = cause.code;
  }
}

export const stateFile = 'state.json';
export const previousStateFile = 'state.previous.json';
export const damagedStateFile = 'state.damaged.json';
const previousDamagedFile = 'state.previous.damaged.json';

/** Changes that nobody waits for (probes, time passing) are collected this long. */
const backgroundDelayMs = 50;
/** How often a save that failed is tried again when nobody asks for it. */
const retryMs = 1000;
/** Lines that are copied into a new generation in one go. */
const linesAtOnce = 100;
/** A new generation is due when the lines take more room than the snapshot, and more than this. */
const leastJournalBytes = 2 * 1024 * 1024;

/** Keeps nothing: for tests. */
export const memoryStore = (changes: WorldChanges): Store => ({
  changed: changes.clear,
  saved: () => Promise.resolve(),
  trouble: () => undefined,
  close: () => Promise.resolve(),
});

export interface LoadedWorld {
  /** Absent: there is no state yet. */
  world?: World;
  /** What to tell the person when not everything was as it should be. */
  notice?: string;
}

/**
 * Reads the newest intact generation in `dir`, up to the first change that is not whole.
 * @throws EcsdemoError `sandbox-state-damaged` when neither can be read; the damaged file is left under its own name, aside.
 */
export async function loadWorld(dir: string): Promise<LoadedWorld> {
  const [path, aside] = [join(dir, stateFile), join(dir, damagedStateFile)];
  const newest = await readGeneration(path);
  if (newest.world !== undefined) {
    if (newest.problem === undefined) return { world: newest.world };
    // A second name: the file itself stays the state until the next generation takes its place.
    await rm(aside, { force: true });
    await link(path, aside);
    return {
      world: newest.world,
      notice: `${path} ${newest.problem}: continuing from the last change before that; the damaged file is kept as ${aside}`,
    };
  }
  const previous = await readGeneration(join(dir, previousStateFile));
  if (newest.problem === undefined && previous.problem === undefined) {
    return previous.world === undefined ? {} : { world: previous.world };
  }
  if (previous.world !== undefined) {
    await rename(path, aside).catch(() => undefined);
    const also = previous.problem === undefined ? '' : `, which ${previous.problem}`;
    return {
      world: previous.world,
      notice: `${path} ${newest.problem ?? 'is missing'}: continuing from the state before it${also}; the damaged file is kept as ${aside}`,
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
      suggestions: [{ command: 'sandbox start', note: 'begins with an empty sandbox' }],
    },
  );
}

export interface StoreOptions {
  /** Must exist and belong to this process alone. */
  dir: string;
  changes: WorldChanges;
  /** Told once when saving begins to fail, with the reason, and once when it works again, without. */
  onTrouble?: (trouble: SaveError | undefined) => void;
}

/** Saves a world into `dir`: a generation of its own with the first save, then a line for each. */
export function createStore({ dir, changes, onTrouble = () => undefined }: StoreOptions): Store {
  const path = join(dir, stateFile);
  let current: StateFile | undefined;
  /** A generation under way. */
  let replacing: Promise<void> | undefined;
  /** Lines saved since it was begun, which its snapshot may lack. */
  let since: string[] = [];
  let nextSave: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let trouble: SaveError | undefined;
  let compactAtBytes = 0;

  async function writeGeneration(): Promise<void> {
    const fresh = `${path}.new`;
    since = [];
    await rm(fresh, { force: true });
    let written: StateFile | undefined;
    try {
      written = await writeSnapshot(fresh, changes.raw);
      while (since.length > linesAtOnce) {
        for (const text of since.splice(0, linesAtOnce)) written.append(text);
        await new Promise((resolve) => setImmediate(resolve));
      }
      // From here to the end in one turn: no save comes between.
      for (const text of since) written.append(text);
      const unsaved = changes.text(true);
      if (unsaved !== '') written.append(unsaved);
      keepPrevious();
      renameSync(fresh, path);
    } catch (error) {
      await written?.close();
      await rm(fresh, { force: true }).catch(() => undefined);
      throw error;
    }
    changes.clear();
    const old = current;
    current = written;
    compactAtBytes = Math.max(leastJournalBytes, written.snapshotBytes);
    await old?.close();
  }

  /** At no moment is there neither of the two. */
  function keepPrevious(): void {
    const second = `${path}.previous`;
    rmSync(second, { force: true });
    try {
      linkSync(path, second);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    renameSync(second, join(dir, previousStateFile));
  }

  function replace(): Promise<void> {
    replacing ??= writeGeneration().finally(() => {
      replacing = undefined;
    });
    return replacing;
  }

  /** Everything that was changed until now; many who wait share one. */
  async function save(): Promise<void> {
    nextSave = undefined;
    clearTimeout(timer);
    timer = undefined;
    try {
      if (current?.isThere() !== true) await replace();
      const text = changes.text(replacing !== undefined);
      if (text !== '') {
        current?.append(text);
        if (replacing !== undefined) since.push(text);
      }
      changes.clear();
    } catch (error) {
      const first = trouble === undefined;
      trouble = new SaveError(path, error as NodeJS.ErrnoException);
      timer ??= setTimeout(saveSoon, retryMs).unref();
      if (first) onTrouble(trouble);
      throw trouble;
    }
    if (trouble !== undefined) {
      trouble = undefined;
      onTrouble(undefined);
    }
    if (replacing === undefined && current !== undefined && current.journalBytes > compactAtBytes) {
      // It costs nothing to fail: the lines are there. Tried again when as many more have come.
      compactAtBytes += Math.max(leastJournalBytes, current.snapshotBytes);
      replace().catch(() => undefined);
    }
  }

  const saveSoon = (): void => void save().catch(() => undefined);

  return {
    changed() {
      timer ??= setTimeout(saveSoon, trouble === undefined ? backgroundDelayMs : retryMs);
    },
    saved() {
      // The turn of the loop lets changes that arrived together share one write.
      nextSave ??= new Promise((resolve) => setImmediate(resolve)).then(save);
      return nextSave;
    },
    trouble: () => trouble,
    async close() {
      try {
        await save();
        await replacing;
        // A file without lines is read faster; without room for another, this one is as good.
        if (current !== undefined && current.journalBytes > 0) await replace().catch(() => undefined);
      } finally {
        clearTimeout(timer);
        await current?.close();
      }
    },
  };
}
