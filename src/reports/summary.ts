// A run as Markdown for the summary page of a CI job: the verdict, what took how long, why it failed, what to do next.
// Text only.
import type { Demo } from '../actions/results.ts';
import type { EcsdemoError } from '../base/errors.ts';
import { visible } from '../base/quoted.ts';
import { suggestionTexts, type Invocation } from '../base/suggestion.ts';
import { counted } from '../base/counted.ts';
import { durationText } from '../ui/format.ts';
import type { Case, RunRecord, Suite } from './record.ts';

export interface Summarised {
  /** As people type it: 'smoke'. */
  command: string;
  demo: Pick<Demo, 'name' | 'target'> & { region: string | null };
  durationMs: number;
  record: RunRecord;
  /** Absent: it went well. */
  error?: EcsdemoError | undefined;
  /** Sentences that say what is left, or where it answers; of what was looked at. */
  remarks: readonly string[];
  invocation: Invocation;
}

/** GitHub refuses a summary of more than 1 MiB altogether. */
const maxBytes = 1_000_000;

const marks: Record<Case['status'], string> = { passed: '✅', failed: '❌', skipped: '➖' };

export function summaryText(run: Summarised): string {
  const { command, demo, durationMs, record, error, remarks, invocation } = run;
  const where = demo.target === 'local' ? 'the local sandbox' : `AWS${demo.region === null ? '' : `, ${demo.region}`}`;
  const head = [
    `## ${error === undefined ? '✅' : '❌'} ecsdemo ${command}: ${error === undefined ? 'passed' : error.code}`,
    '',
    ...(error === undefined ? [] : [`> ${inText(error.message)}`, '']),
    `Demo \`${demo.name}\` on ${where}, in ${durationText(durationMs)}.`,
    ...remarks.map(inText),
    '',
  ];
  const rows = [
    '| | what | time | seen |',
    '|---|---|--:|---|',
    ...record.suites.flatMap((suite) => suiteRows(suite)),
    '',
  ];
  const tries = suggestionTexts(error?.suggestions ?? [], invocation);
  const tail = [
    ...(error === undefined || error.diagnosis.length === 0
      ? []
      : ['<details open><summary>What was seen</summary>', '', ...fenced(error.diagnosis), '', '</details>', '']),
    ...(tries.length === 0 ? [] : ['**Try**', '', ...fenced(tries), '']),
    ...record.warnings.map((warning) => `⚠️ ${inText(warning)}\n`),
  ];
  return cut([...head, ...rows, ...tail].join('\n'));
}

function suiteRows({ command, cases, durationMs, error }: Suite): string[] {
  const own = cases.filter(({ kind }) => kind !== 'command');
  return [
    row(error === undefined ? 'passed' : 'failed', `**${command}**`, durationMs, error?.code ?? ''),
    ...own.map(({ status, kind, title, durationMs: took, detail, error: its }) =>
      row(status, `· ${kind === 'check' ? 'check ' : ''}${inText(title)}`, took, its?.message ?? told(kind, detail)),
    ),
  ];
}

/** Every change would be a page; how many there were is enough. */
function told(kind: Case['kind'], detail: string): string {
  if (kind !== 'step') return detail;
  return detail === '' ? 'as it was' : counted(detail.split('\n').length, 'change');
}

function row(status: Case['status'], what: string, durationMs: number, seen: string): string {
  return `| ${marks[status]} | ${what} | ${durationText(durationMs)} | ${inText(seen)} |`;
}

/** Text that is neither Markdown nor HTML, on one line. */
function inText(text: string): string {
  return visible(text)
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_[\]|#!~]/g, String.raw`\$&`);
}

/** In a fence longer than any in the text. */
function fenced(lines: readonly string[]): string[] {
  const text = lines.map(visible).join('\n');
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, text, fence];
}

function cut(text: string): string {
  const bytes = Buffer.from(`${text}\n`);
  if (bytes.length <= maxBytes) return bytes.toString();
  return `${bytes.subarray(0, maxBytes).toString().replace(/�+$/, '')}\n\n… cut at ${maxBytes} bytes\n`;
}
