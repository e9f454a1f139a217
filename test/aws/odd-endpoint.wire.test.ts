// What answers at AWS's address and is not AWS, or is not well: the right words within the time-out, in bounded memory,
// and never "nothing exists".
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { HttpRequest } from '@smithy/core/protocols';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createTransport } from '../../src/aws/transport.ts';
import { EcsdemoError } from '../../src/base/errors.ts';
import { destroy, status, up } from '../helpers/one-action.ts';
import { startRunningDemo } from '../helpers/running-demo.ts';
import { failureOf } from '../sandbox/tiny-server.ts';
import { answerEmpty, inShell, oddEndpoint, onAws, operationOf, someKeys, tellIdentity } from './odd-endpoint.ts';

const silent = (): void => undefined;

async function failureOfStatus(timeout = '20s'): Promise<EcsdemoError> {
  const failure = await failureOf(status(onAws({ timeout }), silent, new AbortController().signal));
  expect(failure).toBeInstanceOf(EcsdemoError);
  expect(failure.message).not.toMatch(/hidden field|\$response|undefined/);
  return failure as EcsdemoError;
}

describe('no answer of AWS', () => {
  test.each([
    ['200 with an empty body', 200, {}, '', 'HTTP 200 with nothing in it'],
    [
      '200 with a page',
      200,
      { 'content-type': 'text/html' },
      '<html><title>Log in</title></html>',
      'an HTML page, "Log in"',
    ],
    [
      '403 with a page',
      403,
      { 'content-type': 'text/html' },
      '<!DOCTYPE html><html></html>',
      'HTTP 403 with an HTML page',
    ],
    ['200 with text', 200, { 'content-type': 'text/plain' }, 'It works!', 'HTTP 200 with the text "It works!"'],
    ['200 with an empty object', 200, { 'content-type': 'application/json' }, '{}', 'HTTP 200 with the text "{}"'],
    ['400 with JSON that is not for this service', 400, {}, '{"error":"no"}', 'HTTP 400 with the text'],
    ['404 with text', 404, {}, '404 page not found', 'HTTP 404 with the text "404 page not found"'],
    ['a portal', 302, { location: 'http://login.example/' }, '', 'HTTP 302 that leads to "http://login.example/"'],
  ])('%s', async (_what, code, headers, body, words) => {
    const endpoint = await oddEndpoint((_request, response) => response.writeHead(code, headers).end(body));
    inShell({ ...someKeys, AWS_ENDPOINT_URL: endpoint.url });
    const failure = await failureOfStatus();
    expect([failure.code, failure.exitCode]).toEqual(['endpoint-not-aws', 1]);
    expect(failure.message).toContain(`${endpoint.url} does not answer as AWS: `);
    expect(failure.message).toContain(words);
  });

  test('JSON that says nothing, from ECS alone', async () => {
    const endpoint = await oddEndpoint(async (request, response) => {
      const operation = await operationOf(request);
      if (operation === 'GetCallerIdentity') return tellIdentity(response);
      response.end(
        request.headers['x-amz-target'] === undefined ? `<${operation}Response></${operation}Response>` : '{}',
      );
    });
    inShell({ ...someKeys, AWS_ENDPOINT_URL: endpoint.url });
    expect(await failureOfStatus()).toMatchObject({ code: 'endpoint-not-aws' });
  });

  test('JSON that cannot be read is not told in the words of the SDK', async () => {
    const endpoint = await oddEndpoint(async (request, response) => {
      const operation = await operationOf(request);
      if (operation === 'GetCallerIdentity') return tellIdentity(response);
      response.end(
        request.headers['x-amz-target'] === undefined ? `<${operation}Response></${operation}Response>` : '{oh}',
      );
    });
    inShell({ ...someKeys, AWS_ENDPOINT_URL: endpoint.url });
    expect(await failureOfStatus()).toMatchObject({ code: 'endpoint-not-aws' });
  });

  test.each([
    ['http', 'SSH-2.0-OpenSSH_9.6\r\n', 'it speaks no HTTP'],
    ['http', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`, 'it speaks no HTTP'],
    ['https', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'it speaks no TLS'],
  ])('over %s: somebody else at that port', async (protocol, greeting, words) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(greeting);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    inShell({ ...someKeys, AWS_ENDPOINT_URL: `${protocol}://127.0.0.1:${port}` });
    const failure = await failureOfStatus();
    expect([failure.code, failure.exitCode]).toEqual(['endpoint-not-aws', 1]);
    expect(failure.message).toContain(words);
  });

  test('an identity without an account', async () => {
    const endpoint = await oddEndpoint(async (request, response) => {
      answerEmpty(request, response, await operationOf(request));
    });
    inShell({ ...someKeys, AWS_ENDPOINT_URL: endpoint.url });
    expect(await failureOfStatus()).toMatchObject({ code: 'endpoint-not-aws' });
  });

  test('a bare 503', async () => {
    const endpoint = await oddEndpoint((_request, response) => response.writeHead(503).end());
    inShell({ ...someKeys, AWS_ENDPOINT_URL: endpoint.url, AWS_MAX_ATTEMPTS: '2' });
    const failure = await failureOfStatus();
    expect(failure).toMatchObject({ code: 'endpoint-unreachable', exitCode: 1, retryable: true });
    expect(failure.message).toContain('HTTP 503');
  });
});

describe('no end of an answer', () => {
  test('half of it', async () => {
    const endpoint = await oddEndpoint((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/xml', 'content-length': '1000' });
      response.write('<GetCallerIdentityResponse>', () => response.destroy());
    });
    inShell({ ...someKeys, AWS_ENDPOINT_URL: endpoint.url });
    const failure = await failureOfStatus();
    expect(failure).toMatchObject({ code: 'endpoint-unreachable', exitCode: 1 });
    expect(failure.message).toContain(`${endpoint.url} broke its answer off in the middle`);
  });

  test('half of it, with a length that agrees', async () => {
    const endpoint = await oddEndpoint((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/xml' }).end('<GetCallerIdentityResponse><Get'),
    );
    inShell({ ...someKeys, AWS_ENDPOINT_URL: endpoint.url });
    expect(await failureOfStatus()).toMatchObject({ code: 'endpoint-unreachable', exitCode: 1 });
  });

  test.each([
    ['none at all', (): void => undefined],
    [
      'one byte, and another, and another',
      (_request: unknown, response: { write(text: string): void; on(name: 'close', done: () => void): void }): void => {
        const drip = setInterval(() => response.write(' '), 100);
        response.on('close', () => clearInterval(drip));
      },
    ],
  ])('%s: --timeout ends it, naming the call', async (_what, answer) => {
    const endpoint = await oddEndpoint(answer);
    inShell({ ...someKeys, AWS_ENDPOINT_URL: endpoint.url });
    const startedAt = Date.now();
    const failure = await failureOfStatus('1s');
    expect(failure).toMatchObject({ code: 'timeout', exitCode: 6, retryable: true });
    expect(failure.message).toBe('sts:GetCallerIdentity was not answered within 1 s');
    expect(Date.now() - startedAt).toBeLessThan(5000);
  });

  test('a call gives up by itself too, until its answer is whole', async () => {
    for (const begins of [false, true]) {
      const endpoint = await oddEndpoint((_request, response) => {
        if (begins) response.write('<');
      });
      const transport = createTransport({ answerMs: 200 });
      const { hostname, port } = new URL(endpoint.url);
      const request = new HttpRequest({ protocol: 'http:', hostname, port: Number(port), method: 'POST', path: '/' });
      await expect(transport.handle(request)).rejects.toMatchObject({
        name: 'TimeoutError',
        message: `${endpoint.url} gave no whole answer within 0.2 s`,
      });
      transport.destroy();
    }
  });

  test('one answer of 300 MB is refused where it is too long', async () => {
    let sent = 0;
    const endpoint = await oddEndpoint((_request, response) => {
      const block = Buffer.alloc(1_000_000, 'x');
      const more = (): void => {
        while (!response.destroyed && sent < 300_000_000) {
          sent += block.length;
          if (!response.write(block)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    inShell({ ...someKeys, AWS_ENDPOINT_URL: endpoint.url });
    const failure = await failureOf(status(onAws({ account: '123456789012' }), silent, new AbortController().signal));
    expect(failure).toMatchObject({ code: 'endpoint-not-aws', exitCode: 1 });
    expect(failure.message).toContain('an answer of more than 10 MB');
    // What the sockets' buffers took is sent and never read.
    expect(sent).toBeLessThan(50_000_000);
  });

  test('the same page again', async () => {
    const endpoint = await oddEndpoint(async (request, response) => {
      const operation = await operationOf(request);
      if (operation === 'GetCallerIdentity') return tellIdentity(response);
      if (operation === 'ListTaskDefinitions')
        return response.end(JSON.stringify({ taskDefinitionArns: [], nextToken: 'again' }));
      answerEmpty(request, response, operation);
    });
    inShell({ ...someKeys, AWS_ENDPOINT_URL: endpoint.url });
    const failure = (await failureOf(
      destroy(onAws({ timeout: '60s' }), silent, new AbortController().signal),
    )) as EcsdemoError;
    expect(failure).toMatchObject({ code: 'endpoint-not-aws', exitCode: 1 });
    expect(failure.message).toBe('ecs:ListTaskDefinitions finds no end: the same page token came again');
  });
});

describe('Ctrl-C with a call under way', () => {
  test('ends at once when it reads', async () => {
    const interrupt = new AbortController();
    const endpoint = await oddEndpoint(() => interrupt.abort());
    inShell({ ...someKeys, AWS_ENDPOINT_URL: endpoint.url });
    const startedAt = Date.now();
    const failure = await failureOf(status(onAws({ timeout: '60s' }), silent, interrupt.signal));
    expect(failure).toMatchObject({ code: 'interrupted', exitCode: 130 });
    expect(Date.now() - startedAt).toBeLessThan(3000);
  });

  test('waits some seconds for a change, and tells which may have been made', async () => {
    const interrupt = new AbortController();
    const over = new AbortController();
    const demo = await startRunningDemo({
      intercept: {
        async before({ operation }) {
          if (operation !== 'CreateCluster') return;
          interrupt.abort();
          await new Promise((resolve) => over.signal.addEventListener('abort', resolve));
        },
      },
    });
    onTestFinished(() => over.abort());
    const given: string[] = [];
    const failure = await failureOf(
      up(
        demo.settings({ through: 'cluster' }),
        (event) => {
          if (event.type === 'call' && event.unanswered) given.push(event.operation);
        },
        interrupt.signal,
      ),
    );
    expect(failure).toMatchObject({ code: 'interrupted', exitCode: 130 });
    expect(given).toEqual(['CreateCluster']);
  });
});
