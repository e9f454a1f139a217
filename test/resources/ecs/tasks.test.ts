import type { Task } from '@aws-sdk/client-ecs';
import { expect, it } from 'vitest';
import { addressOf, boundTargets } from '../../../src/resources/ecs/tasks.ts';

const members = [{ containerInstanceArn: 'ci', ec2InstanceId: 'i-1' }];
const mapped: Task = {
  containerInstanceArn: 'ci',
  containers: [{ networkBindings: [{ containerPort: 80, hostPort: 32_768 }] }, { networkBindings: [] }],
};
const onHost: Task = { containerInstanceArn: 'ci', containers: [{ networkBindings: [] }] };
const addressed: Task = {
  ...onHost,
  attachments: [
    { type: 'Service Connect', details: [{ name: 'privateIPv4Address', value: 'no' }] },
    { type: 'ElasticNetworkInterface', details: [{ name: 'privateIPv4Address', value: '172.31.7.9' }] },
  ],
};

it.each([
  ['mapped by Docker', mapped, 'i-1:32768'],
  ['on the host’s own network', onHost, 'i-1:80'],
  ['with an address of its own', addressed, '172.31.7.9:80'],
])('a task %s is the target %s', (_, task, target) => {
  expect([...boundTargets([task], members, 80)]).toEqual([target]);
});

it('only an interface has an address', () => {
  expect([mapped, onHost, addressed].map(addressOf)).toEqual([undefined, undefined, '172.31.7.9']);
});
