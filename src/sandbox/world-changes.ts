// Which records of the world were written since the last save. Knows tables and keys and nothing of what they mean; knows
// no file. Writers get the world behind a membrane that notes each write; readers have the world itself.
//
// Why a membrane of proxies: handlers and effects change plain records in place, and this way not one of them needs to
// know of journals. Immer and mutative copy what is changed, which costs a whole table per new record, and Immer refuses
// tables without a prototype. Reads through the membrane are some ten times dearer than plain ones, so only writers
// go through it: the loop lets schedules look at the world itself, and at the membrane when they have something to do.
import type { World } from './world.ts';

/** `[table, key, value]`: the record is now this. `[table, key]`: it is gone. Key null: the whole table. */
export type Entry = [table: string, key: string | null, value?: unknown];

export interface WorldChanges {
  /** The world itself: for reading. */
  raw: World;
  /** The same world for whoever changes it. */
  tracked: World;
  /**
   * What was written since the last `clear`, as JSON of an Entry[] with the values of now; '' when nothing is different.
   * @param evenIfSame also what was written and is as it was before
   */
  text(evenIfSame: boolean): string;
  clear(): void;
}

interface Mark {
  /** The record as JSON before the first write; undefined: there was none. */
  before: string | undefined;
  /** It was deleted meanwhile; if it is there again, it stands at the end of its table. */
  removed: boolean;
}

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const jsonOf = (fields: Fields, key: string): string | undefined =>
  Object.hasOwn(fields, key) ? JSON.stringify(fields[key]) : undefined;

export function trackChanges(raw: World): WorldChanges {
  const tables = raw as unknown as Fields;
  const marks = new Map<string, Map<string, Mark>>();
  /** Tables that were set or deleted whole → their JSON before. */
  const wholes = new Map<string, string | undefined>();
  const members = new WeakMap<object, { proxy: object; handler: object }>();
  const rawOf = new WeakMap<object, object>();

  function wrap(value: unknown, handler: ProxyHandler<Fields>): unknown {
    if (!isObject(value)) return value;
    const known = members.get(value);
    // One object in two records has two proxies: each notes the record that it was reached through.
    if (known !== undefined && known.handler === handler) return known.proxy;
    if (rawOf.has(value)) return value;
    const proxy = new Proxy(value, handler);
    members.set(value, { proxy, handler });
    rawOf.set(proxy, value);
    return proxy;
  }

  /** What is put into the world holds no proxies, however deep: a record moved within it stays the one it was. */
  function bare(value: unknown): unknown {
    if (!isObject(value)) return value;
    const own = rawOf.get(value);
    if (own !== undefined) return own;
    for (const [key, inner] of Object.entries(value)) {
      if (!isObject(inner)) continue;
      const stripped = bare(inner);
      if (stripped !== inner) value[key] = stripped;
    }
    return value;
  }

  /** Of everything inside one record. */
  function recordHandler(touch: () => void): ProxyHandler<Fields> {
    const handler: ProxyHandler<Fields> = {
      get: (target, key) => wrap(target[key as string], handler),
      set(target, key, value) {
        if (target[key as string] === value && Object.hasOwn(target, key)) return true;
        touch();
        target[key as string] = bare(value);
        return true;
      },
      deleteProperty(target, key) {
        if (Object.hasOwn(target, key)) touch();
        return Reflect.deleteProperty(target, key);
      },
      defineProperty(target, key, descriptor) {
        touch();
        return Reflect.defineProperty(target, key, { ...descriptor, value: bare(descriptor.value) });
      },
    };
    return handler;
  }

  function tableHandler(table: string): ProxyHandler<Fields> {
    const handlers = new Map<string, ProxyHandler<Fields>>();
    const marksOf = (): Map<string, Mark> => {
      let found = marks.get(table);
      if (found === undefined) marks.set(table, (found = new Map()));
      return found;
    };
    function mark(key: string): Mark {
      const all = marksOf();
      let found = all.get(key);
      if (found === undefined) {
        const records = tables[table];
        found = { before: isObject(records) ? jsonOf(records, key) : undefined, removed: false };
        all.set(key, found);
      }
      return found;
    }
    return {
      get(target, key) {
        const value = target[key as string];
        if (!isObject(value)) return value;
        let handler = handlers.get(key as string);
        if (handler === undefined) {
          handler = recordHandler(() => void mark(key as string));
          handlers.set(key as string, handler);
        }
        return wrap(value, handler);
      },
      set(target, key, value) {
        const name = key as string;
        if (target[name] === value && Object.hasOwn(target, name)) return true;
        const found = mark(name);
        if (!Object.hasOwn(target, name)) {
          // New ones are told in the order in which they came.
          marksOf().delete(name);
          marksOf().set(name, found);
        }
        target[name] = bare(value);
        return true;
      },
      deleteProperty(target, key) {
        const name = key as string;
        if (Object.hasOwn(target, name)) mark(name).removed = true;
        handlers.delete(name);
        return Reflect.deleteProperty(target, name);
      },
      defineProperty(target, key, descriptor) {
        mark(key as string);
        return Reflect.defineProperty(target, key, { ...descriptor, value: bare(descriptor.value) });
      },
    };
  }

  function markWhole(table: string): void {
    if (!wholes.has(table)) wholes.set(table, jsonOf(tables, table));
  }

  const tableHandlers = new Map<string, ProxyHandler<Fields>>();
  const tracked = new Proxy(tables, {
    get(target, key) {
      const name = key as string;
      let handler = tableHandlers.get(name);
      if (handler === undefined) tableHandlers.set(name, (handler = tableHandler(name)));
      return wrap(target[name], handler);
    },
    set(target, key, value) {
      markWhole(key as string);
      target[key as string] = bare(value);
      return true;
    },
    deleteProperty(target, key) {
      if (Object.hasOwn(target, key)) markWhole(key as string);
      return Reflect.deleteProperty(target, key);
    },
  });

  return {
    raw,
    tracked: tracked as unknown as World,
    text(evenIfSame) {
      const entries: string[] = [];
      const add = (table: string, key: string | null, json: string | undefined): void => {
        const name = `${JSON.stringify(table)},${JSON.stringify(key)}`;
        entries.push(json === undefined ? `[${name}]` : `[${name},${json}]`);
      };
      for (const [table, before] of wholes) {
        const json = jsonOf(tables, table);
        if (evenIfSame || json !== before) add(table, null, json);
      }
      for (const [table, keys] of marks) {
        const records = tables[table];
        if (wholes.has(table) || !isObject(records)) continue;
        for (const [key, { before, removed }] of keys) {
          const json = jsonOf(records, key);
          if (json === before && !removed && !evenIfSame) continue;
          if (removed && before !== undefined && json !== undefined) add(table, key, undefined);
          if (json !== undefined || before !== undefined || evenIfSame) add(table, key, json);
        }
      }
      return entries.length === 0 ? '' : `[${entries.join(',')}]`;
    },
    clear() {
      marks.clear();
      wholes.clear();
    },
  };
}

/** Carries an entry out on a world. Whatever its names are, it changes nothing but this world. */
export function applyEntry(world: World, [table, key, ...value]: Entry): void {
  const tables = world as unknown as Fields;
  if (key === null) {
    if (value.length === 0) delete tables[table];
    else setOwn(tables, table, bareTable(value[0]));
    return;
  }
  if (!Object.hasOwn(tables, table) || !isObject(tables[table])) setOwn(tables, table, Object.create(null));
  const records = tables[table] as Fields;
  if (value.length === 0) delete records[key];
  else setOwn(records, key, value[0]);
}

const bareTable = (value: unknown): unknown =>
  isObject(value) && !Array.isArray(value) ? Object.setPrototypeOf(value, null) : value;

function setOwn(target: Fields, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}
