// What a schedule writes its decisions on: what happens now, what happens later, when to look again. Pure.
import type { Context } from './handler.ts';
import type { Pace } from './pace.ts';
import type { World } from './world.ts';

/** One decision of a schedule. `kind` and `subject` name it for tests, logs and events; `apply` carries it out on the world. */
export interface Effect {
  kind: string;
  /** Id or ARN of what it is about. */
  subject: string;
  apply(context: Context): void;
}

export interface Agenda {
  /** Milliseconds since the epoch, one value for the whole pass. */
  readonly time: number;
  readonly pace: Pace;
  now(effect: Effect): void;
  /**
   * What happens at that time: now if it has come, otherwise the loop looks again then and the schedule decides anew.
   * @param effect absent: only look again.
   */
  at(time: number, effect?: Effect): void;
}

/** Pure: looks at the world and the time, decides, changes nothing. */
export type Schedule = (world: World, agenda: Agenda) => void;

export interface Decided {
  effects: Effect[];
  /** The earliest time to look again; absent: nothing is waited for. */
  wakeAt?: number;
}

/** Runs a schedule over the world as it is at `time`. */
export function decide(schedule: Schedule, world: World, time: number, pace: Pace): Decided {
  const decided: Decided = { effects: [] };
  schedule(world, {
    time,
    pace,
    now: (effect) => decided.effects.push(effect),
    at(due, effect) {
      if (due > time) decided.wakeAt = Math.min(due, decided.wakeAt ?? due);
      else if (effect !== undefined) decided.effects.push(effect);
    },
  });
  return decided;
}
