import { describe, expect, it } from 'vitest';
import { refuseBadEnvironment } from '../../src/base/aws-environment.ts';

describe('refuseBadEnvironment', () => {
  it.each([
    [{ AWS_REGION: 'us east 1' }, 'AWS_REGION "us east 1" is not a region'],
    [{ AWS_DEFAULT_REGION: 'a/b' }, 'AWS_DEFAULT_REGION "a/b" is not a region'],
    [{ AWS_ENDPOINT_URL: 'nonsense' }, 'AWS_ENDPOINT_URL "nonsense" is not an address'],
    [{ AWS_ENDPOINT_URL: 'file:///etc' }, 'AWS_ENDPOINT_URL "file:///etc" is not an address'],
  ])('%j', (env, message) => {
    expect(() => refuseBadEnvironment(env)).toThrow(message);
  });

  it('takes what other endpoints call a region', () => {
    expect(() =>
      refuseBadEnvironment({ AWS_REGION: 'local', AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' }),
    ).not.toThrow();
    expect(() => refuseBadEnvironment({ AWS_REGION: '', AWS_ENDPOINT_URL: '' })).not.toThrow();
  });
});
