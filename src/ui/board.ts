// What a run has done, does and has still to do: a row for each step, kept up to date by the events. Pure; the terminal and the
// plain lines read from it, each in its own way.
import type { Check, EngineEvent } from '../engine/types.ts';

export interface Wait {
  what: string;
  state: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  typicalMs?: number;
}

/** `ahead`: not started · `idle`: done, and there was nothing to do · `open`: it was running when the run ended. */
export type RowState = 'ahead' | 'running' | 'done' | 'idle' | 'failed' | 'open';

export interface Row {
  step: string;
  title: string;
  /** Absent: it is no step, only something that is waited for. */
  tutorialStep?: number;
  state: RowState;
  /** Milliseconds since the epoch; of no use while `ahead`. */
  startedAt: number;
  durationMs: number;
  /** What came of it, in words. */
  outcome: string;
  /** Keyed by what is waited for. */
  waits: Map<string, Wait>;
  /** What happened to it last, and may pass: a retry, an event of ECS. */
  note: string;
  checks: Check[];
}

/** The steps in the order people are shown. */
export interface Board {
  rows: Map<string, Row>;
  /** Takes the event in. `now`: milliseconds since the epoch. */
  take(event: EngineEvent, now: number): void;
  /** The rows of a run that has come to its end, in whatever way; the board is empty after that. */
  close(now: number): Row[];
}

/** The step on the board that an event is about; those of one of several demos are about the demo. '': about none. */
export function boardStep(event: EngineEvent): string {
  return event.of ?? ('step' in event ? (event.step ?? '') : '');
}

/**
 * @param outcomeOf what is said of a finished step; '': there was nothing to do
 * @param noteOf what is said of an event that happened to a step; undefined: nothing
 */
export function createBoard(
  outcomeOf: (event: EngineEvent & { type: 'step-finished' }, checks: readonly Check[]) => string,
  noteOf: (event: EngineEvent) => string | undefined = () => undefined,
): Board {
  let rows = new Map<string, Row>();
  let failures = 0;
  const add = (step: string, title: string, now: number, tutorialStep?: number): Row => {
    const row: Row = {
      step,
      title,
      ...(tutorialStep === undefined ? {} : { tutorialStep }),
      state: 'ahead',
      startedAt: now,
      durationMs: 0,
      outcome: '',
      waits: new Map(),
      note: '',
      checks: [],
    };
    rows.set(step, row);
    return row;
  };
  const end = (row: Row | undefined, state: RowState, outcome: string, durationMs: number): void => {
    if (row !== undefined) Object.assign(row, { state, outcome, durationMs, note: '', waits: new Map() });
  };
  const waited = (event: EngineEvent & { type: 'waiting' }, now: number): void => {
    const id = boardStep(event);
    const row = rows.get(id) ?? add(id, '', now);
    if (event.done) {
      row.waits.delete(event.what);
      // What was only waited for is over with that.
      if (row.tutorialStep === undefined && row.waits.size === 0) rows.delete(id);
      return;
    }
    if (row.tutorialStep === undefined) row.state = 'running';
    const what = event.of === undefined ? event.what : `${event.what} (${event.of})`;
    const wait: Wait = { what, state: event.state, startedAt: now - event.elapsedMs };
    if (event.typicalMs !== undefined) wait.typicalMs = event.typicalMs;
    row.waits.set(event.what, wait);
    row.note = '';
  };
  return {
    get rows() {
      return rows;
    },
    take(event, now) {
      if (event.type === 'waiting') return waited(event, now);
      const row = rows.get(boardStep(event));
      const note = noteOf(event);
      if (row !== undefined && note !== undefined) row.note = note;
      // Of several demos each is one step, told by whoever goes through them.
      if (event.of !== undefined) return;
      if (event.type === 'planned') {
        for (const { step, title, tutorialStep } of event.steps) add(step, title, now, tutorialStep);
      } else if (event.type === 'step-started') {
        const started = row ?? add(event.step, event.title, now, event.tutorialStep);
        Object.assign(started, { state: 'running', startedAt: now });
      } else if (event.type === 'step-finished') {
        const outcome = outcomeOf(event, row?.checks ?? []);
        end(row, outcome === '' ? 'idle' : 'done', outcome, event.durationMs);
      } else if (event.type === 'step-failed') {
        // The first is what the command ends with, and is told then.
        const durationMs = now - (row?.startedAt ?? now);
        if (event.error.code === 'interrupted') end(row, 'open', '', durationMs);
        else end(row, 'failed', failures++ === 0 ? event.error.code : event.error.message, durationMs);
      } else if (event.type === 'check') {
        row?.checks.push(event.check);
      }
    },
    close(now) {
      const ended = [...rows.values()].filter(({ tutorialStep }) => tutorialStep !== undefined);
      for (const row of ended) if (row.state === 'running') end(row, 'open', '', now - row.startedAt);
      rows = new Map();
      return ended;
    },
  };
}
