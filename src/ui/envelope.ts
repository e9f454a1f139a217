// The one JSON document of --json, the same on success and failure. Its shape is contract (design.md): members are
// added, never renamed. Knows no stream.
import type { EcsdemoError } from '../base/errors.ts';

export interface DemoIdentity {
  name: string;
  target: 'aws' | 'local';
  /** Null: not known, because the command failed before it was asked for. */
  region: string | null;
  account: string | null;
}

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
}

export function envelopeOf({ command, demo, data, warnings, error }: EnvelopeParts): Envelope {
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
            suggestions: error.suggestions,
            diagnosis: error.diagnosis,
            retryable: error.retryable,
            exitCode: error.exitCode,
          },
  };
}

/** The document as it goes to stdout, with its newline. */
export function envelopeText(parts: EnvelopeParts): string {
  return `${JSON.stringify(envelopeOf(parts), null, 2)}\n`;
}
