// The capacity that can be reserved of a load balancer: none is, and none can be.
import type {
  DescribeCapacityReservationInput,
  DescribeCapacityReservationOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../handler.ts';
import { describeLoadBalancer } from './lookups.ts';

/** @throws AwsError `LoadBalancerNotFound`. */
export function DescribeCapacityReservation(
  { world }: Context,
  input: DescribeCapacityReservationInput,
): DescribeCapacityReservationOutput {
  describeLoadBalancer(world, input.LoadBalancerArn ?? '');
  return { DecreaseRequestsRemaining: 2, CapacityReservationState: [] };
}
