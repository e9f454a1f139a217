// From grants to a policy document: ARNs made of names, conditions of tags, statements of what they have in common. Pure.
import { tagKeys } from '../base/names.ts';
import { typesOf, type Grant, type On } from './grants.ts';

/** Where, as far as it is known; '*' stands for any. */
export interface Place {
  partition: string;
  region: string;
  account: string;
}

/** For whom a policy is. Names and tag may have `*` in them, for demos of which only the start of the name is known. */
export interface Holder {
  place: Place;
  /** The value of the tag that says whose a resource is. */
  demo: string;
  /** By CloudFormation's type. */
  names: Readonly<Record<string, readonly string[]>>;
  /** Paths of AWS's managed policies. */
  managedPolicies: readonly string[];
}

type Conditions = Record<string, Record<string, string | string[]>>;

export interface PolicyStatement {
  Effect: 'Allow';
  Action: string | string[];
  Resource: string | string[];
  Condition?: Conditions;
}

export interface PolicyDocument {
  Version: '2012-10-17';
  Statement: PolicyStatement[];
}

/** How IAM counts a managed policy, which may have 6,144 characters: without white space. */
export function lengthOf(document: PolicyDocument): number {
  return JSON.stringify(document).length;
}

export const managedPolicyLimit = 6144;

/** ARNs of the type, with the names in them where AWS has names. */
function arnsOf(on: On, { place, names }: Holder): string[] {
  const { partition, region, account } = place;
  const arn = (service: string, resource: string, where = `${region}:${account}`): string =>
    `arn:${partition}:${service}:${where}:${resource}`;
  const named = (type: string): readonly string[] => names[type] ?? [];
  const clusters = named('AWS::ECS::Cluster');
  // EC2 knows ids and no names: what is the demo's says the tag.
  const ec2 = (type: string): string[] => [arn('ec2', `${type}/*`)];
  const iam = (resource: string): string => arn('iam', resource, `:${account}`);
  const linked = (service: string, role: string): string[] => [iam(`role/aws-service-role/${service}/${role}`)];
  switch (on) {
    case '*':
      return ['*'];
    case 'AWS::EC2::Image':
      return [arn('ec2', 'image/*', `${region}:`)];
    case 'AWS::EC2::Instance':
      return ec2('instance');
    case 'AWS::EC2::NetworkInterface':
      return ec2('network-interface');
    case 'AWS::EC2::SecurityGroup':
      return ec2('security-group');
    case 'AWS::EC2::Subnet':
      return ec2('subnet');
    case 'AWS::EC2::VPC':
      return ec2('vpc');
    case 'AWS::EC2::Volume':
      return ec2('volume');
    case 'AWS::ECS::Cluster':
      return clusters.map((name) => arn('ecs', `cluster/${name}`));
    case 'AWS::ECS::ContainerInstance':
      return clusters.map((name) => arn('ecs', `container-instance/${name}/*`));
    case 'AWS::ECS::Task':
      return clusters.map((name) => arn('ecs', `task/${name}/*`));
    case 'services of the cluster':
      return clusters.map((name) => arn('ecs', `service/${name}/*`));
    case 'AWS::ECS::Service':
      return clusters.flatMap((name) => named(on).map((each) => arn('ecs', `service/${name}/${each}`)));
    case 'AWS::ECS::TaskDefinition':
      return named(on).map((name) => arn('ecs', `task-definition/${name}:*`));
    case 'AWS::ElasticLoadBalancingV2::LoadBalancer':
      return named(on).map((name) => arn('elasticloadbalancing', `loadbalancer/app/${name}/*`));
    case 'AWS::ElasticLoadBalancingV2::Listener':
      return named('AWS::ElasticLoadBalancingV2::LoadBalancer').map((name) =>
        arn('elasticloadbalancing', `listener/app/${name}/*`),
      );
    case 'AWS::ElasticLoadBalancingV2::TargetGroup':
      return named(on).map((name) => arn('elasticloadbalancing', `targetgroup/${name}/*`));
    case 'AWS::IAM::InstanceProfile':
      return named(on).map((name) => iam(`instance-profile/${name}`));
    case 'AWS::IAM::Role':
      return named(on).map((name) => iam(`role/${name}`));
    case "ECS's service-linked role":
      return linked('ecs.amazonaws.com', 'AWSServiceRoleForECS');
    case "ELB's service-linked role":
      return linked('elasticloadbalancing.amazonaws.com', 'AWSServiceRoleForElasticLoadBalancing');
    case 'the AMI parameter':
      // Public parameters are of no account.
      return [arn('ssm', 'parameter/aws/service/ecs/optimized-ami/*', `${region}:`)];
    case 'the document AWS-RunShellScript':
      return [arn('ssm', 'document/AWS-RunShellScript', `${region}:`)];
  }
}

/** Less what `telling` says. */
function conditionsOf({ when, on, action }: Grant, holder: Holder): Conditions {
  const { place, demo, names, managedPolicies } = holder;
  const conditions: Conditions = {};
  const add = (operator: string, key: string, values: readonly string[]): void => {
    (conditions[operator] ??= {})[key] = single(values);
  };
  const tag = (prefix: string): void => {
    const key = `${prefix}/${tagKeys.demo}`;
    if (demo === '*') add('Null', key, ['false']);
    else add(demo.includes('*') ? 'StringLike' : 'StringEquals', key, [demo]);
  };
  if (when.tag === 'ours') tag('aws:ResourceTag');
  if (when.tag === 'made ours') tag('aws:RequestTag');
  if (when.tag === "nobody's") {
    add('Null', `aws:ResourceTag/${tagKeys.demo}`, ['true']);
    tag('aws:RequestTag');
  }
  if (when.passedTo !== undefined) add('StringEquals', 'iam:PassedToService', [when.passedTo]);
  if (when.cluster === true) {
    const clusters = (names['AWS::ECS::Cluster'] ?? []).map(
      (name) => `arn:${place.partition}:ecs:${place.region}:${place.account}:cluster/${name}`,
    );
    add('ArnLike', 'ecs:cluster', clusters);
  }
  if (when.managedPolicy === true) {
    const arns = managedPolicies.map((path) => `arn:${place.partition}:iam::aws:policy/${path}`);
    add('ArnEquals', 'iam:PolicyARN', arns);
  }
  // IAM knows no regions: its calls are all made in us-east-1.
  if (on.includes('*') && place.region !== '*' && !action.startsWith('iam:'))
    add('StringEquals', 'aws:RequestedRegion', [place.region]);
  return conditions;
}

/** One text is said without a list. */
function single(texts: readonly string[]): string | string[] {
  const [only] = texts;
  return texts.length === 1 && only !== undefined ? only : [...texts];
}

/** A statement as it is put together. */
interface Allowing {
  actions: Set<string>;
  on: Set<On>;
  resources: Set<string>;
  conditions: Conditions;
  /** By key. */
  telling: Map<string, Set<string>>;
  /** The conditions say that the resource is the demo's. */
  tagged: boolean;
}

/**
 * Would the two, put together, allow an action on a type of resource on which neither does? Where the resource must carry
 * the demo's tag, or be made with it, that is all the same: it is the demo's.
 */
function widens(one: Allowing, other: Allowing): boolean {
  if (one.tagged && other.tagged) return false;
  const types = new Set([...one.on, ...other.on]);
  const meant = (action: string, type: On): boolean => typesOf(action).has(type);
  const granted = (action: string, type: On): boolean =>
    [one, other].some((each) => each.actions.has(action) && each.on.has(type));
  return [...one.actions, ...other.actions].some((action) =>
    [...types].some((type) => meant(action, type) && !granted(action, type)),
  );
}

/**
 * ARNs that differ in nothing but the type of what they name are said as one, 'arn:aws:ec2:*:*:*\/*': where the statement is
 * about the demo's own, or has no action that takes yet another type.
 */
function folded({ actions, on, resources, tagged }: Allowing): string[] {
  const all = [...resources].toSorted();
  const service = (of: string, at: number): string => of.split(':')[at] ?? '';
  const takeMore = (arn: string): boolean =>
    [...actions].some(
      (action) =>
        service(action, 0) === service(arn, 2) && [...typesOf(action)].some((type) => type !== '*' && !on.has(type)),
    );
  const groups = new Map<string, string[]>();
  for (const arn of all) {
    const any = !tagged && takeMore(arn) ? arn : arn.replace(/^((?:[^:]*:){5})[a-z-]+\//, '$1*/');
    groups.set(any, [...(groups.get(any) ?? []), arn]);
  }
  return [...groups].flatMap(([any, arns]) => (arns.length > 1 ? any : arns));
}

function into<Value>(set: Set<Value>, more: Iterable<Value>): void {
  for (const value of more) set.add(value);
}

function tellingOf({ when: { telling } }: Grant): Allowing['telling'] {
  return new Map(telling === undefined ? [] : [[telling[0], new Set([telling[1]])]]);
}

/**
 * The document that allows all of these, each for its holder. Statements of the same conditions are put together where
 * that allows nothing more, since IAM's limit is small. Sorted: the same is always said in the same words.
 * @param brief without names where the demo's tag is a condition anyway; IAM's own resources keep theirs, since there
 *   nothing keeps from tagging what is somebody else's
 */
export function policyDocument(grants: readonly (readonly [Grant, Holder])[], brief = false): PolicyDocument {
  const statements: (Allowing & { kind: string })[] = [];
  for (const [grant, holder] of grants) {
    const conditions = conditionsOf(grant, holder);
    const telling = tellingOf(grant);
    const tagged = grant.when.tag === 'ours' || grant.when.tag === 'made ours';
    // Tagging at creation goes with a creation, whose own grant has the names.
    const nameless = telling.size > 0 || (brief && tagged && !grant.action.startsWith('iam:'));
    const allowing: Allowing = {
      actions: new Set([grant.action]),
      on: new Set(grant.on),
      resources: new Set(nameless ? ['*'] : grant.on.flatMap((on) => arnsOf(on, holder))),
      conditions,
      telling,
      tagged,
    };
    // What is for another holder has other names: to be put together, resources must mean the same.
    const kind = JSON.stringify([
      conditions,
      [...telling.keys()],
      nameless || holder.names,
      grant.on.includes('*'),
      nameless,
    ]);
    const found = statements.find((each) => each.kind === kind && !widens(each, allowing));
    if (found === undefined) {
      statements.push({ ...allowing, kind });
      continue;
    }
    into(found.actions, allowing.actions);
    into(found.on, allowing.on);
    into(found.resources, allowing.resources);
    for (const [key, values] of telling) into(found.telling.get(key) ?? new Set(), values);
  }
  return { Version: '2012-10-17', Statement: statements.map((each) => statementOf(each)).toSorted(byWords) };
}

function statementOf(allowing: Allowing): PolicyStatement {
  const { actions, conditions, telling } = allowing;
  const told = Object.fromEntries([...telling].map(([key, values]) => [key, single([...values].toSorted())]));
  const equals = { ...conditions['StringEquals'], ...told };
  const all: Conditions = { ...conditions, ...(Object.keys(equals).length === 0 ? {} : { StringEquals: equals }) };
  return {
    Effect: 'Allow',
    Action: single([...actions].toSorted()),
    Resource: single(folded(allowing)),
    ...(Object.keys(all).length === 0 ? {} : { Condition: all }),
  };
}

function byWords(one: PolicyStatement, other: PolicyStatement): number {
  const words = ({ Action, Resource }: PolicyStatement): string => JSON.stringify([Action, Resource]);
  return words(one) < words(other) ? -1 : 1;
}
