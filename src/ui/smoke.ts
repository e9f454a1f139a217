// How a smoke run went, as people read it: a line for each command, then what is left. Text only.
import type { SmokeCommand, SmokeData } from '../actions/results.ts';
import type { Paint } from './colour.ts';
import { counted } from '../base/counted.ts';
import { durationText, table } from './format.ts';
import { resourceLines } from './summary.ts';

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
  const { left } = data;
  if (left !== null && left.length > 0)
    lines.push(paint('red', 'Still there:'), ...resourceLines(left, width - 2).map((line) => `  ${line}`));
  return [
    ...lines,
    `in ${durationText(data.durationMs)} with ${counted(data.calls.total, 'AWS call')}; ${leftWords(data)}`,
  ];
}

/** What became of what it made. Nothing is called empty that was not looked at. */
export function leftWords({ commands, left, removed }: SmokeData): string {
  if (left !== null)
    return `removed ${counted(removed.length, 'resource')}, ${left.length === 0 ? 'nothing is left' : `${left.length} left`}`;
  return commands.at(-1)?.status === 'skipped' ? 'destroy was not run' : 'what is left was not checked';
}
