import { describe, expect, it } from 'vitest';
import { proxyFor, shownProxy } from '../../src/aws/proxies.ts';

const ecs = 'https://ecs.us-east-1.amazonaws.com';

describe('proxyFor', () => {
  it.each([
    [ecs, {}, undefined],
    [ecs, { HTTPS_PROXY: 'http://p:1' }, 'http://p:1'],
    [ecs, { https_proxy: 'p:1', HTTPS_PROXY: 'http://other' }, 'http://p:1'],
    [ecs, { https_proxy: '', HTTPS_PROXY: 'http://p:1' }, undefined],
    [ecs, { HTTP_PROXY: 'http://p:1', ALL_PROXY: 'http://p:1' }, undefined],
    ['http://127.0.0.1:4566', { HTTP_PROXY: '//p:1' }, 'http://p:1'],
    [ecs, { HTTPS_PROXY: 'p', NO_PROXY: '*' }, undefined],
    [ecs, { HTTPS_PROXY: 'p', NO_PROXY: 'localhost, .amazonaws.com' }, undefined],
    [ecs, { HTTPS_PROXY: 'p', no_proxy: 'amazonaws.com' }, undefined],
    [ecs, { HTTPS_PROXY: 'p', NO_PROXY: 'naws.com,ecs,us-east-1.amazonaws.com:8443' }, 'http://p'],
    ['https://x:8443', { HTTPS_PROXY: 'p', NO_PROXY: 'x:8443' }, undefined],
    ['https://[::1]:8443', { HTTPS_PROXY: 'p', NO_PROXY: '::1' }, undefined],
  ])('%s with %j: %s', (url, env, proxy) => {
    expect(proxyFor(new URL(url), env)).toBe(proxy);
  });
});

describe('shownProxy', () => {
  it('keeps passwords to itself', () => {
    expect(shownProxy('http://user:p@ss@p:1')).toBe('http://…@p:1');
    expect(shownProxy('http://p:1')).toBe('http://p:1');
  });
});
