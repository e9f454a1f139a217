// A run told in calm lines for logs and pipes: time stamp, only changes, and a heartbeat when nothing was said for long.
// Never moves the cursor.
import { wantsAscii } from './ascii.ts';
import { boardStep, createBoard } from './board.ts';
import { onScreen, plain } from './colour.ts';
import { clockText } from './format.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { createTeller, nowText, outcomeText, waitText, type Line } from './told.ts';

/** CI systems take longer silence for a hang. */
export const heartbeatMs = 30_000;

export function reportLines(options: ReporterOptions): Reporter {
  const now = options.now ?? Date.now;
  const board = createBoard(outcomeText);
  const tell = createTeller(options);
  const ascii = wantsAscii(options.env);
  let lastSaid = now();

  const write = (line: Line): void => {
    lastSaid = now();
    const mark = line.mark === '' ? '' : `${line.mark} `;
    options.stream.write(`${clockText(lastSaid)} ${onScreen(mark + line.text, plain, ascii)}\n`);
  };
  const normal = (text: string): Line => ({ mark: '', text, weight: 'normal' });

  const heartbeat = setInterval(() => {
    if (now() - lastSaid < heartbeatMs) return;
    const text = nowText(board, now());
    if (text !== undefined) write(normal(`still waiting: ${text}`));
  }, 1000);
  // A forgotten stop must not keep the program alive.
  heartbeat.unref();

  return {
    report(event) {
      if (event.type === 'waiting' && !event.done) {
        const step = boardStep(event);
        const before = board.rows.get(step)?.waits.get(event.what);
        board.take(event, now());
        const wait = board.rows.get(step)?.waits.get(event.what);
        if (wait !== undefined && before?.state !== wait.state) write(normal(`waiting for ${waitText(wait, now())}`));
        return;
      }
      const line = tell(event);
      if (event.type === 'command-started') board.close(now());
      board.take(event, now());
      if (event.type === 'step-started' && event.of === undefined) write(normal(`${event.title} …`));
      if (line !== undefined) write(line);
    },
    say: (text) => write(normal(text)),
    settle: () => undefined,
    stop: () => clearInterval(heartbeat),
  };
}
