// A thousand generated accounts, in minutes: `npm run test:ownership`. A failure shows the plan that makes the world again.
import { expect, test } from 'vitest';
import { checkWorlds } from './check-worlds.ts';

const worlds = Number(process.env['ECSDEMO_TEST_WORLDS'] ?? '1000');
const seed = Number(process.env['ECSDEMO_TEST_SEED'] ?? '20260101');

test(`in ${worlds} worlds, up, scale and destroy leave alone what is not ours`, async () => {
  const { wrong, ...figures } = await checkWorlds(worlds, seed);
  process.stderr.write(`${JSON.stringify(figures)}\n`);
  expect(wrong.slice(0, 10)).toEqual([]);
  expect(figures.worlds).toBe(worlds);
  // The generator must reach both: worlds where all goes well, and worlds where something is in the way.
  expect(figures.outcomes['up']?.['ok'] ?? 0).toBeGreaterThan(worlds / 20);
  expect(figures.outcomes['up']?.['not-ours'] ?? 0).toBeGreaterThan(worlds / 20);
});
