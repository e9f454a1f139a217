// What happens to the head of a request and of a response on the way through a load balancer. Pure; knows nothing of
// sockets. Headers are flat lists of names and values, as node:http gives and takes them, so case and order survive.
import { randomBytes } from 'node:crypto';
import type { ListenerAction } from './actions.ts';

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const forwardedHeaders = new Set([
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-amzn-trace-id',
  'expect',
]);

/** Where a request comes from. */
export interface Origin {
  clientAddress: string;
  clientPort: number;
  listenerPort: number;
}

function namedByConnection(raw: readonly string[]): string[] | undefined {
  let named: string[] | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    if (raw[index]?.toLowerCase() !== 'connection') continue;
    const names = (raw[index + 1] ?? '').toLowerCase().split(',');
    named = [...(named ?? []), ...names.map((name) => name.trim())];
  }
  return named;
}

/** The headers that go on: all but those that belong to one connection only. */
export function endToEndHeaders(raw: readonly string[], also?: ReadonlySet<string>): string[] {
  const named = namedByConnection(raw);
  const result: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const lower = name.toLowerCase();
    if (hopByHop.has(lower) || also?.has(lower) || named?.includes(lower)) continue;
    result.push(name, raw[index + 1] ?? '');
  }
  return result;
}

function valueOf(raw: readonly string[], wanted: string): string | undefined {
  const values: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    if (raw[index]?.toLowerCase() === wanted) values.push(raw[index + 1] ?? '');
  }
  return values.length === 0 ? undefined : values.join(', ');
}

/**
 * The headers of a request as the target gets them: Host kept, X-Forwarded-For, -Proto and -Port set by the load
 * balancer's attributes, X-Amzn-Trace-Id added or continued. `framing` is what this hop says about the body.
 */
export function requestHeaders(
  raw: readonly string[],
  origin: Origin,
  attributes: Readonly<Record<string, string>>,
  framing: readonly string[],
): string[] {
  const result = endToEndHeaders(raw, forwardedHeaders);
  const before = valueOf(raw, 'x-forwarded-for');
  const mode = attributes['routing.http.xff_header_processing.mode'] ?? 'append';
  if (mode === 'preserve') {
    if (before !== undefined) result.push('X-Forwarded-For', before);
  } else if (mode === 'append') {
    const withPort = attributes['routing.http.xff_client_port.enabled'] === 'true';
    const client = withPort ? `${origin.clientAddress}:${origin.clientPort}` : origin.clientAddress;
    result.push('X-Forwarded-For', before === undefined ? client : `${before}, ${client}`);
  }
  result.push('X-Forwarded-Proto', 'http', 'X-Forwarded-Port', String(origin.listenerPort));
  result.push('X-Amzn-Trace-Id', traceId(valueOf(raw, 'x-amzn-trace-id')), ...framing);
  return result;
}

/** A root of our own, or after one that came with the request a Self of our own. */
function traceId(before: string | undefined): string {
  const id = `1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString('hex')}`;
  if (before === undefined || !/(^|;)\s*Root=/i.test(before)) return `Root=${id}`;
  return `Self=${id};${before.replace(/(^|;)\s*Self=[^;]*;?/i, '$1')}`;
}

/** The Location of a redirect action for a request. */
export function redirectLocation(
  config: NonNullable<ListenerAction['RedirectConfig']>,
  request: { host: string; url: string; listenerPort: number },
): string {
  const [path = '/', ...rest] = request.url.split('?');
  const values: Record<string, string> = {
    protocol: 'HTTP',
    host: request.host.replace(/:\d+$/, ''),
    port: String(request.listenerPort),
    path: path.replace(/^\//, ''),
    query: rest.join('?'),
  };
  const fill = (text: string | undefined): string =>
    (text ?? '').replaceAll(/#\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
  const query = fill(config.Query);
  const location = `${fill(config.Protocol).toLowerCase()}://${fill(config.Host)}:${fill(config.Port)}${fill(config.Path)}`;
  return query === '' ? location : `${location}?${query}`;
}
