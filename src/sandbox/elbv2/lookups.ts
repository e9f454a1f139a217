// Finding ELBv2's own records by ARN, with AWS's errors for a miss and for what is no ARN of that kind; ARNs of new ones.
// Knows nothing of what the operations do with them.
import { arnOf } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Listener, ListenerRule, LoadBalancer, TargetGroup } from './records.ts';
import type { World } from '../world.ts';

/** The ARN of a load balancing resource: `path` is `targetgroup/my-target-group/73e2d6bc24d8a067`. */
export function elbv2Arn(context: Context, path: string): string {
  return arnOf(context.world, 'elasticloadbalancing', path);
}

/** What follows the account in an ARN; empty when it is none of load balancing. */
export function pathOfArn(arn: string): string {
  return /^arn:[^:]+:elasticloadbalancing:[^:]*:[^:]*:(.+)$/.exec(arn)?.[1] ?? '';
}

function checkKind(arn: string, kind: string, words: string): void {
  if (!pathOfArn(arn).startsWith(`${kind}/`)) {
    throw new AwsError('ValidationError', `'${arn}' is not a valid ${words} ARN`);
  }
}

/** @throws AwsError `LoadBalancerNotFound`, or `ValidationError` for what is no load balancer's ARN. */
export function describeLoadBalancer(world: World, arn: string): LoadBalancer {
  const found = world.loadBalancers[arn];
  if (found) return found;
  checkKind(arn, 'loadbalancer', 'load balancer');
  throw new AwsError('LoadBalancerNotFound', `Load balancer '${arn}' not found`);
}

/** @throws AwsError `TargetGroupNotFound`, or `ValidationError` for what is no target group's ARN. */
export function describeTargetGroup(world: World, arn: string): TargetGroup {
  const found = world.targetGroups[arn];
  if (found) return found;
  checkKind(arn, 'targetgroup', 'target group');
  throw new AwsError('TargetGroupNotFound', `Target groups '${arn}' not found`);
}

/** @throws AwsError `ListenerNotFound`, or `ValidationError` for what is no listener's ARN. */
export function describeListener(world: World, arn: string): Listener {
  const found = world.listeners[arn];
  if (found) return found;
  checkKind(arn, 'listener', 'listener');
  throw new AwsError('ListenerNotFound', `Listener '${arn}' not found`);
}

/** Listeners of one load balancer in the order they were made. */
export function listenersOf(world: World, loadBalancerArn: string): Listener[] {
  return Object.values(world.listeners).filter((listener) => listener.loadBalancerArn === loadBalancerArn);
}

/** Without the default one, the first to be tried first. */
export function rulesOf({ rules = [] }: Listener): ListenerRule[] {
  return rules.toSorted((a, b) => a.priority - b.priority);
}

/** The ARN of the default rule. */
export function ruleArnOf({ listenerArn, ruleId = '0'.repeat(16) }: Listener): string {
  return `${listenerArn.replace(':listener/', ':listener-rule/')}/${ruleId}`;
}

/** @returns without `rule` for a default rule. @throws AwsError `RuleNotFound`. */
export function describeRule(world: World, arn: string): { listener: Listener; rule?: ListenerRule } {
  for (const listener of Object.values(world.listeners)) {
    if (ruleArnOf(listener) === arn) return { listener };
    const rule = listener.rules?.find(({ ruleArn }) => ruleArn === arn);
    if (rule !== undefined) return { listener, rule };
  }
  throw new AwsError('RuleNotFound', 'One or more rules not found');
}

/** @throws AwsError `ValidationError` for more ARNs than one call takes. */
export function checkAtMostTwenty(member: string, values: string[] | undefined): void {
  if (values && values.length > 20) {
    throw new AwsError('ValidationError', `${member} cannot have more than 20 items: '${values.length}' given`);
  }
}
