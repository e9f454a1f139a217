// What checks come to together. Knows no check in particular.
import { EcsdemoError } from './errors.ts';
import type { Suggestion } from './suggestion.ts';

interface Checked {
  id: string;
  status: 'pass' | 'fail' | 'skip';
  detail: string;
  suggestion?: Suggestion;
}

/** The failure `check-failed`, with what was seen and what to try; undefined: none failed. */
export function checksFailure(checks: readonly Checked[]): EcsdemoError | undefined {
  const failed = checks.filter(({ status }) => status === 'fail');
  if (failed.length === 0) return undefined;
  return new EcsdemoError(
    'check-failed',
    `${failed.length} of ${checks.length} checks failed: ${failed.map(({ id }) => id).join(', ')}`,
    {
      diagnosis: failed.map(({ id, detail }) => `${id}: ${detail}`),
      suggestions: [...new Set(failed.flatMap(({ suggestion }) => suggestion ?? []))],
    },
  );
}
