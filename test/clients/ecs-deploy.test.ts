// fabfuel/ecs-deploy: deploys a new image, scales, updates and runs tasks of a service that is there.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DescribeServicesCommand } from '@aws-sdk/client-ecs';
import { expect, it } from 'vitest';
import { cluster, eventually, startDemo, startService } from '../sandbox/ecs/demo.ts';
import { run } from './client.ts';
import { python } from './python.ts';

const interpreter = python();
const ecsDeploy = join(dirname(interpreter ?? ''), 'ecs');

it.skipIf(interpreter === undefined || !existsSync(ecsDeploy))(
  'ecs-deploy deploys, scales, updates and runs (skipped: no Python here, or ecs-deploy cannot be installed)',
  async () => {
    const demo = await startDemo();
    const { sandbox, ecs, url } = demo;
    await startService(demo);
    const service = async () =>
      (await ecs.send(new DescribeServicesCommand({ cluster, services: ['my-service'] }))).services?.[0];
    const deploy = async (...args: string[]): Promise<string> => {
      const { code, all } = await run(sandbox, interpreter ?? '', [ecsDeploy, ...args]);
      if (code !== 0) throw new Error(`ecs ${args.join(' ')}: ${all}`);
      return all;
    };
    await deploy('scale', cluster, 'my-service', '2', '--timeout', '120');
    expect(await service()).toMatchObject({ desiredCount: 2, runningCount: 2 });
    const quickly = ['--timeout', '120', '--sleep-time', '1'];
    expect(await deploy('deploy', cluster, 'my-service', '-e', 'web', 'COLOUR', 'red', ...quickly)).toContain(
      'Deployment successful',
    );
    expect((await service())?.taskDefinition).toMatch(/sinatra-hi:2$/);
    expect(await (await fetch(url)).text()).toBe('42');
    await deploy('update', 'sinatra-hi', '-e', 'web', 'COLOUR', 'blue');
    expect(await deploy('diff', 'sinatra-hi', '2', '3')).toContain('blue');
    await deploy('run', cluster, 'sinatra-hi', '1');
    await eventually(async () =>
      Object.values(sandbox.world.tasks).some(({ startedBy }) => startedBy === 'ECS Deploy') ? true : undefined,
    );
  },
);
