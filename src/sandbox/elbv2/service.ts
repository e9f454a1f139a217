// Elastic Load Balancing v2 as a service of the sandbox.
import type { Service } from '../service.ts';
import { createLoadBalancers } from './data-plane.ts';
import { elbv2Operations } from './operations.ts';
import { scheduleElbv2 } from './schedule.ts';

export const elbv2: Service = {
  id: 'elasticloadbalancing',
  protocol: 'query',
  version: '2015-12-01',
  xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
  operations: elbv2Operations,
  tables: {
    loadBalancers: { created: true, counted: () => true, ports: ({ localPort }) => [localPort] },
    listeners: { created: true, ports: ({ localPort }) => (localPort === undefined ? [] : [localPort]) },
    targetGroups: { created: true, counted: () => true },
  },
  schedule: scheduleElbv2,
  runtime: createLoadBalancers,
  urls: (world) =>
    Object.values(world.loadBalancers).map(({ loadBalancerName, state, dnsName }) => ({
      name: loadBalancerName,
      state,
      url: `http://${dnsName}/`,
    })),
};
