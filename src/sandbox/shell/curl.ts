// `curl`, as scripts of instances and health checks of containers call it: its options, its words, its exit codes.
// Who answers behind a host name is the caller's to say; nothing else of this machine can be reached.
import type { Output } from './output.ts';
import { fetchFrom, portOf, toUrl, type Answer, type Reach } from './fetch.ts';
import { failure, success } from './output.ts';

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
 * What `curl <words>` does. Options: -s -S -f -i -I -L -o /dev/null -w -X -H -m --connect-timeout.
 * `signal` ends a request that runs when the sandbox closes.
 */
export async function curl(words: readonly string[], reach: Reach, signal: AbortSignal): Promise<Output> {
  const options = parse(words);
  if ('refused' in options) return failure(2, `curl: ${options.refused}\n`);
  if (options.url === undefined) return failure(2, 'curl: (2) no URL specified\n');
  const url = toUrl(options.url);
  if (url === undefined) return complain(options, 3, 'URL rejected: Malformed input to a URL function');
  if (url.protocol !== 'http:')
    return complain(options, 1, `Protocol "${url.protocol.replace(':', '')}" not supported by the sandbox`);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(options.maxTime * 1000)]);
  const headers = { 'user-agent': 'curl/8.11.1', accept: '*/*', ...Object.fromEntries(options.headers) };
  const method = options.method ?? (options.head ? 'HEAD' : 'GET');
  const answer = await fetchFrom(reach, url, { method, headers }, limit);
  if (typeof answer !== 'string') return render(answer, options);
  switch (answer) {
    case 'unknown host':
      return complain(options, 6, `Could not resolve host: ${url.hostname}`);
    case 'refused':
      return complain(
        options,
        7,
        `Failed to connect to ${url.hostname} port ${portOf(url)} after 0 ms: Could not connect to server`,
      );
    case 'timeout':
      return complain(
        options,
        28,
        `Operation timed out after ${options.maxTime * 1000} milliseconds with 0 bytes received`,
      );
    case 'reset':
      return complain(options, 56, 'Recv failure: Connection reset by peer');
    case 'empty':
      return complain(options, 52, 'Empty reply from server');
  }
}
