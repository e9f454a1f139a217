// Clients written in Go, taken from the PATH: whoever has one sees it tried. Its modules could not be had when this was
// written, so that it has not been seen to run; nor has cloud-nuke. aws-nuke has a file of its own.
import { expect, it } from 'vitest';
import { CreateServiceCommand, DescribeServicesCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { cluster, startDemo } from '../sandbox/ecs/demo.ts';
import { run, temporaryDir, works } from './client.ts';

it.skipIf(!works('ecspresso', ['version']))(
  'ecspresso takes over a service and scales it (skipped: there is no `ecspresso` here)',
  async () => {
    const { sandbox, ecs } = await startDemo();
    const container = {
      name: 'web',
      image: 'tongueroo/sinatra:latest',
      memoryReservation: 128,
      command: ['ruby', 'hi.rb'],
    };
    await ecs.send(new RegisterTaskDefinitionCommand({ family: 'sinatra-hi', containerDefinitions: [container] }));
    const service = { cluster, serviceName: 'my-service', taskDefinition: 'sinatra-hi', desiredCount: 1 };
    await ecs.send(new CreateServiceCommand(service));
    const cwd = temporaryDir();
    const init = ['init', '--region', sandbox.region, '--cluster', cluster, '--service', 'my-service'];
    for (const args of [init, ['status'], ['scale', '--tasks', '2']]) {
      const { code, all } = await run(sandbox, 'ecspresso', args, { cwd });
      expect({ args, code, all }).toMatchObject({ code: 0 });
    }
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: ['my-service'] }));
    expect(services).toMatchObject([{ desiredCount: 2 }]);
  },
);
