// restJson1 and restXml, driven by the `http` traits of the SDK's schemas: which operation method and path name, what of
// the input stands in path, query, headers and body, and the same of the output. Knows no operation by name.
import { XmlShapeDeserializer } from '@aws-sdk/core/protocols';
import type { OperationSchema, OperationTable } from '../operation.ts';
import { wordsOf } from './error-words.ts';
import { jsonKey, parseJson, readJson, readValue } from './read-json.ts';
import { readText } from './read-text.ts';
import type { WireRequest } from './request.ts';
import type { WireService } from './service.ts';
import { requiredMembers, setOwn, shapeOf, type Shape } from './shape.ts';

interface Route {
  operation: string;
  method: string;
  /** 'hostedzone', or a label: '{Id}', '{Key+}' for the rest of the path. */
  segments: string[];
  /** Parameters that the query must have; undefined: with any value. */
  query: [name: string, value: string | undefined][];
}

/** Where a member stands, as the SDK's traits say it. */
interface Bindings {
  httpLabel?: unknown;
  httpQuery?: string;
  httpQueryParams?: unknown;
  httpHeader?: string;
  httpPrefixHeaders?: string;
  httpPayload?: unknown;
  httpResponseCode?: unknown;
}

const bindingsOf = (member: Shape): Bindings => member.getMergedTraits();

const isBound = (member: Shape): boolean => Object.keys(bindingsOf(member)).some((trait) => trait.startsWith('http'));

/** Undefined: the operation has no `http` trait. */
function httpOf(schema: OperationSchema): [method: string, uri: string, status: number] | undefined {
  const traits = schema[3] as { http?: [string, string, number] } | number;
  return typeof traits === 'object' ? traits.http : undefined;
}

const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '');

const known = new WeakMap<OperationTable, Route[]>();

/** Those with more fixed parts first: `/hostedzone/count` is no hosted zone. */
function routesOf(operations: OperationTable): Route[] {
  const made = known.get(operations);
  if (made !== undefined) return made;
  const routes = Object.entries(operations).flatMap(([operation, { schema }]): Route[] => {
    const [method, uri] = httpOf(schema) ?? [];
    if (method === undefined || uri === undefined) return [];
    const [path = '', query = ''] = uri.split('?');
    const wanted = query.split('&').filter((part) => part !== '');
    return [
      {
        operation,
        method,
        segments: segmentsOf(path),
        query: wanted.map((part) => {
          const [name = '', value] = part.split('=');
          return [name, value];
        }),
      },
    ];
  });
  const fixed = ({ segments, query }: Route): number =>
    segments.filter((segment) => !segment.startsWith('{')).length + query.length;
  routes.sort((a, b) => fixed(b) - fixed(a));
  known.set(operations, routes);
  return routes;
}

/** The labels' texts by name; undefined when the path is another. */
function labelsIn(wanted: string[], sent: string[]): Map<string, string> | undefined {
  const labels = new Map<string, string>();
  for (const [index, segment] of wanted.entries()) {
    const label = /^\{(\w+)(\+?)\}$/.exec(segment);
    const here = sent[index];
    if (here === undefined) return undefined;
    if (label?.[2] === '+') {
      labels.set(label[1] ?? '', sent.slice(index).join('/'));
      return labels;
    }
    if (label) labels.set(label[1] ?? '', here);
    else if (segment !== here) return undefined;
  }
  return wanted.length === sent.length ? labels : undefined;
}

export interface Routed {
  operation: string;
  labels: Map<string, string>;
  query: URLSearchParams;
}

/** Undefined: method and path name no operation of these. */
export function route(operations: OperationTable, { method, url }: WireRequest): Routed | undefined {
  const [path = '', ...queries] = url.split('?');
  const query = new URLSearchParams(queries.join('?'));
  let sent: string[];
  try {
    sent = segmentsOf(path).map(decodeURIComponent);
  } catch {
    return undefined;
  }
  for (const each of routesOf(operations)) {
    if (each.method !== method) continue;
    if (!each.query.every(([name, value]) => query.has(name) && (value === undefined || query.get(name) === value)))
      continue;
    const labels = labelsIn(each.segments, sent);
    if (labels !== undefined) return { operation: each.operation, labels, query };
  }
  return undefined;
}

/**
 * @returns the input with Date for timestamps and Uint8Array for blobs; what was not sent is absent.
 * @throws AwsError for a missing required member, a value of the wrong type or a body that cannot be read.
 */
export function readRest(
  service: WireService,
  shape: Shape,
  request: WireRequest,
  routed: Routed,
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  if (shape.isUnitSchema()) return input;
  const body = readBody(service, shape, request.body);
  for (const [name, member] of shape.structIterator()) {
    const value = isBound(member) ? readBound(service, name, member, request, routed) : body[name];
    if (value !== undefined) setOwn(input, name, value);
  }
  requireMembers(service, shape, input, '');
  return input;
}

function readBound(
  service: WireService,
  name: string,
  member: Shape,
  { headers, body }: WireRequest,
  { labels, query }: Routed,
): unknown {
  const { httpLabel, httpQuery, httpQueryParams, httpHeader, httpPrefixHeaders } = bindingsOf(member);
  const read = (text: string, shape = member): unknown => readText(service, shape, text, name);
  const readAll = (texts: string[]): unknown[] => texts.map((text) => read(text, member.getValueSchema()));
  if (httpLabel !== undefined) return read(labels.get(name) ?? '');
  if (httpQuery !== undefined) {
    if (!query.has(httpQuery)) return undefined;
    return member.isListSchema() ? readAll(query.getAll(httpQuery)) : read(query.get(httpQuery) ?? '');
  }
  if (httpQueryParams !== undefined) return Object.fromEntries(query);
  if (httpHeader !== undefined) {
    const sent = headers[httpHeader.toLowerCase()];
    if (sent === undefined) return undefined;
    const text = Array.isArray(sent) ? sent.join(',') : sent;
    return member.isListSchema() ? readAll(text.split(',').map((each) => each.trim())) : read(text);
  }
  if (httpPrefixHeaders !== undefined) {
    const prefix = httpPrefixHeaders.toLowerCase();
    const own = Object.entries(headers).filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), String(value)]));
  }
  // The payload: the whole body is this one member.
  if (body.length === 0) return undefined;
  if (member.isBlobSchema()) return new Uint8Array(body);
  if (!member.isStructSchema()) return body.toString('utf8');
  return service.protocol === 'rest-json'
    ? readJson(service, member, body.toString('utf8'))
    : readXml(service, member, body);
}

/** The members that the document in the body holds. */
function readBody(service: WireService, shape: Shape, body: Buffer): Record<string, unknown> {
  const members = [...shape.structIterator()];
  if (body.length === 0 || members.some(([, member]) => bindingsOf(member).httpPayload !== undefined)) return {};
  if (service.protocol === 'rest-xml') return readXml(service, shape, body);
  const document = parseJson(service, body.toString('utf8'));
  const read: Record<string, unknown> = {};
  for (const [name, member] of members) {
    const key = jsonKey(service, name, member);
    const sent = Object.hasOwn(document, key) ? document[key] : undefined;
    if (sent !== undefined && sent !== null) setOwn(read, name, readValue(service, member, sent, name));
  }
  return read;
}

/** 5: ISO 8601, what timestamps in XML are unless a trait says otherwise. */
const timestampFormat = { useTrait: true, default: 5 } as const;

function readXml(service: WireService, shape: Shape, body: Buffer): Record<string, unknown> {
  try {
    const reader = new XmlShapeDeserializer({
      timestampFormat,
      serviceNamespace: '',
      xmlNamespace: service.xmlNamespace ?? '',
      httpBindings: false,
    });
    return (reader.read(shape, body) ?? {}) as Record<string, unknown>;
  } catch {
    throw wordsOf(service).unreadable('the request body is not the XML of this operation');
  }
}

function requireMembers(service: WireService, shape: Shape, value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array) return;
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  if (shape.isStructSchema()) {
    const record = value as Record<string, unknown>;
    for (const name of requiredMembers(shape)) {
      if (!Object.hasOwn(record, name)) throw wordsOf(service).missingMember(at(name));
    }
    for (const [name, member] of shape.structIterator()) requireMembers(service, member, record[name], at(name));
  } else if (shape.isListSchema() || shape.isMapSchema()) {
    for (const [key, item] of Object.entries(value)) requireMembers(service, shape.getValueSchema(), item, at(key));
  }
}

/** What an output is on the wire, less its document: `document` is what goes there, `payload` when one member is the body. */
export interface RestOutput {
  status: number;
  headers: Record<string, string>;
  document?: { shape: Shape; value: object };
  payload?: string | Uint8Array;
}

export function splitOutput(schema: OperationSchema, output: object): RestOutput {
  const shape = shapeOf(schema[5]);
  const split: RestOutput = { status: httpOf(schema)?.[2] ?? 200, headers: {} };
  if (shape.isUnitSchema()) return split;
  const document: Record<string, unknown> = {};
  let inDocument = false;
  for (const [name, member] of shape.structIterator()) {
    const value = (output as Record<string, unknown>)[name];
    const { httpHeader, httpPrefixHeaders, httpPayload, httpResponseCode } = bindingsOf(member);
    inDocument ||= !isBound(member);
    if (value === undefined || value === null) continue;
    if (httpResponseCode !== undefined) split.status = Number(value);
    else if (httpHeader !== undefined) split.headers[httpHeader.toLowerCase()] = headerText(value);
    else if (httpPrefixHeaders !== undefined) {
      for (const [key, text] of Object.entries(value)) {
        split.headers[`${httpPrefixHeaders}${key}`.toLowerCase()] = headerText(text);
      }
    } else if (httpPayload !== undefined) {
      if (member.isStructSchema()) split.document = { shape: member, value };
      else split.payload = value as string | Uint8Array;
    } else document[name] = value;
  }
  if (inDocument) split.document = { shape, value: document };
  return split;
}

function headerText(value: unknown): string {
  if (value instanceof Date) return value.toUTCString();
  return Array.isArray(value) ? value.map(headerText).join(', ') : String(value);
}
