// A run as JSON lines: every event of the engine, every AWS call and every service event, each with its number and time.
// Its schema is docs/events.schema.json; members are added, never renamed. Text only.
import type { EcsdemoError } from '../base/errors.ts';
import { escapedJson } from '../base/quoted.ts';
import { suggestionText, suggestionTexts, type Invocation, type Suggestion } from '../base/suggestion.ts';
import type { EngineEvent } from '../engine/types.ts';

/** Of docs/events.schema.json. */
export const eventsVersion = 1;

/** What begins and ends the file. */
export type RunEvent =
  | { type: 'run-started'; command: string; version: string; demo: string }
  | { type: 'run-finished'; command: string; durationMs: number; exitCode: number; error?: EcsdemoError };

/**
 * One line, with its newline.
 * @param at milliseconds since the epoch
 * @param number counts from 1
 */
export function eventLine(event: EngineEvent | RunEvent, number: number, at: number, invocation: Invocation): string {
  const told = (key: string, value: unknown): unknown => {
    if (key === 'suggestion') return suggestionText(value as Suggestion, invocation);
    if (key === 'error' && typeof value === 'object') return errorOf(value as EcsdemoError, invocation);
    if (key === 'durationMs' || key === 'elapsedMs') return Math.round(value as number);
    return value;
  };
  const line = { v: eventsVersion, number, time: new Date(at).toISOString(), ...event };
  return `${escapedJson(JSON.stringify(line, told))}\n`;
}

function errorOf(error: EcsdemoError, invocation: Invocation): object {
  const { code, message, step = null, diagnosis, retryable, exitCode } = error;
  return {
    code,
    message,
    step,
    diagnosis,
    retryable,
    exitCode,
    suggestions: suggestionTexts(error.suggestions, invocation),
  };
}
