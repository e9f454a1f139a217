// A run told on a terminal: kept lines, and below them one live view of what runs now (ora). The only file that moves
// the cursor. What is said comes from told.ts.
import ora from 'ora';
import type { Paint, Style } from './colour.ts';
import { durationText, fit, wrap } from './format.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { createBoard, lineOf, waitText, type Board, type Line } from './told.ts';

const styles: Record<Line['weight'], Style | undefined> = {
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  normal: undefined,
  faint: 'dim',
};

/** Steps shown at once; a screen full of spinners says less than a few lines. */
const liveLines = 4;

/** One line per running step, cut to `width`; empty when nothing runs. */
export function liveView(board: Board, now: number, width: number): string[] {
  const steps = [...board.running.values()];
  const lines = steps.flatMap((step) => {
    const waits = [...step.waits.values()];
    if (waits.length === 0) return [`${step.title} (${durationText(now - step.startedAt)})`];
    return waits.map((wait) => `waiting for ${waitText(wait, now)}`);
  });
  const shown =
    lines.length <= liveLines ? lines : [...lines.slice(0, liveLines - 1), `and ${lines.length - liveLines + 1} more`];
  return shown.map((line) => fit(line, width));
}

/** A kept line: the mark carries the colour, faint lines are dimmed whole, long ones go on below. */
export function keptLine(line: Line, paint: Paint, width: number): string {
  const style = styles[line.weight];
  const mark = line.mark === '' ? '' : `${line.mark} `;
  const text = wrap(mark + line.text, width, mark === '' ? '' : '  ').join('\n');
  if (style === undefined) return text;
  if (line.weight === 'faint') return paint('dim', text);
  return mark === '' ? text : paint(style, line.mark) + text.slice(line.mark.length);
}

export function reportLive(options: ReporterOptions): Reporter {
  const now = options.now ?? Date.now;
  const board = createBoard();
  const stream = options.stream as NodeJS.WriteStream;
  const coloured = options.paint('cyan', 'x') !== 'x';
  // isEnabled: ora's own guess also looks at CI. discardStdin would put the terminal into raw mode, and Ctrl-C with it.
  const spinner = ora({ stream, isEnabled: true, discardStdin: false, color: coloured ? 'cyan' : false });
  const width = (): number => Math.max(40, Math.min(stream.columns ?? 80, 120));
  let stopped = false;

  const draw = (): void => {
    if (stopped) return;
    const [first, ...rest] = liveView(board, now(), width() - 3);
    if (first === undefined) {
      if (spinner.isSpinning) spinner.stop();
      return;
    }
    spinner.text = [first, ...rest.map((line) => `  ${line}`)].join('\n');
    if (!spinner.isSpinning) spinner.start();
  };
  const keep = (line: Line): void => {
    // ora hooks the stream while it spins: what is written lands above the live view.
    stream.write(`${keptLine(line, options.paint, width())}\n`);
  };
  const seconds = setInterval(draw, 500);
  seconds.unref();

  return {
    report(event) {
      board.take(event, now());
      const line = lineOf(event, options);
      if (line !== undefined) keep(line);
      draw();
    },
    say: (text) => keep({ mark: '', text, weight: 'normal' }),
    stop() {
      stopped = true;
      clearInterval(seconds);
      if (spinner.isSpinning) spinner.stop();
    },
  };
}
