// Which faults are on, and whether one strikes now: counting what passes, what is struck, and clearing what is used up.
// Works on the world's record alone; what a strike does is its caller's business.
import type { ActiveFault } from './records.ts';
import type { World } from '../world.ts';
import { isRead } from '../operation.ts';
import { scenarioOf, type FaultName } from './scenarios.ts';

/** Later than any clock: what lasts until it is cleared. */
export const untilCleared = Number.MAX_SAFE_INTEGER;

/** Switching the same name on again for another operation adds to the first; for the same one it starts anew. */
export function keyOf({ name, operation }: { name: string; operation?: string }): string {
  return operation === undefined ? name : `${name} ${operation}`;
}

export function activeFaults(world: World): ActiveFault[] {
  return Object.values(world.faults ?? {});
}

/** What a person asks for; what is absent is the scenario's own. */
export interface FaultRequest {
  name: FaultName;
  after?: number;
  times?: number;
  operation?: string;
  zone?: string;
}

export function switchOn(world: World, request: FaultRequest, now: number): ActiveFault {
  const { name, after = 0, times = scenarioOf(request.name).times, operation, zone } = request;
  const fault: ActiveFault = {
    name,
    after,
    times,
    struck: 0,
    since: now,
    ...(operation === undefined ? {} : { operation }),
    ...(zone === undefined ? {} : { zone }),
  };
  world.faults = { ...world.faults, [keyOf(fault)]: fault };
  return fault;
}

/**
 * Counts one thing that the fault applies to.
 * @returns whether it is struck. The last strike takes the fault off the list.
 */
export function count(world: World, fault: ActiveFault): boolean {
  if (fault.after > 0) {
    fault.after--;
    return false;
  }
  fault.struck++;
  if (fault.times > 0 && fault.struck >= fault.times) delete world.faults?.[keyOf(fault)];
  return true;
}

/**
 * The same for a fault by name: an event of which there is one kind only.
 * @returns undefined: not struck. `lasting`: it stays on until it is cleared, and so does what it does.
 */
export function strike(world: World, name: FaultName): { lasting: boolean } | undefined {
  const fault = world.faults?.[name];
  if (fault === undefined || !count(world, fault)) return undefined;
  return { lasting: fault.times === 0 };
}

/** Does `service:Operation` fit one of the patterns? `changes` is every operation that is no read. */
export function fits(patterns: readonly string[], action: string): boolean {
  return patterns.some((pattern) => {
    if (pattern === 'changes') return !isRead(action.slice(action.indexOf(':') + 1));
    const source = pattern.replace(/[^\w:*-]/g, '').replaceAll('*', '.*');
    return new RegExp(`^${source}$`, 'i').test(action);
  });
}

/** Is the fault about this call? */
export function concerns(fault: ActiveFault, action: string): boolean {
  const patterns = fault.operation === undefined ? (scenarioOf(fault.name).operations ?? []) : [fault.operation];
  return fits(patterns, action);
}
