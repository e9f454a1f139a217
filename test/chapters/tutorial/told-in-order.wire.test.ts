// What a run tells of itself, in the order in which it does it; and rules for IPv6, from flag to account and back.
import { DescribeSecurityGroupsCommand, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import type { EngineEvent } from '../../../src/engine/types.ts';
import { parsePace } from '../../../src/sandbox/pace.ts';
import { startRunningDemo } from '../../helpers/running-demo.ts';

const at = (events: readonly EngineEvent[], type: EngineEvent['type'], step: string): number =>
  events.findIndex((event) => event.type === type && 'step' in event && event.step === step);

test('up proves nothing before what it rests on is done, and tells the checks before it sums them up', async () => {
  // The load balancer answers long before it is active, and the service is stable before that.
  const pace = parsePace('60');
  const demo = await startRunningDemo(pace === undefined ? {} : { pace });
  const { events } = await demo.run('up');
  expect(events.find(({ type }) => type === 'planned')).toMatchObject({
    steps: [1, 1, 1, 1, 2, 3, 4, 5].map((tutorialStep) => ({ tutorialStep })),
  });
  for (const step of ['network', 'instance', 'load-balancer', 'service'])
    expect(at(events, 'step-started', 'verify')).toBeGreaterThan(at(events, 'step-finished', step));
  const checks = events.flatMap((event, index) => (event.type === 'check' ? [index] : []));
  expect(Math.max(...checks)).toBeLessThan(at(events, 'step-finished', 'verify'));
});

test('scale is told as step 6, with what it changed; the same again changes nothing', async () => {
  const demo = await startRunningDemo();
  await demo.run('up');
  const { events } = await demo.run('scale', { count: '2' });
  expect(events.find(({ type }) => type === 'planned')).toMatchObject({ steps: [{ title: 'Scale', tutorialStep: 6 }] });
  expect(events.find(({ type }) => type === 'step-finished')).toMatchObject({
    tutorialStep: 6,
    changes: [{ action: 'update', name: 'my-service' }],
  });
  const again = await demo.run('scale', { count: '2' });
  expect(again.events.find(({ type }) => type === 'step-finished')).toMatchObject({ tutorialStep: 6, changes: [] });
});

test('up tries a refused launch at a pace that EC2 allows, and does not count it as a change', async () => {
  // EC2 sees a new instance profile after a third of a second: once it was asked forty times meanwhile.
  const pace = parsePace('20');
  const demo = await startRunningDemo(pace === undefined ? {} : { pace });
  const { result, mutating } = await demo.run('up', { through: 'instance' });
  const launches = mutating.filter((operation) => operation === 'RunInstances').length;
  expect(launches).toBeGreaterThan(1);
  expect(launches).toBeLessThan(9);
  expect(result.data.calls.mutating).toBe(mutating.length - launches + 1);
});

test('--ssh-from takes IPv6 addresses: made once, found again however they are written, and missed when gone', async () => {
  const demo = await startRunningDemo();
  await demo.run('up', { 'ssh-from': '2001:db8::7/32', through: 'network' });
  const { SecurityGroups = [] } = await demo.clients.ec2.send(
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: ['my-ecs-sg'] }] }),
  );
  const [group] = SecurityGroups;
  const ssh = group?.IpPermissions?.find(({ FromPort }) => FromPort === 22);
  expect(ssh).toMatchObject({ Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }], IpRanges: [] });
  expect((await demo.run('up', { 'ssh-from': '2001:DB8:0::/32', through: 'network' })).mutating).toEqual([]);
  await demo.clients.ec2.send(
    new RevokeSecurityGroupIngressCommand({ GroupId: group?.GroupId, IpPermissions: ssh && [ssh] }),
  );
  const planned = await demo.run('up', { 'ssh-from': '2001:db8::/32', through: 'network', 'dry-run': true });
  expect(planned.result.data.plan).toMatchObject([{ detail: 'tcp 22 from 2001:db8::/32' }]);
});
