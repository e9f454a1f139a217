// What the parts of a demo cost on AWS, per hour, on demand in us-east-1: a rough figure for people, not a bill.
// Pure. Prices as known when this was written (aws-facts §16); other regions cost up to a third more.

/** USD per hour of the instance types that a demo is likely to use. */
const instancePrices: Readonly<Record<string, number>> = {
  't2.nano': 0.0058,
  't2.micro': 0.0116,
  't2.small': 0.023,
  't3.nano': 0.0052,
  't3.micro': 0.0104,
  't3.small': 0.0208,
  't3.medium': 0.0416,
  't3.large': 0.0832,
  't3a.micro': 0.0094,
  't3a.small': 0.0188,
  't4g.nano': 0.0042,
  't4g.micro': 0.0084,
  't4g.small': 0.0168,
  't4g.medium': 0.0336,
  'm5.large': 0.096,
  'c5.large': 0.085,
};
const loadBalancerPrice = 0.0225;
const addressPrice = 0.005;
/** The ECS-optimized image's 30 GiB of gp3, one per instance, stopped or not. */
const volumePrice = 0.0033;

/** The parts of a demo that cost something; security groups, cluster, role and task definitions do not. */
export interface Priced {
  /** Types of the running instances; each has a public address. */
  instanceTypes: readonly string[];
  /** Stopped instances: only their volumes are paid. */
  stoppedInstances?: number;
  /** How many subnets each load balancer is in: every one is a public address. */
  loadBalancerSubnets: readonly number[];
}

export interface Cost {
  /** USD, to a hundredth of a cent. */
  perHour: number;
  /** Instance types without a known price: `perHour` lacks them. */
  unpriced: string[];
}

export function costOf({ instanceTypes, stoppedInstances = 0, loadBalancerSubnets }: Priced): Cost {
  const instances = instanceTypes.map((type) => (instancePrices[type] ?? 0) + addressPrice + volumePrice);
  const balancers = loadBalancerSubnets.map((subnets) => loadBalancerPrice + subnets * addressPrice);
  const total = [...instances, ...balancers].reduce((sum, price) => sum + price, stoppedInstances * volumePrice);
  return {
    perHour: Math.round(total * 10_000) / 10_000,
    unpriced: [...new Set(instanceTypes.filter((type) => instancePrices[type] === undefined))].toSorted(),
  };
}
