// What a service keeps beside the world because it is too much for it: one per sandbox, opened at first use, closed with it.
// Knows nothing of what is kept.

/** Where it may be kept. */
export interface Place {
  /** The sandbox's state directory, its owner's alone; absent: nothing may outlive the process. */
  dir?: string | undefined;
  /** Tells the person of something odd. */
  warn(message: string): void;
}

/** What `open` gives, which is called once per sandbox. */
export type Keep = <Kept extends { close(): void }>(open: (place: Place) => Kept) => Kept;

export function createKept(place: Place = { warn: () => undefined }): { kept: Keep; close(): void } {
  const opened = new Map<unknown, { close(): void }>();
  return {
    kept<Kept extends { close(): void }>(open: (place: Place) => Kept): Kept {
      const there = opened.get(open) as Kept | undefined;
      if (there !== undefined) return there;
      const made = open(place);
      opened.set(open, made);
      return made;
    },
    close() {
      for (const each of opened.values()) each.close();
      opened.clear();
    },
  };
}
