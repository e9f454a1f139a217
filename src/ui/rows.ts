// The rows of a board as lines of a terminal: a mark, the tutorial's number, the time and the state first, names and ids last,
// where a narrow screen cuts them off. Text only; knows no cursor.
import type { Style } from './colour.ts';
import { durationText, fit, singleLine, wrap } from './format.ts';
import type { Row, RowState } from './board.ts';
import { checkLine, type Line } from './told.ts';

const marks: Record<Exclude<RowState, 'running'>, readonly [mark: string, weight: Line['weight']]> = {
  ahead: ['·', 'faint'],
  done: ['✔', 'good'],
  idle: ['–', 'faint'],
  failed: ['✖', 'bad'],
  open: ['–', 'normal'],
};

export const styles: Record<Line['weight'], Style | undefined> = {
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  normal: undefined,
  faint: 'dim',
};

/** Narrower than this, a row has no columns: what is said of a step goes before its title. */
const columnsFrom = 70;
const checkIndent = '    ';
/** '9 min 5 s' */
const timeWidth = 9;

/** What is to be known of a row now; `more` is what a narrow screen can do without. */
function stateOf({ state, outcome, waits, note }: Row): { now: string; more: string } {
  const told: Record<Exclude<RowState, 'running'>, string> = {
    ahead: '',
    done: outcome,
    idle: 'nothing there',
    failed: `failed: ${singleLine(outcome)}`,
    open: 'not finished',
  };
  if (state !== 'running') return { now: told[state], more: '' };
  const [wait, ...others] = waits.values();
  if (wait === undefined) return { now: note, more: '' };
  const typical = wait.typicalMs === undefined ? '' : `typically ${durationText(wait.typicalMs)}`;
  const what = others.length === 0 ? wait.what : `${wait.what} and ${others.length} more`;
  return { now: singleLine(wait.state), more: [typical, note, what].filter(Boolean).join(' · ') };
}

function timeText({ state, startedAt, durationMs }: Row, now: number): string {
  if (state === 'ahead') return '';
  return durationText(state === 'running' ? now - startedAt : durationMs);
}

/** A row as a line; `indent`: where its later lines begin, when it takes several. */
function rowLine(row: Row, titleWidth: number, now: number, frame: string, width: number): Line & { indent: number } {
  const [mark, weight] = row.state === 'running' ? [frame, 'normal' as const] : marks[row.state];
  const number = String(row.tutorialStep ?? ' ');
  const time = timeText(row, now);
  const state = stateOf(row);
  if (width >= columnsFrom) {
    const columns = [`${number} ${row.title.padEnd(titleWidth)}`, time.padStart(timeWidth)];
    const text = [...columns, [state.now, state.more].filter(Boolean).join(' · ')].join('  ');
    return { mark, weight, text: text.trimEnd(), indent: columns.join('  ').length + 2 };
  }
  const parts = row.state === 'running' ? [time, state.now, row.title, state.more] : [time, row.title, state.now];
  return { mark, weight, text: `${number} ${parts.filter(Boolean).join(' · ')}`, indent: 2 };
}

function titleWidthOf(rows: readonly Row[]): number {
  return Math.max(0, ...rows.map(({ title }) => title.length));
}

/**
 * The rows as they are now, each on one line cut to `width`; no more than `height` lines: then what is done, and what is
 * ahead, gives way to what runs.
 * @param frame the mark of what runs
 */
export function liveRows(rows: readonly Row[], now: number, frame: string, width: number, height: number): Line[] {
  const titleWidth = titleWidthOf(rows);
  const one = (row: Row): Line => {
    const { mark, weight, text } = rowLine(row, titleWidth, now, frame, width);
    return { mark, weight, text: fit(text, width - 2) };
  };
  const checks = rows.flatMap((row) => row.checks.map((check) => checkUnder(check, width)));
  let shown = [...rows];
  for (const least of ['done', 'idle', 'ahead'] as const) {
    while (shown.length > height) {
      const at =
        least === 'ahead'
          ? shown.findLastIndex(({ state }) => state === least)
          : shown.findIndex(({ state }) => state === least);
      if (at === -1) break;
      shown = shown.toSpliced(at, 1);
    }
  }
  const lines = shown.slice(-height).map(one);
  return [...lines, ...checks].length <= height ? [...lines, ...checks] : lines;
}

function checkUnder(check: Row['checks'][number], width: number): Line {
  const { mark, text, weight } = checkLine(check);
  return { mark: checkIndent + mark, weight, text: fit(text, width - checkIndent.length - 2) };
}

/**
 * The rows for good, whole: what does not fit a line goes on below. Steps that had nothing to do are left out.
 * @param withChecks false where the checks are shown elsewhere
 */
export function keptRows(rows: readonly Row[], width: number, withChecks: boolean): Line[] {
  const told = rows.filter(({ state }) => state !== 'idle');
  const titleWidth = titleWidthOf(told);
  return told.flatMap((row) => {
    const { mark, weight, text, indent } = rowLine(row, titleWidth, 0, '', width);
    return [
      wrapped({ mark, weight, text }, width, indent),
      ...(withChecks ? row.checks : []).map((check) => {
        const line = checkLine(check);
        return wrapped({ ...line, mark: checkIndent + line.mark }, width);
      }),
    ];
  });
}

/** Later lines begin below the text, `indent` further in. */
export function wrapped(line: Line, width: number, indent = 0): Line {
  const before = line.mark === '' ? 0 : line.mark.length + 1;
  const lines = wrap(line.text, width - before, ' '.repeat(indent));
  return { ...line, text: lines.join(`\n${' '.repeat(before)}`) };
}
