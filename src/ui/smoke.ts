// How a smoke run went, as people read it: a line for each command, then what is left. Text only.
import type { SmokeCommand, SmokeData } from '../actions/results.ts';
import type { Paint } from './colour.ts';
import { counted } from '../base/counted.ts';
import { durationText, table } from './format.ts';
import { leftText, remainderLines } from './summary.ts';

const marks: Record<SmokeCommand['status'], string> = { passed: '✔', failed: '✖', skipped: '–' };
const styles = { passed: 'green', failed: 'red', skipped: 'dim' } as const;

export function smokeLines(data: SmokeData, paint: Paint, width: number): string[] {
  const rows = data.commands.map(({ command, status, durationMs, error }) => [
    marks[status],
    command,
    status === 'skipped' ? 'skipped' : durationText(durationMs),
    error === undefined ? '' : error.code,
  ]);
  const lines = table(rows, width).map((line, index) => {
    const status = data.commands[index]?.status ?? 'skipped';
    return paint(styles[status], line.slice(0, 1)) + line.slice(1);
  });
  return [
    ...lines,
    ...remainderLines(data, paint, width),
    `in ${durationText(data.durationMs)} with ${counted(data.calls.total, 'AWS call')}; ${leftWords(data)}`,
  ];
}

/** What became of what it made. */
export function leftWords(data: SmokeData): string {
  const { commands, left, removed } = data;
  if (commands.at(-1)?.status === 'skipped') return 'destroy was not run';
  return `${left === null ? '' : `removed ${counted(removed.length, 'resource')}, `}${leftText(data)}`;
}
