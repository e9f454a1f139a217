// EC2 as a service of the sandbox.
import type { Service } from '../service.ts';
import { ec2Operations } from './operations.ts';
import { scheduleEc2 } from './schedule.ts';
import { seedWorld } from './seed.ts';

export const ec2: Service = {
  id: 'ec2',
  protocol: 'ec2',
  version: '2016-11-15',
  xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  operations: ec2Operations,
  tables: {
    vpcs: {},
    subnets: {},
    securityGroups: { created: true },
    networkInterfaces: {},
    keyPairs: {},
    instances: { created: true, counted: ({ state }) => state !== 'terminated' },
  },
  seed: seedWorld,
  schedule: scheduleEc2,
};
