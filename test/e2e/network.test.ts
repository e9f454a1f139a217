// The built program on machines that are set up for something else, and at endpoints that are not well: --local and
// `sandbox env` see nothing of the first; the second end in time, in bounded memory, and with Ctrl-C.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  answerEmpty,
  certificate,
  oddEndpoint,
  operationOf,
  someKeys,
  tellIdentity,
  tlsEndpoint,
} from '../aws/odd-endpoint.ts';
import { temporaryDir } from '../sandbox/temporary-dir.ts';
import { inOwnDirectory } from './built-program.ts';

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const region = { AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/nonexistent' };

/** A shell in which nothing that is for AWS would reach the sandbox. */
const elsewhere = {
  AWS_PROFILE: 'nope',
  AWS_SESSION_TOKEN: 'x',
  AWS_REGION: 'no region',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_ENDPOINT_URL_ECS: 'notaurl',
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
  AWS_USE_FIPS_ENDPOINT: 'true',
  AWS_USE_DUALSTACK_ENDPOINT: 'maybe',
  AWS_MAX_ATTEMPTS: 'x',
  AWS_RETRY_MODE: 'x',
  AWS_CA_BUNDLE: '/nonexistent',
  AWS_DEFAULTS_MODE: 'x',
  HTTP_PROXY: 'http://127.0.0.1:1',
  HTTPS_PROXY: 'http://127.0.0.1:1',
  GITHUB_TOKEN: 'a secret',
};

describe('in a shell that is set up for AWS', () => {
  test('--local works, and `sandbox env` leads there; the sandbox keeps no secret of the shell', async () => {
    const run = inOwnDirectory();
    const up = await run(['up', '--local', '--through', 'cluster', '--json'], elsewhere);
    expect(up.stderr).toBe('');
    expect(JSON.parse(up.stdout)).toMatchObject({ ok: true, demo: { target: 'local' } });
    const { stdout } = await run(['sandbox', 'env'], elsewhere);
    const shell = `${stdout}\n"${process.execPath}" -e 'console.log(JSON.stringify(process.env))'`;
    const after = await promisify(execFile)('/bin/sh', ['-c', shell], {
      env: { PATH: process.env['PATH'], ...elsewhere },
    });
    const env = JSON.parse(after.stdout) as Record<string, string>;
    for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_ENDPOINT_URL_ECS', 'AWS_USE_FIPS_ENDPOINT'])
      expect(env).not.toHaveProperty(name);
    expect(env).not.toHaveProperty('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS');
    expect(env['NO_PROXY']).toBe('127.0.0.1');
    const status = await run(['sandbox', 'status', '--json'], elsewhere);
    const { pid } = (JSON.parse(status.stdout) as { data: { pid: number } }).data;
    if (!existsSync('/proc/self/environ')) return;
    const kept = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    expect(kept.filter((each) => /secret|^AWS_(?!SDK_JS)|PROXY|^ECSDEMO/.test(each))).toEqual([]);
  });

  test('an address that is none is told by its variable', async () => {
    const run = inOwnDirectory();
    const { code, stderr } = await run(['status'], { ...someKeys, ...region, AWS_ENDPOINT_URL_ECS: 'notaurl' });
    expect(code).toBe(2);
    expect(stderr).toContain('AWS_ENDPOINT_URL_ECS "notaurl" is not an address');
  });
});

/** A command at an endpoint, with the memory it took: KB, from /proc while it runs. */
function at(url: string, args: string[]) {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env['PATH'], ...someKeys, ...region, AWS_ENDPOINT_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => (stdout += String(text)));
  child.stderr.on('data', (text: Buffer) => (stderr += String(text)));
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number, stdout, stderr })) };
}

test('NODE_EXTRA_CA_CERTS counts, alone and beside AWS_CA_BUNDLE', async () => {
  const url = await tlsEndpoint();
  const run = inOwnDirectory();
  const other = join(temporaryDir(), 'other.pem');
  writeFileSync(other, rootCertificates[0] ?? '');
  for (const bundle of [{}, { AWS_CA_BUNDLE: other }]) {
    const variables = { ...someKeys, ...region, AWS_ENDPOINT_URL: url, ...bundle };
    expect((await run(['status', '--json'], { ...variables, NODE_EXTRA_CA_CERTS: certificate })).code).toBe(0);
    const { stdout } = await run(['status', '--json'], variables);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'endpoint-unreachable' } });
  }
});

describe('an endpoint', () => {
  test('that answers with 300 MB is refused in bounded memory', async () => {
    let most = 0;
    const run: { child?: ReturnType<typeof spawn> } = {};
    const endpoint = await oddEndpoint((_request, response) => {
      const block = Buffer.alloc(1_000_000, 'x');
      let sent = 0;
      const more = (): void => {
        while (!response.destroyed && sent++ < 300) {
          const status = `/proc/${run.child?.pid}/status`;
          if (existsSync(status))
            most = Math.max(most, Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(status, 'utf8'))?.[1] ?? 0));
          if (!response.write(block)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    const { child, ended } = at(endpoint.url, ['status', '--json', '--timeout', '60s']);
    run.child = child;
    const { code, stdout } = await ended;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'endpoint-not-aws' } });
    expect(most).toBeLessThan(200_000);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('that never answers: %s ends it', async (signal) => {
    let asked: () => void = () => undefined;
    const first = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const endpoint = await oddEndpoint(() => asked());
    const { child, ended } = at(endpoint.url, ['status', '--json']);
    await first;
    const startedAt = Date.now();
    child.kill(signal);
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'interrupted' } });
    expect(Date.now() - startedAt).toBeLessThan(8000);
  });

  test('that never answers a change: it is named when Ctrl-C ends it', async () => {
    let asked: () => void = () => undefined;
    const created = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const endpoint = await oddEndpoint(async (request, response) => {
      const operation = await operationOf(request);
      if (operation === 'GetCallerIdentity') return tellIdentity(response);
      if (operation === 'CreateCluster') return asked();
      // The others are slow, so that nothing fails before.
      if (request.headers['x-amz-target'] !== undefined) answerEmpty(request, response, operation);
    });
    const { child, ended } = at(endpoint.url, ['up', '--yes', '--json', '--through', 'cluster']);
    await created;
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    const { error } = JSON.parse(stdout) as { error: { message: string } };
    expect(error.message).toContain('AWS had not answered CreateCluster, which may or may not have been made');
  });
});

test.each([{}, { FORCE_COLOR: '1' }])(
  'a tag with escape sequences is shown by sweep, not done: %j',
  async (colours) => {
    const clusterArn = 'arn:aws:ecs:us-east-1:123456789012:cluster/x-cluster';
    const value = '\u001B]0;title\u0007\u001B[31mred\u202E';
    const endpoint = await oddEndpoint(async (request, response) => {
      const operation = await operationOf(request);
      if (operation === 'GetCallerIdentity') return tellIdentity(response);
      if (operation === 'ListClusters') return response.end(JSON.stringify({ clusterArns: [clusterArn] }));
      if (operation !== 'DescribeClusters') return answerEmpty(request, response, operation);
      const tags = [{ key: 'ecsdemo:demo', value }];
      const cluster = { clusterArn, clusterName: 'x-cluster', status: 'ACTIVE', tags };
      response.end(JSON.stringify({ clusters: [cluster], failures: [] }));
    });
    const run = inOwnDirectory();
    const { stdout } = await run(['sweep', '--dry-run'], {
      ...someKeys,
      ...region,
      AWS_ENDPOINT_URL: endpoint.url,
      ...colours,
    });
    expect(stdout).toContain(String.raw`\x1b]0;title\x07\x1b[31mred\u202e`);
    // oxlint-disable-next-line no-control-regex -- our own colours may stay, and nothing else
    expect(stdout.replaceAll(/\u001B\[\d+m/g, '')).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
    expect(stdout).not.toContain('\u001B[31m');
  },
);
