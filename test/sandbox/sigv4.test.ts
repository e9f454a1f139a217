// Signature Version 4 against the SDK's own signer, and against every way of tampering.
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkSignature, maxSkewMs, readClaim, sign, type Claim, type SignedRequest } from '../../src/sandbox/sigv4.ts';

const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const scope = { region: 'us-east-1', service: 'ecs' };
const now = Date.UTC(2026, 0, 2, 3, 4, 5);

function signedRequest(change: Partial<SignedRequest> = {}): SignedRequest {
  const request: SignedRequest = {
    method: 'POST',
    target: '/a b?x=1&y=%20',
    headers: { host: '127.0.0.1:1' },
    body: 'body',
    ...change,
  };
  return { ...request, headers: { ...request.headers, ...sign(request, credentials, scope, now) } };
}

function claimOf(request: SignedRequest): Claim {
  const claim = readClaim(request.headers['authorization'] as string);
  if (typeof claim === 'string') throw new Error(claim);
  return claim;
}

const check = (request: SignedRequest, at = now): unknown => checkSignature(request, claimOf(request), credentials, at);

test('what the SDK signs is accepted', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 8 });
  const query = fc.dictionary(
    text.filter((key) => key !== '' && key !== '__proto__'),
    text,
    { maxKeys: 3, noNullPrototype: true },
  );
  const signer = new SignatureV4({ ...scope, credentials, sha256: Sha256 });
  await fc.assert(
    fc.asyncProperty(
      query,
      text,
      fc.constantFrom('/', '/_ecsdemo/status', '/a%20b'),
      async (parameters, body, path) => {
        const unsigned = new HttpRequest({
          method: 'POST',
          hostname: '127.0.0.1',
          path,
          query: parameters,
          headers: { host: '127.0.0.1:1', 'x-extra': ' a  b ' },
          body,
        });
        const { headers } = await signer.sign(unsigned, { signingDate: new Date(now) });
        const encode = (part: string): string =>
          encodeURIComponent(part).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
        const search = Object.entries(parameters)
          .map(([key, value]) => `${encode(key)}=${encode(value)}`)
          .join('&');
        const target = search === '' ? path : `${path}?${search}`;
        expect(check({ method: 'POST', target, headers, body })).toBeUndefined();
      },
    ),
    { numRuns: 100 },
  );
});

test('what we sign is accepted, within five minutes either way', () => {
  const request = signedRequest();
  expect(check(request)).toBeUndefined();
  expect(check(request, now + maxSkewMs)).toBeUndefined();
  expect(check(request, now - maxSkewMs)).toBeUndefined();
  expect(check(request, now + maxSkewMs + 1)).toBe('expired');
  expect(check(request, now - maxSkewMs - 1)).toBe('expired');
});

test('whatever is changed after signing is noticed', () => {
  const request = signedRequest();
  expect(check({ ...request, method: 'GET' })).toBe('mismatch');
  expect(check({ ...request, target: '/other' })).toBe('mismatch');
  expect(check({ ...request, target: '/a b?x=2&y=%20' })).toBe('mismatch');
  expect(check({ ...request, body: 'bodY' })).toBe('mismatch');
  expect(check({ ...request, headers: { ...request.headers, host: 'x' } })).toBe('mismatch');
  expect(check({ ...request, headers: { ...request.headers, 'x-amz-date': '20260102T030406Z' } })).toBe('mismatch');
  expect(checkSignature(request, { ...claimOf(request), service: 'ec2' }, credentials, now)).toBe('mismatch');
  expect(checkSignature(request, { ...claimOf(request), signature: '0'.repeat(64) }, credentials, now)).toBe(
    'mismatch',
  );
  expect(checkSignature(request, claimOf(request), { ...credentials, accessKeyId: 'AKIAOTHER' }, now)).toBe(
    'unknown-key',
  );
});

test('host and date must be among what is signed, and the date that of the scope', () => {
  const request = signedRequest();
  for (const signedHeaders of [['x-amz-date'], ['host']]) {
    expect(checkSignature(request, { ...claimOf(request), signedHeaders }, credentials, now)).toBe('incomplete');
  }
  expect(checkSignature(request, { ...claimOf(request), date: '20260103' }, credentials, now)).toBe('incomplete');
  expect(check({ ...request, headers: { ...request.headers, 'x-amz-date': undefined } })).toBe('incomplete');
});

test.each([
  [undefined, 'missing'],
  ['', 'missing'],
  ['Bearer x', 'incomplete'],
  [
    'AWS4-HMAC-SHA256 Credential=a/20260102/us-east-1/ecs/aws4_request, SignedHeaders=host, Signature=xyz',
    'incomplete',
  ],
  [
    'AWS4-HMAC-SHA256 Credential=a/20260102/us east/ecs/aws4_request, SignedHeaders=host, Signature=' + '0'.repeat(64),
    'incomplete',
  ],
  [
    'AWS4-HMAC-SHA256 Credential=a/b/20260102/us-east-1/ecs/aws4_request, SignedHeaders=host, Signature=' +
      '0'.repeat(64),
    'incomplete',
  ],
])('an Authorization header of %j is %s', (text, refusal) => {
  expect(readClaim(text)).toBe(refusal);
});
