// The one JSON document of --json, the same on success and failure. Its shape is contract (design.md): members are
// added, never renamed. Knows no stream.
import type { Demo } from '../actions/results.ts';
import type { EcsdemoError } from '../base/errors.ts';
import { escapedJson } from '../base/quoted.ts';
import { suggestionText, suggestionTexts, type Invocation, type Suggestion } from '../base/suggestion.ts';

/** Null: not known, because the command failed before it was asked for. */
export type DemoIdentity = { [Key in keyof Demo]: Demo[Key] | (Key extends 'region' | 'account' ? null : never) };

export interface Envelope {
  schemaVersion: 1;
  command: string;
  ok: boolean;
  demo: DemoIdentity | null;
  data: unknown;
  warnings: string[];
  error: null | {
    code: string;
    message: string;
    step: string | null;
    suggestions: string[];
    diagnosis: string[];
    retryable: boolean;
    exitCode: number;
  };
}

export interface EnvelopeParts {
  command: string;
  demo?: DemoIdentity | undefined;
  data?: unknown;
  warnings?: readonly string[] | undefined;
  error?: EcsdemoError | undefined;
  /** What suggestions are made commands for. Absent: not known. */
  invocation?: Invocation | undefined;
}

export function envelopeOf({ command, demo, data, warnings, error, invocation }: EnvelopeParts): Envelope {
  return {
    schemaVersion: 1,
    command,
    ok: error === undefined,
    demo: demo ?? null,
    data: data ?? null,
    warnings: [...(warnings ?? [])],
    error:
      error === undefined
        ? null
        : {
            code: error.code,
            message: error.message,
            step: error.step ?? null,
            suggestions: suggestionTexts(error.suggestions, invocation),
            diagnosis: error.diagnosis,
            retryable: error.retryable,
            exitCode: error.exitCode,
          },
  };
}

/** The document as it goes to stdout, with its newline. */
export function envelopeText(parts: EnvelopeParts): string {
  // Checks in the data carry theirs.
  const printed = (key: string, value: unknown): unknown =>
    key === 'suggestion' ? suggestionText(value as Suggestion, parts.invocation) : value;
  return `${escapedJson(JSON.stringify(envelopeOf(parts), printed, 2))}\n`;
}
