// A person's file with network mode host or awsvpc, from `up` to `destroy`, on a sandbox.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeServicesCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { expect, onTestFinished, test } from 'vitest';
import type { World } from '../../../src/sandbox/world.ts';
import type { EcsdemoError } from '../../../src/base/errors.ts';
import { startRunningDemo } from '../../helpers/running-demo.ts';
import { failureOf } from '../../sandbox/tiny-server.ts';

/** The flags of a file with nginx on port 80 in this mode. */
function flagsOf(networkMode: 'bridge' | 'host' | 'awsvpc', version = '1') {
  const dir = mkdtempSync(join(tmpdir(), 'ecsdemo-modes-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, `${networkMode}.json`);
  const environment = [{ name: 'VERSION', value: version }];
  const web = { name: 'web', image: 'nginx', memory: 128, portMappings: [{ containerPort: 80 }], environment };
  writeFileSync(file, JSON.stringify({ networkMode, containerDefinitions: [web] }));
  return { 'task-definition': file, expect: 'nginx' };
}

/** What is there that destroy must take away. */
function remains({ networkInterfaces, securityGroups, instances, targetGroups, services, tasks }: World) {
  return {
    interfaces: Object.keys(networkInterfaces),
    groups: Object.values(securityGroups).flatMap(({ groupName }) => (groupName === 'default' ? [] : groupName)),
    instances: Object.values(instances).flatMap(({ state }) => (state === 'terminated' ? [] : state)),
    targetGroups: Object.keys(targetGroups),
    services: Object.values(services).flatMap(({ status }) => (status === 'INACTIVE' ? [] : status)),
    tasks: Object.values(tasks).flatMap(({ lastStatus }) => (lastStatus === 'STOPPED' ? [] : lastStatus)),
  };
}

const nothing = { interfaces: [], groups: [], instances: [], targetGroups: [], services: [], tasks: [] };

test.each([
  ['host', 'instance', /^2 of 2 healthy: i-\w+:80, i-\w+:80$/, /^1 container on i-\w+; port 80 answer "nginx"$/],
  [
    'awsvpc',
    'ip',
    /^2 of 2 healthy: 172\.31\.\d+\.\d+:80, 172\.31\.\d+\.\d+:80$/,
    /^1 container on i-\w+; 172\.31\.\d+\.\d+ not asked from there: my-ecs-sg lets in the load balancer alone$/,
  ],
] as const)('%s: up, the same again, two of each, verify, destroy', async (mode, targetType, targets, onInstance) => {
  const { run, sandbox } = await startRunningDemo();
  const flags = flagsOf(mode);
  await run('up', flags);
  expect(Object.values(sandbox.world.targetGroups).map((group) => group.targetType)).toEqual([targetType]);
  const again = await run('up', flags);
  expect(again.mutating).toEqual([]);
  expect(again.result.data?.calls.total).toBeLessThanOrEqual(22);
  await run('scale', { count: '2', instances: '2' });
  const { result } = await run('verify', { expect: 'nginx', 'on-instance': true });
  const detail = (id: string) => result.data?.checks.find((check) => check.id === id)?.detail;
  expect(detail('targets-healthy')).toMatch(targets);
  expect(detail('on-instance')).toMatch(onInstance);
  await run('destroy', { yes: true });
  expect(remains(sandbox.world)).toEqual(nothing);
});

test('awsvpc: every task has an interface in the group that lets the load balancer in', async () => {
  const { run, sandbox, clients } = await startRunningDemo();
  const flags = flagsOf('awsvpc');
  await run('up', flags);
  const { securityGroups, networkInterfaces, loadBalancers } = sandbox.world;
  const group = Object.values(securityGroups).find(({ groupName }) => groupName === 'my-ecs-sg');
  const [own, ...more] = Object.values(networkInterfaces).filter(({ ofTask }) => ofTask);
  expect(more).toEqual([]);
  expect(own?.groupIds).toEqual([group?.groupId]);
  const command = new DescribeServicesCommand({ cluster: 'my-cluster', services: ['my-service'] });
  const [service] = (await clients.ecs.send(command)).services ?? [];
  expect(service?.networkConfiguration?.awsvpcConfiguration).toEqual({
    subnets: Object.values(loadBalancers)[0]?.subnetIds,
    securityGroups: [group?.groupId],
    assignPublicIp: 'DISABLED',
  });
});

test('awsvpc: verify names the rule that is missing, and up puts it back', async () => {
  const { run, sandbox, clients } = await startRunningDemo();
  const flags = flagsOf('awsvpc');
  await run('up', flags);
  const [group, elb] = ['my-ecs-sg', 'my-elb-sg'].map(
    (name) => Object.values(sandbox.world.securityGroups).find(({ groupName }) => groupName === name)?.groupId ?? '',
  );
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 1, ToPort: 65_535, UserIdGroupPairs: [{ GroupId: elb }] }];
  await clients.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: group, IpPermissions }));
  const failure = await failureOf(run('verify', { expect: 'nginx' }));
  expect(String(failure)).toContain('security-group-path');
  expect((await run('up', flags)).mutating).toContain('AuthorizeSecurityGroupIngress');
});

test('awsvpc: other groups and subnets that somebody gave the tasks are told, and put right', async () => {
  const { run, sandbox, clients } = await startRunningDemo();
  const flags = { ...flagsOf('awsvpc'), instances: '2' };
  await run('up', flags);
  const { securityGroups, services } = sandbox.world;
  const idOf = (name: string) =>
    Object.values(securityGroups).find(({ groupName }) => groupName === name)?.groupId ?? '';
  const [before] = Object.values(services).map(({ network }) => structuredClone(network));
  const awsvpcConfiguration = { subnets: before?.subnets.slice(0, 1), securityGroups: [idOf('default')] };
  const update = { cluster: 'my-cluster', service: 'my-service', networkConfiguration: { awsvpcConfiguration } };
  await clients.ecs.send(new UpdateServiceCommand(update));
  const verified = await failureOf(run('verify', { expect: 'nginx' }));
  expect((verified as EcsdemoError).diagnosis.join('\n')).toMatch(
    /interfaces of the tasks are not in my-ecs-sg[^]*has no subnet for its tasks/,
  );
  const { result } = await run('status');
  expect(result.data?.changes.map(({ detail }) => detail)).toEqual(['subnets or security groups of its tasks']);
  expect((await run('up', flags)).mutating).toEqual(['UpdateService']);
  expect(Object.values(sandbox.world.services).map(({ network }) => network)).toEqual([before]);
});

test.each([
  ['host', 'host port 80 is taken by the task of sinatra-hi:1', 'once \\"networkMode\\" is'],
  ['awsvpc', 'network interface is used up by what runs', '"instances":2'],
] as const)('%s: what an instance has no room for is said before anything is changed', async (mode, words, advice) => {
  const { run, sandbox } = await startRunningDemo();
  await run('up', flagsOf(mode));
  for (const attempt of [run('scale', { count: '2' }), run('up', { ...flagsOf(mode), count: '2' })])
    expect(await failureOf(attempt)).toMatchObject({ code: 'does-not-fit' });
  const failure = await failureOf(run('up', flagsOf(mode, '2')));
  expect(failure).toMatchObject({ code: 'does-not-fit' });
  expect(String(failure)).toContain(words);
  expect(JSON.stringify((failure as EcsdemoError).suggestions)).toContain(advice);
  expect(Object.values(sandbox.world.taskDefinitions).map(({ revision }) => revision)).toEqual([1]);
  // With the instance that is advised it goes through.
  await run('up', { ...flagsOf(mode, '2'), instances: '2' });
});

test.each([
  ['bridge', 'awsvpc', 'takes targets of type instance, a task definition with network mode awsvpc needs ip'],
  ['awsvpc', 'bridge', 'takes targets of type ip, a task definition with network mode bridge or host needs instance'],
] as const)('%s → %s is refused, in a dry run too, with the way to do it', async (before, after, words) => {
  const { run, sandbox } = await startRunningDemo();
  await run('up', flagsOf(before));
  for (const flags of [{ 'dry-run': true }, {}]) {
    const failure = await failureOf(run('up', { ...flagsOf(after), ...flags }));
    expect(failure).toMatchObject({ code: 'network-mode-fixed', exitCode: 4 });
    expect(String(failure)).toContain(words);
  }
  // Nothing was changed before it was found out.
  expect(Object.values(sandbox.world.taskDefinitions).map(({ revision }) => revision)).toEqual([1]);
  await run('destroy', { yes: true });
  await run('up', flagsOf(after));
});
