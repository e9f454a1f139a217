// Everything the sandbox knows, as plain records that survive JSON. No behaviour: handlers, schedules and runtimes read
// and write it; the store saves it. Times are milliseconds since the epoch.
// Each service's records.ts declares its tables into `World`, keyed by the id or ARN that AWS itself uses for the thing.
import type { ActiveFault } from './faults/records.ts';

export interface Tag {
  key: string;
  value: string;
}

export interface World {
  version: 1;
  account: string;
  region: string;
  /** What it was last told to run at, as in pace.ts; absent: nobody has said. */
  pace?: string;
  /** Last number handed out per family, load balancer and so on; never reset, as on AWS. */
  counters: Record<string, number>;
  /** Client tokens of RunInstances and CreateService: token → what it made and a digest of the parameters. */
  clientTokens: Record<string, { parameters: string; result: string }>;
  /** Faults that are switched on; absent in a world that never had one. Keyed by `keyOf` of faults/active-faults.ts. */
  faults?: Record<string, ActiveFault>;
  /** Ids and ARNs of what reads do not see yet, until when (the fault describe-lags). */
  hidden?: Record<string, number>;
}

/** The tables that services declare. */
export type TableName = Exclude<
  keyof World,
  'version' | 'account' | 'region' | 'pace' | 'counters' | 'clientTokens' | 'faults' | 'hidden'
>;

/** A world with nothing in it but the tables named. */
export function emptyWorld(account: string, region: string, tables: readonly string[]): World {
  const world = { version: 1, account, region, counters: {}, clientTokens: {} };
  return withTables(world as unknown as World, tables);
}

/** Adds the tables that a world of an older version lacks, in place. */
export function withTables(world: World, tables: readonly string[]): World {
  const held = world as unknown as Record<string, object | undefined>;
  for (const table of tables) held[table] ??= {};
  return bareTables(world);
}

/**
 * Takes the prototype from every table, in place: names from the API are keys, and `constructor` or `__proto__` must
 * find nothing there.
 */
export function bareTables(world: World): World {
  for (const table of Object.values(world) as unknown[]) {
    if (typeof table === 'object' && table !== null && !Array.isArray(table)) Object.setPrototypeOf(table, null);
  }
  return world;
}
