// Another pace for a sandbox that runs: what is under way goes on at it, and so does all that begins. Knows no service, only
// what each says of its tables.
import { untilCleared } from '../faults/active-faults.ts';
import type { Context } from '../handler.ts';
import { parsePace, type ChangeablePace } from '../pace.ts';
import { Refused } from '../refused.ts';
import { tablesOf, type Service } from '../service.ts';

/** @returns what it runs at now, and what it ran at before. @throws Refused when `asked` is no pace. */
export function changePace(
  { world, now }: Context,
  services: readonly Service[],
  pace: ChangeablePace,
  asked: unknown,
): { pace: string; before: string } {
  const next = typeof asked === 'string' ? parsePace(asked) : undefined;
  if (next === undefined) throw new Refused("pace is neither 'fast', 'real' nor a number above 0");
  const before = pace.name;
  const shorter = next.scale(1) / pace.scale(1);
  for (const { facts, records } of tablesOf(services, world)) {
    for (const record of Object.values(records)) {
      for (const member of facts.ends ?? []) {
        const end = record[member];
        if (typeof end === 'number' && end > now && end < untilCleared) record[member] = now + (end - now) * shorter;
      }
    }
  }
  pace.become(next);
  world.pace = next.name;
  return { pace: next.name, before };
}
