// What a run did, as reports tell it: one suite for each command, in it a case for each step and each check. Pure: made of
// the run's events and of how it ended; knows no format and no file.
import type { EcsdemoError } from '../base/errors.ts';
import { present } from '../base/present.ts';
import type { Suggestion } from '../base/suggestion.ts';
import type { Change, EngineEvent } from '../engine/types.ts';
import { changeVerbs } from '../ui/format.ts';

export interface Case {
  /** 'step cluster', 'check http', or the command itself where it has neither. */
  name: string;
  /** For people: 'Cluster'. */
  title: string;
  kind: 'step' | 'check' | 'command';
  status: 'passed' | 'failed' | 'skipped';
  durationMs: number;
  /** What was changed or seen; '': nothing to tell. */
  detail: string;
  /** Only of a failure that has an error of its own. */
  error?: EcsdemoError;
  /** Of a check that failed: what to try. */
  suggestion?: Suggestion;
}

export interface Suite {
  /** As people type it: 'scale --count 4'. */
  command: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  durationMs: number;
  cases: Case[];
  /** Absent: it passed. */
  error?: EcsdemoError;
}

/** A run from its first event to its end. */
export interface RunRecord {
  suites: Suite[];
  /** Each told once. */
  warnings: string[];
}

export interface Recorder {
  /** `at`: milliseconds since the epoch. */
  take(event: EngineEvent, at: number): void;
  /** Ends what is open. `error`: what the run failed with. */
  end(at: number, error?: EcsdemoError): RunRecord;
}

function changesText(changes: readonly Change[]): string {
  return changes
    .map(({ action, type, name, detail }) =>
      [`${changeVerbs[action]} ${type} ${name}`, detail].filter((part) => part !== undefined).join(': '),
    )
    .join('\n');
}

/** @param command of a run that is one command: its events name none */
export function recordRun(command: string, startedAt: number): Recorder {
  const done: Suite[] = [];
  const warnings = new Set<string>();
  let suite: Suite = { command, startedAt, durationMs: 0, cases: [] };
  let many = false;
  const began = new Map<string, number>();
  let lastAt = startedAt;

  const close = (at: number, error?: EcsdemoError): void => {
    suite.durationMs = at - suite.startedAt;
    if (error !== undefined) suite.error = error;
    // A failure that belongs to no step, and a command that has no steps, are a case of their own.
    const isTold = error === undefined ? suite.cases.length > 0 : suite.cases.some(({ status }) => status === 'failed');
    if (!isTold) {
      suite.cases.push({
        name: suite.command,
        title: suite.command,
        kind: 'command',
        status: error === undefined ? 'passed' : 'failed',
        durationMs: suite.durationMs,
        detail: '',
        ...present({ error }),
      });
    }
    done.push(suite);
  };

  return {
    take(event, at) {
      switch (event.type) {
        case 'command-started':
          many = true;
          suite = { command: event.command, startedAt: at, durationMs: 0, cases: [] };
          lastAt = at;
          break;
        case 'command-finished':
          close(at, event.error);
          break;
        case 'step-started':
          began.set(event.step, at);
          lastAt = at;
          break;
        case 'step-finished':
          suite.cases.push({
            name: `step ${event.step}`,
            title: event.title,
            kind: 'step',
            status: 'passed',
            durationMs: event.durationMs,
            detail: changesText(event.changes),
          });
          break;
        case 'step-failed':
          // Its checks are failed cases already.
          if (event.error.code === 'check-failed') break;
          suite.cases.push({
            name: `step ${event.step}`,
            title: event.title,
            kind: 'step',
            status: 'failed',
            durationMs: at - (began.get(event.step) ?? suite.startedAt),
            detail: '',
            error: event.error,
          });
          break;
        case 'check': {
          const { id, status } = event.check;
          suite.cases.push({
            name: `check ${id}`,
            title: id,
            kind: 'check',
            status: status === 'pass' ? 'passed' : status === 'fail' ? 'failed' : 'skipped',
            durationMs: at - lastAt,
            detail: event.check.detail,
            ...present({ suggestion: event.check.suggestion }),
          });
          lastAt = at;
          break;
        }
        case 'warning':
          warnings.add(event.message);
          break;
        default:
      }
    },
    end(at, error) {
      if (!many) close(at, error);
      return { suites: done, warnings: [...warnings] };
    },
  };
}
