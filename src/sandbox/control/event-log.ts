// What happened in the sandbox, numbered: what schedules did and which calls changed something. The newest are kept, for
// whoever asks later. In memory only; knows no HTTP.

export type Happening =
  /** Decided by a schedule; `subject` is an id or ARN. */
  | { type: 'effect'; kind: string; subject: string }
  /** A call that changes things. `error`: AWS's code, when it was refused; absent: it was done. */
  | { type: 'call'; service: string; operation: string; error?: string };

/** `seq`: 1, 2, 3 … since the sandbox's process started. `at`: milliseconds since the epoch. */
export type SandboxEvent = { seq: number; at: number } & Happening;

export interface EventLog {
  add(happening: Happening, at: number): void;
  /** Number of the newest; 0 when there is none. */
  last(): number;
  /** The oldest that is kept after that number; undefined when there is none yet. */
  next(after: number): SandboxEvent | undefined;
  /** Calls `wake` once per turn in which something was added. @returns what ends it. */
  watch(wake: () => void): () => void;
}

/** Some hundred bytes each. */
const defaultCapacity = 2000;

export function createEventLog(capacity = defaultCapacity): EventLog {
  const kept: SandboxEvent[] = [];
  const watchers = new Set<() => void>();
  let last = 0;
  let waking = false;

  function wakeAll(): void {
    waking = false;
    for (const wake of watchers) wake();
  }

  return {
    add(happening, at) {
      last++;
      kept[last % capacity] = { seq: last, at, ...happening };
      if (waking || watchers.size === 0) return;
      waking = true;
      setImmediate(wakeAll);
    },
    last: () => last,
    next(after) {
      const seq = Math.max(after + 1, last - capacity + 1, 1);
      return seq > last ? undefined : kept[seq % capacity];
    },
    watch(wake) {
      watchers.add(wake);
      return () => watchers.delete(wake);
    },
  };
}
