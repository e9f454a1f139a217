// Lines that make one event together: with awslogs-datetime-format an event begins where a line has a date, and has the
// lines up to the next one. As Docker's driver does it (moby, daemon/logger/awslogs); knows no log group.
import type { Clock } from '../../base/clock.ts';

/** What a conversion of strftime looks like in a line; of one that is not here Docker expects nothing. */
const conversions: Record<string, string> = {
  a: '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)',
  A: '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)',
  w: '[0-6]',
  d: '(?:0[1-9]|[12][0-9]|3[01])',
  b: '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)',
  B: '(?:January|February|March|April|May|June|July|August|September|October|November|December)',
  m: '(?:0[1-9]|1[0-2])',
  Y: '\\d{4}',
  y: '\\d{2}',
  H: '(?:[01][0-9]|2[0-3])',
  I: '(?:0[0-9]|1[0-2])',
  p: '[AP]M',
  M: '[0-5][0-9]',
  S: '[0-5][0-9]',
  f: '\\d{6}',
  z: '[+-]\\d{4}',
  Z: '[A-Z]{1,4}T',
  j: '(?:0[0-9][1-9]|[12][0-9][0-9]|3[0-5][0-9]|36[0-6])',
  L: '\\.\\d{3}',
};

/** What is not a conversion stands for itself, with a backslash before it or without: the format is no regular expression here. */
export function dateOf(format: string): RegExp {
  const source = format.replace(
    /%(.)|\\(.)|([^%\\])/gs,
    (_all, conversion?: string, escaped?: string, plain?: string) =>
      conversion === undefined
        ? (escaped ?? plain ?? '').replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
        : (conversions[conversion] ?? ''),
  );
  return new RegExp(source);
}

/** Docker's limits: an event waits this long for its next line, and is no longer than this. */
const waitMs = 5_000;
const maxBytes = 262_144 - 26;

export interface Joined {
  /** When its first line came. */
  timestamp: number;
  /** Every line of it ends with a newline, as Docker sends it. */
  message: string;
}

/** Hands on an event when the next begins, when it has waited long enough, and at the end. */
export function joinLines(
  begins: RegExp,
  clock: Clock,
  send: (event: Joined) => void,
): { add(line: string): void; end(): void } {
  let open: Joined | undefined;
  let cancel: (() => void) | undefined;
  const flush = (): void => {
    cancel?.();
    if (open !== undefined) send(open);
    open = undefined;
  };
  return {
    add(line) {
      if (open !== undefined && (begins.test(line) || open.message.length + line.length > maxBytes)) flush();
      if (open === undefined) {
        open = { timestamp: clock.now(), message: '' };
        cancel = clock.after(waitMs, flush);
      }
      open.message += `${line}\n`;
    },
    end: flush,
  };
}
