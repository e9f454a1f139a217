// Requests as no SDK would send them: bytes on a socket, and signed calls whose every part can be wrong.
import { connect } from 'node:net';
import { sign, type Credentials } from '../../src/sandbox/sigv4.ts';

export interface Target {
  port: number;
  credentials: Credentials;
}

export interface Signed {
  service: 'ecs' | 'ec2' | 'elasticloadbalancing' | 'iam' | 'ssm' | 'sts' | (string & {});
  body: string;
  /** X-Amz-Target; for the JSON services. */
  target?: string;
  /** Milliseconds that the signer's clock is ahead. @default 0 */
  skewMs?: number;
  path?: string;
  /** Added after signing; a name that is there already is replaced. */
  headers?: Record<string, string>;
  credentials?: Credentials;
}

export interface Reply {
  status: number;
  body: string;
  /** AWS's error code, from JSON or XML; undefined when there is none. */
  code: string | undefined;
}

const prefixes: Record<string, string> = { ecs: 'AmazonEC2ContainerServiceV20141113', ssm: 'AmazonSSM' };
const versions: Record<string, string> = {
  ec2: '2016-11-15',
  elasticloadbalancing: '2015-12-01',
  iam: '2010-05-08',
  sts: '2011-06-15',
};

/** The request as bytes: what is signed is right, what `headers` adds may not be. */
export function signedBytes({ port, credentials }: Target, asked: Signed): string {
  const { service, body, target, skewMs = 0, path = '/' } = asked;
  const host = `127.0.0.1:${port}`;
  const added = sign(
    { method: 'POST', target: path, headers: { host }, body },
    asked.credentials ?? credentials,
    { region: 'us-east-1', service },
    Date.now() + skewMs,
  );
  const headers: Record<string, string> = {
    host,
    ...added,
    ...(target === undefined ? {} : { 'x-amz-target': target }),
    'content-length': String(Buffer.byteLength(body)),
    ...asked.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

/**
 * Sends bytes and reads until the server closes, until `answers` answers with bodies have come, or for `limitMs`.
 * @returns all that came; '' when the connection was reset without a word.
 */
export function exchange(
  port: number,
  bytes: string | Buffer,
  { answers = 1, limitMs = 30_000, halfClose = false } = {},
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let text = '';
    const done = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(done, limitMs);
    socket.on('connect', () => (halfClose ? socket.end(bytes) : socket.write(bytes)));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (repliesIn(text).length >= answers) done();
    });
    socket.on('error', done);
    socket.on('end', done);
    socket.on('close', done);
  });
}

/** The whole answers in the text; those whose body is not complete yet are left out. */
export function repliesIn(text: string): Reply[] {
  const replies: Reply[] = [];
  let rest = text;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return replies;
    const head = rest.slice(0, end);
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    const body = rest.slice(end + 4, end + 4 + length);
    if (Buffer.byteLength(body, 'latin1') < length) return replies;
    rest = rest.slice(end + 4 + length);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
    replies.push({ status, body, code: codeOf(body) });
  }
}

function codeOf(body: string): string | undefined {
  return /<Code>([^<]+)<\/Code>/.exec(body)?.[1] ?? /"__type":"([^"]+)"/.exec(body)?.[1];
}

/** One signed request, one answer; status 0 when none came. */
export async function call(to: Target, asked: Signed): Promise<Reply> {
  const [reply] = repliesIn(await exchange(to.port, signedBytes(to, asked)));
  return reply ?? { status: 0, body: '', code: undefined };
}

/** A JSON call by its operation's name. */
export function callJson(
  to: Target,
  service: 'ecs' | 'ssm',
  operation: string,
  body: unknown,
  more: Partial<Signed> = {},
): Promise<Reply> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return call(to, { service, target: `${prefixes[service] ?? ''}.${operation}`, body: text, ...more });
}

/** A query call; the parameters are taken as they are. */
export function callQuery(
  to: Target,
  service: 'ec2' | 'elasticloadbalancing' | 'iam' | 'sts',
  operation: string,
  parameters = '',
  more: Partial<Signed> = {},
): Promise<Reply> {
  const body = `Action=${operation}&Version=${versions[service] ?? ''}${parameters === '' ? '' : `&${parameters}`}`;
  return call(to, { service, body, ...more });
}
