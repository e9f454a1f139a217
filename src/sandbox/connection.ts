// How a running sandbox is reached, as written down in its directory, and the one signed request that proves it is really it.
// Light: commands load this on every run.
import { readFileSync } from 'node:fs';
import { request, type OutgoingHttpHeaders, type RequestOptions } from 'node:http';
import { join } from 'node:path';
import type { Suggestion } from '../base/suggestion.ts';
import type { Inventory } from './inventory.ts';
import { sign, type Credentials } from './sigv4.ts';

export interface Connection {
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  pid: number;
  credentials: Credentials;
  region: string;
  account: string;
  /** 'fast', 'real' or a number: as it was when it was last asked. */
  pace: string;
  /** ISO 8601. */
  startedAt: string;
  /** The policy document that it enforces, absolute. Absent: none. */
  policy?: string;
}

/** What the process tells the one who started it. */
export type StartMessage =
  | { type: 'listening'; connection: Connection }
  | { type: 'failed'; code: string; message: string; suggestions: readonly Suggestion[] };

/** The service name of these requests' signatures: no AWS client can be made to send it. */
export const controlService = 'ecsdemo';
/** What the commands ask the sandbox itself, beside AWS's operations. */
export const controlPath = '/_ecsdemo/';
export const statusPath = `${controlPath}status`;

const connectionFile = 'connection.json';

export const connectionPath = (dir: string): string => join(dir, connectionFile);

/** Undefined: none is written down. Says nothing about whether it still runs. */
export function readConnection(dir: string): Connection | undefined {
  try {
    const connection = JSON.parse(readFileSync(connectionPath(dir), 'utf8')) as Partial<Connection>;
    return connection.endpoint && connection.pid && connection.credentials ? (connection as Connection) : undefined;
  } catch {
    return undefined;
  }
}

export interface ControlReply {
  status: number;
  text: string;
}

/** A signed request to the sandbox itself, as `http.request` takes it. `body`: as it will be sent. */
export function signedRequest(connection: Connection, path: string, method = 'GET', body = ''): RequestOptions {
  const { host, hostname, port } = new URL(connection.endpoint);
  const unsigned = { method, target: path, headers: { host }, body };
  const scope = { region: connection.region, service: controlService };
  const signed = sign(unsigned, connection.credentials, scope, Date.now());
  return { hostname, port, path, method, headers: { host, ...signed }, agent: false };
}

/**
 * One signed request to the sandbox itself. Signed, so that nothing secret reaches another program that may have the
 * port now. `body`: sent as JSON, by POST; absent: GET.
 * @returns undefined when nobody answers in time.
 */
export function askControl(
  connection: Connection,
  path: string,
  timeoutMs: number,
  body?: object,
): Promise<ControlReply | undefined> {
  const sent = body === undefined ? '' : JSON.stringify(body);
  const options = signedRequest(connection, path, body === undefined ? 'GET' : 'POST', sent);
  const length =
    body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) };
  const headers = { ...(options.headers as OutgoingHttpHeaders), ...length };
  return new Promise((resolve) => {
    const asking = request({ ...options, headers, timeout: timeoutMs }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', () => resolve(undefined));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(undefined));
    asking.end(sent);
  });
}

/**
 * Asks the sandbox for what is in it.
 * @returns undefined when nobody answers in time, or somebody who is not this sandbox.
 */
export async function askStatus(connection: Connection, timeoutMs: number): Promise<Inventory | undefined> {
  const reply = await askControl(connection, statusPath, timeoutMs);
  return reply?.status === 200 ? inventoryOf(reply.text, connection) : undefined;
}

function inventoryOf(text: string, connection: Connection): Inventory | undefined {
  try {
    const inventory = JSON.parse(text) as Inventory;
    return inventory.pid === connection.pid && inventory.account === connection.account ? inventory : undefined;
  } catch {
    return undefined;
  }
}
