// Step 3: target group, load balancer and listener. The listener hands over early: a service can be created while the
// load balancer is still being provisioned, which is the longest wait of all.
import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  type Listener,
  type LoadBalancer,
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
  type Tag,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isDuplicate, isNotFound, orAbsent, transient } from '../aws/faults.ts';
import { claim, isOurs } from '../aws/ownership.ts';
import { EcsdemoError } from '../base/errors.ts';
import type { Change, Inspection, Removal, Resource, Step, StepRun } from '../engine/types.ts';
import { absent, changed, fact, type StepContext } from './context.ts';

const id = 'load-balancer';
const groupType = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const balancerType = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const listenerType = 'AWS::ElasticLoadBalancingV2::Listener';
const delayKey = 'deregistration_delay.timeout_seconds';

/** Set for a demonstration: AWS's defaults of 30 s × 5 and 300 s make everything slow (aws-facts §8). */
const deregistrationDelaySeconds = '5';

interface Observed {
  balancer?: LoadBalancer & { LoadBalancerArn: string };
  group?: TargetGroup & { TargetGroupArn: string };
  listener?: Listener;
  tags: Map<string, Tag[]>;
  deregistrationDelay?: string;
}

function healthCheck({ settings }: StepContext) {
  return {
    HealthCheckProtocol: 'HTTP',
    HealthCheckPort: 'traffic-port',
    HealthCheckPath: settings.path,
    HealthCheckIntervalSeconds: 5,
    // Must be smaller than the interval.
    HealthCheckTimeoutSeconds: 4,
    HealthyThresholdCount: 2,
    UnhealthyThresholdCount: 2,
    Matcher: { HttpCode: '200' },
  } as const;
}

async function observe({ aws, names, facts }: StepContext): Promise<Observed> {
  const [balancers, groups] = await Promise.all([
    orAbsent(aws.elbv2.send(new DescribeLoadBalancersCommand({ Names: [names.loadBalancer] }))),
    orAbsent(aws.elbv2.send(new DescribeTargetGroupsCommand({ Names: [names.targetGroup] }))),
  ]);
  const balancer = balancers?.LoadBalancers?.[0];
  const group = groups?.TargetGroups?.[0];
  const arns = [balancer?.LoadBalancerArn, group?.TargetGroupArn].filter((arn) => arn !== undefined);
  const [tags, listeners, attributes] = await Promise.all([
    arns.length === 0 ? undefined : orAbsent(aws.elbv2.send(new DescribeTagsCommand({ ResourceArns: arns }))),
    balancer === undefined ? undefined : orAbsent(aws.elbv2.send(new DescribeListenersCommand({ LoadBalancerArn: balancer.LoadBalancerArn }))),
    group === undefined ? undefined : orAbsent(aws.elbv2.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: group.TargetGroupArn }))),
  ]);
  const listener = listeners?.Listeners?.find(({ Port }) => Port === 80);
  const delay = attributes?.Attributes?.find(({ Key }) => Key === delayKey)?.Value;
  if (balancer !== undefined) facts.loadBalancer = balancer;
  if (group !== undefined) facts.targetGroup = group;
  if (listener !== undefined) facts.listener = listener;
  return {
    tags: new Map((tags?.TagDescriptions ?? []).map(({ ResourceArn, Tags }) => [ResourceArn ?? '', Tags ?? []])),
    ...(balancer?.LoadBalancerArn === undefined ? {} : { balancer: { ...balancer, LoadBalancerArn: balancer.LoadBalancerArn } }),
    ...(group?.TargetGroupArn === undefined ? {} : { group: { ...group, TargetGroupArn: group.TargetGroupArn } }),
    ...(listener === undefined ? {} : { listener }),
    ...(delay === undefined ? {} : { deregistrationDelay: delay }),
  };
}

function forwardsTo(listener: Listener, targetGroupArn: string | undefined): boolean {
  const [action] = listener.DefaultActions ?? [];
  const forwarded = action?.TargetGroupArn ?? action?.ForwardConfig?.TargetGroups?.[0]?.TargetGroupArn;
  return action?.Type === 'forward' && forwarded === targetGroupArn;
}

/** What differs in the target group from what is wanted, in words; empty: nothing. */
export function targetGroupDifferences(context: StepContext, group: TargetGroup): string[] {
  const wanted = healthCheck(context);
  const differences: string[] = [];
  for (const [key, value] of Object.entries(wanted)) {
    const now = group[key as keyof TargetGroup];
    if (JSON.stringify(normal(now)) !== JSON.stringify(normal(value))) differences.push(`${key} ${words(now)} → ${words(value)}`);
  }
  return differences;
}

/** A matcher also carries an empty GrpcCode on some answers. */
function normal(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'HttpCode' in value ? value.HttpCode : value;
}

function words(value: unknown): string {
  return String(normal(value) ?? 'none');
}

function sameMembers(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && new Set([...one, ...other]).size === one.length;
}

interface BalancerDifferences {
  subnets: boolean;
  securityGroups: boolean;
}

function balancerDifferences(context: StepContext, balancer: LoadBalancer): BalancerDifferences {
  const network = fact(context, 'network');
  const has = (balancer.AvailabilityZones ?? []).map(({ SubnetId }) => SubnetId ?? '');
  const wanted = network.subnets.map(({ SubnetId }) => SubnetId);
  const groupId = network.elbSecurityGroup?.GroupId;
  return {
    subnets: !sameMembers(has, wanted),
    securityGroups: groupId === undefined || !sameMembers(balancer.SecurityGroups ?? [], [groupId]),
  };
}

function owner(context: StepContext, type: string, name: string, arn: string, tags: Tag[]): 'ours' | 'adopt' {
  return claim({ type, name, id: arn, tags }, context.names.demo, context.settings.adopt);
}

function resources(context: StepContext, { balancer, group, listener, tags }: Observed): Resource[] {
  const { names } = context;
  const owned = (arn: string | undefined): boolean => isOurs(tags.get(arn ?? ''), names.demo);
  const listenerName = `${names.loadBalancer} HTTP:80`;
  return [
    group === undefined
      ? absent(id, groupType, names.targetGroup)
      : { step: id, type: groupType, name: names.targetGroup, id: group.TargetGroupArn, state: 'present', owned: owned(group.TargetGroupArn) },
    balancer === undefined
      ? absent(id, balancerType, names.loadBalancer)
      : {
          step: id,
          type: balancerType,
          name: names.loadBalancer,
          id: balancer.LoadBalancerArn,
          state: balancer.State?.Code ?? 'present',
          owned: owned(balancer.LoadBalancerArn),
        },
    listener === undefined
      ? absent(id, listenerType, listenerName)
      : { step: id, type: listenerType, name: listenerName, id: listener.ListenerArn ?? '', state: 'present', owned: owned(balancer?.LoadBalancerArn) },
  ];
}

function inspection(context: StepContext, observed: Observed): Inspection {
  const { names } = context;
  const { balancer, group, listener, tags } = observed;
  const changes: Change[] = [];
  const add = (action: Change['action'], type: string, name: string, detail?: string): void => {
    changes.push({ step: id, action, type, name, ...(detail === undefined ? {} : { detail }) });
  };
  if (group === undefined) add('create', groupType, names.targetGroup);
  else {
    if (owner(context, groupType, names.targetGroup, group.TargetGroupArn, tags.get(group.TargetGroupArn) ?? []) === 'adopt') {
      add('update', groupType, names.targetGroup, 'take it over by tagging it');
    }
    for (const difference of targetGroupDifferences(context, group)) add('update', groupType, names.targetGroup, difference);
    if (observed.deregistrationDelay !== deregistrationDelaySeconds) {
      add('update', groupType, names.targetGroup, `${delayKey} ${observed.deregistrationDelay} → ${deregistrationDelaySeconds}`);
    }
  }
  if (balancer === undefined) add('create', balancerType, names.loadBalancer);
  else {
    if (owner(context, balancerType, names.loadBalancer, balancer.LoadBalancerArn, tags.get(balancer.LoadBalancerArn) ?? []) === 'adopt') {
      add('update', balancerType, names.loadBalancer, 'take it over by tagging it');
    }
    const differs = balancerDifferences(context, balancer);
    if (differs.subnets) add('update', balancerType, names.loadBalancer, 'its subnets differ');
    if (differs.securityGroups) add('update', balancerType, names.loadBalancer, 'its security groups differ');
  }
  if (listener === undefined) add('create', listenerType, `${names.loadBalancer} HTTP:80`);
  else if (!forwardsTo(listener, group?.TargetGroupArn)) add('update', listenerType, `${names.loadBalancer} HTTP:80`, 'it does not forward to the target group');
  return { resources: resources(context, observed), changes };
}

async function ensureTargetGroup(context: StepContext, run: StepRun, observed: Observed): Promise<TargetGroup & { TargetGroupArn: string }> {
  const { aws, names, tags } = context;
  const { vpcId } = fact(context, 'network');
  let { group } = observed;
  let delay = observed.deregistrationDelay;
  if (group !== undefined && group.VpcId !== vpcId) {
    throw new EcsdemoError('subnets-unsuitable', `target group "${names.targetGroup}" is in VPC ${group.VpcId}, not in ${vpcId}`, {
      suggestions: [`ecsdemo destroy --name ${names.demo}`, `ecsdemo up --name ${names.demo} --vpc-id ${group.VpcId} --subnet-ids …`],
    });
  }
  // Ensure.
  if (group === undefined) {
    const created = await aws.elbv2.send(
      new CreateTargetGroupCommand({
        Name: names.targetGroup,
        Protocol: 'HTTP',
        // A placeholder that AWS insists on: ECS registers each task with its own port.
        Port: 80,
        VpcId: vpcId,
        TargetType: 'instance',
        ...healthCheck(context),
        Tags: tags,
      }),
    );
    const [made] = created.TargetGroups ?? [];
    group = { ...made, TargetGroupArn: made?.TargetGroupArn ?? '' };
    delay = undefined;
    changed(run, id, 'create', groupType, names.targetGroup);
  } else if (owner(context, groupType, names.targetGroup, group.TargetGroupArn, observed.tags.get(group.TargetGroupArn) ?? []) === 'adopt') {
    await aws.elbv2.send(new AddTagsCommand({ ResourceArns: [group.TargetGroupArn], Tags: tags }));
    changed(run, id, 'update', groupType, names.targetGroup, 'taken over by tagging it');
  }
  // Sync.
  const differences = targetGroupDifferences(context, group);
  if (differences.length > 0) {
    await aws.elbv2.send(new ModifyTargetGroupCommand({ TargetGroupArn: group.TargetGroupArn, ...healthCheck(context) }));
    changed(run, id, 'update', groupType, names.targetGroup, differences.join(', '));
  }
  if (delay !== deregistrationDelaySeconds) {
    await aws.elbv2.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn: group.TargetGroupArn,
        Attributes: [{ Key: delayKey, Value: deregistrationDelaySeconds }],
      }),
    );
    if (delay !== undefined) changed(run, id, 'update', groupType, names.targetGroup, `${delayKey} ${delay} → ${deregistrationDelaySeconds}`);
  }
  context.facts.targetGroup = group;
  return group;
}

async function ensureBalancer(context: StepContext, run: StepRun, observed: Observed): Promise<LoadBalancer & { LoadBalancerArn: string }> {
  const { aws, names, tags } = context;
  const network = fact(context, 'network');
  const Subnets = network.subnets.map(({ SubnetId }) => SubnetId);
  const SecurityGroups = [network.elbSecurityGroup?.GroupId ?? ''];
  let { balancer } = observed;
  // Ensure.
  if (balancer === undefined) {
    const created = await run.retry({
      what: `creating the load balancer ${names.loadBalancer}`,
      limitMs: 120_000,
      transient: transient.newSecurityGroup,
      attempt: () =>
        aws.elbv2.send(
          new CreateLoadBalancerCommand({
            Name: names.loadBalancer,
            Type: 'application',
            Scheme: 'internet-facing',
            IpAddressType: 'ipv4',
            Subnets,
            SecurityGroups,
            Tags: tags,
          }),
        ),
    });
    const [made] = created.LoadBalancers ?? [];
    balancer = { ...made, LoadBalancerArn: made?.LoadBalancerArn ?? '' };
    changed(run, id, 'create', balancerType, names.loadBalancer);
  } else {
    if (owner(context, balancerType, names.loadBalancer, balancer.LoadBalancerArn, observed.tags.get(balancer.LoadBalancerArn) ?? []) === 'adopt') {
      await aws.elbv2.send(new AddTagsCommand({ ResourceArns: [balancer.LoadBalancerArn], Tags: tags }));
      changed(run, id, 'update', balancerType, names.loadBalancer, 'taken over by tagging it');
    }
    // Sync.
    const differs = balancerDifferences(context, balancer);
    if (differs.subnets) {
      await aws.elbv2.send(new SetSubnetsCommand({ LoadBalancerArn: balancer.LoadBalancerArn, Subnets }));
      changed(run, id, 'update', balancerType, names.loadBalancer, 'subnets set');
    }
    if (differs.securityGroups) {
      await aws.elbv2.send(new SetSecurityGroupsCommand({ LoadBalancerArn: balancer.LoadBalancerArn, SecurityGroups }));
      changed(run, id, 'update', balancerType, names.loadBalancer, 'security groups set');
    }
  }
  context.facts.loadBalancer = balancer;
  return balancer;
}

async function ensureListener(context: StepContext, run: StepRun, listener: Listener | undefined, balancerArn: string, groupArn: string): Promise<Listener> {
  const { aws, names, tags } = context;
  const name = `${names.loadBalancer} HTTP:80`;
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: groupArn }];
  if (listener === undefined) {
    const created = await aws.elbv2.send(
      new CreateListenerCommand({ LoadBalancerArn: balancerArn, Protocol: 'HTTP', Port: 80, DefaultActions, Tags: tags }),
    );
    changed(run, id, 'create', listenerType, name);
    return created.Listeners?.[0] ?? {};
  }
  if (!forwardsTo(listener, groupArn)) {
    await aws.elbv2.send(new ModifyListenerCommand({ ListenerArn: listener.ListenerArn, DefaultActions }));
    changed(run, id, 'update', listenerType, name, 'forwards to the target group again');
  }
  return listener;
}

async function ensure(context: StepContext, run: StepRun): Promise<Resource[]> {
  const { aws, names } = context;
  // Observe. A duplicate means that another run was faster: then what it made is looked at once more.
  let observed = await observe(context);
  const converge = async (): Promise<[LoadBalancer & { LoadBalancerArn: string }, TargetGroup & { TargetGroupArn: string }]> => {
    const [group, balancer] = await Promise.all([ensureTargetGroup(context, run, observed), ensureBalancer(context, run, observed)]);
    context.facts.listener = await ensureListener(context, run, observed.listener, balancer.LoadBalancerArn, group.TargetGroupArn);
    return [balancer, group];
  };
  let [balancer] = await converge().catch(async (error: unknown) => {
    if (!isDuplicate(error)) throw error;
    observed = await observe(context);
    return converge();
  });
  // The listener is there, and with it all that a service needs.
  run.handOver();
  if (balancer.State?.Code !== 'active') {
    balancer = await run.wait({
      what: `the load balancer ${names.loadBalancer} to be active`,
      typicalMs: 150_000,
      look: async () => {
        const found = await aws.elbv2.send(new DescribeLoadBalancersCommand({ Names: [names.loadBalancer] }));
        const seen = found.LoadBalancers?.[0];
        const state = seen?.State?.Code ?? 'not listed';
        if (state === 'failed') {
          throw new EcsdemoError('load-balancer-failed', `load balancer "${names.loadBalancer}" failed: ${seen?.State?.Reason ?? 'no reason given'}`, {
            suggestions: ['ecsdemo destroy', 'then ecsdemo up again'],
          });
        }
        if (seen === undefined || (state !== 'active' && state !== 'active_impaired')) return { done: false, state };
        return { done: true, value: { ...seen, LoadBalancerArn: seen.LoadBalancerArn ?? '' } };
      },
    });
    context.facts.loadBalancer = balancer;
  }
  // Return.
  const { targetGroup, listener } = context.facts;
  return resources(context, {
    tags: observed.tags,
    balancer,
    ...(listener === undefined ? {} : { listener }),
    ...(targetGroup?.TargetGroupArn === undefined ? {} : { group: { ...targetGroup, TargetGroupArn: targetGroup.TargetGroupArn } }),
  }).map((resource) => ({ ...resource, owned: true }));
}

async function remove(context: StepContext, run: StepRun): Promise<Removal> {
  const { aws, names } = context;
  const observed = await observe(context);
  const [group, balancer, listener] = resources(context, observed);
  const removal: Removal = { removed: [], kept: [] };
  for (const resource of [group, balancer]) {
    if (resource?.id === undefined || resource.owned) continue;
    removal.kept.push({ ...resource, reason: `it does not carry the tag of the demo ${names.demo}` });
  }
  if (balancer?.id !== undefined && balancer.owned) {
    await aws.elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: balancer.id }));
    await run.wait({
      what: `the load balancer ${names.loadBalancer} to be gone`,
      typicalMs: 10_000,
      look: async () => {
        const found = await orAbsent(aws.elbv2.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [balancer.id ?? ''] })));
        const [still] = found?.LoadBalancers ?? [];
        return still === undefined ? { done: true, value: undefined } : { done: false, state: still.State?.Code ?? 'listed' };
      },
    });
    for (const gone of [balancer, listener]) {
      if (gone?.id === undefined) continue;
      changed(run, id, 'delete', gone.type, gone.name);
      removal.removed.push({ ...gone, state: 'deleted' });
    }
  }
  // Its network interfaces are what the security groups wait for; the target group holds nobody up.
  run.handOver();
  if (group?.id !== undefined && group.owned) {
    await run.retry({
      what: `deleting the target group ${names.targetGroup}`,
      limitMs: 300_000,
      transient: transient.targetGroupInUse,
      attempt: async () => {
        try {
          await aws.elbv2.send(new DeleteTargetGroupCommand({ TargetGroupArn: group.id }));
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
      },
    });
    changed(run, id, 'delete', groupType, names.targetGroup);
    removal.removed.push({ ...group, state: 'deleted' });
  }
  return removal;
}

export const loadBalancer: Step<StepContext> = {
  id,
  title: 'Load balancer and target group',
  tutorialStep: 3,
  needs: ['network'],
  inspect: async (context) => inspection(context, await observe(context)),
  ensure,
  remove,
};
