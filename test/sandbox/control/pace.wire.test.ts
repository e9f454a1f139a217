// Another pace for a sandbox that runs: for what begins, for what is under way, and after a restart.
import { CreateLoadBalancerCommand, DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import { expect, onTestFinished, test } from 'vitest';
import { askStatus } from '../../../src/sandbox/connection.ts';
import { changePace } from '../../../src/sandbox/control/requests.ts';
import { parsePace, timesFaster } from '../../../src/sandbox/pace.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { fastPace } from '../in-process.ts';
import { temporaryDir } from '../temporary-dir.ts';
import { clientsFor } from '../tiny-server.ts';

test('what is under way goes on at the new pace, and so does all that begins', async () => {
  const sandbox = await startSandbox({ pace: parsePace('real') ?? fastPace() });
  onTestFinished(() => sandbox.close());
  const { endpoint, credentials, region, account } = sandbox;
  const connection = { endpoint, credentials, region, account, pid: process.pid, pace: 'real', startedAt: '' };
  const { ec2, elbv2 } = clientsFor(endpoint, credentials, { region });
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const subnets = Subnets.slice(0, 2).map(({ SubnetId }) => SubnetId ?? '');
  const made = await elbv2.send(new CreateLoadBalancerCommand({ Name: 'one', Subnets: subnets }));
  const arn = made.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  // Two and a half minutes on AWS, and here a quarter of a second.
  expect(await changePace(connection, '600')).toEqual({ pace: '600', before: 'real' });
  await expect
    .poll(async () => {
      const found = await elbv2.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] }));
      return found.LoadBalancers?.[0]?.State?.Code;
    })
    .toBe('active');
  await elbv2.send(new CreateLoadBalancerCommand({ Name: 'two', Subnets: subnets }));
  const two = Object.values(sandbox.world.loadBalancers).find(({ loadBalancerName }) => loadBalancerName === 'two');
  expect((two?.stateEndsAt ?? 0) - (two?.createdAt ?? 0)).toBe(250);
  await expect(changePace(connection, 'soon')).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('pace'),
  });
});

test('it is kept: the next start runs at the pace that was last asked for', async () => {
  const dir = temporaryDir();
  const first = await startSandbox({ dir });
  expect(first.pace.name).toBe('fast');
  const { endpoint, credentials, region, account } = first;
  const connection = { endpoint, credentials, region, account, pid: process.pid, pace: 'fast', startedAt: '' };
  await changePace(connection, '40');
  expect((await askStatus(connection, 1000))?.pace).toBe('40');
  await first.close();
  const second = await startSandbox({ dir });
  expect(second.pace.name).toBe('40');
  await second.close();
  const third = await startSandbox({ dir, pace: fastPace() });
  await third.close();
  const fourth = await startSandbox({ dir });
  onTestFinished(() => fourth.close());
  expect(fourth.pace.name).toBe('fast');
});

test.each([
  ['fast', 50],
  ['real', 1],
  ['30', 30],
  ['0.5', 0.5],
  ['no pace', 1],
])('at pace %s time runs %d times faster', (pace, times) => {
  expect(timesFaster(pace)).toBe(times);
});
