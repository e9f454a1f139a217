// Leftovers of others' runs: what a sweep finds, what it takes, and what it never touches. Real SDK clients against a
// sandbox in this process; the demos are made by the program's own `up`.
import { CreateSecurityGroupCommand, CreateTagsCommand, DeleteTagsCommand } from '@aws-sdk/client-ec2';
import { CreateClusterCommand, TagResourceCommand } from '@aws-sdk/client-ecs';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { describe, expect, test } from 'vitest';
import type { EcsdemoError } from '../../src/base/errors.ts';
import { settingsFrom, type GivenFlags } from '../../src/base/settings.ts';
import type { Report } from '../../src/engine/types.ts';
import { AwsError } from '../../src/sandbox/aws-error.ts';
import type { SweepData, SweptDemo } from '../../src/actions/results.ts';
import { reasonToLeave } from '../../src/actions/sweep.ts';
import { dataOf, survey, sweep, up } from '../helpers/one-action.ts';
import { startRunningDemo, type RunningDemo } from '../helpers/running-demo.ts';
import { failureOf } from '../sandbox/tiny-server.ts';

const quiet = (): void => undefined;
const never = new AbortController().signal;
const hour = 3_600_000;
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

async function look({ settings }: RunningDemo, flags: GivenFlags = {}): Promise<SweepData> {
  return (await survey(settings(flags), quiet, never)).data;
}

const names = (demos: readonly SweptDemo[]): string[] => demos.filter(({ matches }) => matches).map(({ name }) => name);

/** Several demos, each up to the step named: a whole one takes much longer. */
async function withDemos(demo: RunningDemo, made: Record<string, GivenFlags>): Promise<void> {
  for (const [name, flags] of Object.entries(made)) await demo.run('up', { name, through: 'cluster', ...flags });
}

describe('which demos a sweep may take', () => {
  const now = Date.parse('2026-01-01T12:00:00Z');
  const aged = (hours: number, expiresIn?: number, name = 'ci-1') => ({
    name,
    createdAt: new Date(now - hours * hour),
    expiresAt: expiresIn === undefined ? undefined : new Date(now + expiresIn),
  });
  const asked = (flags: GivenFlags) => settingsFrom(flags, {}, Object.keys(flags));

  test.each([
    ['everything without flags', aged(0), {}, undefined],
    ['what is old enough', aged(2), { 'older-than': '2h' }, undefined],
    ['not what is younger', aged(1.99), { 'older-than': '2h' }, 'younger'],
    ['not what nobody knows the age of', { ...aged(1), createdAt: undefined }, { 'older-than': '2h' }, 'how old'],
    ['what is overdue', aged(1, -1), { expired: true }, undefined],
    ['not what has time left', aged(1, 1), { expired: true }, 'not expired yet'],
    ['not what lives for ever', aged(1), { expired: true }, 'no expiry'],
    ['what starts so', aged(1), { 'name-prefix': 'ci-' }, undefined],
    ['not what starts otherwise', aged(1), { 'name-prefix': 'cd-' }, 'does not start'],
    ['only what all flags name', aged(1, -1), { expired: true, 'older-than': '2h' }, 'younger'],
    ['never a name that is no demo name', aged(9, -1, 'a--b'), {}, 'no demo name'],
  ])('%s', (_what, demo, flags, reason) => {
    const told = reasonToLeave(demo, asked(flags), now);
    if (reason === undefined) expect(told).toBeUndefined();
    else expect(told).toContain(reason);
  });
});

test('finds a whole demo with all its parts, its cost and its expiry', async () => {
  const demo = await startRunningDemo();
  await demo.run('up', { name: 'ci-7', ttl: '2h' });
  const { demos } = await look(demo);
  expect(demos).toHaveLength(1);
  const [found] = demos;
  expect(found).toMatchObject({ name: 'ci-7', matches: true, costPerHour: 0.0512 });
  expect(Date.parse(found?.expiresAt ?? '') - Date.parse(found?.createdAt ?? '')).toBe(2 * hour);
  expect(found?.resources.map(({ type }) => type).toSorted()).toEqual([
    'AWS::EC2::Instance',
    'AWS::EC2::SecurityGroup',
    'AWS::EC2::SecurityGroup',
    'AWS::ECS::Cluster',
    'AWS::ECS::Service',
    'AWS::ECS::TaskDefinition',
    'AWS::ElasticLoadBalancingV2::LoadBalancer',
    'AWS::ElasticLoadBalancingV2::TargetGroup',
    'AWS::IAM::InstanceProfile',
    'AWS::IAM::Role',
  ]);
  await sweep(demo.settings(), quiet, never);
  expect((await look(demo)).demos).toEqual([]);
});

test('takes only what matches, several side by side, and leaves everything else as it is', async () => {
  const demo = await startRunningDemo();
  await withDemos(demo, { 'ci-1': {}, 'ci-2': {}, 'ci-3': {}, 'ci-4': {}, 'ci-5': {}, my: {} });
  const { ec2, ecs, iam } = demo.clients;
  const foreign = [{ Key: 'owner', Value: 'somebody' }];
  const group = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'ci-6-ecs-sg', Description: 'theirs' }));
  await ec2.send(new CreateTagsCommand({ Resources: [group.GroupId ?? ''], Tags: foreign }));
  await ecs.send(new CreateClusterCommand({ clusterName: 'ci-6-cluster' }));
  await iam.send(
    new CreateRoleCommand({ RoleName: 'ci-6-ecsInstanceRole', AssumeRolePolicyDocument: trust, Tags: foreign }),
  );
  const odd = await ecs.send(
    new CreateClusterCommand({ clusterName: 'odd', tags: [{ key: 'ecsdemo:demo', value: 'no_such--name' }] }),
  );
  const before = await look(demo, { 'name-prefix': 'ci-' });
  expect(names(before.demos)).toEqual(['ci-1', 'ci-2', 'ci-3', 'ci-4', 'ci-5']);
  expect(before.demos.find(({ name }) => name === 'no_such--name')).toMatchObject({
    matches: false,
    resources: [{ id: odd.cluster?.clusterArn }],
  });
  const { data } = await sweep(demo.settings({ 'name-prefix': 'ci-' }), quiet, never);
  const { demos } = data;
  expect(demos.filter(({ removed }) => (removed ?? []).length > 0).map(({ name }) => name)).toEqual(
    names(before.demos),
  );
  expect(data.calls.mutating).toBeGreaterThan(0);
  // Who it is is asked once, however many demos there are.
  expect(data.calls.byOperation['sts:GetCallerIdentity']).toBe(1);
  const after = await look(demo);
  expect(after.demos.map(({ name }) => name).toSorted()).toEqual(['my', 'no_such--name']);
  const { clusters, securityGroups, roles } = demo.sandbox.world;
  const alive = Object.values(clusters).filter(({ status }) => status === 'ACTIVE');
  expect(alive.map(({ clusterName }) => clusterName).toSorted()).toEqual(['ci-6-cluster', 'my-cluster', 'odd']);
  expect(
    Object.values(securityGroups)
      .map(({ groupName }) => groupName)
      .toSorted(),
  ).toEqual(['ci-6-ecs-sg', 'default', 'my-ecs-sg', 'my-elb-sg']);
  expect(Object.values(roles).map(({ roleName }) => roleName)).toEqual(
    expect.arrayContaining(['ci-6-ecsInstanceRole', 'ecsInstanceRole']),
  );
});

test('the oldest created-at is the age; without a cluster the latest expiry counts', async () => {
  const demo = await startRunningDemo();
  await demo.run('up', { name: 'ci-1', through: 'network', ttl: '1h' });
  const [group, other] = Object.values(demo.sandbox.world.securityGroups).filter(({ groupName }) =>
    groupName.startsWith('ci-1'),
  );
  const old = new Date(Date.now() - 5 * hour).toISOString();
  const late = new Date(Date.now() + 9 * hour).toISOString();
  await demo.clients.ec2.send(
    new CreateTagsCommand({ Resources: [group?.groupId ?? ''], Tags: [{ Key: 'ecsdemo:created-at', Value: old }] }),
  );
  await demo.clients.ec2.send(
    new CreateTagsCommand({ Resources: [other?.groupId ?? ''], Tags: [{ Key: 'ecsdemo:expires-at', Value: late }] }),
  );
  expect((await look(demo)).demos).toMatchObject([{ name: 'ci-1', createdAt: old, expiresAt: late }]);
  expect(names((await look(demo, { 'older-than': '4h' })).demos)).toEqual(['ci-1']);
  expect(names((await look(demo, { 'older-than': '6h' })).demos)).toEqual([]);
});

test('one demo that cannot be removed stops no other, and is named with its error', async () => {
  const refuse = {
    before: ({ operation, input }: { operation: string; input: Record<string, unknown> }) => {
      if (operation === 'DeleteCluster' && input['cluster'] === 'ci-2-cluster')
        throw new AwsError('AccessDeniedException', 'not authorized to perform: ecs:DeleteCluster');
    },
  };
  const demo = await startRunningDemo({ intercept: refuse });
  await withDemos(demo, { 'ci-1': {}, 'ci-2': {}, 'ci-3': {} });
  const failure = (await failureOf(sweep(demo.settings(), quiet, never))) as EcsdemoError;
  expect([failure.code, failure.exitCode]).toEqual(['access-denied', 5]);
  expect(failure.message).toContain('ci-2');
  const { demos } = dataOf(failure) as SweepData;
  expect(demos.find(({ name }) => name === 'ci-2')?.error?.code).toBe('access-denied');
  expect((await look(demo)).demos.map(({ name }) => name)).toEqual(['ci-2']);
});

test('a role that the demo of another region needs is neither listed nor removed', async () => {
  const demo = await startRunningDemo();
  await withDemos(demo, { my: {} });
  // IAM is the same for all regions; the sandbox has one, so the other region is only told by its tag.
  const [role] = Object.values(demo.sandbox.world.roles).filter(({ roleName }) => roleName === 'ecsInstanceRole');
  demo.sandbox.loop.change(() => {
    role?.tags.push({ key: 'ecsdemo:in:eu-north-1', value: 'true' });
  });
  const told = await demo.run('destroy');
  expect(told.result.data.kept.map(({ type, reason }) => [type, reason])).toEqual([
    ['AWS::IAM::Role', 'the demo my in eu-north-1 uses it'],
    ['AWS::IAM::InstanceProfile', 'the demo my in eu-north-1 uses it'],
  ]);
  expect(role?.tags.map(({ key }) => key)).not.toContain('ecsdemo:in:us-east-1');
  expect((await look(demo)).demos.flatMap(({ resources }) => resources.map(({ type }) => type))).not.toContain(
    'AWS::IAM::Role',
  );
});

test('up --ttl: the cluster tells; the same again moves nothing, another one does, and none keeps it', async () => {
  const demo = await startRunningDemo();
  const first = await demo.run('up', { ttl: '2h' });
  const expiry = first.result.data.expiresAt;
  expect(Date.parse(expiry ?? '') - Date.now()).toBeLessThanOrEqual(2 * hour);
  expect((await demo.run('up', { ttl: '2h' })).mutating).toEqual([]);
  expect((await demo.run('up')).result.data.expiresAt).toBe(expiry);
  const planned = await demo.run('up', { ttl: '5h', 'dry-run': true });
  expect(planned.result.data.plan?.map(({ type, detail }) => [type, detail?.slice(0, 6)])).toEqual([
    ['AWS::ECS::Cluster', 'expiry'],
  ]);
  const moved = await demo.run('up', { ttl: '5h' });
  expect(moved.mutating).toEqual(['TagResource']);
  expect(Date.parse(moved.result.data.expiresAt ?? '')).toBeGreaterThan(Date.now() + 4 * hour);
  const told = await demo.run('status');
  expect([told.result.data.expiresAt, told.result.warnings, told.result.data.changes]).toEqual([
    moved.result.data.expiresAt,
    [],
    [],
  ]);
});

test('status warns of an expiry that has passed, and sweep --expired takes the demo', async () => {
  const demo = await startRunningDemo();
  await withDemos(demo, { 'ci-1': { ttl: '1h' }, 'ci-2': { ttl: '1h' }, 'ci-3': {} });
  const [cluster] = Object.values(demo.sandbox.world.clusters).filter(
    ({ clusterName }) => clusterName === 'ci-1-cluster',
  );
  const past = new Date(Date.now() - hour).toISOString();
  await demo.clients.ecs.send(
    new TagResourceCommand({ resourceArn: cluster?.clusterArn, tags: [{ key: 'ecsdemo:expires-at', value: past }] }),
  );
  expect((await demo.run('status', { name: 'ci-1' })).result.warnings.join()).toContain(past);
  const found = await look(demo, { expired: true });
  expect(names(found.demos)).toEqual(['ci-1']);
  await sweep(demo.settings({ expired: true }), quiet, never);
  expect((await look(demo)).demos.map(({ name }) => name)).toEqual(['ci-2', 'ci-3']);
});

test('a resource that lost its tag is not swept: it stays, and the sweep says so', async () => {
  const demo = await startRunningDemo();
  await withDemos(demo, { 'ci-1': {} });
  const [group] = Object.values(demo.sandbox.world.securityGroups).filter(
    ({ groupName }) => groupName === 'ci-1-elb-sg',
  );
  await demo.clients.ec2.send(
    new DeleteTagsCommand({ Resources: [group?.groupId ?? ''], Tags: [{ Key: 'ecsdemo:demo' }] }),
  );
  const failure = await failureOf(sweep(demo.settings(), quiet, never));
  expect(failure).toMatchObject({ code: 'not-ours', exitCode: 4 });
  expect(failure.message).toContain('ci-1-elb-sg');
  expect(Object.keys(demo.sandbox.world.securityGroups)).toContain(group?.groupId);
});

test('the account is checked before anything else is asked', async () => {
  const demo = await startRunningDemo();
  await withDemos(demo, { 'ci-1': {} });
  const asked: string[] = [];
  const report: Report = (event) => {
    if (event.type === 'call') asked.push(`${event.service}:${event.operation}`);
  };
  const other = demo.settings({ account: '999999999999' });
  for (const run of [survey(other, report, never), up({ ...other, dryRun: true }, report, never)]) {
    expect(await failureOf(run)).toMatchObject({ code: 'wrong-account', exitCode: 4 });
  }
  expect(new Set(asked)).toEqual(new Set(['sts:GetCallerIdentity']));
});
