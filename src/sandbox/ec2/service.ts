// EC2 as a service of the sandbox.
import { whole, without, type Service } from '../service.ts';
import { ec2Operations } from './operations.ts';
import { scheduleEc2 } from './schedule.ts';
import { seedWorld } from './seed.ts';

export const ec2: Service = {
  id: 'ec2',
  protocol: 'ec2',
  version: '2016-11-15',
  xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  operations: ec2Operations,
  instead: [
    [/Vpc|Subnet|Route|Gateway|NetworkAcl|DhcpOptions/, 'there is one network, the default VPC with its subnets'],
    [/Address/, 'an instance gets a public address by itself'],
    [/Volume|Snapshot/, 'an instance has its root volume, set up by BlockDeviceMappings of RunInstances'],
    [/Image/, 'there are the public images of Amazon Linux only; see DescribeImages'],
    [/LaunchTemplate|Fleet|Spot/, 'launch instances with RunInstances and its options'],
    [
      /NetworkInterface/,
      'an instance has one network interface, which RunInstances makes, and one for each of its tasks in network mode awsvpc, which ECS makes',
    ],
  ],
  tables: {
    vpcs: { shown: whole },
    subnets: { shown: whole },
    securityGroups: { created: true, shown: whole },
    networkInterfaces: { shown: whole, ends: ['releaseAt'] },
    keyPairs: { shown: without('publicKey') },
    instances: {
      created: true,
      counted: ({ state }) => state !== 'terminated',
      shown: without('userData', 'clientToken'),
      ends: ['stateEndsAt', 'bootedAt', 'forgottenAt', 'diesAt'],
    },
  },
  seed: seedWorld,
  schedule: scheduleEc2,
  authorization: async () => (await import('./authorization.ts')).authorization,
};
