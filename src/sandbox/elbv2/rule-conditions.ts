// The conditions of a listener's rule: how they are checked, the form they are kept in, and whether a request meets them.
// Pure; knows nothing of rules' order or of what they do.
import { BlockList, isIPv4 } from 'node:net';
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { invalid } from './checks.ts';

/** What a rule can look at of a request. */
export interface Asked {
  method: string;
  /** Path and query, as sent. */
  url: string;
  /** Lower-case names. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  clientAddress: string;
}

/** A condition in AWS's own member names, as DescribeRules gives it. */
export type Condition = Record<string, unknown>;

interface KeptCondition {
  Field?: string;
  Values?: string[];
  HttpHeaderConfig?: { HttpHeaderName?: string; Values?: string[] };
  HttpRequestMethodConfig?: { Values?: string[] };
  QueryStringConfig?: { Values?: { Key?: string; Value?: string }[] };
  SourceIpConfig?: { Values?: string[] };
}

/** Of one rule, all conditions together. */
const maxValues = 5;

/** @throws AwsError `ValidationError`. */
export function checkedConditions(sent: RuleCondition[]): Condition[] {
  if (sent.length === 0) throw invalid('A rule must have at least one condition');
  const conditions = sent.map(checkedCondition);
  const values = conditions.reduce((sum, condition) => sum + valuesOf(condition).length, 0);
  if (values > maxValues) {
    throw invalid(`A rule can have at most '${maxValues}' condition values`);
  }
  return conditions;
}

function valuesOf(condition: KeptCondition): unknown[] {
  return (
    condition.Values ??
    condition.HttpHeaderConfig?.Values ??
    condition.HttpRequestMethodConfig?.Values ??
    condition.QueryStringConfig?.Values ??
    condition.SourceIpConfig?.Values ??
    []
  );
}

function checkedCondition(sent: RuleCondition): Condition {
  const { Field: field } = sent;
  switch (field) {
    case 'path-pattern': {
      const values = some(field, sent.PathPatternConfig?.Values ?? sent.Values);
      return { Field: field, Values: values, PathPatternConfig: { Values: values } };
    }
    case 'host-header': {
      const values = some(field, sent.HostHeaderConfig?.Values ?? sent.Values);
      return { Field: field, Values: values, HostHeaderConfig: { Values: values } };
    }
    case 'http-header': {
      const name = sent.HttpHeaderConfig?.HttpHeaderName ?? '';
      if (name === '') throw invalid("A condition of field 'http-header' must name a header");
      return {
        Field: field,
        HttpHeaderConfig: { HttpHeaderName: name, Values: some(field, sent.HttpHeaderConfig?.Values) },
      };
    }
    case 'http-request-method':
      return { Field: field, HttpRequestMethodConfig: { Values: some(field, sent.HttpRequestMethodConfig?.Values) } };
    case 'query-string':
      return { Field: field, QueryStringConfig: { Values: some(field, sent.QueryStringConfig?.Values) } };
    case 'source-ip': {
      const values = some(field, sent.SourceIpConfig?.Values);
      for (const value of values) blockOf(value);
      return { Field: field, SourceIpConfig: { Values: values } };
    }
    default:
      throw invalid(
        `Condition field '${field ?? ''}' must be one of '[path-pattern, host-header, http-header, http-request-method, query-string, source-ip]'`,
      );
  }
}

function some<Value>(field: string, values: Value[] | undefined): Value[] {
  if (!values?.length) throw invalid(`A condition value must be specified for field '${field}'`);
  return values;
}

/** @throws AwsError `ValidationError` for what is no block. */
function blockOf(cidr: string): BlockList {
  const list = new BlockList();
  const [address = '', prefix = ''] = cidr.split('/');
  try {
    list.addSubnet(address, Number(prefix === '' ? NaN : prefix), isIPv4(address) ? 'ipv4' : 'ipv6');
  } catch {
    throw invalid(`The value '${cidr}' is not a valid CIDR block`);
  }
  return list;
}

/** `*` is any run of characters, `?` exactly one. */
function pattern(text: string, flags = ''): RegExp {
  const source = text.replaceAll(/[\s\S]/g, (char) => {
    if (char === '*') return '[\\s\\S]*';
    return char === '?' ? '[\\s\\S]' : char.replace(/[.*+?^${}()|[\]\\/]/, '\\$&');
  });
  return new RegExp(`^${source}$`, flags);
}

/** Does the request meet all of them? Values of one are alternatives. Paths count case, host names and headers do not. */
export function meets(conditions: readonly Condition[], asked: Asked): boolean {
  return conditions.every((condition) => meetsOne(condition, asked));
}

function meetsOne(condition: KeptCondition, asked: Asked): boolean {
  const [path = '/', query = ''] = asked.url.split(/\?(.*)/s, 2);
  const header = (name: string): string => [asked.headers[name.toLowerCase()] ?? []].flat().join(', ');
  switch (condition.Field) {
    case 'path-pattern':
      return (condition.Values ?? []).some((value) => pattern(value).test(path));
    case 'host-header':
      return (condition.Values ?? []).some((value) => pattern(value, 'i').test(header('host').replace(/:\d+$/, '')));
    case 'http-header': {
      const { HttpHeaderName: name = '', Values: values = [] } = condition.HttpHeaderConfig ?? {};
      return (
        asked.headers[name.toLowerCase()] !== undefined &&
        values.some((value) => pattern(value, 'i').test(header(name)))
      );
    }
    case 'http-request-method':
      return (condition.HttpRequestMethodConfig?.Values ?? []).includes(asked.method);
    case 'query-string': {
      const pairs = [...new URLSearchParams(query)];
      return (condition.QueryStringConfig?.Values ?? []).some(({ Key: wanted, Value: value = '' }) =>
        pairs.some(
          ([key, one]) => (wanted === undefined || pattern(wanted, 'i').test(key)) && pattern(value, 'i').test(one),
        ),
      );
    }
    case 'source-ip': {
      const address = asked.clientAddress.replace(/^::ffff:/, '');
      const family = isIPv4(address) ? 'ipv4' : 'ipv6';
      return (condition.SourceIpConfig?.Values ?? []).some((cidr) => blockOf(cidr).check(address, family));
    }
    default:
      return false;
  }
}
