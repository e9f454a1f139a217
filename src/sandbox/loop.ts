// The one place where the world changes: a handler's call, a runtime's observation or time passing all go through
// `change`. After each: apply what the schedules decide until nothing is left, bring the runtimes into line, save.
import type { Clock } from '../base/clock.ts';
import { decide, type Effect, type Schedule } from './agenda.ts';
import type { Context } from './handler.ts';
import type { Ids } from './ids.ts';
import { createKept, type Keep } from './kept.ts';
import type { Pace } from './pace.ts';
import type { World } from './world.ts';
import type { WorldChanges } from './world-changes.ts';

/** The part of the world that is real: processes, listening sockets. */
export interface Runtime {
  /** Makes the real things match the world. Called after every change: cheap, idempotent, never throws. */
  sync(world: World): void;
  /** Ends the real things of one record from one moment to the next, as a crash would. It reports what happened. */
  kill?(id: string): void;
  /** Ends every real thing and resolves when it is gone. */
  close(): Promise<void>;
}

/** How a runtime or the server changes the world; returns what `fn` returns. */
export type ChangeWorld = <Result>(fn: (context: Context) => Result) => Result;

export interface LoopOptions {
  /** The world, and what notes each change of it. */
  changes: WorldChanges;
  clock: Clock;
  ids: Ids;
  pace: Pace;
  reservePort(): number;
  /** @default in memory */
  kept?: Keep;
  schedules: Schedule[];
  /** Told of each effect that was carried out, and when. */
  happened?(effect: Effect, at: number): void;
  /** Called once per change, after all effects; saves the world. */
  changed(): void;
}

export interface Loop {
  change: ChangeWorld;
  /** Leaves what follows from the change to `settled`: for changes that come many at a time and wait for it anyway. */
  changeUnsettled: ChangeWorld;
  /** Resolves when what follows from every change so far has happened; all of one turn of the event loop share the work. */
  settled(): Promise<void>;
  /** Reads without scheduling or saving. */
  read<Result>(fn: (context: Context) => Result): Result;
  attach(runtime: Runtime): void;
  /** What is real of one record, by its id or ARN, ends as in a crash. */
  kill(id: string): void;
  /** Stops reconciling first, so that what is stopped next is not started again; then closes the runtimes. */
  close(): Promise<void>;
}

/** Timers take no longer ones; waking early does no harm. */
const longestTimerMs = 2 ** 31 - 1;
/** A schedule that never settles is a defect; this bounds the harm. */
const maxPasses = 200;

export function createLoop(options: LoopOptions): Loop {
  const { changes, clock, ids, pace, schedules, changed, happened, reservePort, kept = createKept().kept } = options;
  const { raw, tracked } = changes;
  const runtimes: Runtime[] = [];
  let cancelWake: (() => void) | undefined;
  /** What the timer is set to. */
  let wakesAt: number | undefined;
  let closed = false;
  let depth = 0;
  let unsettled = false;
  let settling: Promise<void> | undefined;

  const contextOf = (world: World): Context => ({ world, now: clock.now(), ids, pace, reservePort, kept });

  function settle(): void {
    let wakeAt: number | undefined;
    for (let pass = 0; pass < maxPasses; pass++) {
      const context = contextOf(tracked);
      wakeAt = undefined;
      const effects: Effect[] = [];
      for (const schedule of schedules) {
        let decided = decide(schedule, raw, context.now, pace);
        // Effects change the records that the schedule found. Deciding is pure, so it is asked once more, over the
        // records whose changes are noted; mostly there is nothing to do, and looking at plain records is cheaper.
        if (decided.effects.length > 0) decided = decide(schedule, tracked, context.now, pace);
        effects.push(...decided.effects);
        if (decided.wakeAt !== undefined && (wakeAt === undefined || decided.wakeAt < wakeAt)) wakeAt = decided.wakeAt;
      }
      if (effects.length === 0) break;
      for (const effect of effects) {
        effect.apply(context);
        happened?.(effect, context.now);
      }
    }
    // Most changes move no time.
    if (wakeAt === wakesAt) return;
    cancelWake?.();
    cancelWake = undefined;
    wakesAt = wakeAt;
    if (wakeAt !== undefined) {
      cancelWake = clock.after(Math.min(Math.max(1, wakeAt - clock.now()), longestTimerMs), () => {
        wakesAt = undefined;
        if (!closed) change(() => undefined);
      });
    }
  }

  function run<Result>(fn: (context: Context) => Result): Result {
    depth++;
    try {
      return fn(contextOf(tracked));
    } finally {
      depth--;
    }
  }

  /** A runtime may report from within sync; the outermost change settles for all. */
  function settleAll(): void {
    if (closed || depth > 0) return;
    unsettled = false;
    depth++;
    try {
      settle();
      for (const runtime of runtimes) runtime.sync(raw);
    } finally {
      depth--;
    }
    changed();
  }

  function change<Result>(fn: (context: Context) => Result): Result {
    try {
      return run(fn);
    } finally {
      settleAll();
    }
  }

  return {
    change,
    changeUnsettled(fn) {
      unsettled = true;
      try {
        return run(fn);
      } catch (error) {
        // Nobody waits for what is left of a change that failed.
        settleAll();
        throw error;
      }
    },
    settled() {
      settling ??= new Promise((resolve) => setImmediate(resolve)).then(() => {
        settling = undefined;
        if (unsettled) settleAll();
      });
      return settling;
    },
    read: (fn) => fn(contextOf(raw)),
    attach(runtime) {
      runtimes.push(runtime);
    },
    kill(id) {
      for (const runtime of runtimes) runtime.kill?.(id);
    },
    async close() {
      closed = true;
      cancelWake?.();
      await Promise.all(runtimes.map((runtime) => runtime.close()));
    },
  };
}
