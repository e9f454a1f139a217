// ELBv2's operations by name. A new one is a handler and a row here.
import {
  AddTags$,
  CreateListener$,
  CreateLoadBalancer$,
  CreateTargetGroup$,
  DeleteListener$,
  DeleteLoadBalancer$,
  DeleteTargetGroup$,
  DeregisterTargets$,
  DescribeAccountLimits$,
  DescribeListenerAttributes$,
  DescribeListeners$,
  DescribeLoadBalancerAttributes$,
  DescribeLoadBalancers$,
  DescribeRules$,
  DescribeTags$,
  DescribeTargetGroupAttributes$,
  DescribeTargetGroups$,
  DescribeTargetHealth$,
  ModifyListener$,
  ModifyLoadBalancerAttributes$,
  ModifyTargetGroup$,
  ModifyTargetGroupAttributes$,
  RegisterTargets$,
  RemoveTags$,
  SetSecurityGroups$,
  SetSubnets$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { operation } from '../operation.ts';
import type { OperationTable } from '../operation.ts';
import { DescribeAccountLimits } from './account-limits.ts';
import {
  CreateListener,
  DeleteListener,
  DescribeListenerAttributes,
  DescribeListeners,
  DescribeRules,
  ModifyListener,
} from './listeners.ts';
import {
  CreateLoadBalancer,
  DeleteLoadBalancer,
  DescribeLoadBalancerAttributes,
  DescribeLoadBalancers,
  ModifyLoadBalancerAttributes,
  SetSecurityGroups,
  SetSubnets,
} from './load-balancers.ts';
import { AddTags, DescribeTags, RemoveTags } from './tags.ts';
import {
  CreateTargetGroup,
  DeleteTargetGroup,
  DescribeTargetGroupAttributes,
  DescribeTargetGroups,
  ModifyTargetGroup,
  ModifyTargetGroupAttributes,
} from './target-groups.ts';
import { DeregisterTargets, DescribeTargetHealth, RegisterTargets } from './target-health.ts';

const changes = { mutates: true };
const reads = { mutates: false };

export const elbv2Operations: OperationTable = {
  AddTags: operation(AddTags$, AddTags, changes),
  CreateListener: operation(CreateListener$, CreateListener, changes),
  CreateLoadBalancer: operation(CreateLoadBalancer$, CreateLoadBalancer, changes),
  CreateTargetGroup: operation(CreateTargetGroup$, CreateTargetGroup, changes),
  DeleteListener: operation(DeleteListener$, DeleteListener, changes),
  DeleteLoadBalancer: operation(DeleteLoadBalancer$, DeleteLoadBalancer, changes),
  DeleteTargetGroup: operation(DeleteTargetGroup$, DeleteTargetGroup, changes),
  DeregisterTargets: operation(DeregisterTargets$, DeregisterTargets, changes),
  DescribeAccountLimits: operation(DescribeAccountLimits$, DescribeAccountLimits, reads),
  DescribeListenerAttributes: operation(DescribeListenerAttributes$, DescribeListenerAttributes, reads),
  DescribeListeners: operation(DescribeListeners$, DescribeListeners, reads),
  DescribeLoadBalancerAttributes: operation(DescribeLoadBalancerAttributes$, DescribeLoadBalancerAttributes, reads),
  DescribeLoadBalancers: operation(DescribeLoadBalancers$, DescribeLoadBalancers, reads),
  DescribeRules: operation(DescribeRules$, DescribeRules, reads),
  DescribeTags: operation(DescribeTags$, DescribeTags, reads),
  DescribeTargetGroupAttributes: operation(DescribeTargetGroupAttributes$, DescribeTargetGroupAttributes, reads),
  DescribeTargetGroups: operation(DescribeTargetGroups$, DescribeTargetGroups, reads),
  DescribeTargetHealth: operation(DescribeTargetHealth$, DescribeTargetHealth, reads),
  ModifyListener: operation(ModifyListener$, ModifyListener, changes),
  ModifyLoadBalancerAttributes: operation(ModifyLoadBalancerAttributes$, ModifyLoadBalancerAttributes, changes),
  ModifyTargetGroup: operation(ModifyTargetGroup$, ModifyTargetGroup, changes),
  ModifyTargetGroupAttributes: operation(ModifyTargetGroupAttributes$, ModifyTargetGroupAttributes, changes),
  RegisterTargets: operation(RegisterTargets$, RegisterTargets, changes),
  RemoveTags: operation(RemoveTags$, RemoveTags, changes),
  SetSecurityGroups: operation(SetSecurityGroups$, SetSecurityGroups, changes),
  SetSubnets: operation(SetSubnets$, SetSubnets, changes),
};
