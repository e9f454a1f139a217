// An endpoint that is not AWS, or not well: a server of a few lines on loopback.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
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
