// Reads HTTP/1.1 responses off a connection, however its bytes are cut up: head, body by length, by chunks or until
// the end. Pure of sockets. Exists because node:http's client costs more than the rest of the proxy together.

/** What is read, in order: `head`, any number of `data`, `end`. */
export interface ResponseSink {
  /** The final head; interim ones (1xx) are swallowed. `headers` is a flat list of names and values. */
  head(status: number, reason: string, headers: string[]): void;
  data(chunk: Buffer): void;
  /** `reusable`: the connection may serve another request, idle for `idleMs` at most when the target said so. */
  end(reusable: boolean, idleMs: number | undefined): void;
}

export interface ResponseParser {
  /** Takes bytes; throws `MalformedResponse` for what is not HTTP, after which the connection is of no use. */
  write(chunk: Buffer): void;
  /** The connection ended. Gives whether that completed a response that lasts until the end. */
  finish(): boolean;
}

/** The target does not talk HTTP: 502 to the client. */
export class MalformedResponse extends Error {}

/** As for requests: an ALB takes 64 KB of headers. */
const maxHeadBytes = 65_536;

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const headerLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;
const chunkSize = /^([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?$/;

type Phase = 'head' | 'length' | 'until-close' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'done';

/** A parser for one response to a request with this method (a response to HEAD has no body). */
export function createResponseParser(method: string, sink: ResponseSink): ResponseParser {
  let phase: Phase = 'head';
  /** Bytes kept because a line is not whole yet. */
  let rest: Buffer | undefined;
  let left = 0;
  let reusable = false;
  let idleMs: number | undefined;

  function finishResponse(): void {
    phase = 'done';
    sink.end(reusable, idleMs);
  }

  /** Text up to `mark` from `at`, or undefined when it is not there yet; what is left is kept. */
  function until(bytes: Buffer, at: number, mark: string): string | undefined {
    const end = bytes.indexOf(mark, at, 'latin1');
    if (end < 0) {
      if (bytes.length - at > maxHeadBytes) throw new MalformedResponse('line without end');
      rest = bytes.subarray(at);
      return undefined;
    }
    return bytes.toString('latin1', at, end);
  }

  function readHead(text: string): void {
    if (text.length > maxHeadBytes) throw new MalformedResponse('head too large');
    const lines = text.split('\r\n');
    const status = statusLine.exec(lines[0] ?? '');
    if (!status) throw new MalformedResponse('no status line');
    const code = Number(status[2]);
    const headers: string[] = [];
    let length: number | undefined;
    let chunked = false;
    let coded = false;
    let keep = status[1] === '1';
    for (let index = 1; index < lines.length; index++) {
      const line = headerLine.exec(lines[index] ?? '');
      if (!line) throw new MalformedResponse('bad header');
      const [, name = '', value = ''] = line;
      headers.push(name, value);
      switch (name.length) {
        case 10:
          if (name.toLowerCase() === 'connection') keep = keepsAlive(value, keep);
          else if (name.toLowerCase() === 'keep-alive') idleMs = idleMsOf(value);
          break;
        case 14:
          if (name.toLowerCase() === 'content-length') length = lengthOf(value, length);
          break;
        case 17:
          if (name.toLowerCase() === 'transfer-encoding') {
            coded = true;
            chunked = /(^|,)\s*chunked$/i.test(value);
          }
          break;
        default:
      }
    }
    if (code < 200) {
      if (code === 101) throw new MalformedResponse('upgrade that nobody asked for');
      return;
    }
    if (coded && length !== undefined) throw new MalformedResponse('two lengths');
    reusable = keep;
    const empty = method === 'HEAD' || code === 204 || code === 304;
    sink.head(code, status[3] ?? '', headers);
    if (empty || (!coded && length === 0)) finishResponse();
    else if (chunked) phase = 'chunk-size';
    else if (!coded && length !== undefined) {
      phase = 'length';
      left = length;
    } else {
      phase = 'until-close';
      reusable = false;
    }
  }

  function write(chunk: Buffer): void {
    const bytes = rest ? Buffer.concat([rest, chunk]) : chunk;
    rest = undefined;
    let at = 0;
    while (at < bytes.length) {
      switch (phase) {
        case 'head': {
          const text = until(bytes, at, '\r\n\r\n');
          if (text === undefined) return;
          at += text.length + 4;
          readHead(text);
          break;
        }
        case 'length':
        case 'chunk': {
          const part = at === 0 && left >= bytes.length ? bytes : bytes.subarray(at, at + left);
          at += part.length;
          left -= part.length;
          sink.data(part);
          if (left > 0) break;
          if (phase === 'chunk') phase = 'chunk-end';
          else finishResponse();
          break;
        }
        case 'until-close':
          sink.data(at === 0 ? bytes : bytes.subarray(at));
          return;
        case 'chunk-end':
          if (bytes.length - at < 2) {
            rest = bytes.subarray(at);
            return;
          }
          if (bytes[at] !== 13 || bytes[at + 1] !== 10) throw new MalformedResponse('bad chunk');
          at += 2;
          phase = 'chunk-size';
          break;
        case 'chunk-size': {
          const text = until(bytes, at, '\r\n');
          if (text === undefined) return;
          const size = chunkSize.exec(text);
          if (!size) throw new MalformedResponse('bad chunk size');
          at += text.length + 2;
          left = Number.parseInt(size[1] ?? '', 16);
          phase = left === 0 ? 'trailer' : 'chunk';
          break;
        }
        case 'trailer': {
          const text = until(bytes, at, '\r\n');
          if (text === undefined) return;
          at += text.length + 2;
          if (text === '') finishResponse();
          break;
        }
        case 'done':
          throw new MalformedResponse('more than one response');
      }
    }
  }

  return {
    write,
    finish() {
      if (phase !== 'until-close') return false;
      finishResponse();
      return true;
    },
  };
}

function keepsAlive(value: string, before: boolean): boolean {
  const names = value.toLowerCase();
  if (names.includes('close')) return false;
  return before || names.includes('keep-alive');
}

/** `timeout=5` of a Keep-Alive header, less a second: the target may count from earlier than we do. */
function idleMsOf(value: string): number | undefined {
  const seconds = /timeout=(\d{1,6})/i.exec(value)?.[1];
  return seconds === undefined ? undefined : Math.max(0, Number(seconds) * 1000 - 1000);
}

function lengthOf(value: string, before: number | undefined): number {
  if (!/^\d{1,15}$/.test(value)) throw new MalformedResponse('bad length');
  const length = Number(value);
  if (before !== undefined && before !== length) throw new MalformedResponse('two lengths');
  return length;
}
