// The records of ELBv2 in the world: load balancers, listeners, target groups and their targets. Types only.
import type { Tag } from '../world.ts';

declare module '../world.ts' {
  interface World {
    loadBalancers: Record<string, LoadBalancer>;
    listeners: Record<string, Listener>;
    targetGroups: Record<string, TargetGroup>;
  }
}

export interface LoadBalancer {
  loadBalancerArn: string;
  loadBalancerName: string;
  /** What DescribeLoadBalancers gives: host and port on loopback, so that http://<DNSName>/ works anywhere. */
  dnsName: string;
  /** Loopback port of the HTTP:80 listener (any first listener if there is none on 80). Reserved at creation. */
  localPort: number;
  scheme: 'internet-facing' | 'internal';
  type: 'application';
  ipAddressType: string;
  vpcId: string;
  subnetIds: string[];
  securityGroupIds: string[];
  state: 'provisioning' | 'active' | 'failed';
  stateEndsAt?: number;
  attributes: Record<string, string>;
  createdAt: number;
  tags: Tag[];
}

export interface Listener {
  listenerArn: string;
  loadBalancerArn: string;
  port: number;
  protocol: string;
  /** As sent: AWS's own member names. */
  defaultActions: Record<string, unknown>[];
  /** The target group that the default action forwards to, if it forwards. */
  targetGroupArn?: string;
  /** Loopback port of a listener on a port other than 80, in addition to the load balancer's own for the first one. */
  localPort?: number;
  /** Last part of the default rule's ARN. */
  ruleId?: string;
  /** Rules that come before the default one, in no order but that of their priorities. */
  rules?: ListenerRule[];
  tags: Tag[];
}

export interface ListenerRule {
  ruleArn: string;
  /** The lowest is tried first. */
  priority: number;
  /** AWS's own member names, in the form that DescribeRules gives. */
  conditions: Record<string, unknown>[];
  actions: Record<string, unknown>[];
  tags: Tag[];
}

export type TargetState = 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining' | 'unavailable';

export interface Target {
  /** Instance id; an address in a group of target type `ip`. */
  id: string;
  /** Port as the API shows it. */
  port: number;
  state: TargetState;
  reason?: string;
  description?: string;
  registeredAt: number;
  /** Consecutive probe results since the last change of state. */
  successes: number;
  failures: number;
  /** Set when deregistered: the entry goes away then. */
  drainsUntil?: number;
  /** Of an address outside the VPC: 'all', or the zone that the caller put it in. */
  availabilityZone?: string;
}

export interface TargetGroup {
  targetGroupArn: string;
  targetGroupName: string;
  protocol: string;
  protocolVersion: string;
  port: number;
  vpcId: string;
  targetType: 'instance' | 'ip';
  ipAddressType: string;
  healthCheck: {
    enabled: boolean;
    protocol: string;
    port: string;
    path: string;
    intervalSeconds: number;
    timeoutSeconds: number;
    healthyThreshold: number;
    unhealthyThreshold: number;
    matcher: string;
  };
  attributes: Record<string, string>;
  /** Keyed `${id}:${port}`. */
  targets: Record<string, Target>;
  createdAt: number;
  tags: Tag[];
}
