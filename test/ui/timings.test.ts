import { expect, it } from 'vitest';
import { timingLines } from '../../src/ui/timings.ts';

it('shows the chain of waits and what was not waiting', () => {
  const chain = [
    { step: 'instance', what: 'the agent of i-1 to register', ms: 90_000 },
    { step: 'service', what: 'the service my-service to settle', ms: 60_500 },
  ];
  const lines = timingLines({ totalMs: 151_000, chain, waitedMs: 150_500, ownMs: 500 }, 100);
  expect(lines[0]).toMatch(/waiting.*0\.5 s of ecsdemo's own/);
  expect(lines.slice(2).map((line) => line.trim().split(/ {2,}/).at(-1))).toEqual(chain.map(({ what }) => what));
});

it('is one line when nothing was waited for', () => {
  expect(timingLines({ totalMs: 80, chain: [], waitedMs: 0, ownMs: 80 }, 100)).toHaveLength(1);
});
