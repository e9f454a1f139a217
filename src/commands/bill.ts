// What a demo costs that these settings make, for the question before it.
import { costOf } from '../base/cost.ts';
import { defaults, type Settings } from '../base/settings.ts';
import { priceText } from '../ui/format.ts';

/** 'about 0.05 USD per hour', of the whole demo while it stands. */
export function demoPrice({ subnetIds, ...asked }: Settings): string {
  const { instances = defaults.instances, instanceType = defaults.instanceType } = asked;
  const { perHour, unpriced } = costOf({
    instanceTypes: Array.from({ length: instances }, () => instanceType),
    loadBalancerSubnets: [subnetIds?.length ?? 2],
  });
  return priceText(perHour, unpriced);
}
