// One HTTP request over loopback, to whoever answers behind a host name and port as the asking container or instance
// sees them. Knows no command line.
import { request } from 'node:http';

/** A port of this machine, or documents that the sandbox itself serves there (undefined: none at the path). */
export type Reached = { localPort: number } | { documentAt(path: string): string | undefined };

/** What is behind the host name and port; undefined when the port is closed. */
export type Reach = (hostname: string, port: number) => Reached | 'unknown host' | undefined;

export interface Answer {
  status: number;
  statusText: string;
  /** Names and values in turn. */
  headers: string[];
  body: string;
}

export type FetchFailure = 'unknown host' | 'refused' | 'timeout' | 'reset' | 'empty';

const maxBodyBytes = 1024 * 1024;

/** `localhost:80/x` or a whole URL; undefined when it is none. */
export function toUrl(text: string): URL | undefined {
  try {
    return new URL(/^[a-z]+:\/\//i.test(text) ? text : `http://${text}`);
  } catch {
    return undefined;
  }
}

export function portOf(url: URL): number {
  return url.port === '' ? 80 : Number(url.port);
}

/** @param signal ends the request; it then counts as timed out. */
export async function fetchFrom(
  reach: Reach,
  url: URL,
  { method, headers }: { method: string; headers: Record<string, string> },
  signal: AbortSignal,
): Promise<Answer | FetchFailure> {
  const reached = reach(url.hostname, portOf(url));
  if (reached === 'unknown host') return reached;
  if (reached === undefined) return 'refused';
  if ('documentAt' in reached) {
    const body = reached.documentAt(url.pathname);
    const [status, statusText] = body === undefined ? [404, 'Not Found'] : [200, 'OK'];
    return { status, statusText, headers: ['Content-Type', 'application/json'], body: body ?? '' };
  }
  try {
    return await send(reached.localPort, url, method, headers, signal);
  } catch (error) {
    const name = (error as { code?: string }).code ?? (error as Error).name;
    if (name === 'ECONNREFUSED') return 'refused';
    if (name === 'ABORT_ERR' || name === 'TimeoutError' || name === 'AbortError') return 'timeout';
    return name === 'ECONNRESET' ? 'reset' : 'empty';
  }
}

function send(
  port: number,
  url: URL,
  method: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path: `${url.pathname}${url.search}`,
        method,
        headers: { host: url.host, ...headers },
        agent: false,
        signal,
      },
      (incoming) => {
        const parts: Buffer[] = [];
        let size = 0;
        incoming.on('data', (part: Buffer) => {
          size += part.length;
          if (size > maxBodyBytes) incoming.destroy(new Error('body too large'));
          else parts.push(part);
        });
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            statusText: incoming.statusMessage ?? '',
            headers: incoming.rawHeaders,
            body: Buffer.concat(parts).toString('utf8'),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}
