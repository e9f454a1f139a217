import { describe, expect, it } from 'vitest';
import { dockerPs, humanDuration } from '../../../src/sandbox/ssm/docker-ps.ts';
import { RunInstances } from '../../../src/sandbox/ec2/instances.ts';
import { imagesOf } from '../../../src/sandbox/ec2/images.ts';
import type { Instance } from '../../../src/sandbox/ec2/records.ts';
import type { World } from '../../../src/sandbox/world.ts';
import { aWorld } from '../ec2/world-context.ts';

const cluster = 'arn:aws:ecs:us-east-1:123456789012:cluster/my-cluster';
const registration = 'arn:aws:ecs:us-east-1:123456789012:container-instance/my-cluster/1';
const definition = 'arn:aws:ecs:us-east-1:123456789012:task-definition/sinatra-hi:1';

/** An instance that registered two minutes ago and runs one task since 30 seconds. */
function aContainerInstance(): { world: World; instance: Instance; now: number } {
  const { context } = aWorld();
  const { world } = context;
  const ImageId = imagesOf('us-east-1').find((image) => image.ecsOptimized)?.imageId;
  const InstanceId = RunInstances(context, { ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 })
    .Instances?.[0]?.InstanceId;
  const instance = world.instances[InstanceId ?? ''];
  if (instance === undefined) throw new Error('no instance');
  world.containerInstances[registration] = {
    containerInstanceArn: registration,
    clusterArn: cluster,
    ec2InstanceId: instance.instanceId,
    status: 'ACTIVE',
    agentConnected: true,
    registeredAt: context.now,
    version: 1,
    registered: { cpu: 2048, memory: 924, portsTcp: [22], portsUdp: [] },
    attributes: [],
    tags: [],
  };
  world.taskDefinitions[definition] = {
    taskDefinitionArn: definition,
    family: 'sinatra-hi',
    revision: 1,
    status: 'ACTIVE',
    registeredAt: context.now,
    document: {
      containerDefinitions: [
        { name: 'web', image: 'tongueroo/sinatra', command: ['ruby', 'hi.rb', '--a-long-option'] },
      ],
    },
    tags: [],
  };
  world.tasks['arn/task'] = {
    taskArn: 'arn/task',
    clusterArn: cluster,
    containerInstanceArn: registration,
    taskDefinitionArn: definition,
    group: 'service:my-service',
    lastStatus: 'RUNNING',
    desiredStatus: 'RUNNING',
    containers: [
      {
        name: 'web',
        containerArn: 'arn/container',
        image: 'tongueroo/sinatra',
        runtimeId: 'abcdef0123456789'.repeat(4),
        lastStatus: 'RUNNING',
        essential: true,
        cpu: 128,
        networkBindings: [{ containerPort: 4567, hostPort: 32768, localPort: 40000, protocol: 'tcp' }],
      },
    ],
    cpu: 128,
    memory: 128,
    createdAt: context.now + 80_000,
    pullStoppedAt: context.now + 85_000,
    startedAt: context.now + 90_000,
    version: 1,
    tags: [],
  };
  return { world, instance, now: context.now + 120_000 };
}

describe('docker ps', () => {
  it('prints the table as Docker does', () => {
    const { world, instance, now } = aContainerInstance();
    const lines = dockerPs(world, instance, now, []).stdout.split('\n');
    expect(lines[0]).toBe(
      'CONTAINER ID   IMAGE                            COMMAND                  CREATED          STATUS                   PORTS                     NAMES',
    );
    // Every cell starts below its title, three spaces after the widest cell of the column before.
    const starts = ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'].map(
      (title) => lines[0]?.indexOf(title) ?? -1,
    );
    const cells = lines
      .slice(1, 3)
      .map((line) => starts.map((start, column) => line.slice(start, starts[column + 1]).trimEnd()));
    expect(cells).toEqual([
      [
        'abcdef012345',
        'tongueroo/sinatra',
        '"ruby hi.rb --a-long…"',
        '35 seconds ago',
        'Up 30 seconds',
        '0.0.0.0:32768->4567/tcp',
        expect.stringMatching(/^ecs-sinatra-hi-1-web-[0-9a-f]{20}$/),
      ],
      [
        expect.stringMatching(/^[0-9a-f]{12}$/),
        'amazon/amazon-ecs-agent:latest',
        '"/agent"',
        '2 minutes ago',
        'Up 2 minutes (healthy)',
        '',
        'ecs-agent',
      ],
    ]);
  });

  it('prints what a format names, ids alone with -q, and filters', () => {
    const { world, instance, now } = aContainerInstance();
    const ps = (...words: string[]): string => dockerPs(world, instance, now, words).stdout;
    expect(ps('--format', '{{.Image}}\\t{{.Ports}}', '--filter', 'name=sinatra')).toBe(
      'tongueroo/sinatra\t0.0.0.0:32768->4567/tcp\n',
    );
    expect(ps('-q', '--filter', 'ancestor=amazon/amazon-ecs-agent')).toMatch(/^[0-9a-f]{12}\n$/);
    expect(JSON.parse(ps('--format={{json .}}', '-f', 'name=web'))).toMatchObject({
      State: 'running',
      Status: 'Up 30 seconds',
    });
    expect(dockerPs(world, instance, now, ['--colour'])).toMatchObject({
      exitCode: 125,
      stderr: expect.stringContaining('--colour'),
    });
    expect(dockerPs(world, instance, now, ['--format', '{{.Mounts}}']).exitCode).not.toBe(0);
  });

  it('shows what has stopped only when asked', () => {
    const { world, instance, now } = aContainerInstance();
    for (const container of world.tasks['arn/task']?.containers ?? [])
      Object.assign(container, { lastStatus: 'STOPPED', exitCode: 137 });
    expect(dockerPs(world, instance, now, []).stdout).not.toContain('sinatra');
    expect(dockerPs(world, instance, now, ['-a']).stdout).toContain('Exited (137)');
  });
});

it.each([
  [0, 'Less than a second'],
  [1_000, '1 second'],
  [59_000, '59 seconds'],
  [60_000, 'About a minute'],
  [120_000, '2 minutes'],
  [3_600_000, 'About an hour'],
  [86_400_000 * 3, '3 days'],
])('calls %d ms %s', (ms, text) => {
  expect(humanDuration(ms)).toBe(text);
});
