// The rules of a listener: made, found, changed, put in order, deleted. The default rule is the listener's own actions and
// always the last. Which requests a rule takes is rule-conditions.ts's, what then happens the data plane's.
import type {
  CreateRuleInput,
  CreateRuleOutput,
  DeleteRuleInput,
  DeleteRuleOutput,
  DescribeRulesInput,
  DescribeRulesOutput,
  ModifyRuleInput,
  ModifyRuleOutput,
  Rule,
  SetRulePrioritiesInput,
  SetRulePrioritiesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Listener, ListenerRule } from './records.ts';
import type { World } from '../world.ts';
import { checkRange, invalid, toTags } from './checks.ts';
import { checkedActions } from './listener-actions.ts';
import {
  checkAtMostTwenty,
  describeListener,
  describeLoadBalancer,
  describeRule,
  ruleArnOf,
  rulesOf,
} from './lookups.ts';
import { page } from './paging.ts';
import { checkedConditions } from './rule-conditions.ts';

/** Default quota per application load balancer, the default rules not counted. */
const maxRules = 100;

export function CreateRule({ world, ids }: Context, input: CreateRuleInput): CreateRuleOutput {
  const listener = describeListener(world, input.ListenerArn ?? '');
  const loadBalancer = describeLoadBalancer(world, listener.loadBalancerArn);
  const { Priority: priority } = input;
  if (priority === undefined) throw invalid('A rule priority must be specified');
  checkRange('priority', priority, 1, 50_000);
  const conditions = checkedConditions(input.Conditions ?? []);
  const actions = checkedActions(world, loadBalancer, input.Actions ?? []) as Record<string, unknown>[];
  const tags = toTags(input.Tags);
  const rules = rulesOf(listener);
  if (rules.some((rule) => rule.priority === priority)) throw priorityInUse(priority);
  const all = Object.values(world.listeners).filter((one) => one.loadBalancerArn === listener.loadBalancerArn);
  if (all.reduce((sum, one) => sum + rulesOf(one).length, 0) >= maxRules) {
    throw new AwsError(
      'TooManyRules',
      `The maximum number of rules has been reached on load balancer '${loadBalancer.loadBalancerArn}'`,
    );
  }
  const ruleArn = `${listener.listenerArn.replace(':listener/', ':listener-rule/')}/${ids.hex(16)}`;
  const rule: ListenerRule = { ruleArn, priority, conditions, actions, tags };
  listener.rules = [...rules, rule];
  return { Rules: [toRule(rule)] };
}

/** By ARNs, or all of a listener in the order in which they are tried. */
export function DescribeRules({ world }: Context, input: DescribeRulesInput): DescribeRulesOutput {
  const { ListenerArn: listenerArn, RuleArns: ruleArns } = input;
  checkAtMostTwenty('RuleArns', ruleArns);
  if (ruleArns?.length && listenerArn !== undefined)
    throw invalid('A listener ARN and rule ARNs cannot be specified at the same time');
  let found: Rule[];
  if (ruleArns?.length) found = ruleArns.map((arn) => answerOf(world, arn));
  else if (listenerArn !== undefined) {
    const listener = describeListener(world, listenerArn);
    found = [...rulesOf(listener).map(toRule), toDefaultRule(listener)];
  } else throw invalid('You must specify either listener rule ARNs or a listener ARN');
  // 'default' comes after every number.
  const { items, nextMarker } = page(found, ({ Priority = '' }) => Priority.padStart(5, '0'), input);
  return { Rules: items, NextMarker: nextMarker };
}

/** What is not sent stays. @throws AwsError `RuleNotFound`, `OperationNotPermitted` for a default rule. */
export function ModifyRule({ world }: Context, input: ModifyRuleInput): ModifyRuleOutput {
  const { listener, rule } = describeOwnRule(world, input.RuleArn ?? '', 'modified');
  const loadBalancer = describeLoadBalancer(world, listener.loadBalancerArn);
  const conditions = input.Conditions?.length ? checkedConditions(input.Conditions) : rule.conditions;
  if (input.Actions?.length)
    rule.actions = checkedActions(world, loadBalancer, input.Actions) as Record<string, unknown>[];
  rule.conditions = conditions;
  return { Rules: [toRule(rule)] };
}

/** @throws AwsError `RuleNotFound`, `OperationNotPermitted` for a default rule. */
export function DeleteRule({ world }: Context, input: DeleteRuleInput): DeleteRuleOutput {
  const { listener, rule } = describeOwnRule(world, input.RuleArn ?? '', 'deleted');
  listener.rules = rulesOf(listener).filter((one) => one !== rule);
  return {};
}

/** All at once, so that two can change places. @throws AwsError `PriorityInUse`, `RuleNotFound`. */
export function SetRulePriorities({ world }: Context, input: SetRulePrioritiesInput): SetRulePrioritiesOutput {
  const moved = (input.RulePriorities ?? []).map(({ RuleArn = '', Priority }) => {
    if (Priority === undefined) throw invalid('A rule priority must be specified');
    checkRange('priority', Priority, 1, 50_000);
    return { ...describeOwnRule(world, RuleArn, 'modified'), priority: Priority };
  });
  if (moved.length === 0) throw invalid('At least one rule priority must be specified');
  for (const { listener } of moved) {
    const after = rulesOf(listener).map((rule) => moved.find((one) => one.rule === rule)?.priority ?? rule.priority);
    const twice = after.find((priority, index) => after.indexOf(priority) !== index);
    if (twice !== undefined) throw priorityInUse(twice);
  }
  for (const { rule, priority } of moved) rule.priority = priority;
  return { Rules: moved.map(({ rule }) => toRule(rule)) };
}

function priorityInUse(priority: number): AwsError {
  return new AwsError('PriorityInUse', `Priority '${priority}' is currently in use`);
}

function describeOwnRule(world: World, arn: string, verb: string): { listener: Listener; rule: ListenerRule } {
  const { listener, rule } = describeRule(world, arn);
  if (rule === undefined) throw new AwsError('OperationNotPermitted', `Default rule '${arn}' cannot be ${verb}`);
  return { listener, rule };
}

function answerOf(world: World, arn: string): Rule {
  const { listener, rule } = describeRule(world, arn);
  return rule === undefined ? toDefaultRule(listener) : toRule(rule);
}

function toRule({ ruleArn, priority, conditions, actions }: ListenerRule): Rule {
  return {
    RuleArn: ruleArn,
    Priority: String(priority),
    Conditions: conditions,
    Actions: actions as unknown as NonNullable<Rule['Actions']>,
    IsDefault: false,
  };
}

function toDefaultRule(listener: Listener): Rule {
  return {
    RuleArn: ruleArnOf(listener),
    Priority: 'default',
    Conditions: [],
    Actions: listener.defaultActions as unknown as NonNullable<Rule['Actions']>,
    IsDefault: true,
  };
}
