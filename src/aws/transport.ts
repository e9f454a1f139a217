// Requests to AWS and their answers: over a proxy where there is one, each answer whole, within time and size, and of
// AWS's form. Knows HTTP; must not know any operation.
import type { AgentOptions } from 'node:https';
import type { Readable } from 'node:stream';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { EcsdemoError } from '../base/errors.ts';
import { towardsAws } from './network-faults.ts';
import { brokenOff, notAnswered, notHttp, oddity } from './answers.ts';
import type { Exchange, Traced } from './exchange.ts';
import { proxyAgents, shownProxy } from './proxies.ts';

export interface TransportOptions {
  /** The proxy for an address. Absent or undefined: straight. */
  proxyOf?: (url: URL) => string | undefined;
  /** What certificates must be signed by; undefined: what Node trusts. Asked once, before the first https request. */
  certificates?: () => Promise<AgentOptions['ca']>;
  /** Told where each request goes. */
  reaching?: (url: URL) => void;
  /** How long one attempt may take until its answer is whole, in milliseconds. @default 60 s, as the AWS CLI reads */
  answerMs?: number;
  /** Told of every attempt as it ended. */
  traced?: Traced | undefined;
}

/** What the SDK's clients take for a request handler. `destroy` ends what is under way, and refuses what comes later. */
export type Transport = Pick<
  NodeHttpHandler,
  'handle' | 'destroy' | 'metadata' | 'updateHttpClientConfig' | 'httpHandlerConfigs'
>;

const connectionMs = 10_000;
/** No answer to any call of ours is near it. */
const maxAnswerBytes = 10_000_000;

export function createTransport({
  proxyOf = () => undefined,
  certificates = () => Promise.resolve(undefined),
  reaching = () => undefined,
  answerMs = 60_000,
  traced,
}: TransportOptions = {}): Transport {
  const handlers = new Map<string, NodeHttpHandler>();
  const underWay = new Set<AbortController>();
  let closed = false;
  let trusted: Promise<AgentOptions['ca']> | undefined;

  const handlerOf = (proxy: string | undefined, secure: boolean): NodeHttpHandler => {
    const key = `${secure} ${proxy ?? ''}`;
    const known = handlers.get(key);
    if (known !== undefined) return known;
    const made = new NodeHttpHandler(async () => {
      const ca = secure ? await (trusted ??= certificates()) : undefined;
      if (proxy !== undefined) return { connectionTimeout: connectionMs, ...(await proxyAgents(proxy, ca)) };
      return { connectionTimeout: connectionMs, ...(ca === undefined ? {} : { httpsAgent: { ca } }) };
    });
    handlers.set(key, made);
    return made;
  };

  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request) {
      const trace = traced && traceOf(request, traced);
      const url = new URL(
        `${request.protocol}//${request.hostname}${request.port === undefined ? '' : `:${request.port}`}`,
      );
      reaching(url);
      const proxy = proxyOf(url);
      const end = new AbortController();
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        end.abort();
      }, answerMs);
      underWay.add(end);
      if (closed) end.abort();
      try {
        const handler = handlerOf(proxy, url.protocol === 'https:');
        const { response } = await handler.handle(request, { abortSignal: end.signal });
        const body = await whole(response.body as Readable, url.origin);
        trace?.answered(response.statusCode, response.headers, body);
        const odd =
          proxy !== undefined && response.statusCode === 407
            ? refusedByProxy(proxy)
            : oddity(
                { origin: url.origin, headers: lowerCase(request.headers) },
                { status: response.statusCode, headers: lowerCase(response.headers), body },
              );
        // Where there is a response, the SDK reads from it when to try again.
        if (odd !== undefined) throw Object.defineProperty(odd, '$response', { value: response });
        response.body = body;
        return { response };
      } catch (error) {
        trace?.failed(error);
        if (late) throw notAnswered(url.origin, answerMs);
        const other = notHttp(url.origin, error);
        if (other !== undefined) throw other;
        if (proxy !== undefined && error instanceof Error && !(error instanceof EcsdemoError))
          error.message = `${error.message} (through the proxy ${shownProxy(proxy)})`;
        throw error;
      } finally {
        trace?.end();
        clearTimeout(timer);
        underWay.delete(end);
      }
    },
    destroy() {
      closed = true;
      for (const end of underWay) end.abort();
      for (const handler of handlers.values()) handler.destroy();
    },
    // The SDK's clients would like to set a logger and time-outs of their own.
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}

/** The SDK's bytes refuse to be taken for text, so they are decoded. */
function bodyText(body: string | Uint8Array): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body);
}

/** Gathers one exchange, and hands it on at its end. */
function traceOf(request: Parameters<Transport['handle']>[0], traced: Traced) {
  const startedAt = performance.now();
  const { protocol, hostname, port, method, path, query, headers } = request;
  const search = Object.entries(query).map(([name, value]) => `${name}=${String(value ?? '')}`);
  const exchange: Exchange = {
    method,
    url: `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}${search.length === 0 ? '' : `?${search.join('&')}`}`,
    headers,
    body: request.body === undefined ? '' : bodyText(request.body as string | Uint8Array),
    durationMs: 0,
  };
  return {
    answered(status: number, itsHeaders: Record<string, string>, body: Buffer): void {
      exchange.answer = { status, headers: itsHeaders, body: body.toString() };
    },
    failed(error: unknown): void {
      exchange.failure = error instanceof Error ? error.message : String(error);
    },
    end(): void {
      traced({ ...exchange, durationMs: Math.round(performance.now() - startedAt) });
    },
  };
}

/** @throws when it is broken off, or too large: the rest is never read */
async function whole(body: Readable, origin: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      // Leaving the loop destroys the stream and its connection.
      if (bytes > maxAnswerBytes) {
        throw new EcsdemoError(
          'endpoint-not-aws',
          `${origin} does not answer as AWS: an answer of more than ${maxAnswerBytes / 1_000_000} MB`,
          { suggestions: [{ text: `curl -sI ${origin}`, note: 'shows who answers there' }, towardsAws] },
        );
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof EcsdemoError ? error : brokenOff(origin);
  }
  return Buffer.concat(chunks);
}

function refusedByProxy(proxy: string): EcsdemoError {
  return new EcsdemoError(
    'endpoint-unreachable',
    `the proxy ${shownProxy(proxy)} asks for a user and a password (HTTP 407)`,
    { suggestions: [{ text: 'export HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT' }] },
  );
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
