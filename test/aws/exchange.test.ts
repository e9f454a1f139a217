import { expect, test } from 'vitest';
import { withoutSecrets, type Exchange } from '../../src/aws/exchange.ts';

const exchange = (parts: Partial<Exchange>): Exchange => ({
  method: 'POST',
  url: 'https://ecs.us-east-1.amazonaws.com/',
  headers: {},
  body: '',
  durationMs: 1,
  ...parts,
});

test.each<[string, Partial<Exchange>]>([
  ['a signature', { headers: { Authorization: 'AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=s3cret' } }],
  ['a session token', { headers: { 'X-Amz-Security-Token': 's3cret' } }],
  ['a password for a proxy', { headers: { 'proxy-authorization': 'Basic s3cret' } }],
  [
    'the environment of a container',
    { body: '{"containerDefinitions":[{"environment":[{"name":"A","value":"s3cret"}]}]}' },
  ],
  [
    'the same in an answer',
    {
      answer: {
        status: 200,
        headers: {},
        body: '{"taskDefinition":{"containerDefinitions":[{"environment":[{"name":"A","value":"s3cret"}]}]}}',
      },
    },
  ],
  [
    'credentials of AssumeRole',
    {
      answer: {
        status: 200,
        headers: {},
        body: '<Credentials><SecretAccessKey>s3cret</SecretAccessKey><SessionToken>s3cret</SessionToken></Credentials>',
      },
    },
  ],
  ['a private key', { answer: { status: 200, headers: {}, body: '<keyMaterial>-----s3cret-----</keyMaterial>' } }],
  ['a token in a query', { body: 'Action=AssumeRoleWithWebIdentity&WebIdentityToken=s3cret&Version=1' }],
  ['a cookie', { answer: { status: 200, headers: { 'Set-Cookie': 's3cret' }, body: '' } }],
])('%s never reaches the file', (_, parts) => {
  expect(JSON.stringify(exchange(parts))).toContain('s3cret');
  expect(JSON.stringify(withoutSecrets(exchange(parts)))).not.toContain('s3cret');
});

test('the rest stays as it was', () => {
  const plain = exchange({ headers: { host: 'x' }, body: '{"cluster":"my-cluster","value":"kept"}' });
  expect(withoutSecrets(plain)).toEqual(plain);
});
