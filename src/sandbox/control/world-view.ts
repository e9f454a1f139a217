// The world as data for whoever shows it: what each service says of its own records, and nothing secret. What a service
// does not show (user data, environments, outputs of commands, keys) is not there.
import { tablesOf, type Service } from '../service.ts';
import type { World } from '../world.ts';

export interface WorldView {
  pid: number;
  account: string;
  region: string;
  pace: string;
  /** The sandbox's clock, milliseconds since the epoch. */
  time: number;
  /** The number of the last event that is in it: follow the events after that one. */
  seq: number;
  /** By table, then by id or ARN. */
  tables: Record<string, Record<string, object>>;
}

export function viewTables(services: readonly Service[], world: World): WorldView['tables'] {
  const tables: WorldView['tables'] = {};
  for (const { name, facts, records } of tablesOf(services, world)) {
    const { shown } = facts;
    if (shown === undefined) continue;
    tables[name] = Object.fromEntries(Object.entries(records).map(([key, record]) => [key, shown(record)]));
  }
  return tables;
}
