// What `doctor` says of what no sandbox can be: an old Node, a clock that is off, where credentials come from, a full account.
import { DescribeAccountLimitsCommand, DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import { clock, node } from '../../src/actions/doctor.ts';
import { credentialsSource } from '../../src/aws/credentials.ts';
import { preconditions } from '../../src/chapters/tutorial/preconditions.ts';
import { dryRun } from '../../src/resources/ec2/dry-run.ts';
import { aContext } from '../helpers/a-context.ts';

describe('node', () => {
  it.each([
    ['20.19.0', 'pass'],
    ['22.1.0', 'pass'],
    ['20.18.3', 'fail'],
    ['18.20.0', 'fail'],
  ])('%s: %s', (version, status) => {
    const { detail, status: seen } = node(version, '>=20.19');
    expect({ seen, detail }).toEqual({
      seen: status,
      detail: expect.stringContaining(`Node ${version} on `) as string,
    });
  });
});

describe('the clock', () => {
  it.each([
    [undefined, 'skip', 'nobody answered who names the time'],
    [900, 'pass', "as AWS's"],
    [-200_000, 'pass', "200 seconds ahead of AWS's"],
    [301_000, 'fail', "this machine's clock is 301 seconds behind AWS's"],
    [-600_000, 'fail', "this machine's clock is 600 seconds ahead of AWS's"],
  ] as const)('%s ms ahead there: %s', (aheadMs, status, detail) => {
    expect(clock(aheadMs === undefined ? {} : { aheadMs })).toMatchObject({ status, detail });
  });
});

describe('where credentials come from', () => {
  it.each([
    [['CREDENTIALS_ENV_VARS', 'CREDENTIALS_CODE'], 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment'],
    [['CREDENTIALS_PROFILE', 'CREDENTIALS_CODE'], 'the keys of profile "work"'],
    [['CREDENTIALS_PROFILE_SOURCE_PROFILE', 'CREDENTIALS_STS_ASSUME_ROLE'], 'the role of profile "work"'],
    [['CREDENTIALS_PROFILE_SSO', 'CREDENTIALS_SSO'], 'the SSO session of profile "work"'],
    [['CREDENTIALS_PROFILE_PROCESS', 'CREDENTIALS_PROCESS'], 'the credential_process of profile "work"'],
    [['CREDENTIALS_ENV_VARS_STS_WEB_ID_TOKEN', 'CREDENTIALS_STS_ASSUME_ROLE_WEB_ID'], 'a web identity token (OIDC)'],
    [['CREDENTIALS_IMDS'], 'the instance profile of this EC2 instance'],
    [['CREDENTIALS_CODE'], undefined],
  ])('%j', (names, words) => {
    const $source = Object.fromEntries(names.map((name) => [name, 'x']));
    expect(credentialsSource({ accessKeyId: 'a', secretAccessKey: 'b', $source }, '"work"')).toBe(words);
  });
});

describe('a dry run', () => {
  it('is no success where it was carried out all the same', async () => {
    await expect(dryRun(Promise.resolve({}))).rejects.toMatchObject({ code: 'endpoint-not-aws' });
  });
});

describe('load balancers', () => {
  const check = async (used: string[]) => {
    const { context, elbv2 } = aContext();
    elbv2
      .on(DescribeAccountLimitsCommand)
      .resolves({ Limits: [{ Name: 'application-load-balancers', Max: '2' }] })
      .on(DescribeLoadBalancersCommand)
      .resolves({ LoadBalancers: used.map((LoadBalancerName) => ({ LoadBalancerName, Type: 'application' })) });
    return preconditions.checks.find(({ id }) => id === 'load-balancers')?.run(context, async () => undefined);
  };

  it.each([
    [['a'], 'pass', '1 load balancer in us-east-1, of 2 that there may be'],
    [['a', 'b'], 'fail', '2 load balancers in us-east-1, of 2 that there may be: there is no room for one more'],
    [['a', 'my-elb'], 'pass', '2 load balancers in us-east-1, of 2 that there may be'],
  ])('%j of two', async (used, status, detail) => {
    expect(await check(used)).toMatchObject({ status, detail });
  });
});
