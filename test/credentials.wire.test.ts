// Credentials that expire half-way: told at once with how to go on, in a long wait too, and the same command goes on
// where it stopped. And the guard of --account: before anything else, on every command.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { EcsdemoError } from '../src/base/errors.ts';
import { suggestionTexts, unknownInvocation } from '../src/base/suggestion.ts';
import type { EngineEvent } from '../src/engine/types.ts';
import { AwsError } from '../src/sandbox/aws-error.ts';
import type { Call, Intercept } from '../src/sandbox/server.ts';
import { survey, up } from './helpers/one-action.ts';
import { startRunningDemo, type RunningDemo } from './helpers/running-demo.ts';
import { temporaryDir } from './sandbox/temporary-dir.ts';
import { failureOf } from './sandbox/tiny-server.ts';

/** Each service has its own word for it (aws-facts §0). */
const words: Record<string, string> = {
  ecs: 'ExpiredTokenException',
  ssm: 'ExpiredTokenException',
  ec2: 'RequestExpired',
};

interface Expiry {
  intercept: Intercept;
  /** From now on: refuse everything as soon as `begins` is true of a call. */
  arm(begins: (call: Call) => boolean): void;
  /** The credentials are renewed. @returns the operations that were refused */
  renew(): string[];
}

function expiry(): Expiry {
  let begins: ((call: Call) => boolean) | undefined;
  let expired = false;
  let refused: string[] = [];
  return {
    intercept: {
      before(call) {
        expired ||= begins?.(call) ?? false;
        if (!expired) return;
        refused.push(call.operation);
        throw new AwsError(
          words[call.service] ?? 'ExpiredToken',
          'The security token included in the request is expired',
        );
      },
    },
    arm(when) {
      begins = when;
    },
    renew() {
      const seen = refused;
      begins = undefined;
      expired = false;
      refused = [];
      return seen;
    },
  };
}

/** True from the first call of `operation` that follows one of `after`. */
function following(after: string, operation: string): (call: Call) => boolean {
  let seen = false;
  return (call) => {
    if (call.operation === after) seen = true;
    return seen && call.operation === operation;
  };
}

/** The reads of the four steps that start at once, and who is asking: all are out before the first is answered. */
const atOnce = 10;

describe('expired half-way', () => {
  test.each([
    ['at the very first call', 'up', () => true],
    ['while the network is made', 'up', following('CreateSecurityGroup', 'AuthorizeSecurityGroupIngress')],
    ['while a role is made', 'up', following('CreateRole', 'AttachRolePolicy')],
    ['in the wait for the agent', 'up', following('RunInstances', 'ListContainerInstances')],
    ['in the wait for the load balancer', 'up', following('CreateListener', 'DescribeLoadBalancers')],
    ['in the wait for the service', 'up', following('CreateService', 'DescribeTargetHealth')],
    ['in the wait for a service that goes', 'destroy', following('DeleteService', 'DescribeServices')],
    ['in the wait for a load balancer that goes', 'destroy', following('DeleteLoadBalancer', 'DescribeLoadBalancers')],
    ['in the wait for an instance that goes', 'destroy', following('TerminateInstances', 'DescribeInstances')],
  ] as const)('%s: named at once, and the same command goes on', async (_when, command, begins) => {
    const credentials = expiry();
    const demo = await startRunningDemo({ intercept: credentials.intercept });
    if (command === 'destroy') await demo.run('up');
    credentials.arm(begins);
    const failure = await failureOf(demo.run(command, { timeout: '20m' }));
    expect(failure).toBeInstanceOf(EcsdemoError);
    const refused = credentials.renew();
    const { code, exitCode, suggestions, message, retryable } = failure as EcsdemoError;
    expect([code, exitCode, retryable]).toEqual(['credentials-expired', 5, true]);
    expect(message).toContain('expired');
    expect(suggestionTexts(suggestions).join('\n')).toMatch(/aws sso login[^]*goes on where this one stopped/);
    // Each call that was under way saw it once; nobody tried again.
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(atOnce);
    const again = await demo.run(command);
    if (command === 'up') {
      expect((await demo.run('up')).mutating).toEqual([]);
      expect(again.result.data).toMatchObject({ running: 1, healthy: 1 });
    } else expect(again.result.data).toMatchObject({ left: [] });
  });

  test('in a long wait: one look more, not until the time-out', async () => {
    const credentials = expiry();
    const demo = await startRunningDemo({ intercept: credentials.intercept });
    await demo.run('up');
    credentials.arm(following('UpdateService', 'DescribeServices'));
    const failure = (await failureOf(demo.run('scale', { count: '2', timeout: '20m' }))) as EcsdemoError;
    expect(failure.code).toBe('credentials-expired');
    expect(credentials.renew().filter((operation) => operation === 'DescribeServices')).toHaveLength(1);
    expect((await demo.run('scale', { count: '2' })).result.data.healthy).toBe(2);
  });

  test('the suggestion names the profile that was asked for', async () => {
    const credentials = expiry();
    const demo = await startRunningDemo({ intercept: credentials.intercept });
    credentials.arm(() => true);
    const failure = await failureOf(demo.run('status', { local: false, profile: 'nightly' }));
    const asked = { ...unknownInvocation, profile: 'nightly' };
    expect(suggestionTexts((failure as EcsdemoError).suggestions, asked)[0]).toMatch(
      /^aws sso login --profile nightly && /,
    );
  });
});

describe('a login program of the shared configuration', () => {
  /** Runs `up` on what a credential_process gives. @returns how often it has been started, now and later. */
  async function upAfterLogin(demo: RunningDemo, expiration?: string): Promise<() => number> {
    const dir = temporaryDir();
    const { accessKeyId, secretAccessKey } = demo.sandbox.credentials;
    const answer = { Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Expiration: expiration };
    writeFileSync(
      join(dir, 'login.cjs'),
      `require('node:fs').appendFileSync(${JSON.stringify(join(dir, 'asked'))}, 'x');
       process.stdout.write(${JSON.stringify(JSON.stringify(answer))});`,
    );
    const login = `credential_process = ${process.execPath} ${join(dir, 'login.cjs')}`;
    writeFileSync(join(dir, 'config'), `[profile nightly]\nregion = us-east-1\n${login}\n`);
    vi.stubEnv('AWS_CONFIG_FILE', join(dir, 'config'));
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(dir, 'none'));
    vi.stubEnv('AWS_ENDPOINT_URL', demo.sandbox.endpoint);
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) vi.stubEnv(name, undefined);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { endpoint: _endpoint, region: _region, ...rest } = demo.settings();
    const settings = { ...rest, local: false, profile: 'nightly', through: 'cluster' };
    const { data } = await up(settings, () => undefined, new AbortController().signal);
    expect(data.resources.filter(({ id }) => id === undefined)).toEqual([]);
    return () => readFileSync(join(dir, 'asked'), 'utf8').length;
  }

  // One test, since the SDK may still be asking beside the calls, and with another test's variables, when it has ended.
  test('is started once for all clients, and as often as it takes when its credentials are for a moment', async () => {
    const demo = await startRunningDemo();
    expect((await upAfterLogin(demo))()).toBe(1);
    await demo.run('destroy');
    const asked = await upAfterLogin(demo, new Date(Date.now() + 60_000).toISOString());
    // The SDK asks anew beside the calls, which go on with what it has.
    await expect.poll(asked).toBeGreaterThan(1);
  });
});

test('Ctrl-C before it is known who works changes nothing', async () => {
  const abort = new AbortController();
  const asked: string[] = [];
  const demo = await startRunningDemo({
    intercept: {
      async before({ operation }) {
        asked.push(operation);
        if (operation !== 'GetCallerIdentity') return;
        await expect.poll(() => asked.length).toBe(atOnce);
        abort.abort();
      },
    },
  });
  const failure = (await failureOf(up(demo.settings(), () => undefined, abort.signal))) as EcsdemoError;
  expect(failure.code).toBe('interrupted');
  expect(asked.filter((operation) => !/^(Describe|Get|List)/.test(operation))).toEqual([]);
});

test('nothing is changed before it is known who does it, and nothing at all when that cannot be known', async () => {
  const asked: string[] = [];
  const demo = await startRunningDemo({
    intercept: {
      async before({ operation }) {
        if (operation !== 'GetCallerIdentity') {
          asked.push(operation);
          return;
        }
        // The reads that go out beside it are all there before it is answered.
        await expect.poll(() => asked.length).toBe(atOnce - 1);
        throw new AwsError('AccessDenied', 'not this one');
      },
    },
  });
  const events: EngineEvent[] = [];
  const failure = (await failureOf(
    up(demo.settings(), (event) => events.push(event), new AbortController().signal),
  )) as EcsdemoError;
  expect([failure.code, failure.exitCode]).toEqual(['access-denied', 5]);
  expect(failure.message).toContain('sts:GetCallerIdentity');
  // One error for all: the steps do not each tell theirs.
  expect(events.filter(({ type }) => type === 'step-failed')).toEqual([]);
  expect(asked.filter((operation) => !/^(Describe|Get|List)/.test(operation))).toEqual([]);
  expect(Object.keys(demo.sandbox.world.clusters)).toEqual([]);
});

describe('--account', () => {
  const other = { account: '999999999999' };
  const all: [string, (demo: RunningDemo, report: (event: EngineEvent) => void) => Promise<unknown>][] = [
    ['up', (demo) => demo.run('up', other)],
    ['up --dry-run', (demo) => demo.run('up', { ...other, 'dry-run': true })],
    ['status', (demo) => demo.run('status', other)],
    ['verify', (demo) => demo.run('verify', other)],
    ['scale', (demo) => demo.run('scale', { ...other, count: '2' })],
    ['destroy', (demo) => demo.run('destroy', other)],
    ['destroy --dry-run', (demo) => demo.run('destroy', { ...other, 'dry-run': true })],
    ['sweep', (demo) => survey(demo.settings(other), () => undefined, new AbortController().signal)],
  ];

  test.each(all)('guards %s before anything else is asked', async (_command, run) => {
    const asked: string[] = [];
    const demo = await startRunningDemo({ intercept: { before: ({ operation }) => void asked.push(operation) } });
    const failure = (await failureOf(run(demo, () => undefined))) as EcsdemoError;
    expect([failure.code, failure.exitCode]).toEqual(['wrong-account', 4]);
    expect(failure.message).toContain(demo.sandbox.account);
    expect(failure.message).toContain('999999999999');
    expect(asked).toEqual(['GetCallerIdentity']);
  });

  test('lets the right account through', async () => {
    const demo = await startRunningDemo();
    const told = await demo.run('status', { account: demo.sandbox.account });
    expect(told.events.find(({ type }) => type === 'identified')).toEqual({
      type: 'identified',
      account: demo.sandbox.account,
      region: 'us-east-1',
    });
  });
});
