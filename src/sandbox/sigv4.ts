// Signature Version 4, header form: signing (for our own requests to the sandbox) and checking (for everybody's).
// Pure: no sockets, no clock of its own. Knows no service; the caller turns a refusal into the service's error.
import { createHmac, hash, timingSafeEqual } from 'node:crypto';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

export interface SignedRequest {
  method: string;
  /** As in the request line: path and query string. */
  target: string;
  /** Lower-case names. */
  headers: Record<string, string | string[] | undefined>;
  body: string | Uint8Array;
}

/** What the Authorization header says, before anything of it is believed. */
export interface Claim {
  accessKeyId: string;
  date: string;
  region: string;
  service: string;
  signedHeaders: string[];
  signature: string;
}

export type Refusal = 'missing' | 'incomplete' | 'unknown-key' | 'expired' | 'mismatch';

/** Time between signing and arrival that is accepted, either way: AWS's own five minutes. */
export const maxSkewMs = 5 * 60_000;

const algorithm = 'AWS4-HMAC-SHA256';
const sha256 = (data: string | Uint8Array): string => hash('sha256', data, 'hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** Parses the Authorization header. 'missing': there is none. 'incomplete': it is not a SigV4 header with all its parts. */
export function readClaim(authorization: string | undefined): Claim | 'missing' | 'incomplete' {
  if (authorization === undefined || authorization === '') return 'missing';
  if (!authorization.startsWith(`${algorithm} `)) return 'incomplete';
  const parts = new Map<string, string>();
  for (const part of authorization.slice(algorithm.length + 1).split(',')) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(at, 0)).trim();
    // Said twice, it could mean one thing here and another elsewhere.
    if (parts.has(name)) return 'incomplete';
    if (name !== '') parts.set(name, part.slice(at + 1).trim());
  }
  const [accessKeyId, date, region, service, end, ...rest] = (parts.get('Credential') ?? '').split('/');
  const signedHeaders = (parts.get('SignedHeaders') ?? '').split(';').filter((name) => name !== '');
  const signature = parts.get('Signature') ?? '';
  if (!accessKeyId || !date || !region || !service || end !== 'aws4_request' || rest.length > 0) return 'incomplete';
  if (!/^\d{8}$/.test(date) || !/^[a-z0-9-]{1,64}$/.test(region) || !/^[a-z0-9-]{1,64}$/.test(service))
    return 'incomplete';
  if (signedHeaders.length === 0 || !/^[0-9a-f]{64}$/.test(signature)) return 'incomplete';
  return { accessKeyId, date, region, service, signedHeaders, signature };
}

/**
 * @param now milliseconds since the epoch.
 * @returns undefined when the request is signed with these credentials, otherwise why it is refused.
 */
export function checkSignature(
  request: SignedRequest,
  claim: Claim,
  credentials: Credentials,
  now: number,
): Refusal | undefined {
  if (claim.accessKeyId !== credentials.accessKeyId) return 'unknown-key';
  const at = headerText(request, 'x-amz-date');
  const signedAt = parseAmzDate(at);
  if (signedAt === undefined || !at.startsWith(claim.date)) return 'incomplete';
  if (!claim.signedHeaders.includes('host') || !claim.signedHeaders.includes('x-amz-date')) return 'incomplete';
  if (Math.abs(now - signedAt) > maxSkewMs) return 'expired';
  // The hash of what arrived, never the one a header states: UNSIGNED-PAYLOAD is not accepted, as on these services.
  const expected = signatureOf(request, claim, at, sha256(request.body), credentials.secretAccessKey);
  return timingSafeEqual(Buffer.from(expected, 'hex'), Buffer.from(claim.signature, 'hex')) ? undefined : 'mismatch';
}

/** @returns the headers to add (x-amz-date, x-amz-content-sha256, authorization) to a request that already names its host. */
export function sign(
  request: SignedRequest,
  credentials: Credentials,
  scope: { region: string; service: string },
  now: number,
): Record<string, string> {
  const at = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const bodyHash = sha256(request.body);
  const added = { 'x-amz-date': at, 'x-amz-content-sha256': bodyHash };
  const signed: SignedRequest = { ...request, headers: { ...request.headers, ...added } };
  const date = at.slice(0, 8);
  const signedHeaders = ['host', 'x-amz-content-sha256', 'x-amz-date'];
  const signature = signatureOf(signed, { date, ...scope, signedHeaders }, at, bodyHash, credentials.secretAccessKey);
  const credential = `${credentials.accessKeyId}/${date}/${scope.region}/${scope.service}/aws4_request`;
  const authorization = `${algorithm} Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
  return { ...added, authorization };
}

function signatureOf(
  request: SignedRequest,
  scope: { date: string; region: string; service: string; signedHeaders: string[] },
  at: string,
  bodyHash: string,
  secret: string,
): string {
  const [path = '/', query = ''] = splitOnce(request.target, '?');
  const canonical = [
    request.method,
    canonicalPath(path),
    canonicalQuery(query),
    ...scope.signedHeaders.map((name) => `${name}:${headerText(request, name).trim().replace(/\s+/g, ' ')}`),
    '',
    scope.signedHeaders.join(';'),
    bodyHash,
  ].join('\n');
  const toSign = [algorithm, at, `${scope.date}/${scope.region}/${scope.service}/aws4_request`, sha256(canonical)].join(
    '\n',
  );
  return createHmac('sha256', signingKey(scope, secret)).update(toSign).digest('hex');
}

/** The keys of the last scopes that were asked for: one for each service and day, and four hashes dearer than the rest. */
const signingKeys = new Map<string, Buffer>();
const keptKeys = 100;

function signingKey(
  { date, region, service }: { date: string; region: string; service: string },
  secret: string,
): Buffer {
  const name = `${date}/${region}/${service}/${secret}`;
  let key = signingKeys.get(name);
  if (key === undefined) {
    key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), 'aws4_request');
    // Whoever claims any region and service is not to fill the memory.
    if (signingKeys.size >= keptKeys) signingKeys.clear();
    signingKeys.set(name, key);
  }
  return key;
}

/** Every service but S3 signs the path encoded once more. */
function canonicalPath(path: string): string {
  return path.split('/').map(encode).join('/') || '/';
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .map((pair) => splitOnce(pair, '=').map((part) => encode(decodeURIComponentSafely(part))))
    .map(([name = '', value = '']) => `${name}=${value}`)
    .sort()
    .join('&');
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function headerText(request: SignedRequest, name: string): string {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}

/** `20260102T030405Z` → milliseconds since the epoch. */
function parseAmzDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
