import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedResponse, createResponseParser } from '../../../src/sandbox/elbv2/response-parser.ts';

interface Read {
  status: number;
  headers: string[];
  body: string;
  end: { reusable: boolean; idleMs: number | undefined } | undefined;
}

/** Reads a response cut into these parts; `closed`: the connection ends after them. */
function read(parts: string[], { method = 'GET', closed = false } = {}): Read {
  const result: Read = { status: 0, headers: [], body: '', end: undefined };
  const parser = createResponseParser(method, {
    head(status, _reason, headers) {
      result.status = status;
      result.headers = headers;
    },
    data(chunk) {
      result.body += chunk.toString('latin1');
    },
    end(reusable, idleMs) {
      result.end = { reusable, idleMs };
    },
  });
  for (const part of parts) parser.write(Buffer.from(part, 'latin1'));
  if (closed) parser.finish();
  return result;
}

const byLength = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-A: b\r\n\r\n42\r\n';
const byChunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\n42\r\n10\r\n0123456789abcdef\r\n0\r\nX-Trailer: 1\r\n\r\n';
const afterInterim = `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${byLength}`;

describe('the response parser', () => {
  test.each([byLength, byChunks, afterInterim])('reads %j the same however it is cut up', (whole) => {
    const expected = read([whole]);
    expect(expected.end).toBeDefined();
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: whole.length - 1 })), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        expect(read(at.slice(1).map((end, index) => whole.slice(at[index], end)))).toEqual(expected);
      }),
    );
  });

  test('gives the body without its framing', () => {
    expect(read([byChunks])).toMatchObject({ status: 200, body: '420123456789abcdef', end: { reusable: true } });
    expect(read([afterInterim])).toMatchObject({ status: 200, body: '42\r\n', headers: ['Content-Length', '4', 'X-A', 'b'] });
  });

  test('knows responses without a body', () => {
    expect(read(['HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n'], { method: 'HEAD' }).end).toBeDefined();
    expect(read(['HTTP/1.1 204 No Content\r\n\r\n']).end).toBeDefined();
    expect(read(['HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n']).end).toBeDefined();
    expect(read(['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n']).end).toBeDefined();
  });

  test('reads until the end of the connection when nothing says where the body ends', () => {
    const open = 'HTTP/1.0 200 OK\r\n\r\nall of it';
    expect(read([open]).end).toBeUndefined();
    expect(read([open], { closed: true })).toMatchObject({ body: 'all of it', end: { reusable: false } });
  });

  test('knows whether and how long the connection can be kept', () => {
    const end = (head: string): Read['end'] => read([`${head}Content-Length: 0\r\n\r\n`]).end;
    expect(end('HTTP/1.1 200 OK\r\n')).toEqual({ reusable: true, idleMs: undefined });
    expect(end('HTTP/1.1 200 OK\r\nConnection: close\r\n')?.reusable).toBe(false);
    expect(end('HTTP/1.0 200 OK\r\n')?.reusable).toBe(false);
    expect(end('HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n')?.reusable).toBe(true);
    expect(end('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2, max=9\r\n')?.idleMs).toBe(1_000);
  });

  test.each([
    'nonsense\r\n\r\n',
    'HTTP/2 200 OK\r\n\r\n',
    'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc',
    'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    `${byLength}more`,
  ])('refuses %j', (text) => {
    expect(() => read([text])).toThrow(MalformedResponse);
  });

  test('refuses a head without end', () => {
    expect(() => read(['HTTP/1.1 200 OK\r\n', `X: ${'a'.repeat(70_000)}`])).toThrow(MalformedResponse);
  });
});
