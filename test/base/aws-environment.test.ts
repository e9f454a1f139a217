import { describe, expect, it } from 'vitest';
import {
  forgetAws,
  lasting,
  misleading,
  noProxyWith,
  readAsAwsCli,
  refuseBadEnvironment,
} from '../../src/base/aws-environment.ts';

describe('refuseBadEnvironment', () => {
  it.each([
    [{ AWS_REGION: 'us east 1' }, 'AWS_REGION "us east 1" is not a region'],
    [{ AWS_DEFAULT_REGION: 'a/b' }, 'AWS_DEFAULT_REGION "a/b" is not a region'],
    [{ AWS_ENDPOINT_URL: 'nonsense' }, 'AWS_ENDPOINT_URL "nonsense" is not an address'],
    [{ AWS_ENDPOINT_URL: 'file:///etc' }, 'AWS_ENDPOINT_URL "file:///etc" is not an address'],
    [{ AWS_ENDPOINT_URL_ECS: 'notaurl' }, 'AWS_ENDPOINT_URL_ECS "notaurl" is not an address'],
    [{ AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2: 'x' }, 'AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2 "x" is not'],
    [{ HTTPS_PROXY: 'socks5://u:hidden@p' }, 'HTTPS_PROXY "socks5://…@p" is not an address'],
    [{ http_proxy: 'a b' }, 'http_proxy "http://a b" is not an address'],
    [{ AWS_USE_FIPS_ENDPOINT: 'yes' }, 'AWS_USE_FIPS_ENDPOINT "yes" is neither true nor false'],
    [{ AWS_MAX_ATTEMPTS: '0' }, 'AWS_MAX_ATTEMPTS "0" is not a whole number'],
    [{ AWS_RETRY_MODE: 'often' }, 'AWS_RETRY_MODE "often" is none of'],
  ])('%j', (env, message) => {
    expect(() => refuseBadEnvironment(env)).toThrow(message);
  });

  it('takes what other endpoints call a region', () => {
    expect(() =>
      refuseBadEnvironment({ AWS_REGION: 'local', AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' }),
    ).not.toThrow();
    expect(() => refuseBadEnvironment({ AWS_REGION: '', AWS_ENDPOINT_URL: '' })).not.toThrow();
  });

  it('takes what is of no concern here', () => {
    expect(() =>
      refuseBadEnvironment({
        AWS_ENDPOINT_URL_S3: 'x',
        HTTPS_PROXY: 'proxy:3128',
        http_proxy: 'http://u:p@proxy',
        AWS_USE_FIPS_ENDPOINT: 'True',
        AWS_RETRY_MODE: 'adaptive',
      }),
    ).not.toThrow();
    expect(() =>
      refuseBadEnvironment({ AWS_ENDPOINT_URL_ECS: 'x', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }),
    ).not.toThrow();
  });
});

describe('readAsAwsCli', () => {
  it('makes one profile of three ways to name it, and words the SDK takes', () => {
    const read = (env: Record<string, string>, profile?: string) => {
      readAsAwsCli(env, profile);
      return env;
    };
    expect(read({ AWS_PROFILE: 'a', AWS_DEFAULT_PROFILE: 'b' }, 'c')['AWS_PROFILE']).toBe('c');
    expect(read({ AWS_PROFILE: 'a', AWS_DEFAULT_PROFILE: 'b' })['AWS_PROFILE']).toBe('a');
    expect(read({ AWS_DEFAULT_PROFILE: 'b' })['AWS_PROFILE']).toBe('b');
    expect(read({ AWS_USE_FIPS_ENDPOINT: 'True', AWS_USE_DUALSTACK_ENDPOINT: '' })).toEqual({
      AWS_USE_FIPS_ENDPOINT: 'true',
    });
  });
});

describe('the sandbox', () => {
  it('is reached with nothing of AWS in the environment', () => {
    const env: Record<string, string> = {
      AWS_PROFILE: 'x',
      AWS_ENDPOINT_URL_ECS: 'x',
      AWS_RETRY_MODE: 'x',
      HTTP_PROXY: 'x',
      https_proxy: 'x',
      PATH: '/bin',
    };
    forgetAws(env);
    expect(Object.keys(env).toSorted()).toEqual(['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'PATH']);
  });

  it('is led away from by these variables', () => {
    expect(misleading({ AWS_ENDPOINT_URL_S3: 'x', AWS_REGION: 'x', PATH: '/bin' })).toEqual(
      expect.arrayContaining([
        'AWS_PROFILE',
        'AWS_SESSION_TOKEN',
        'AWS_ENDPOINT_URL_ECS',
        'AWS_ENDPOINT_URL_S3',
        'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
        'AWS_USE_FIPS_ENDPOINT',
      ]),
    );
    expect(misleading({ AWS_REGION: 'x' })).not.toContain('AWS_REGION');
  });

  it('is behind no proxy', () => {
    expect(noProxyWith('127.0.0.1', {})).toBeUndefined();
    expect(noProxyWith('127.0.0.1', { HTTPS_PROXY: 'p' })).toBeUndefined();
    expect(noProxyWith('127.0.0.1', { HTTP_PROXY: 'p' })).toBe('127.0.0.1');
    expect(noProxyWith('127.0.0.1', { http_proxy: 'p', NO_PROXY: 'a, b' })).toBe('a,b,127.0.0.1');
    expect(noProxyWith('127.0.0.1', { http_proxy: 'p', NO_PROXY: 'a,127.0.0.1' })).toBeUndefined();
    expect(noProxyWith('127.0.0.1', { http_proxy: 'p', no_proxy: '*' })).toBeUndefined();
  });

  it('is started with what it needs', () => {
    const env = {
      PATH: '/bin',
      HOME: '/h',
      LC_ALL: 'C',
      XDG_CACHE_HOME: '/c',
      GITHUB_TOKEN: 'x',
      NODE_OPTIONS: 'x',
      AWS_REGION: 'x',
      A: undefined,
    };
    expect(lasting(env)).toEqual({ PATH: '/bin', HOME: '/h', LC_ALL: 'C', XDG_CACHE_HOME: '/c' });
  });
});
