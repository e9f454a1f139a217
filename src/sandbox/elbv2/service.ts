// Elastic Load Balancing v2 as a service of the sandbox.
import { whole, without, type Service } from '../service.ts';
import { createLoadBalancers } from './data-plane.ts';
import { elbv2Operations } from './operations.ts';
import { scheduleElbv2 } from './schedule.ts';

export const elbv2: Service = {
  id: 'elasticloadbalancing',
  protocol: 'query',
  version: '2015-12-01',
  xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
  operations: elbv2Operations,
  instead: [
    [/Certificate|TrustStore/, 'there are no certificates here, listeners speak HTTP'],
    [/WebAcl|CapacityReservation|IpPools/, 'leave it out'],
  ],
  insteadOfVersion: {
    '2012-06-01': 'the classic load balancer is not offered, use application load balancers (aws elbv2)',
  },
  tables: {
    loadBalancers: {
      created: true,
      counted: () => true,
      shown: whole,
      ports: ({ localPort }) => [localPort],
      ends: ['stateEndsAt'],
    },
    // Actions may have a client secret.
    listeners: {
      created: true,
      shown: without('defaultActions'),
      ports: ({ localPort }) => (localPort === undefined ? [] : [localPort]),
    },
    targetGroups: { created: true, counted: () => true, shown: whole },
  },
  schedule: scheduleElbv2,
  runtime: createLoadBalancers,
  urls: (world) =>
    Object.values(world.loadBalancers).map(({ loadBalancerName, state, dnsName }) => ({
      name: loadBalancerName,
      state,
      url: `http://${dnsName}/`,
    })),
  authorization: async () => (await import('./authorization.ts')).authorization,
};
