// What Elastic Load Balancing's calls ask of IAM (Service Authorization Reference, and "ELB API permissions" of its user guide).
import {
  requestTags,
  resourceTags,
  tagsIn,
  textOf,
  textsOf,
  type Ask,
  type Authorization,
} from '../authorization/ask.ts';
import { arnOf, globalArnOf } from '../arn.ts';
import type { Call } from '../server.ts';
import type { Tag, World } from '../world.ts';

const prefix = 'elasticloadbalancing';
const roleName = 'AWSServiceRoleForElasticLoadBalancing';
const principal = 'elasticloadbalancing.amazonaws.com';

function tagsOf(world: World, arn: string): readonly Tag[] | undefined {
  const record = world.loadBalancers[arn] ?? world.targetGroups[arn] ?? world.listeners[arn];
  if (record !== undefined) return record.tags;
  const rules = Object.values(world.listeners).flatMap(({ rules: each = [] }) => each);
  return rules.find(({ ruleArn }) => ruleArn === arn)?.tags;
}

/** 'loadbalancer/app/my-elb/0123' → 'listener/app/my-elb/0123/*': what is to be made in it. */
function inside(arn: string, type: string, of: string): string {
  return `${arn.replace(`:${of}/`, `:${type}/`)}/*`;
}

/**
 * An account's first load balancer or target group makes ELB's role, and looks at EC2 in the caller's name. Later ones do
 * neither (kubernetes/cloud-provider-aws#59), though the user guide lists the permissions for all.
 */
function firstUse(world: World, { operation }: Call): Ask[] {
  if (world.roles[roleName] !== undefined) return [];
  const looks = {
    CreateLoadBalancer: ['AccountAttributes', 'Addresses', 'InternetGateways', 'SecurityGroups', 'Subnets', 'Vpcs'],
    CreateTargetGroup: ['InternetGateways', 'Vpcs'],
  }[operation];
  if (looks === undefined) return [];
  return [
    ...looks.map((each) => ({ action: `ec2:Describe${each}`, resource: '*', keys: { 'ec2:Region': world.region } })),
    {
      action: 'iam:CreateServiceLinkedRole',
      resource: globalArnOf(world, 'iam', `role/aws-service-role/${principal}/${roleName}`),
      keys: { 'iam:AWSServiceName': principal },
    },
  ];
}

/** What the call makes, to be tagged, and what it works on. */
function resourcesOf({ operation, input }: Call, world: World): { on: string[]; made?: string } {
  const name = textOf(input['Name']) ?? '';
  const of = (member: string): string[] => [textOf(input[member]) ?? []].flat();
  switch (operation) {
    case 'CreateLoadBalancer': {
      const made = arnOf(world, prefix, `loadbalancer/app/${name}/*`);
      return { on: [made], made };
    }
    case 'CreateTargetGroup': {
      const made = arnOf(world, prefix, `targetgroup/${name}/*`);
      return { on: [made], made };
    }
    case 'CreateListener': {
      const on = of('LoadBalancerArn');
      return { on, made: inside(on[0] ?? '', 'listener', 'loadbalancer') };
    }
    case 'CreateRule': {
      const on = of('ListenerArn');
      return { on, made: inside(on[0] ?? '', 'listener-rule', 'listener') };
    }
    case 'AddTags':
    case 'RemoveTags':
      return { on: textsOf(input['ResourceArns']) };
    case 'SetRulePriorities': {
      const pairs = Array.isArray(input['RulePriorities']) ? (input['RulePriorities'] as { RuleArn?: unknown }[]) : [];
      return { on: pairs.flatMap(({ RuleArn }) => textOf(RuleArn) ?? []) };
    }
    default:
      // What is modified comes first: a listener's new target group is not asked for.
      return {
        on: [...of('RuleArn'), ...of('ListenerArn'), ...of('LoadBalancerArn'), ...of('TargetGroupArn')].slice(0, 1),
      };
  }
}

export const authorization: Authorization = {
  silentOnAll: true,
  keys: [
    'elasticloadbalancing:ResourceTag/',
    'elasticloadbalancing:CreateAction',
    'elasticloadbalancing:Scheme',
    'elasticloadbalancing:ListenerProtocol',
  ],
  asks(call, world) {
    const { operation, input } = call;
    const action = `${prefix}:${operation}`;
    if (operation.startsWith('Describe')) return [{ action, resource: '*', keys: {} }];
    const { on, made } = resourcesOf(call, world);
    const tags = requestTags(tagsIn(input['Tags']));
    const keys = {
      ...tags,
      'elasticloadbalancing:Scheme':
        operation === 'CreateLoadBalancer' ? (textOf(input['Scheme']) ?? 'internet-facing') : undefined,
      'elasticloadbalancing:ListenerProtocol': operation.endsWith('Listener') ? textOf(input['Protocol']) : undefined,
    };
    const asks = (on.length === 0 ? ['*'] : on).map((resource): Ask => ({
      action,
      resource,
      keys: { ...resourceTags(tagsOf(world, resource), 'elasticloadbalancing:ResourceTag/'), ...keys },
    }));
    const tagging: Ask[] =
      made === undefined || tags['aws:TagKeys'] === undefined
        ? []
        : [
            {
              action: `${prefix}:AddTags`,
              resource: made,
              keys: { ...tags, 'elasticloadbalancing:CreateAction': operation },
            },
          ];
    return [...asks, ...tagging, ...firstUse(world, call)];
  },
};
