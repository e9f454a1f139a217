// The way a run is told to people on stderr: chosen once, from the stream and the flags. Writes no data to stdout.
import type { Report } from '../engine/types.ts';
import { isLive, type Environment, type Paint, type StreamLike } from './colour.ts';
import { reportLines } from './lines.ts';
import type { Telling } from './told.ts';

export interface Reporter {
  report: Report;
  /** A line of the command itself, among those of the engine. */
  say(text: string): void;
  /** Takes the live view away, leaving what was done: something else is asked or written now. It may come again. */
  settle(): void;
  /** The same for good; safe to call twice. */
  stop(): void;
}

export interface ReporterOptions extends Telling {
  stream: StreamLike & { write(text: string): unknown };
  paint: Paint;
  env: Environment;
  quiet: boolean;
  /** Milliseconds since the epoch. @default Date.now */
  now?: () => number;
}

const silent: Reporter = {
  report: () => undefined,
  say: () => undefined,
  settle: () => undefined,
  stop: () => undefined,
};

/** --quiet tells nothing; a terminal gets one live view; anything else calm lines. */
export async function createReporter(options: ReporterOptions): Promise<Reporter> {
  if (options.quiet) return silent;
  if (!isLive(options.stream, options.env)) return reportLines(options);
  // Loaded only here: most runs of a machine have no terminal.
  const { reportLive } = await import('./terminal.ts');
  return reportLive(options);
}
