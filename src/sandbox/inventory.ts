// What `sandbox status` shows of the world: how much there is of each thing, and the load balancers' URLs.
// Read only; the JSON is what `describeSandbox` returns. Light: knows no service, only what each says of its tables.
import { tablesOf, type Service } from './service.ts';
import type { TableName, World } from './world.ts';

export interface Inventory {
  pid: number;
  account: string;
  region: string;
  pace: string;
  /** What is not as it should be, for people; absent: nothing. */
  notice?: string;
  /** What is alive, by table; what lingers only to be read is not counted. */
  counts: { [Name in TableName]?: number };
  loadBalancers: { name: string; state: string; url: string }[];
}

export function takeInventory(services: readonly Service[], world: World, pace: string, notice?: string): Inventory {
  const counts: Inventory['counts'] = {};
  for (const { name, facts, records } of tablesOf(services, world)) {
    const { counted } = facts;
    if (counted !== undefined) counts[name] = Object.values(records).filter((record) => counted(record)).length;
  }
  return {
    pid: process.pid,
    account: world.account,
    region: world.region,
    pace,
    ...(notice === undefined ? {} : { notice }),
    counts,
    loadBalancers: services.flatMap(({ urls }) => urls?.(world) ?? []),
  };
}
