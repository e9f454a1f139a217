// The network interfaces that ELB keeps in the subnets of a load balancer. They outlive its deletion for a while,
// which is why a security group cannot be deleted at once (aws-facts §7).
import { strike, untilCleared } from '../faults/active-faults.ts';
import type { Context } from '../handler.ts';
import type { LoadBalancer } from '../elbv2/records.ts';
import type { NetworkInterface } from './records.ts';
import { freePrivateIp, freePublicIp } from './addresses.ts';

/** How much longer they linger under the fault network-interfaces-linger, as on AWS. */
const faultLingerMs = 150_000;

/** `ELB app/my-elb/50dc6c495c0c9188`: how people find them, by the load balancer's ARN. */
function describe(loadBalancerArn: string): string {
  return `ELB ${loadBalancerArn.split(':loadbalancer/')[1] ?? loadBalancerArn}`;
}

function interfacesOf(context: Context, loadBalancerArn: string): NetworkInterface[] {
  return Object.values(context.world.networkInterfaces).filter(
    (one) => one.loadBalancerArn === loadBalancerArn && one.releaseAt === undefined,
  );
}

/**
 * Brings the interfaces into line with the load balancer: one per subnet, with its security groups. Idempotent, so it
 * serves SetSubnets and SetSecurityGroups as well. Interfaces in subnets that were left start to linger.
 */
export function createLoadBalancerInterfaces(context: Context, loadBalancer: LoadBalancer): void {
  const { world, ids } = context;
  const existing = interfacesOf(context, loadBalancer.loadBalancerArn);
  for (const one of existing) {
    if (!loadBalancer.subnetIds.includes(one.subnetId)) linger(context, one);
    else one.groupIds = [...loadBalancer.securityGroupIds];
  }
  for (const subnetId of loadBalancer.subnetIds) {
    const subnet = world.subnets[subnetId];
    if (subnet === undefined || existing.some((one) => one.subnetId === subnetId)) continue;
    const networkInterfaceId = ids.ec2('eni');
    world.networkInterfaces[networkInterfaceId] = {
      networkInterfaceId,
      subnetId,
      vpcId: subnet.vpcId,
      availabilityZone: subnet.availabilityZone,
      description: describe(loadBalancer.loadBalancerArn),
      groupIds: [...loadBalancer.securityGroupIds],
      privateIpAddress: freePrivateIp(context, subnet),
      ...(loadBalancer.scheme === 'internet-facing' && { publicIp: freePublicIp(context) }),
      requesterManaged: true,
      instanceOwnerId: 'amazon-elb',
      loadBalancerArn: loadBalancer.loadBalancerArn,
      tags: [],
    };
  }
}

/** When an interface that its owner gave up is gone at the earliest: later than usual only under the fault. */
export function moreLingering({ world, pace }: Context): number {
  const struck = strike(world, 'network-interfaces-linger');
  return struck === undefined ? 0 : struck.lasting ? untilCleared : pace.scale(faultLingerMs);
}

function linger(context: Context, one: NetworkInterface, moreMs = 0): void {
  one.releaseAt = Math.min(untilCleared, context.now + context.pace.of('loadBalancerInterfacesLinger') + moreMs);
}

/** Lets the interfaces of a deleted load balancer linger until `scheduleEc2` releases them. Nothing there is no error. */
export function releaseLoadBalancerInterfaces(context: Context, loadBalancerArn: string): void {
  const moreMs = moreLingering(context);
  for (const one of interfacesOf(context, loadBalancerArn)) linger(context, one, moreMs);
}
