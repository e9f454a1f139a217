// `--timings`: where the time of a run went, as people read it. Text only.
import type { Spent } from '../actions/results.ts';
import { durationText, table, wrap } from './format.ts';

/** The chain of waits that determined the time, one a line, and what was ecsdemo's own. */
export function timingLines({ totalMs, chain, waitedMs, ownMs }: Spent['timings'], width: number): string[] {
  const rows = chain.map(({ step, what, ms }) => [durationText(ms), step, what]);
  return [
    ...wrap(
      `${durationText(totalMs)}: ${durationText(waitedMs)} waiting, each wait after the one before it, and ${durationText(ownMs)} of ecsdemo's own`,
      width,
    ),
    ...(rows.length === 0 ? [] : table(rows, width - 2, ['TIME', 'STEP', 'WAITED FOR']).map((line) => `  ${line}`)),
  ];
}
