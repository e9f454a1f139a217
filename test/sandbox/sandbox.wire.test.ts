// The whole sandbox in this process: what it starts with, what it leaves, what comes back.
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
} from '@aws-sdk/client-ec2';
import { CreateClusterCommand } from '@aws-sdk/client-ecs';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  type Action,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parsePace } from '../../src/sandbox/pace.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { loadWorld } from '../../src/sandbox/store.ts';
import { clientsFor, failureOf } from './tiny-server.ts';
import { temporaryDir } from './temporary-dir.ts';

async function start(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const pace = parsePace('fast');
  if (pace === undefined) throw new Error('no pace');
  const sandbox = await startSandbox({ pace, ...options });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

const clientsOf = ({ endpoint, credentials }: Sandbox) => clientsFor(endpoint, { ...credentials });

test('a new sandbox has a default VPC, in the region asked for; an unseeded one has nothing', async () => {
  const sandbox = await start({ region: 'eu-north-1' });
  expect(
    (await clientsOf(sandbox).ec2.send(new DescribeVpcsCommand())).Vpcs?.map(({ IsDefault }) => IsDefault),
  ).toEqual([true]);
  expect(sandbox.region).toBe('eu-north-1');
  const empty = await start({ seed: false });
  expect((await clientsOf(empty).ec2.send(new DescribeVpcsCommand())).Vpcs).toEqual([]);
});

test('two sandboxes share nothing', async () => {
  const [first, second] = await Promise.all([start(), start()]);
  expect(first.credentials).not.toEqual(second.credentials);
  expect(first.account).not.toBe(second.account);
  const stranger = clientsFor(second.endpoint, { ...first.credentials });
  expect((await failureOf(stranger.ecs.send(new CreateClusterCommand({})))).name).toBe('UnrecognizedClientException');
});

test('closing leaves no temporary directory and frees the port', async () => {
  const temporary = temporaryDir();
  vi.stubEnv('TMPDIR', temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  const sandbox = await start();
  expect(readdirSync(temporary)).toHaveLength(1);
  await sandbox.close();
  expect(readdirSync(temporary)).toEqual([]);
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(sandbox.port, '127.0.0.1', resolve));
  server.close();
});

test('closed and opened again: the same world, credentials, account and endpoint', async () => {
  const dir = temporaryDir();
  const first = await start({ dir });
  await clientsOf(first).ec2.send(new CreateSecurityGroupCommand({ GroupName: 'g', Description: 'd' }));
  await first.close();
  const second = await start({ dir, region: 'eu-north-1' });
  expect([second.credentials, second.account, second.endpoint, second.region]).toEqual([
    first.credentials,
    first.account,
    first.endpoint,
    'us-east-1',
  ]);
  const { SecurityGroups: groups } = await clientsOf(second).ec2.send(
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: ['g'] }] }),
  );
  expect(groups).toHaveLength(1);
});

test('an answered change is on disk: what another reader finds without any closing', async () => {
  const dir = temporaryDir();
  const { ecs } = clientsOf(await start({ dir }));
  for (const clusterName of ['a', 'b', 'c']) {
    await ecs.send(new CreateClusterCommand({ clusterName }));
    const names = Object.values((await loadWorld(dir)).world?.clusters ?? {}).map((cluster) => cluster.clusterName);
    expect(names).toContain(clusterName);
  }
});

test('one directory, one sandbox; and a start that fails gives the directory back', async () => {
  const dir = temporaryDir();
  const first = await start({ dir });
  expect(await failureOf(start({ dir }))).toMatchObject({ code: 'sandbox-failed' });
  const other = temporaryDir();
  expect(await failureOf(start({ dir: other, port: first.port }))).toMatchObject({ code: 'port-in-use' });
  expect((await start({ dir: other })).port).not.toBe(first.port);
});

test('what listens is gone once closed, and listens again at the same address once opened', async () => {
  const dir = temporaryDir();
  const first = await start({ dir });
  const { ec2, elbv2 } = clientsOf(first);
  const { Subnets: subnets = [] } = await ec2.send(new DescribeSubnetsCommand());
  const { GroupId = '' } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'open to the world' }),
  );
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId,
      IpProtocol: 'tcp',
      FromPort: 80,
      ToPort: 80,
      CidrIp: '0.0.0.0/0',
    }),
  );
  const ids = subnets.slice(0, 2).map(({ SubnetId }) => SubnetId ?? '');
  const made = await elbv2.send(new CreateLoadBalancerCommand({ Name: 'lb', Subnets: ids, SecurityGroups: [GroupId] }));
  const { LoadBalancerArn, DNSName } = made.LoadBalancers?.[0] ?? {};
  const answer: Action = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '418' } };
  await elbv2.send(
    new CreateListenerCommand({ LoadBalancerArn, Port: 80, Protocol: 'HTTP', DefaultActions: [answer] }),
  );
  const status = (): Promise<number> =>
    fetch(`http://${DNSName ?? ''}/`).then(
      (response) => response.status,
      () => 0,
    );
  await expect.poll(status).toBe(418);
  await first.close();
  expect(await status()).toBe(0);
  await start({ dir });
  await expect.poll(status).toBe(418);
});
