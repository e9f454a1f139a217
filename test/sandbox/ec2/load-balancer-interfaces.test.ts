import { expect, it } from 'vitest';
import {
  createLoadBalancerInterfaces,
  releaseLoadBalancerInterfaces,
} from '../../../src/sandbox/ec2/load-balancer-interfaces.ts';
import { DescribeNetworkInterfaces } from '../../../src/sandbox/ec2/network-interfaces.ts';
import { CreateSecurityGroup, DeleteSecurityGroup } from '../../../src/sandbox/ec2/security-groups.ts';
import type { LoadBalancer } from '../../../src/sandbox/elbv2/records.ts';
import { aWorld, refusal } from './world-context.ts';

it('keeps one interface per subnet, and its security group busy until the interfaces are released', () => {
  const world = aWorld();
  const GroupId = CreateSecurityGroup(world.context, { GroupName: 'my-elb-sg', Description: 'x' }).GroupId ?? '';
  const loadBalancer: LoadBalancer = {
    loadBalancerArn: 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/my-elb/50dc6c495c0c9188',
    loadBalancerName: 'my-elb',
    dnsName: '127.0.0.1:1',
    localPort: 1,
    scheme: 'internet-facing',
    type: 'application',
    ipAddressType: 'ipv4',
    vpcId: world.vpcId,
    subnetIds: [world.subnetIn('a'), world.subnetIn('b')],
    securityGroupIds: [GroupId],
    state: 'active',
    attributes: {},
    createdAt: 0,
    tags: [],
  };
  createLoadBalancerInterfaces(world.context, loadBalancer);
  createLoadBalancerInterfaces(world.context, loadBalancer);
  const filters = {
    Filters: [
      { Name: 'attachment.instance-owner-id', Values: ['amazon-elb'] },
      { Name: 'description', Values: ['ELB app/my-elb/50dc6c495c0c9188'] },
    ],
  };
  const listed = (): number | undefined => DescribeNetworkInterfaces(world.context, filters).NetworkInterfaces?.length;
  expect(listed()).toBe(2);
  releaseLoadBalancerInterfaces(world.context, loadBalancer.loadBalancerArn);
  world.pass(59_999);
  expect(listed()).toBe(2);
  expect(refusal(() => DeleteSecurityGroup(world.context, { GroupId }))).toContain('DependencyViolation');
  world.pass(1);
  expect(listed()).toBe(0);
  expect(refusal(() => DeleteSecurityGroup(world.context, { GroupId }))).toBe('nothing');
});
