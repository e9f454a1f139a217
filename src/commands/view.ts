// Where text goes, and how wide and in which characters: data to stdout, talk and failures to stderr, one document under
// --json. Knows streams and settings, and no command.
import type { EcsdemoError } from '../base/errors.ts';
import type { OutputSettings } from '../base/settings.ts';
import { letters } from '../base/short-flags.ts';
import type { Invocation } from '../base/suggestion.ts';
import { wantsAscii } from '../ui/ascii.ts';
import { onScreen, paintFor, type Paint } from '../ui/colour.ts';
import { envelopeText, type EnvelopeParts } from '../ui/envelope.ts';
import { failureLines, type Beside } from '../ui/failure.ts';
import { wrap } from '../ui/format.ts';

/** Lines on a screen are at most this wide, so that they stay readable. */
const widest = 120;

/** How text goes to people once the work is done. */
export interface View {
  /** A line of data, on stdout. */
  out(line: string): void;
  /** A sentence of talk, on stderr, folded on a terminal; nothing with --quiet. */
  talk(sentence: string): void;
  /** A line of talk with a command to paste, which is never broken. */
  whole(line: string): void;
  paint: Paint;
  talkPaint: Paint;
  /** Cells per line. */
  width: number;
}

/** Where text goes, by stream and settings. */
export function viewOf(output: OutputSettings): View {
  const paint = paintFor(process.stdout, process.env, output.colour);
  const talkPaint = paintFor(process.stderr, process.env, output.colour);
  const ascii = wantsAscii(process.env);
  const whole = (line: string): void => {
    if (!output.quiet) process.stderr.write(`${onScreen(line, talkPaint, ascii)}\n`);
  };
  return {
    out: (line) => process.stdout.write(`${onScreen(line, paint, ascii)}\n`),
    // Whoever reads a log or a pipe wants a line for a line.
    talk: (sentence) => wrap(sentence, process.stderr.columns || Number.POSITIVE_INFINITY, '  ').forEach(whole),
    whole,
    paint,
    talkPaint,
    // A pipe takes a record for a line, however long.
    width: process.stdout.isTTY ? Math.min(process.stdout.columns || widest, widest) : Number.POSITIVE_INFINITY,
  };
}

/** --json decides how even a wrong flag is told, so it is looked for before anything is parsed. */
export function roughOutput(argv: readonly string[]): OutputSettings {
  const before = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const json = before.includes('--json') || /^(1|true|yes|on)$/i.test(process.env['ECSDEMO_JSON'] ?? '');
  return {
    json,
    quiet: before.includes('--quiet') || before.includes(`-${letters.quiet}`),
    verbose: false,
    colour: !before.includes('--no-color'),
  };
}

/** Writes a failure the way the output settings ask for, and sets the exit code. `beside`: what is told with it. */
export function tellFailure(
  error: EcsdemoError,
  output: OutputSettings,
  invocation: Invocation,
  known: Pick<EnvelopeParts, 'demo' | 'data' | 'warnings'> = {},
  beside: Beside = {},
): void {
  process.exitCode = error.exitCode;
  if (output.json) {
    process.stdout.write(envelopeText({ ...known, command: invocation.command, error, invocation }));
    return;
  }
  const paint = paintFor(process.stderr, process.env, output.colour);
  const width = Math.min(process.stderr.columns || 100, widest);
  const text = failureLines(error, paint, width, invocation, beside).join('\n');
  process.stderr.write(`${onScreen(text, paint, wantsAscii(process.env))}\n`);
}
