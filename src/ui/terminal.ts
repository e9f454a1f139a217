// A run told on a terminal: a row for each step in the tutorial's order, drawn again as it changes, and lines that stay above
// them. What is said comes from rows.ts and told.ts.
import type { EngineEvent } from '../engine/types.ts';
import { wantsAscii } from './ascii.ts';
import { createBoard } from './board.ts';
import { onScreen, type Paint } from './colour.ts';
import { createLiveBlock } from './live-block.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { keptRows, liveRows, styles, wrapped } from './rows.ts';
import { createTeller, outcomeText, serviceEventText, type Line } from './told.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const asciiFrames = ['|', '/', '-', '\\'];
const frameMs = 120;

/** The mark carries the colour, faint lines are dimmed whole. */
function painted({ mark, text, weight }: Line, paint: Paint): string {
  const style = styles[weight];
  const whole = mark === '' ? text : `${mark} ${text}`;
  if (style === undefined) return whole;
  if (weight === 'faint') return paint(style, whole);
  return mark === '' ? text : `${paint(style, mark)} ${text}`;
}

/** What happened to a step and may pass; it is shown in its row. */
function noteOf(event: EngineEvent): string | undefined {
  if (event.type === 'retrying') return event.reason;
  return event.type === 'service-event' ? serviceEventText(event.message) : undefined;
}

export function reportLive(options: ReporterOptions): Reporter {
  const { paint, verbose } = options;
  const ascii = wantsAscii(options.env);
  const now = options.now ?? Date.now;
  const stream = options.stream as NodeJS.WriteStream;
  const board = createBoard(outcomeText, noteOf);
  const block = createLiveBlock(stream);
  const tell = createTeller(options);
  // The last column stays free: some terminals break a line that fills it.
  const width = (): number => Math.max(20, Math.min(stream.columns ?? 80, 120) - 1);
  const height = (): number => Math.max(3, (stream.rows || 24) - 2);
  let beat = 0;
  let stopped = false;

  const onLine = (line: Line): string => onScreen(painted(line, paint), paint, ascii);
  const draw = (): void => {
    if (stopped) return;
    const spin = ascii ? asciiFrames : frames;
    const frame = spin[beat % spin.length] ?? '';
    const lines = liveRows([...board.rows.values()], now(), frame, width(), height());
    block.draw(lines.map((line) => onLine(line)));
  };
  const keep = (line: Line): void => block.above(onLine(wrapped(line, width())));
  /** What the rows tell is not told once more. */
  const isInRows = (event: EngineEvent): boolean => {
    if (['step-finished', 'step-failed', 'check'].includes(event.type)) return true;
    return !verbose && noteOf(event) !== undefined && 'step' in event && board.rows.has(event.step ?? '');
  };
  const settle = (): void => {
    block.clear();
    for (const line of keptRows(board.close(now()), width(), options.checks)) stream.write(`${onLine(line)}\n`);
  };
  const pulse = setInterval(() => {
    beat++;
    draw();
  }, frameMs);
  pulse.unref();

  return {
    report(event) {
      const line = tell(event);
      const inRows = isInRows(event);
      // Another action of the same run: what the one before it did stays.
      if (event.type === 'planned' && event.of === undefined) settle();
      // The rows of one command stay, those of the next come below.
      if (event.type === 'command-started' || event.type === 'command-finished') settle();
      board.take(event, now());
      if (line !== undefined && !inRows) keep(line);
      draw();
    },
    say: (text) => keep({ mark: '', text, weight: 'normal' }),
    settle,
    stop() {
      settle();
      stopped = true;
      clearInterval(pulse);
    },
  };
}
