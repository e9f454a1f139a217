// The other way round: ecsdemo against an emulator that nobody here wrote, moto's server, which only keeps records. No agent
// ever registers there, so `up` must end in words that say so, and `destroy` must leave nothing, as the SDK's clients see it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DescribeInstancesCommand, DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeClustersCommand, ECSClient, ListTaskDefinitionsCommand } from '@aws-sdk/client-ecs';
import {
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient, ListInstanceProfilesCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { expect, it, onTestFinished } from 'vitest';
import { inOwnDirectory, type Ended } from '../e2e/built-program.ts';
import { installedIn, works } from './client.ts';

const python = join(installedIn('moto'), 'bin', 'python');
const server = join(installedIn('moto'), 'bin', 'moto_server');
const there =
  existsSync(server) ||
  (works('python3', ['-m', 'venv', installedIn('moto')]) &&
    works(python, ['-m', 'pip', 'install', '--quiet', 'moto[server]']));

const region = 'us-east-1';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

async function freePort(): Promise<number> {
  const holder = createServer();
  await new Promise<void>((listening) => holder.listen(0, '127.0.0.1', listening));
  const { port } = holder.address() as AddressInfo;
  await new Promise((closed) => holder.close(closed));
  return port;
}

/** A server of its own, which knows nothing yet; ended with the test. @returns its URL, once it answers */
async function startMoto(env: Record<string, string>): Promise<string> {
  const port = await freePort();
  const child = spawn(server, ['-H', '127.0.0.1', '-p', String(port)], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: 'ignore',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  await expect
    .poll(() =>
      fetch(`${url}/moto-api/`).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    .toBe(true);
  return url;
}

interface Said {
  ok: boolean;
  data: { resources: { type: string; state: string }[]; demos: { name: string }[]; left: unknown };
  error: { code: string; message: string; suggestions: string[]; diagnosis: string[]; step?: string } | null;
}

/** Runs the built program against it. @returns the exit code, what it said to a script and to people */
function programAt(url: string) {
  const run = inOwnDirectory();
  const env = { AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: region };
  return async (...args: string[]): Promise<Ended & { said: Said }> => {
    const ended = await run([...args, '--json'], env);
    // Nothing of the SDK, of Node or of Python, and no failure without a name.
    expect(ended.stdout + ended.stderr).not.toMatch(
      /unexpected|\$response|Deserialization|undefined|Traceback|at \w+ \(/,
    );
    return { ...ended, said: JSON.parse(ended.stdout) as Said };
  };
}

/** What the account holds, by clients that know nothing of ecsdemo. What moto itself brings is left out. */
async function held(endpoint: string) {
  const config = { endpoint, region, credentials };
  const [ec2, ecs] = [new EC2Client(config), new ECSClient(config)];
  const [elb, iam] = [new ElasticLoadBalancingV2Client(config), new IAMClient(config)];
  const [instances, groups, clusters, active, inactive, balancers, targets, roles, profiles] = await Promise.all([
    ec2.send(new DescribeInstancesCommand({})),
    ec2.send(new DescribeSecurityGroupsCommand({})),
    ecs.send(new DescribeClustersCommand({ clusters: ['my-cluster', 'other-cluster'] })),
    ecs.send(new ListTaskDefinitionsCommand({ status: 'ACTIVE' })),
    ecs.send(new ListTaskDefinitionsCommand({ status: 'INACTIVE' })),
    elb.send(new DescribeLoadBalancersCommand({})),
    elb.send(new DescribeTargetGroupsCommand({})),
    iam.send(new ListRolesCommand({})),
    iam.send(new ListInstanceProfilesCommand({})),
  ]);
  for (const client of [ec2, ecs, elb, iam]) client.destroy();
  return [
    ...(instances.Reservations ?? [])
      .flatMap(({ Instances }) => Instances ?? [])
      .filter(({ State }) => State?.Name !== 'terminated')
      .map(({ InstanceId }) => InstanceId),
    ...(groups.SecurityGroups ?? []).map(({ GroupName }) => GroupName).filter((name) => name !== 'default'),
    ...(clusters.clusters ?? []).filter(({ status }) => status === 'ACTIVE').map(({ clusterName }) => clusterName),
    ...(active.taskDefinitionArns ?? []),
    ...(inactive.taskDefinitionArns ?? []),
    ...(balancers.LoadBalancers ?? []).map(({ LoadBalancerName }) => LoadBalancerName),
    ...(targets.TargetGroups ?? []).map(({ TargetGroupName }) => TargetGroupName),
    ...(roles.Roles ?? []).filter(({ Path }) => Path?.startsWith('/aws-') !== true).map(({ RoleName }) => RoleName),
    ...(profiles.InstanceProfiles ?? []).map(({ InstanceProfileName }) => InstanceProfileName),
  ];
}

it.skipIf(!there)(
  'moto with the policies of AWS: up ends with what it waited for and why, destroy leaves nothing (skipped: moto cannot be installed here)',
  async () => {
    const url = await startMoto({ MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' });
    const ecsdemo = programAt(url);

    const up = await ecsdemo('up', '--yes', '--timeout', '30s');
    expect(up.code).toBe(6);
    expect(up.said.error).toMatchObject({
      code: 'timeout',
      step: 'instance',
      message: expect.stringMatching(/waited \d+ s for the agent of i-\w+ to register; last state: 0 of 1 registered/),
      diagnosis: expect.arrayContaining([expect.stringContaining(`the calls go to ${url}, not to AWS`)]),
      suggestions: expect.arrayContaining([expect.stringMatching(/^ecsdemo up .*--local/)]),
    });

    // The same again goes on where it stopped, and makes nothing twice.
    const before = await held(url);
    expect((await ecsdemo('up', '--yes', '--timeout', '5s')).code).toBe(6);
    expect(await held(url)).toEqual(before);

    const status = await ecsdemo('status');
    expect(status.code).toBe(0);
    expect(status.said.data.resources).toContainEqual(
      expect.objectContaining({ type: 'AWS::EC2::Instance', state: 'running' }),
    );
    expect(await ecsdemo('verify')).toMatchObject({ code: 3, said: { error: { code: 'demo-absent' } } });
    expect(await ecsdemo('scale', '--count', '4')).toMatchObject({ code: 3, said: { error: { code: 'demo-absent' } } });
    expect(await ecsdemo('sweep', '--dry-run')).toMatchObject({
      code: 1,
      said: { error: { code: 'demos-found' }, data: { demos: [{ name: 'my' }] } },
    });

    expect(await ecsdemo('destroy', '--yes')).toMatchObject({ code: 0, said: { ok: true, data: { left: [] } } });
    expect(await held(url)).toEqual([]);
    expect(await ecsdemo('status')).toMatchObject({ code: 0 });
    expect(await ecsdemo('destroy', '--yes')).toMatchObject({ code: 0 });
    expect(await ecsdemo('sweep', '--dry-run')).toMatchObject({ code: 0 });
  },
);

it.skipIf(!there)(
  'moto: the destroy of one demo leaves another alone, and sweep takes both (skipped: moto cannot be installed here)',
  async () => {
    const url = await startMoto({ MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' });
    const ecsdemo = programAt(url);
    // Long enough for the instance to be there on a busy machine.
    await ecsdemo('up', '--yes', '--timeout', '20s');
    await ecsdemo('up', '--yes', '--timeout', '20s', '--name', 'other');
    // An instance is there while the profile's users are asked for, by a filter that moto has not.
    expect(await ecsdemo('destroy', '--yes')).toMatchObject({ code: 0, said: { data: { left: [] } } });
    const names = (await held(url)).filter((name) => name?.startsWith('my-'));
    expect(names).toEqual([]);
    expect(await held(url)).toContain('other-cluster');
    expect(await ecsdemo('sweep', '--yes')).toMatchObject({ code: 0 });
    expect(await held(url)).toEqual([]);
  },
);

it.skipIf(!there)(
  'moto as it starts has no policies of AWS: up says which is missing, and how it gets there (skipped: moto cannot be installed here)',
  async () => {
    const url = await startMoto({});
    const ecsdemo = programAt(url);
    const up = await ecsdemo('up', '--yes');
    expect(up.code).toBe(1);
    expect(up.said.error).toMatchObject({
      code: 'endpoint-not-aws',
      message: `the policy arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role does not exist at ${url}, and AWS has it in every account`,
      suggestions: expect.arrayContaining([expect.stringContaining('MOTO_IAM_LOAD_MANAGED_POLICIES=true')]),
    });
    expect(await ecsdemo('destroy', '--yes')).toMatchObject({ code: 0, said: { data: { left: [] } } });
    expect(await held(url)).toEqual([]);
  },
);
