// The quotas of load balancing in an account, as a new one has them. Knows nothing of what is used of them.
import type {
  DescribeAccountLimitsInput,
  DescribeAccountLimitsOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../handler.ts';
import { page } from './paging.ts';

const limits: Record<string, number> = {
  'application-load-balancers': 50,
  'condition-values-per-alb-rule': 5,
  'condition-wildcards-per-alb-rule': 5,
  'listeners-per-application-load-balancer': 50,
  'rules-per-application-load-balancer': 100,
  'target-groups': 3000,
  'target-groups-per-action-on-application-load-balancer': 5,
  'target-groups-per-application-load-balancer': 100,
  'targets-per-application-load-balancer': 1000,
  'targets-per-target-group': 1000,
};

export function DescribeAccountLimits(
  _context: Context,
  input: DescribeAccountLimitsInput,
): DescribeAccountLimitsOutput {
  // The pages are cut by ARN elsewhere; here a name stands in for one.
  const { items, nextMarker } = page(Object.entries(limits), ([name]) => `arn:${name}`, input);
  return { Limits: items.map(([Name, max]) => ({ Name, Max: String(max) })), NextMarker: nextMarker };
}
