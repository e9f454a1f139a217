// The condition operators of IAM: what each makes of the values that a request has and of those that a policy names.
// Knows no condition key.
import { BlockList, isIP } from 'node:net';
import { arnMatches, matches, type Lookup } from './wildcards.ts';

interface Operator {
  /** Does the request's value meet this one of the policy's? */
  meets(value: string, wanted: string, lookup: Lookup | undefined): boolean;
  /** True: it must meet none of them, and a key that is absent is fine. */
  not?: true;
  /** What a policy may not name, in words; undefined: all is well. */
  refusal?(wanted: string): string | undefined;
}

const string = (wild: boolean, ignoreCase = false): Operator['meets'] => {
  return (value, wanted, lookup) => matches(value, wanted, { wild, ignoreCase, lookup });
};

const compare = (read: (text: string) => number, holds: (order: number) => boolean): Operator['meets'] => {
  return (value, wanted) => {
    const order = read(value) - read(wanted);
    return !Number.isNaN(order) && holds(order);
  };
};

/** ISO 8601, or seconds since the epoch. */
const timeOf = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));
const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));
const notNumber = (text: string) => (Number.isNaN(numberOf(text)) ? 'is no number' : undefined);
const notTime = (text: string) => (Number.isNaN(timeOf(text)) ? 'is no time' : undefined);
const notBoolean = (text: string) => (/^(true|false)$/i.test(text) ? undefined : "is neither 'true' nor 'false'");

function blockOf(text: string): [address: string, prefix: number, family: 'ipv4' | 'ipv6'] | undefined {
  const [address = '', bits] = text.split('/');
  const version = isIP(address);
  const prefix = bits === undefined ? (version === 4 ? 32 : 128) : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (version === 0 || !(prefix <= (version === 4 ? 32 : 128))) return undefined;
  return [address, prefix, version === 4 ? 'ipv4' : 'ipv6'];
}

function isWithin(value: string, wanted: string): boolean {
  const block = blockOf(wanted);
  if (block === undefined || isIP(value) === 0) return false;
  const list = new BlockList();
  list.addSubnet(...block);
  return list.check(value, isIP(value) === 4 ? 'ipv4' : 'ipv6');
}

const address = {
  meets: isWithin,
  refusal: (text: string) => (blockOf(text) === undefined ? 'is no address and no block of addresses' : undefined),
};
const arn: Operator['meets'] = (value, wanted, lookup) => arnMatches(value, wanted, lookup);
const ordered = (name: string, read: (text: string) => number, refusal: NonNullable<Operator['refusal']>) => {
  const rows: [string, (order: number) => boolean, not?: true][] = [
    ['Equals', (order) => order === 0],
    ['NotEquals', (order) => order === 0, true],
    ['LessThan', (order) => order < 0],
    ['LessThanEquals', (order) => order <= 0],
    ['GreaterThan', (order) => order > 0],
    ['GreaterThanEquals', (order) => order >= 0],
  ];
  return Object.fromEntries(
    rows.map(([suffix, holds, not]): [string, Operator] => [
      `${name}${suffix}`,
      { meets: compare(read, holds), refusal, ...(not && { not }) },
    ]),
  );
};

const operators: Readonly<Record<string, Operator>> = {
  StringEquals: { meets: string(false) },
  StringNotEquals: { meets: string(false), not: true },
  StringEqualsIgnoreCase: { meets: string(false, true) },
  StringNotEqualsIgnoreCase: { meets: string(false, true), not: true },
  StringLike: { meets: string(true) },
  StringNotLike: { meets: string(true), not: true },
  // With wildcards or without, the two compare alike.
  ArnEquals: { meets: arn },
  ArnLike: { meets: arn },
  ArnNotEquals: { meets: arn, not: true },
  ArnNotLike: { meets: arn, not: true },
  Bool: { meets: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(), refusal: notBoolean },
  IpAddress: address,
  NotIpAddress: { ...address, not: true },
  ...ordered('Numeric', numberOf, notNumber),
  ...ordered('Date', timeOf, notTime),
};

/** 'ForAllValues:StringLikeIfExists' taken apart. */
export interface ReadOperator {
  meaning: Operator | 'Null';
  values: 'any' | 'all' | undefined;
  ifExists: boolean;
}

/** Undefined: there is no such operator here. */
export function readOperator(text: string): ReadOperator | undefined {
  const [, set, name = '', ifExists] = /^(ForAllValues:|ForAnyValue:)?(\w+?)(IfExists)?$/.exec(text) ?? [];
  const values = set === undefined ? undefined : set === 'ForAllValues:' ? 'all' : 'any';
  if (name === 'Null') return ifExists === undefined ? { meaning: 'Null', values, ifExists: false } : undefined;
  const meaning = Object.hasOwn(operators, name) ? operators[name] : undefined;
  return meaning && { meaning, values, ifExists: ifExists !== undefined };
}

/** Why the operator cannot take this value, in words. */
export function refusedValue({ meaning }: ReadOperator, wanted: string): string | undefined {
  return meaning === 'Null' ? notBoolean(wanted) : meaning.refusal?.(wanted);
}

/** @param given the request's values for the key; undefined: it has none */
export function holds(
  { meaning, values, ifExists }: ReadOperator,
  given: readonly string[] | undefined,
  wanted: readonly string[],
  lookup: Lookup | undefined,
): boolean {
  const absent = given === undefined || given.length === 0;
  if (meaning === 'Null') return wanted.some((text) => (text.toLowerCase() === 'true') === absent);
  const one = (value: string): boolean =>
    wanted.some((text) => meaning.meets(value, text, lookup)) !== (meaning.not === true);
  if (absent) return ifExists || values === 'all' || (meaning.not === true && values === undefined);
  // A negation over several values, without a word on how to take them, must hold for each.
  const every = values === 'all' || (values === undefined && meaning.not === true);
  return every ? given.every((value) => one(value)) : given.some((value) => one(value));
}
