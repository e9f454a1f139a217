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
  tables: {
    vpcs: { shown: whole },
    subnets: { shown: whole },
    securityGroups: { created: true, shown: whole },
    networkInterfaces: { shown: whole },
    keyPairs: { shown: without('publicKey') },
    instances: {
      created: true,
      counted: ({ state }) => state !== 'terminated',
      shown: without('userData', 'clientToken'),
    },
  },
  seed: seedWorld,
  schedule: scheduleEc2,
};
