// `curl` on an instance: a real HTTP request over loopback, but only to ports that tasks have bound on that instance, and to
// the agent's introspection API. Nothing else of this machine can be reached.
import { request } from 'node:http';
import type { Instance, World } from '../world.ts';
import { introspect, introspectionPort } from './agent-introspection.ts';
import { findContainerInstance, tasksOn } from './docker-ps.ts';
import type { Output } from './output.ts';
import { failure, success } from './output.ts';

const maxBodyBytes = 1024 * 1024;

interface Options {
  url?: string;
  silent: boolean;
  showError: boolean;
  failOnError: boolean;
  head: boolean;
  include: boolean;
  discardBody: boolean;
  writeOut: string;
  method?: string;
  headers: [string, string][];
  /** Seconds. */
  maxTime: number;
}

const longNames: Record<string, string> = {
  '--silent': 's',
  '--show-error': 'S',
  '--fail': 'f',
  '--head': 'I',
  '--include': 'i',
  '--output': 'o',
  '--write-out': 'w',
  '--request': 'X',
  '--header': 'H',
  '--max-time': 'm',
  '--connect-timeout': 'connect',
  '--location': 'L',
  '--retry': 'retry',
  '--retry-delay': 'retry',
};
const takesValue = new Set(['o', 'w', 'X', 'H', 'm', 'connect', 'retry']);

function parse(words: readonly string[]): Options | { refused: string } {
  const options: Options = {
    silent: false,
    showError: false,
    failOnError: false,
    head: false,
    include: false,
    discardBody: false,
    writeOut: '',
    headers: [],
    maxTime: 30,
  };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) {
      if (options.url !== undefined) return { refused: 'the sandbox fetches one URL per curl' };
      options.url = word;
      continue;
    }
    const long = word.startsWith('--') ? longNames[word] : undefined;
    if (word.startsWith('--') && long === undefined) return { refused: `option ${word}: is unknown` };
    const letters = long === undefined ? word.slice(1).split('') : [long];
    for (const [index, letter] of letters.entries()) {
      const attached = long === undefined ? letters.slice(index + 1).join('') : '';
      const value = takesValue.has(letter) ? (attached === '' ? (words[++at] ?? '') : attached) : '';
      const refused = apply(options, letter, value);
      if (refused !== undefined) return { refused };
      if (takesValue.has(letter)) break;
    }
  }
  return options;
}

/** Takes one option in. Returns why not, when the sandbox does not have it. */
function apply(options: Options, letter: string, value: string): string | undefined {
  switch (letter) {
    case 's':
      options.silent = true;
      return undefined;
    case 'S':
      options.showError = true;
      return undefined;
    case 'f':
      options.failOnError = true;
      return undefined;
    case 'I':
      options.head = true;
      return undefined;
    case 'i':
      options.include = true;
      return undefined;
    case 'o':
      if (value !== '/dev/null') return 'the sandbox writes no files: -o takes /dev/null only';
      options.discardBody = true;
      return undefined;
    case 'w':
      options.writeOut = value;
      return undefined;
    case 'X':
      options.method = value;
      return undefined;
    case 'H': {
      const colon = value.indexOf(':');
      if (colon > 0) options.headers.push([value.slice(0, colon).trim(), value.slice(colon + 1).trim()]);
      return undefined;
    }
    case 'm':
      options.maxTime = Number(value) || options.maxTime;
      return undefined;
    case 'L':
    case 'connect':
    case 'retry':
      return undefined;
    default:
      return `option -${letter}: is unknown`;
  }
}

/** The loopback port behind a host port of the instance; undefined when no running container has bound it. */
function localPortOf(world: World, instance: Instance, hostPort: number): number | undefined {
  for (const task of tasksOn(world, instance)) {
    for (const container of task.containers) {
      const binding = container.networkBindings.find((one) => one.hostPort === hostPort && one.protocol === 'tcp');
      if (container.lastStatus === 'RUNNING' && binding !== undefined) return binding.localPort;
    }
  }
  return undefined;
}

interface Answer {
  status: number;
  statusText: string;
  headers: string[];
  body: string;
}

function fetchLocal(port: number, url: URL, options: Options, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path: `${url.pathname}${url.search}`,
        method: options.method ?? (options.head ? 'HEAD' : 'GET'),
        headers: { host: url.host, 'user-agent': 'curl/8.11.1', accept: '*/*', ...Object.fromEntries(options.headers) },
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

function render(answer: Answer, options: Options): Output {
  const headers: string[] = [];
  for (let at = 0; at < answer.headers.length; at += 2)
    headers.push(`${answer.headers[at] ?? ''}: ${answer.headers[at + 1] ?? ''}`);
  const head = `HTTP/1.1 ${answer.status} ${answer.statusText}\r\n${headers.join('\r\n')}\r\n\r\n`;
  const failed = options.failOnError && answer.status >= 400;
  const shown =
    options.discardBody || failed
      ? ''
      : (options.include || options.head ? head : '') + (options.head ? '' : answer.body);
  const written = options.writeOut
    .replaceAll('\\n', '\n')
    .replace(/%\{(http_code|response_code|size_download)\}/g, (_, name: string) =>
      name === 'size_download' ? String(Buffer.byteLength(answer.body)) : String(answer.status).padStart(3, '0'),
    );
  if (failed) return complain(options, 22, `The requested URL returned error: ${answer.status}`, shown + written);
  return success(shown + written);
}

function complain(options: Options, code: number, message: string, stdout = ''): Output {
  const loud = !options.silent || options.showError;
  return failure(code, loud ? `curl: (${code}) ${message}\n` : '', stdout);
}

/**
 * What `curl <words>` does on the instance. Options: -s -S -f -i -I -L -o /dev/null -w -X -H -m --connect-timeout.
 * `signal` ends a request that runs when the sandbox closes.
 */
export async function curl(
  world: World,
  instance: Instance,
  words: readonly string[],
  signal: AbortSignal,
): Promise<Output> {
  const options = parse(words);
  if ('refused' in options) return failure(2, `curl: ${options.refused}\n`);
  if (options.url === undefined) return failure(2, 'curl: (2) no URL specified\n');
  let url: URL;
  try {
    url = new URL(/^[a-z]+:\/\//i.test(options.url) ? options.url : `http://${options.url}`);
  } catch {
    return complain(options, 3, 'URL rejected: Malformed input to a URL function');
  }
  if (url.protocol !== 'http:')
    return complain(options, 1, `Protocol "${url.protocol.replace(':', '')}" not supported by the sandbox`);
  const port = url.port === '' ? 80 : Number(url.port);
  const own = ['127.0.0.1', 'localhost', '[::1]', instance.privateIpAddress].includes(url.hostname);
  if (!own) return complain(options, 6, `Could not resolve host: ${url.hostname}`);
  const refusedText = `Failed to connect to ${url.hostname} port ${port} after 0 ms: Could not connect to server`;
  if (port === introspectionPort && findContainerInstance(world, instance) !== undefined) {
    const document = introspect(world, instance, url.pathname);
    const [status, statusText] = document === undefined ? [404, 'Not Found'] : [200, 'OK'];
    return render({ status, statusText, headers: ['Content-Type', 'application/json'], body: document ?? '' }, options);
  }
  const localPort = localPortOf(world, instance, port);
  if (localPort === undefined) return complain(options, 7, refusedText);
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(options.maxTime * 1000)]);
    return render(await fetchLocal(localPort, url, options, limit), options);
  } catch (error) {
    const name = (error as { name?: string; code?: string }).code ?? (error as Error).name;
    if (name === 'ECONNREFUSED') return complain(options, 7, refusedText);
    if (name === 'ABORT_ERR' || name === 'TimeoutError' || name === 'AbortError') {
      return complain(
        options,
        28,
        `Operation timed out after ${options.maxTime * 1000} milliseconds with 0 bytes received`,
      );
    }
    return complain(
      options,
      name === 'ECONNRESET' ? 56 : 52,
      name === 'ECONNRESET' ? 'Recv failure: Connection reset by peer' : 'Empty reply from server',
    );
  }
}
