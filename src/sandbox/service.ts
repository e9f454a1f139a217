// What a service of AWS is to the sandbox: one value per folder, in its `service.ts`, that says all that the rest must know
// of it. `services.ts` lists them; nothing else of the sandbox knows which there are.
import type { Clock } from '../base/clock.ts';
import type { Authorization } from './authorization/ask.ts';
import type { Ids } from './ids.ts';
import type { Inventory } from './inventory.ts';
import type { Schedule } from './agenda.ts';
import type { ChangeWorld, Runtime } from './loop.ts';
import type { Pace } from './pace.ts';
import type { WireService } from './wire/service.ts';
import type { TableName, World } from './world.ts';

/** How the wire speaks it (id, protocol, operations, errors), what it keeps, and what goes on in it by itself. */
export interface Service extends WireService {
  /** The tables of the world that are its own: each is declared into `World` by the folder's records.ts. @default none */
  tables?: Tables;
  /** What a new world has of it from the start. */
  seed?(world: World, ids: Ids): void;
  /** What time and circumstance do to its records. */
  schedule?: Schedule;
  /** The part of it that is real. Made once, when the sandbox starts. */
  runtime?(options: RuntimeOptions): Runtime;
  /** What its calls ask of IAM; loaded only when a policy is enforced. @default each action, on all resources */
  authorization?(): Promise<Authorization>;
  /** The URLs that `sandbox status` shows of it. */
  urls?(world: World): Inventory['loadBalancers'];
}

/** What the rest of the sandbox must know of one table. */
export interface Table<Item> {
  /** True: people create what is in it, so that a read may not see it yet (the fault describe-lags). */
  created?: true;
  /** Which of its records `sandbox status` counts. Absent: the table is not shown. */
  counted?(record: Item): boolean;
  /** The record as a page may show it: without what is secret or may hold secrets. Absent: the table is not shown. */
  shown?(record: Item): object;
  /** The loopback ports that the record's owner listens on, again after a restart. */
  ports?(record: Item): number[];
  /** Members that say when what is under way will be over, on the world's clock: another pace moves them. */
  ends?: readonly (keyof Item & string)[];
}

/** A record of any table. */
type Fields = Record<string, unknown>;

export type Tables = { readonly [Name in TableName]?: Table<World[Name][string]> };

export interface RuntimeOptions {
  change: ChangeWorld;
  clock: Clock;
  pace: Pace;
  /** Where what tasks print is kept, one folder each. */
  logDir: string;
}

/** The names of the services' tables, in their order. */
export function tableNames(services: readonly Service[]): TableName[] {
  return services.flatMap(({ tables = {} }) => Object.keys(tables) as TableName[]);
}

/** The tables with what is said of each and what is in them. */
export function tablesOf(
  services: readonly Service[],
  world: World,
): { name: TableName; facts: Table<Fields>; records: Record<string, Fields> }[] {
  return services.flatMap(({ tables = {} }) =>
    Object.entries(tables).map(([name, facts]) => ({
      name: name as TableName,
      facts: facts as unknown as Table<Fields>,
      records: world[name as TableName] as unknown as Record<string, Fields>,
    })),
  );
}

/** Shows a record whole. */
export const whole = <Item extends object>(record: Item): Item => record;

/** Shows a record less some members. */
export function without<Item extends object>(...names: (keyof Item & string)[]): (record: Item) => object {
  return (record) => Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name as never)));
}
