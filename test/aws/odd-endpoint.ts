// An endpoint that is not AWS, or not well: a server of a few lines on loopback.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';
import { settingsFrom, type GivenFlags, type Settings } from '../../src/base/settings.ts';

export interface OddEndpoint {
  url: string;
  /** How many requests came. */
  asked(): number;
}

/** Closed, with all its connections, when the test ends. */
export async function oddEndpoint(answer: (...request: Parameters<RequestListener>) => unknown): Promise<OddEndpoint> {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    void answer(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(
    () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

/** The operation that a request asks for: 'DescribeClusters'. */
export async function operationOf(request: IncomingMessage): Promise<string> {
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').pop() ?? '';
  return new URLSearchParams(await text(request)).get('Action') ?? '';
}

/** GetCallerIdentity as STS answers it. */
export function tellIdentity(response: ServerResponse): void {
  response.setHeader('content-type', 'text/xml');
  response.end(
    '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/x</Arn><UserId>x</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
  );
}

/** As AWS answers where nothing is. */
export function answerEmpty(request: IncomingMessage, response: ServerResponse, operation: string): void {
  const xml = request.headers['x-amz-target'] === undefined;
  response.end(xml ? `<${operation}Response></${operation}Response>` : '{"clusters":[],"services":[],"failures":[]}');
}

/** The AWS variables of this shell count for nothing in this test, except those given. */
export function inShell(variables: Record<string, string>): void {
  for (const name of Object.keys(process.env))
    if (/^AWS_|_proxy$/i.test(name) && !name.startsWith('AWS_SDK_JS')) vi.stubEnv(name, undefined);
  const usual = {
    AWS_REGION: 'us-east-1',
    AWS_CONFIG_FILE: '/nonexistent',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  for (const [name, value] of Object.entries({ ...usual, ...variables })) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

export const someKeys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };

/** Settings of a command without --local. */
export function onAws(flags: GivenFlags = {}): Settings {
  return settingsFrom({ timeout: '20s', ...flags }, {}, Object.keys(flags));
}

/** Of the servers below; signed by itself, for loopback and AWS's names, and trusted by nobody who was not told to. */
export const certificate = fileURLToPath(new URL('loopback.pem', import.meta.url));

/** A proxy that leads every tunnel to one TLS server of its own, which answers as AWS where nothing is. */
export async function companyProxy(): Promise<{ url: string; hosts: Set<string>; authorizations: Set<string> }> {
  const behind = Number(new URL(await tlsEndpoint()).port);
  const hosts = new Set<string>();
  const authorizations = new Set<string>();
  const told = (request: IncomingMessage, host: string): void => {
    hosts.add(host);
    authorizations.add(request.headers['proxy-authorization'] ?? '');
  };
  const proxy = createServer((request, response) => {
    told(request, request.url ?? '');
    tellIdentity(response);
  });
  const sockets = new Set<Duplex>();
  proxy.on('connect', (request: IncomingMessage, client: Duplex) => {
    told(request, request.url ?? '');
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    const through = connect(behind, '127.0.0.1');
    for (const socket of [client, through]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    client.pipe(through).pipe(client);
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.closeAllConnections();
    return new Promise<void>((closed) => proxy.close(() => closed()));
  });
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, hosts, authorizations };
}

/** A TLS endpoint that answers as AWS where nothing is. */
export async function tlsEndpoint(): Promise<string> {
  const pem = readFileSync(certificate);
  const aws = createSecureServer({ cert: pem, key: pem }, (request, response) => {
    if (request.url?.startsWith('/federation/credentials') === true) {
      response.end(
        '{"roleCredentials":{"accessKeyId":"AKIDEXAMPLE","secretAccessKey":"secret","sessionToken":"x","expiration":4102444800000}}',
      );
      return;
    }
    void operationOf(request).then((operation) => {
      if (operation === 'GetCallerIdentity') tellIdentity(response);
      else answerEmpty(request, response, operation);
    });
  });
  await new Promise<void>((listening) => aws.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    aws.closeAllConnections();
    return new Promise<void>((closed) => aws.close(() => closed()));
  });
  return `https://127.0.0.1:${(aws.address() as AddressInfo).port}`;
}
