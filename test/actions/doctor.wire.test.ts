// `doctor` on sandboxes on which something would keep `up` from working: each thing is one failed check that names it, the
// others go on, and nothing is made.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateClusterCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { doctor } from '../../src/actions/doctor.ts';
import { openSession } from '../../src/actions/session.ts';
import type { DoctorData } from '../../src/actions/results.ts';
import type { GivenFlags } from '../../src/base/settings.ts';
import { suggestionText } from '../../src/base/suggestion.ts';
import { tutorial } from '../../src/chapters/tutorial/chapter.ts';
import { policyOf } from '../../src/sandbox/authorization/enforce.ts';
import { services } from '../../src/sandbox/services.ts';
import { startRunningDemo, type RunningDemo } from '../helpers/running-demo.ts';

async function consult(demo: RunningDemo, flags: GivenFlags = {}, url?: string) {
  const { endpoint, ...settings } = demo.settings(flags);
  const where = endpoint && { ...endpoint, ...(url !== undefined && { url }) };
  const session = openSession(
    tutorial,
    { ...settings, ...(where && { endpoint: where }) },
    () => undefined,
    new AbortController().signal,
  );
  onTestFinished(() => session.close());
  const { data, error } = await doctor(session);
  if (data === undefined) throw error ?? new Error('no data');
  return { data, error, session };
}

const withStatus = (status: string) => (data: DoctorData) =>
  Object.fromEntries(data.checks.filter((check) => check.status === status).map(({ id, detail }) => [id, detail]));
const failedOf = withStatus('fail');
const skippedOf = withStatus('skip');

/** A sandbox on which everything is allowed but these. */
const without = async (...actions: string[]) => ({
  policy: {
    current: await policyOf(
      JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', NotAction: actions, Resource: '*' }] }),
      'test',
      services,
    ),
  },
});

describe('doctor', () => {
  it('finds nothing amiss in an empty account, and makes nothing', async () => {
    const demo = await startRunningDemo();
    const before = JSON.stringify(demo.sandbox.world);
    const { data, error } = await consult(demo);
    expect(error).toBeUndefined();
    expect(failedOf(data)).toEqual({});
    expect(Object.keys(skippedOf(data))).toEqual(['vcpus']);
    expect(data.checks.map(({ id }) => id)).toEqual([
      'node',
      'region',
      'credentials',
      'endpoint',
      'account',
      'clock',
      'names',
      'network',
      'ami',
      'load-balancers',
      'vcpus',
      'service-linked-roles',
      'create-security-group',
      'run-instances',
    ]);
    expect(data.calls).toMatchObject({ total: 19, mutating: 0 });
    expect(JSON.stringify(demo.sandbox.world)).toBe(before);
  });

  it('tries a launch with the role and the group of a demo that stands', async () => {
    const demo = await startRunningDemo();
    await demo.run('up');
    const { data, error } = await consult(demo);
    expect(error).toBeUndefined();
    const details = Object.fromEntries(data.checks.map(({ id, detail }) => [id, detail]));
    expect(details).toMatchObject({
      names: expect.stringMatching(/\(11 resources of it are there\)/) as string,
      'run-instances': 'ec2:RunInstances is allowed',
      'load-balancers': '1 load balancer in us-east-1, of 50 that there may be',
    });
    expect(data.calls.mutating).toBe(0);
  });

  it('tells that there is no default VPC', async () => {
    const { data, error } = await consult(await startRunningDemo({ seed: false }));
    expect(error?.code).toBe('check-failed');
    expect(failedOf(data)).toEqual({ network: 'this region has no default VPC' });
    expect(Object.keys(skippedOf(data))).toEqual(['vcpus', 'create-security-group', 'run-instances']);
    const { suggestion } = data.checks.find(({ id }) => id === 'network') ?? {};
    expect(suggestion && suggestionText(suggestion)).toContain('aws ec2 create-default-vpc');
  });

  it('tells that the instance type is not offered', async () => {
    const { data } = await consult(await startRunningDemo(), { 'instance-type': 'x9.huge' });
    expect(failedOf(data)).toEqual({ network: 'instance type x9.huge is not offered in this region' });
  });

  it('tells that a named subnet is not there', async () => {
    const demo = await startRunningDemo();
    const [one, other] = Object.values(demo.sandbox.world.subnets);
    const flags = {
      'vpc-id': one?.vpcId ?? '',
      'subnet-ids': `${one?.subnetId},${other?.subnetId},subnet-0123456789abcdef0`,
    };
    expect(failedOf((await consult(demo, flags)).data)['network']).toContain(
      'subnet subnet-0123456789abcdef0 is not in VPC',
    );
  });

  it.each([
    [[], 'exists and does not carry the tag ecsdemo:demo=my'],
    [[{ key: 'ecsdemo:demo', value: 'theirs' }], 'belongs to the demo "theirs"'],
  ])('tells whose a cluster of the name is, tagged %j', async (tags, words) => {
    const demo = await startRunningDemo();
    await demo.clients.ecs.send(new CreateClusterCommand({ clusterName: 'my-cluster', tags }));
    const { data, error } = await consult(demo);
    expect(failedOf(data)).toEqual({ names: expect.stringContaining(words) as string });
    expect(error?.diagnosis).toEqual([expect.stringContaining('AWS::ECS::Cluster "my-cluster"')]);
  });

  it.each([
    ['ec2:RunInstances', 'run-instances'],
    ['ec2:CreateSecurityGroup', 'create-security-group'],
    ['ssm:GetParameter', 'ami'],
    ['ecs:DescribeClusters', 'names'],
  ])('names the missing permission %s', async (action, id) => {
    const { data, error } = await consult(await startRunningDemo(await without(action)));
    expect(error?.exitCode).toBe(3);
    expect(failedOf(data)).toEqual({ [id]: expect.stringContaining(`may not do ${action}: `) as string });
    const { suggestion } = data.checks.find((check) => check.id === id) ?? {};
    expect(suggestion && suggestionText(suggestion)).toContain('ecsdemo policy up doctor');
  });

  it('takes a permission for a failure only where up needs it', async () => {
    const actions = ['elasticloadbalancing:DescribeAccountLimits', 'iam:ListRoles'];
    const { data, error } = await consult(await startRunningDemo(await without(...actions)));
    expect(error).toBeUndefined();
    expect(skippedOf(data)).toMatchObject({
      'load-balancers': expect.stringContaining(`may not do ${actions[0]}`) as string,
      'service-linked-roles': expect.stringContaining(`may not do ${actions[1]}`) as string,
    });
  });

  it('tells that the vCPUs are used up, where EC2 says so', async () => {
    const demo = await startRunningDemo();
    const ImageId = (await consult(demo)).data.checks.find(({ id }) => id === 'ami')?.detail.split(',')[0];
    const all = { ImageId, InstanceType: 't3.2xlarge', MinCount: 8, MaxCount: 8 } as const;
    await demo.clients.ec2.send(new RunInstancesCommand(all));
    const { data } = await consult(demo);
    expect(failedOf(data)).toEqual({ 'run-instances': expect.stringContaining('vCPU limit of 64') as string });
  });

  it('looks at nothing of another account', async () => {
    const { data, error } = await consult(await startRunningDemo(), { account: '999999999999' });
    expect(error?.code).toBe('check-failed');
    expect(failedOf(data)).toEqual({ account: expect.stringContaining('not to --account 999999999999') as string });
    expect(skippedOf(data)).toMatchObject({
      names: 'not tried, because account did not pass',
      'run-instances': 'not tried, because account did not pass',
    });
    expect(data.calls.byOperation).toEqual({ 'sts:GetCallerIdentity': 1 });
  });

  it('tells of an endpoint at which nobody listens, and skips the rest', async () => {
    const { data } = await consult(await startRunningDemo(), {}, 'http://127.0.0.1:1');
    expect(failedOf(data)).toEqual({ endpoint: expect.stringContaining('http://127.0.0.1:1: ') as string });
    expect(skippedOf(data)).toMatchObject({
      account: expect.any(String) as string,
      names: expect.any(String) as string,
    });
  });

  it('tells of a clock that is an hour behind', async () => {
    const answer = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
      <Arn>arn:aws:iam::123456789012:user/x</Arn><UserId>x</UserId><Account>123456789012</Account>
      </GetCallerIdentityResult></GetCallerIdentityResponse>`;
    const server = createServer((_request, response) => {
      response.setHeader('date', new Date(Date.now() + 3_600_000).toUTCString());
      response.end(answer);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { data } = await consult(await startRunningDemo(), {}, url);
    expect(failedOf(data)['clock']).toMatch(/^this machine's clock is (3600|3599) seconds behind AWS's$/);
  });

  it('ends when it is interrupted', async () => {
    const demo = await startRunningDemo();
    const ending = new AbortController();
    ending.abort();
    const session = openSession(tutorial, demo.settings(), () => undefined, ending.signal);
    onTestFinished(() => session.close());
    expect((await doctor(session)).error?.code).toBe('interrupted');
  });
});
