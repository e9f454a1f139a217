// One GET, as a visitor of the demo makes it, through the proxy of this machine where there is one. Knows HTTP and nothing of
// AWS.
import { request } from 'node:http';
import { proxyFor, visitorAgent } from '../aws/proxies.ts';

export interface Answer {
  /** Status 200. */
  ok: boolean;
  body: string;
  /** Who answered, when the answer says so: a header that many servers set to the container's host name. */
  server?: string;
  /** For people: 'HTTP 503', 'the name is not known yet'. */
  words: string;
}

/** For the whole answer: a server that goes on for ever must not hold a check for ever. */
const timeoutMs = 10_000;
const bodyLimit = 65_536;

const failures: Record<string, string> = {
  ENOTFOUND: 'the name is not known yet',
  EAI_AGAIN: 'the name is not known yet',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ETIMEDOUT: 'no answer',
  ABORT_ERR: 'no answer',
};

/** Never throws for what a server or the network does; a failure is an answer that is not ok. */
export async function visit(url: string, signal: AbortSignal): Promise<Answer> {
  const proxy = proxyFor(new URL(url), process.env);
  // A connection of its own for each visit, so that the load balancer chooses anew.
  const agent = proxy === undefined ? false : await visitorAgent(proxy);
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void =>
      resolve({ ok: false, body: '', words: failures[error.code ?? ''] ?? error.message });
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const req = request(url, { agent, signal: limit, headers: { 'user-agent': 'ecsdemo' } }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (body.length < bodyLimit) body += chunk;
      });
      response.on('error', failed);
      response.on('end', () => {
        const server = response.headers['x-container-id'] ?? response.headers['x-served-by'];
        const status = response.statusCode ?? 0;
        resolve({
          ok: status === 200,
          body,
          words: status === 200 ? `HTTP 200 with "${body.slice(0, 40).trim()}"` : `HTTP ${status}`,
          ...(typeof server === 'string' ? { server } : {}),
        });
      });
    });
    req.on('error', failed);
    req.end();
  });
}
