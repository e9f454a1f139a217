// The rough price of a demo: the parts that cost, and no silent zero for a type nobody knows.
import { expect, test } from 'vitest';
import { costOf } from '../../src/base/cost.ts';

test('the tutorial: one t3.micro with its address and volume, a load balancer in two subnets', () => {
  expect(costOf({ instanceTypes: ['t3.micro'], loadBalancerSubnets: [2] })).toEqual({ perHour: 0.0512, unpriced: [] });
});

test('nothing costs nothing', () => {
  expect(costOf({ instanceTypes: [], loadBalancerSubnets: [] })).toEqual({ perHour: 0, unpriced: [] });
});

test('a stopped instance still has its volume', () => {
  expect(costOf({ instanceTypes: [], stoppedInstances: 2, loadBalancerSubnets: [] }).perHour).toBe(0.0066);
});

test('a type without a known price is named', () => {
  const cost = costOf({ instanceTypes: ['p9.huge', 't3.micro', 'p9.huge'], loadBalancerSubnets: [] });
  expect(cost.unpriced).toEqual(['p9.huge']);
});
