import { expect, test } from 'vitest';
import { DescribeServicesCommand, RegisterTaskDefinitionCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { startRunningDemo } from '../helpers/running-demo.ts';
test('try', async () => {
  const demo = await startRunningDemo();
  await demo.run('up');
  const { ecs } = demo.clients;
  const inMyCluster = { cluster: 'my-cluster', service: 'my-service' };
  const containerDefinitions = [{ name: 'web', image: 'nginx', memory: 64, portMappings: [{ containerPort: 80, hostPort: 0 }] }];
  await ecs.send(new RegisterTaskDefinitionCommand({ family: 'theirs', containerDefinitions }));
  const lbs = (await ecs.send(new DescribeServicesCommand({ cluster: 'my-cluster', services: ['my-service'] }))).services?.[0]?.loadBalancers?.map((one) => ({ ...one, containerPort: 80 }));
  await ecs.send(new UpdateServiceCommand({ ...inMyCluster, taskDefinition: 'theirs', loadBalancers: lbs }));
  const r = await demo.run('up', {timeout: '8s'}).catch((e) => e);
  console.log(r.mutating ?? [r.message, r.diagnosis]);
  console.log(JSON.stringify(Object.values(demo.sandbox.world.services).map((s) => [s.deployments, s.events.slice(0, 8).map((e) => e.message)]), null, 1));
  console.log(Object.values(demo.sandbox.world.tasks).map((t) => [t.taskDefinitionArn, t.lastStatus, t.stoppedReason]));
  expect(1).toBe(1);
}, 60000);
