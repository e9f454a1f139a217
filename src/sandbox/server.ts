// HTTP in front of the handlers: who may speak (loopback, host, origin, signature), which operation it is, in what order
// reading, handling, saving and answering happen. Knows no operation and no AWS format: that is the wire's.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pause, systemClock } from '../base/clock.ts';
import { AwsError } from './aws-error.ts';
import type { Enforce } from './authorization/enforce.ts';
import type { CallLog } from './call-log.ts';
import { controlPath, controlService } from './connection.ts';
import type { Happening } from './control/event-log.ts';
import type { ControlAnswer } from './control/routes.ts';
import { DropConnection } from './drop-connection.ts';
import type { Context } from './handler.ts';
import type { Loop } from './loop.ts';
import { bodyLimit, maxBodyBytes, readBody, type Buffered } from './request-body.ts';
import { checkSignature, readClaim, type Credentials } from './sigv4.ts';
import { SaveError } from './store.ts';
import {
  guessService,
  openRequest,
  otherVersion,
  strangerOf,
  writeError,
  writeOutput,
  type Answer,
} from './wire/codec.ts';
import { noService } from './wire/foreign.ts';
import { wordsOf } from './wire/error-words.ts';
import type { WireRequest } from './wire/request.ts';
import type { WireService } from './wire/service.ts';
import type { World } from './world.ts';

export interface Call {
  service: string;
  operation: string;
  input: Record<string, unknown>;
  requestId: string;
}

/** Where faults can be injected. Throwing an AwsError from either answers with that error, a DropConnection with none. */
export interface Intercept {
  /** The request is read and signed; nothing has changed yet. */
  before?(call: Call): void | Promise<void>;
  /** The world as a read sees it. Called before every operation that changes nothing. */
  view?(world: World, now: number): World;
  /** The handler has run and its change is saved: an error here is an answer lost after the deed. */
  after?(call: Call, output: object): void | Promise<void>;
}

export interface ServerOptions {
  loop: Loop;
  services: readonly WireService[];
  credentials: Credentials;
  /** Credentials that were given for a while, with their end and the ARN of who has them. */
  session?(accessKeyId: string): (Credentials & { expiresAt: number; arn: string }) | undefined;
  /** Whether the call may be made; throws the denial. Absent: who has the credentials may do everything. */
  enforce?: Enforce;
  log: CallLog;
  /** How long every request is held before it is looked at. @default 0 */
  latencyMs?: number;
  /** Resolves when everything changed so far is on disk. */
  saved(): Promise<void>;
  /** Why nothing can be saved at the moment; undefined: it can. */
  trouble?(): Error | undefined;
  /** Answer of a signed control request, once what it changed is saved; undefined: there is no such request. */
  control?(request: WireRequest): ControlAnswer | undefined;
  /** Told of each call that changes things, before the schedules look at the change; of a refused one, with the error. */
  happened?(call: Happening, at: number): void;
  intercept?: Intercept;
  /** A defect in a handler, with its stack. */
  onDefect(error: unknown, call: string): void;
  limits?: Partial<Limits>;
}

/** What one client can take of this process. */
export interface Limits {
  /** Milliseconds for the head of a request, and for all of it. @default 10 000 and 20 000; AWS gives about as much. */
  headersMs: number;
  requestMs: number;
  /** How often those two are looked at, in milliseconds. @default 1000 */
  checkMs: number;
  /** Bodies being received at one time, in bytes, over all connections. @default 64 MiB */
  bufferedBytes: number;
  /** @default 2000 */
  connections: number;
}

export interface RunningServer {
  port: number;
  /** Stops accepting, lets requests in flight finish for a moment, closes every connection. */
  close(): Promise<void>;
}

const defaultLimits: Limits = {
  headersMs: 10_000,
  requestMs: 20_000,
  checkMs: 1000,
  bufferedBytes: 64 * maxBodyBytes,
  connections: 2000,
};
const closeGraceMs = 500;

/** @throws NodeJS.ErrnoException EADDRINUSE when the port asked for is taken. */
export async function startServer(port: number, options: ServerOptions): Promise<RunningServer> {
  const limits = { ...defaultLimits, ...options.limits };
  const buffered = { bytes: 0, limit: limits.bufferedBytes };
  const timeouts = {
    requestTimeout: limits.requestMs,
    headersTimeout: limits.headersMs,
    connectionsCheckingInterval: limits.checkMs,
  };
  // A client that has said all it wants still gets its answer: half-closed connections are served.
  let bound = 0;
  const server = createServer({ keepAlive: true, ...timeouts }, (request, response) => {
    answer(request, response, bound, buffered, options).catch((error: unknown) => {
      // A client that died is no defect, nor is a connection that a fault breaks.
      if (!(error instanceof DropConnection) && (error as NodeJS.ErrnoException).code !== 'ECONNRESET')
        options.onDefect(error, 'server');
      response.destroy();
    });
  });
  server.keepAliveTimeout = 60_000;
  server.maxHeadersCount = 100;
  server.maxConnections = limits.connections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  bound = boundPort(server);
  return {
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), closeGraceMs).unref();
      }),
  };
}

function boundPort(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  buffered: Buffered,
  options: ServerOptions,
): Promise<void> {
  // A page in a browser can reach loopback; a foreign name (DNS rebinding) or an Origin gives it away.
  if (!areOurHosts(request.rawHeaders, port))
    return refuse(request, response, 403, 'this sandbox answers only to 127.0.0.1 and localhost');
  if (request.headers.origin !== undefined)
    return refuse(request, response, 403, 'this sandbox does not answer to web pages');
  const limit = bodyLimit(request, options.services);
  const body = await readBody(request, buffered, limit);
  if (body === 'too large') return refuse(request, response, 413, `the request body exceeds ${limit} bytes`);
  if (body === 'too many') return refuse(request, response, 503, 'too many requests are being received at once');
  if (options.latencyMs && !request.url?.startsWith(controlPath)) await pause(systemClock, options.latencyMs);
  const requestId = randomUUID();
  const started = performance.now();
  const called = { service: '-', operation: '-' };
  const result = await respond(request, body, requestId, called, options);
  if ('follow' in result) return result.follow(response);
  const { body: sent } = result.answer;
  const length = Buffer.byteLength(sent);
  if (called.service !== controlService) {
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const error = result.error === undefined ? {} : { error: result.error };
    options.log.add({ at: new Date().toISOString(), ...called, ...error, ms, received: body.length, sent: length });
  }
  response.writeHead(result.answer.status, { ...result.answer.headers, 'content-length': length });
  // As text, head and body go out in one write; byte for byte, whatever the bytes mean.
  if (typeof sent === 'string') response.end(sent);
  else response.end(Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength).toString('latin1'), 'latin1');
}

/**
 * Exactly one, and ours: Node itself would take the first of two.
 * @param raw names and values by turns
 */
function areOurHosts(raw: string[], port: number): boolean {
  let host: string | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    if (raw[at]?.toLowerCase() !== 'host') continue;
    if (host !== undefined) return false;
    host = raw[at + 1]?.toLowerCase();
  }
  return host === `127.0.0.1:${port}` || host === `localhost:${port}` || host === `[::1]:${port}`;
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  request.resume();
  response.writeHead(status, { 'content-type': 'text/plain', 'content-length': text.length, connection: 'close' });
  response.end(text);
}

/** `error`: AWS's code. */
type Result = { answer: Answer; error?: string } | { follow(response: ServerResponse): void };

async function respond(
  request: IncomingMessage,
  body: Buffer,
  requestId: string,
  called: { service: string; operation: string },
  options: ServerOptions,
): Promise<Result> {
  const { method = '', url = '/', headers } = request;
  const sent: WireRequest = { method, url, headers, body };
  const claim = readClaim(headers.authorization);
  const claimed = typeof claim === 'object' ? claim.service : undefined;
  const control = claimed === controlService;
  const known = options.services.find(({ id }) => id === claimed);
  // Without a readable signature the form of the error follows the form of the request.
  const guessed = known ?? (claimed === undefined || control ? guessService(options.services, sent) : undefined);
  const service: WireService = guessed ?? strangerOf(claimed, sent);
  const words = wordsOf(service);
  called.service = control ? controlService : service.id;
  try {
    const signed = { method, target: url, headers, body };
    const session = typeof claim === 'string' || control ? undefined : options.session?.(claim.accessKeyId);
    if (session !== undefined && session.expiresAt <= Date.now()) throw words.expiredToken();
    const credentials = session ?? options.credentials;
    const refusal = typeof claim === 'string' ? claim : checkSignature(signed, claim, credentials, Date.now());
    // Some services sign otherwise (S3 its paths): who has our key is told that there is none, not that he signs wrongly.
    const foreign = known === undefined && !control && refusal === 'mismatch';
    if (refusal !== undefined && !foreign) throw words.refused(refusal);
    if (control) return await controlAnswer(sent, options);
    if (known === undefined) {
      const offered = options.services.map(({ id }) => id);
      throw new AwsError(words.unknownOperation('', '').code, noService(claimed ?? '', offered));
    }
    return { answer: await dispatch(service, sent, requestId, called, session?.arn, options) };
  } catch (error) {
    if (error instanceof DropConnection) {
      options.log.add({
        at: new Date().toISOString(),
        ...called,
        error: error.name,
        ms: 0,
        received: body.length,
        sent: 0,
      });
      throw error;
    }
    const told = toldError(error, service, () => options.onDefect(error, `${called.service}:${called.operation}`));
    return { answer: writeError(service, told, requestId), error: told.code };
  }
}

const seeLogs = 'an internal error of the ecsdemo sandbox; see: ecsdemo sandbox logs';

async function dispatch(
  service: WireService,
  sent: WireRequest,
  requestId: string,
  called: { operation: string },
  caller: string | undefined,
  options: ServerOptions,
): Promise<Answer> {
  const request = openRequest(service, sent);
  const words = wordsOf(service);
  if (request.operation === undefined) throw words.missingOperation();
  const { operations } = service;
  const version = otherVersion(service, sent);
  if (version !== undefined) {
    const hint = service.insteadOfVersion?.[version] ?? `the ecsdemo sandbox offers version ${service.version ?? ''}`;
    const words = `Could not find operation ${request.operation.slice(0, 64)} for version ${version.slice(0, 64)}`;
    throw new AwsError('InvalidAction', `${words}: ${hint}`);
  }
  const operation = Object.hasOwn(operations, request.operation) ? operations[request.operation] : undefined;
  // The name goes into the log: cut what a hostile caller may have put there.
  called.operation = request.operation.slice(0, 64);
  if (operation === undefined) {
    const sentence = service.instead?.find(([pattern]) => pattern.test(called.operation))?.[1];
    const hint = `the ecsdemo sandbox does not offer ${service.id}:${called.operation}${sentence === undefined ? '' : `; ${sentence}`}`;
    throw words.unknownOperation(called.operation, hint);
  }
  const input = request.read(operation.schema);
  const call: Call = { service: service.id, operation: called.operation, input, requestId };
  let told = !operation.mutates;
  const tell = (at: number, error?: string): void => {
    if (!told)
      options.happened?.(
        { type: 'call', service: call.service, operation: call.operation, ...(error !== undefined && { error }) },
        at,
      );
    told = true;
  };
  const run = (context: Context): Answer & { output: object } => {
    const seen = operation.mutates ? undefined : options.intercept?.view?.(context.world, context.now);
    const output = operation.handler(
      seen === undefined ? context : { ...context, world: seen },
      input as never,
    ) as object;
    tell(context.now);
    // Written at once: the output may hold records of the world, which the schedules are about to change.
    return { ...writeOutput(service, operation.schema, output, requestId), output };
  };
  try {
    const { enforce } = options;
    if (enforce !== undefined) options.loop.read(({ world, now }) => enforce(call, world, now, caller));
    // While nothing can be saved nothing is changed either; asking is also a try.
    if (operation.mutates && options.trouble?.() !== undefined) await options.saved();
    const before = options.intercept?.before?.(call);
    if (before !== undefined) await before;
    const { output, ...answer } = operation.mutates ? options.loop.changeUnsettled(run) : options.loop.read(run);
    if (operation.mutates) {
      await options.loop.settled();
      await options.saved();
    }
    const after = options.intercept?.after?.(call, output);
    if (after !== undefined) await after;
    return answer;
  } catch (error) {
    if (error instanceof AwsError)
      tell(
        options.loop.read(({ now }) => now),
        error.code,
      );
    throw error;
  }
}

async function controlAnswer(sent: WireRequest, options: ServerOptions): Promise<Result> {
  const headers = { 'content-type': 'application/json' };
  const answered = options.control?.(sent);
  if (answered === undefined) return { answer: { status: 404, headers, body: '{}' }, error: 'NotFound' };
  if ('follow' in answered) return answered;
  if (sent.method !== 'GET') await options.saved();
  return { answer: { status: answered.status, headers, body: JSON.stringify(answered.body) } };
}

/** What went wrong as AWS would say it. A full disk is no defect: its reason is told, and the log has it already. */
function toldError(error: unknown, service: WireService, defect: () => void): AwsError {
  if (error instanceof AwsError) return error;
  if (!(error instanceof SaveError)) defect();
  const { code } = wordsOf(service).serverError();
  return new AwsError(code, error instanceof SaveError ? error.message : seeLogs, 500);
}
