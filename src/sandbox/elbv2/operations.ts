// ELBv2's operations by name. A new one is a handler and a row here.
import * as sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import { operationsOf } from '../operation.ts';
import { DescribeAccountLimits } from './account-limits.ts';
import { DescribeCapacityReservation } from './capacity-reservation.ts';
import {
  CreateListener,
  DeleteListener,
  DescribeListenerAttributes,
  DescribeListeners,
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
import { CreateRule, DeleteRule, DescribeRules, ModifyRule, SetRulePriorities } from './rules.ts';
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
import { DescribeListenerCertificates, DescribeSSLPolicies } from './tls.ts';

export const elbv2Operations = operationsOf([
  [sdk.AddTags$, AddTags],
  [sdk.CreateListener$, CreateListener],
  [sdk.CreateLoadBalancer$, CreateLoadBalancer],
  [sdk.CreateRule$, CreateRule],
  [sdk.CreateTargetGroup$, CreateTargetGroup],
  [sdk.DeleteListener$, DeleteListener],
  [sdk.DeleteLoadBalancer$, DeleteLoadBalancer],
  [sdk.DeleteRule$, DeleteRule],
  [sdk.DeleteTargetGroup$, DeleteTargetGroup],
  [sdk.DeregisterTargets$, DeregisterTargets],
  [sdk.DescribeAccountLimits$, DescribeAccountLimits],
  [sdk.DescribeCapacityReservation$, DescribeCapacityReservation],
  [sdk.DescribeListenerAttributes$, DescribeListenerAttributes],
  [sdk.DescribeListenerCertificates$, DescribeListenerCertificates],
  [sdk.DescribeListeners$, DescribeListeners],
  [sdk.DescribeLoadBalancerAttributes$, DescribeLoadBalancerAttributes],
  [sdk.DescribeLoadBalancers$, DescribeLoadBalancers],
  [sdk.DescribeRules$, DescribeRules],
  [sdk.DescribeSSLPolicies$, DescribeSSLPolicies],
  [sdk.DescribeTags$, DescribeTags],
  [sdk.DescribeTargetGroupAttributes$, DescribeTargetGroupAttributes],
  [sdk.DescribeTargetGroups$, DescribeTargetGroups],
  [sdk.DescribeTargetHealth$, DescribeTargetHealth],
  [sdk.ModifyListener$, ModifyListener],
  [sdk.ModifyLoadBalancerAttributes$, ModifyLoadBalancerAttributes],
  [sdk.ModifyRule$, ModifyRule],
  [sdk.ModifyTargetGroup$, ModifyTargetGroup],
  [sdk.ModifyTargetGroupAttributes$, ModifyTargetGroupAttributes],
  [sdk.RegisterTargets$, RegisterTargets],
  [sdk.RemoveTags$, RemoveTags],
  [sdk.SetRulePriorities$, SetRulePriorities],
  [sdk.SetSecurityGroups$, SetSecurityGroups],
  [sdk.SetSubnets$, SetSubnets],
]);
