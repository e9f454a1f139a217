// A company's machine: proxies, certificates, FIPS and dual stack, attempts, endpoints and profiles, each as the AWS CLI
// treats them. The proxy leads every tunnel to loopback, whatever name of AWS it is for.
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EcsdemoError } from '../../src/base/errors.ts';
import { readAsAwsCli } from '../../src/base/aws-environment.ts';
import { suggestionTexts } from '../../src/base/suggestion.ts';
import { status } from '../helpers/one-action.ts';
import { temporaryDir } from '../sandbox/temporary-dir.ts';
import { failureOf } from '../sandbox/tiny-server.ts';
import {
  answerEmpty,
  certificate,
  companyProxy,
  inShell,
  oddEndpoint,
  onAws,
  operationOf,
  someKeys,
  tellIdentity,
  tlsEndpoint,
  type OddEndpoint,
} from './odd-endpoint.ts';

const silent = (): void => undefined;
const look = (flags = {}) => status(onAws(flags), silent, new AbortController().signal);
const failureOfLook = async (flags = {}): Promise<EcsdemoError> => (await failureOf(look(flags))) as EcsdemoError;

/** An endpoint that is well. */
function emptyAws(): Promise<OddEndpoint> {
  return oddEndpoint(async (request, response) => {
    const operation = await operationOf(request);
    if (operation === 'GetCallerIdentity') tellIdentity(response);
    else answerEmpty(request, response, operation);
  });
}

describe('a proxy', () => {
  test('is used for AWS, and its certificate is the company’s', async () => {
    const proxy = await companyProxy();
    inShell({ ...someKeys, HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: certificate });
    const { demo } = await look();
    expect(demo?.account).toBe('123456789012');
    expect(proxy.hosts).toContain('ecs.us-east-1.amazonaws.com:443');
    expect(proxy.hosts).toContain('iam.amazonaws.com:443');
    expect(proxy.authorizations).toEqual(new Set(['']));
  });

  test('the lower-case variable wins, user and password are sent, and FIPS has its own names', async () => {
    const proxy = await companyProxy();
    inShell({
      ...someKeys,
      https_proxy: proxy.url.replace('//', '//user:p%40ss@'),
      HTTPS_PROXY: 'http://127.0.0.1:1',
      AWS_CA_BUNDLE: certificate,
      AWS_USE_FIPS_ENDPOINT: 'true',
    });
    await look();
    expect(proxy.hosts).toContain('ecs-fips.us-east-1.amazonaws.com:443');
    expect(proxy.authorizations).toEqual(new Set([`Basic ${btoa('user:p@ss')}`]));
  });

  test('dual stack has its own names', async () => {
    const proxy = await companyProxy();
    inShell({ ...someKeys, HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: certificate, AWS_USE_DUALSTACK_ENDPOINT: 'true' });
    await look();
    expect(proxy.hosts).toContain('ecs.us-east-1.api.aws:443');
  });

  test('of http serves an endpoint of http', async () => {
    const proxy = await companyProxy();
    inShell({ ...someKeys, HTTP_PROXY: proxy.url, AWS_ENDPOINT_URL: 'http://endpoint.example:4566' });
    await failureOf(look({ account: '999999999999' }));
    expect([...proxy.hosts]).toEqual(['http://endpoint.example:4566/']);
  });

  test('is passed by for what NO_PROXY names', async () => {
    const endpoint = await emptyAws();
    inShell({
      ...someKeys,
      HTTP_PROXY: 'http://127.0.0.1:1',
      NO_PROXY: 'x, 127.0.0.1',
      AWS_ENDPOINT_URL: endpoint.url,
    });
    expect((await look()).demo?.account).toBe('123456789012');
  });

  test('that is not there is named, without its password', async () => {
    inShell({ ...someKeys, HTTPS_PROXY: 'http://user:hidden@127.0.0.1:1' });
    const failure = await failureOfLook();
    expect(failure.code).toBe('endpoint-unreachable');
    expect(failure.message).toContain('through the proxy http://…@127.0.0.1:1');
    expect(failure.message).not.toContain('hidden');
  });

  test('that asks for a password says so', async () => {
    const proxy = await oddEndpoint((_request, response) => response.writeHead(407).end());
    inShell({ ...someKeys, HTTP_PROXY: proxy.url, AWS_ENDPOINT_URL: 'http://endpoint.example' });
    expect((await failureOfLook()).message).toContain(`the proxy ${proxy.url} asks for a user and a password`);
  });
});

describe('certificates', () => {
  test.each([
    ['AWS_CA_BUNDLE', { AWS_CA_BUNDLE: certificate }],
    ['ca_bundle of the profile', {}],
  ])('of %s', async (what, variables) => {
    const config = join(temporaryDir(), 'config');
    writeFileSync(config, `[default]\n${what.startsWith('ca_bundle') ? `ca_bundle = ${certificate}\n` : ''}`);
    inShell({ ...someKeys, AWS_ENDPOINT_URL: await tlsEndpoint(), AWS_CONFIG_FILE: config, ...variables });
    expect((await look()).demo?.account).toBe('123456789012');
  });

  test('that nobody told of are named as such', async () => {
    inShell({ ...someKeys, AWS_ENDPOINT_URL: await tlsEndpoint() });
    const failure = await failureOfLook();
    expect([failure.code, failure.exitCode]).toEqual(['endpoint-unreachable', 1]);
    expect(suggestionTexts(failure.suggestions).join(' ')).toContain('AWS_CA_BUNDLE');
  });

  test.each([['/nonexistent.pem'], ['package.json']])('in %s are none', async (file) => {
    inShell({ ...someKeys, AWS_ENDPOINT_URL: 'https://127.0.0.1:1', AWS_CA_BUNDLE: file });
    const failure = await failureOfLook();
    expect([failure.code, failure.exitCode]).toEqual(['usage', 2]);
    expect(failure.message).toContain(`AWS_CA_BUNDLE "${file}"`);
  });
});

describe('attempts', () => {
  test.each([
    ['AWS_MAX_ATTEMPTS', { AWS_MAX_ATTEMPTS: '2' }, ''],
    ['max_attempts', {}, 'max_attempts = 2\n'],
    ['adaptive ones', { AWS_MAX_ATTEMPTS: '2', AWS_RETRY_MODE: 'adaptive' }, ''],
  ])('%s', async (_what, variables, section) => {
    const config = join(temporaryDir(), 'config');
    writeFileSync(config, `[default]\n${section}`);
    const endpoint = await oddEndpoint((_request, response) => response.writeHead(503).end());
    inShell({ ...someKeys, AWS_ENDPOINT_URL: endpoint.url, AWS_CONFIG_FILE: config, ...variables });
    // With the guard, who is asking is asked alone.
    await failureOf(look({ account: '123456789012' }));
    expect(endpoint.asked()).toBe(2);
  });
});

test('attempts of a profile that are no number', async () => {
  const config = join(temporaryDir(), 'config');
  writeFileSync(config, '[default]\nmax_attempts = many\n');
  inShell({ ...someKeys, AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_CONFIG_FILE: config });
  const failure = await failureOfLook();
  expect([failure.code, failure.exitCode]).toEqual(['usage', 2]);
  expect(failure.message).toContain('max_attempts "many"');
});

describe('endpoints', () => {
  test('of one service', async () => {
    const [all, ecs] = [await emptyAws(), await emptyAws()];
    inShell({ ...someKeys, AWS_ENDPOINT_URL: all.url, AWS_ENDPOINT_URL_ECS: ecs.url });
    await look();
    expect(all.asked()).toBeGreaterThan(0);
    expect(ecs.asked()).toBeGreaterThan(0);
  });

  test('of a profile and its services, for --profile too', async () => {
    const [all, ecs] = [await emptyAws(), await emptyAws()];
    const config = join(temporaryDir(), 'config');
    writeFileSync(
      config,
      `[profile work]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\nendpoint_url = ${all.url}\nservices = mine\n[services mine]\necs =\n  endpoint_url = ${ecs.url}\n`,
    );
    inShell({ AWS_CONFIG_FILE: config, AWS_PROFILE: '' });
    readAsAwsCli(process.env, 'work');
    await look({ profile: 'work' });
    expect(all.asked()).toBeGreaterThan(0);
    expect(ecs.asked()).toBeGreaterThan(0);
  });

  test('of services that are not there are not AWS instead', async () => {
    const config = join(temporaryDir(), 'config');
    writeFileSync(config, '[default]\nservices = mine\n');
    const proxy = await companyProxy();
    inShell({ ...someKeys, AWS_CONFIG_FILE: config, HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: certificate });
    const failure = await failureOfLook();
    expect([failure.code, failure.exitCode]).toEqual(['usage', 2]);
    expect(failure.message).toContain('[services mine]');
    expect(proxy.hosts).toEqual(new Set());
  });

  test('count for nothing when they are to be ignored', async () => {
    const proxy = await companyProxy();
    inShell({
      ...someKeys,
      HTTPS_PROXY: proxy.url,
      AWS_CA_BUNDLE: certificate,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
    });
    await look();
    expect(proxy.hosts).toContain('ecs.us-east-1.amazonaws.com:443');
  });

  test('that cannot go with FIPS are told apart from a defect', async () => {
    inShell({ ...someKeys, AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_USE_FIPS_ENDPOINT: 'true' });
    expect(await failureOfLook()).toMatchObject({ code: 'usage', exitCode: 2 });
  });
});

describe('a profile', () => {
  function withConfig(text: string, variables: Record<string, string> = {}): void {
    const dir = temporaryDir();
    writeFileSync(join(dir, 'config'), text);
    inShell({ AWS_CONFIG_FILE: join(dir, 'config'), AWS_ENDPOINT_URL: 'http://127.0.0.1:1', ...variables });
  }

  test.each([
    ['AWS_PROFILE', {}, { AWS_PROFILE: 'wrok' }],
    ['AWS_PROFILE beside keys', {}, { AWS_PROFILE: 'wrok', ...someKeys }],
    ['--profile', { profile: 'wrok' }, {}],
  ])('that does not exist: %s', async (_what, flags, variables) => {
    withConfig('[profile work]\nregion = us-east-1\n', variables);
    const failure = await failureOfLook(flags);
    expect([failure.code, failure.exitCode]).toEqual(['credentials-missing', 5]);
    expect(failure.message).toBe('there is no profile "wrok" in the AWS configuration files; did you mean "work"?');
  });

  test('whose source does not exist', async () => {
    withConfig('[profile work]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\n', {
      AWS_PROFILE: 'work',
    });
    const failure = await failureOfLook();
    expect([failure.code, failure.exitCode]).toEqual(['credentials-missing', 5]);
    expect(failure.message).toContain(
      'profile "work" takes its credentials from source_profile "base", which is not in',
    );
  });

  test('whose program fails passes its words on, and no secret', async () => {
    const dir = temporaryDir();
    const program = join(dir, 'login.sh');
    writeFileSync(
      program,
      '#!/bin/sh\necho "run company-login first, token=abc123" >&2\necho AKIAIOSFODNN7EXAMPLE >&2\nexit 3\n',
    );
    chmodSync(program, 0o755);
    for (const name of ['work', 'default']) {
      withConfig(
        `[${name === 'work' ? 'profile work' : name}]\ncredential_process = ${program} --password hunter2\n`,
        name === 'work' ? { AWS_PROFILE: name } : {},
      );
      const failure = await failureOfLook();
      expect([failure.code, failure.exitCode]).toEqual(['credentials-missing', 5]);
      expect(failure.message).toBe(
        `the credential_process of profile "${name}" failed: run company-login first, token=… …`,
      );
    }
  });

  test('whose program gives no JSON', async () => {
    withConfig('[profile work]\ncredential_process = echo hello\n', { AWS_PROFILE: 'work' });
    expect((await failureOfLook()).message).toContain('credential_process returned invalid JSON');
  });

  test('that logs in by SSO and is not logged in', async () => {
    withConfig(
      '[profile work]\nsso_start_url = https://x.example\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = x\n',
      { AWS_PROFILE: 'work', HOME: temporaryDir() },
    );
    const failure = await failureOfLook();
    expect(failure.exitCode).toBe(5);
    expect(failure.message).toMatch(/SSO session|aws sso login/);
  });

  test('that is logged in by SSO gets its keys through the proxy', async () => {
    const proxy = await companyProxy();
    const home = temporaryDir();
    const cache = join(home, '.aws', 'sso', 'cache');
    mkdirSync(cache, { recursive: true });
    writeFileSync(
      join(cache, `${createHash('sha1').update('https://x.example').digest('hex')}.json`),
      JSON.stringify({ accessToken: 'x', expiresAt: '2100-01-01T00:00:00Z' }),
    );
    withConfig(
      '[profile work]\nsso_start_url = https://x.example\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = x\n',
      { AWS_PROFILE: 'work', HOME: home, HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: certificate, AWS_ENDPOINT_URL: '' },
    );
    expect((await look()).demo?.account).toBe('123456789012');
    expect(proxy.hosts).toContain('portal.sso.us-east-1.amazonaws.com:443');
  });

  test('that asks for a code says how to go on without one', async () => {
    withConfig(
      '[profile base]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n[profile work]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n',
      { AWS_PROFILE: 'work' },
    );
    const failure = await failureOfLook();
    expect(failure).toMatchObject({ code: 'credentials-missing', exitCode: 5 });
    expect(suggestionTexts(failure.suggestions)[0]).toContain('aws configure export-credentials --profile work');
  });

  test('that takes a role does so through the proxy', async () => {
    const proxy = await companyProxy();
    withConfig(
      '[profile base]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n[profile work]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\n',
      { AWS_PROFILE: 'work', HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: certificate, AWS_ENDPOINT_URL: '' },
    );
    await failureOfLook();
    expect([...proxy.hosts]).toEqual(['sts.us-east-1.amazonaws.com:443']);
  });
});
