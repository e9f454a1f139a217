// A failure as people read it: what was seen, then the sentence, then what to try; the important lines last, where the
// eye is. Also says what an interrupted run leaves behind.
import type { EcsdemoError } from '../base/errors.ts';
import { visible } from '../base/quoted.ts';
import { suggestionTexts, type Invocation } from '../base/suggestion.ts';
import type { Change } from '../engine/types.ts';
import type { Paint } from './colour.ts';
import { counted, wrap } from './format.ts';

/** Lines for stderr, without the last newline. Commands to paste are never broken over lines. */
export function failureLines(error: EcsdemoError, paint: Paint, width: number, invocation?: Invocation): string[] {
  const lines: string[] = [];
  for (const seen of error.diagnosis)
    lines.push(...wrap(seen, width - 2, '  ').map((line) => paint('dim', `  ${line}`)));
  if (lines.length > 0) lines.push('');
  const step = error.step === undefined ? '' : ` in step ${error.step}`;
  const [first = '', ...rest] = wrap(`Error (${error.code}${step}): ${error.message}`, width, '  ');
  const headEnd = first.indexOf('):') + 2;
  lines.push(headEnd > 1 ? paint('bold', first.slice(0, headEnd)) + first.slice(headEnd) : first, ...rest);
  const suggestions = suggestionTexts(error.suggestions, invocation).map(visible);
  const [only, ...more] = suggestions;
  if (only !== undefined && more.length === 0) lines.push(`Try: ${paint('bold', only)}`);
  else if (only !== undefined) lines.push('Try:', ...suggestions.map((each) => `  ${paint('bold', each)}`));
  return lines;
}

/**
 * What this run had changed when it was interrupted, in one sentence.
 * @param unanswered changes that AWS had not answered: 'CreateCluster'
 */
export function leftBehindText(changes: readonly Change[], unanswered: readonly string[] = []): string {
  const names = (action: Change['action']): string[] => [
    ...new Set(changes.filter((change) => change.action === action).map((change) => change.name)),
  ];
  const created = names('create');
  const deleted = names('delete');
  const open =
    unanswered.length === 0
      ? ''
      : `; AWS had not answered ${unanswered.join(', ')}, which may or may not have been made`;
  if (created.length === 0 && deleted.length === 0)
    return `this run had changed nothing ${open === '' ? 'yet' : 'else'}${open}`;
  const parts: string[] = [];
  if (created.length > 0)
    parts.push(`created ${counted(created.length, 'resource')}, kept for now: ${created.join(', ')}`);
  if (deleted.length > 0) parts.push(`deleted ${counted(deleted.length, 'resource')}: ${deleted.join(', ')}`);
  return `this run ${parts.join(', and ')}${open}`;
}
