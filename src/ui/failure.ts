// A failure as people read it: what was seen, then the sentence, then what to try; the important lines last, where the
// eye is. Also says what an interrupted run leaves behind.
import type { EcsdemoError } from '../base/errors.ts';
import { visible } from '../base/quoted.ts';
import { suggestionTexts, type Invocation } from '../base/suggestion.ts';
import type { Change } from '../engine/types.ts';
import type { Paint } from './colour.ts';
import { counted } from '../base/counted.ts';
import { priceText, wrap } from './format.ts';

/**
 * Lines for stderr, without the last newline. Commands to paste are never broken over lines.
 */
export function failureLines(
  error: EcsdemoError,
  paint: Paint,
  width: number,
  invocation?: Invocation,
  { left, told = [] }: Beside = {},
): string[] {
  const lines: string[] = [];
  for (const seen of new Set(error.diagnosis.filter((line) => !told.includes(line))))
    lines.push(...wrap(seen, width - 2, '  ').map((line) => paint('dim', `  ${line}`)));
  if (lines.length > 0) lines.push('');
  if (left !== undefined) {
    const sentence = left.words.charAt(0).toUpperCase() + left.words.slice(1);
    lines.push(...wrap(sentence, width), `Clean up: ${paint('bold', visible(left.cleanUp))}`, '');
  }
  const step = error.step === undefined ? '' : ` in step ${error.step}`;
  const [first = '', ...rest] = wrap(`Error (${error.code}${step}): ${error.message}`, width, '  ');
  const headEnd = first.indexOf('):') + 2;
  lines.push(headEnd > 1 ? paint('bold', first.slice(0, headEnd)) + first.slice(headEnd) : first, ...rest);
  const suggestions = suggestionTexts(error.suggestions, invocation).map(visible);
  const [only, ...more] = suggestions;
  if (only === undefined) return lines;
  if (more.length === 0 && isCommand(only)) lines.push(`Try: ${paint('bold', only)}`);
  else if (more.length === 0) lines.push(...wrap(`Try: ${only}`, width, '  '));
  else {
    lines.push('Try:');
    for (const each of suggestions) {
      const words = isCommand(each) ? [each] : wrap(each, width - 2, '  ');
      lines.push(...words.map((line) => `  ${isCommand(each) ? paint('bold', line) : line}`));
    }
  }
  return lines;
}

/** A command to paste is one line, however long; words are folded. */
function isCommand(suggestion: string): boolean {
  return /^\(?(ecsdemo|aws|curl|docker|export|unset|eval|npm|npx) /.test(suggestion);
}

/** What stays after a run that failed. */
export interface Left {
  words: string;
  cleanUp: string;
}

/** What a failure is told beside. */
export interface Beside {
  /** What the run leaves behind; absent: nothing. */
  left?: Left | undefined;
  /** Lines that were shown already. */
  told?: readonly string[];
}

/** What is there costs so much; `billed`: false where it would on AWS, and does not. */
export interface Standing {
  perHour: number;
  billed: boolean;
}

/**
 * What a run had changed when it was interrupted or failed, and what the demo costs as far as it is known, in one sentence.
 * @param unanswered changes that AWS had not answered: 'CreateCluster'
 */
export function leftBehindText(
  changes: readonly Change[],
  unanswered: readonly string[] = [],
  standing?: Standing,
): string {
  const names = (action: Change['action']): string[] => [
    ...new Set(changes.filter((change) => change.action === action).map((change) => change.name)),
  ];
  const created = names('create');
  const deleted = names('delete');
  const open =
    unanswered.length === 0
      ? ''
      : `; AWS had not answered ${unanswered.join(', ')}, which may or may not have been made`;
  const costs = standing === undefined || standing.perHour === 0 ? '' : `; ${standingText(standing)}`;
  if (created.length === 0 && deleted.length === 0)
    return `this run had changed nothing ${open === '' ? 'yet' : 'else'}${open}${costs}`;
  const parts: string[] = [];
  if (created.length > 0)
    parts.push(`created ${counted(created.length, 'resource')}, kept for now: ${created.join(', ')}`);
  if (deleted.length > 0) parts.push(`deleted ${counted(deleted.length, 'resource')}: ${deleted.join(', ')}`);
  return `this run ${parts.join(', and ')}${open}${costs}`;
}

/** 'what is known to be there costs about 0.05 USD per hour' */
export function standingText({ perHour, billed }: Standing): string {
  return `what is known to be there ${billed ? 'costs' : 'would cost'} ${priceText(perHour)}${billed ? '' : ' on AWS'}`;
}
