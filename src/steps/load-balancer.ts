// Step 3: target group, load balancer and listener. The listener hands over early: a service can be created while the
// load balancer is still being provisioned, which is the longest wait of all.
import {
  AddTagsCommand,
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  type Listener,
  type LoadBalancer,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
  type Tag,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isDuplicate, orAbsent, transient } from '../aws/faults.ts';
import { type AnyTag, claim, isOurs, isRemovable } from '../aws/ownership.ts';
import { EcsdemoError } from '../base/errors.ts';
import { tagKeys } from '../base/names.ts';
import type { Change, Inspection, Removal, Resource, Step, StepRun } from '../engine/types.ts';
import { absent, changed, fact, type StepContext, watchPresence } from './context.ts';
import { ensureListener, forwardsTo, listenerType } from './listener.ts';
import { balancerDifferences, defaultSubnets, recordedSubnets } from './load-balancer-differences.ts';
import {
  delayKey,
  deleteTargetGroup,
  deregistrationDelaySeconds,
  ensureTargetGroup,
  groupType,
  type KnownGroup,
  targetGroupDifferences,
} from './target-group.ts';

const id = 'load-balancer';
const balancerType = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
type KnownBalancer = LoadBalancer & { LoadBalancerArn: string };

interface Observed {
  balancer?: KnownBalancer;
  group?: KnownGroup;
  listener?: Listener;
  tags: Map<string, Tag[]>;
  deregistrationDelay?: string;
}

/** Only where the demo answers and who serves it: the facts that are enough for what does not concern this step. */
async function glance({
  aws,
  names,
  facts,
}: StepContext): Promise<[LoadBalancer | undefined, TargetGroup | undefined]> {
  const [balancers, groups] = await Promise.all([
    orAbsent(aws.elbv2.send(new DescribeLoadBalancersCommand({ Names: [names.loadBalancer] }))),
    orAbsent(aws.elbv2.send(new DescribeTargetGroupsCommand({ Names: [names.targetGroup] }))),
  ]);
  const balancer = balancers?.LoadBalancers?.[0];
  const group = groups?.TargetGroups?.[0];
  if (balancer !== undefined) facts.loadBalancer = balancer;
  if (group !== undefined) facts.targetGroup = group;
  return [balancer, group];
}

/** @param looksLeft what vanishes between two reads takes the tags of all with it: so often it is looked at again. */
async function observe(context: StepContext, looksLeft = 3): Promise<Observed> {
  const { aws, facts } = context;
  const [balancer, group] = await glance(context);
  const arns = [balancer?.LoadBalancerArn, group?.TargetGroupArn].filter((arn) => arn !== undefined);
  const [tags, listeners, attributes] = await Promise.all([
    arns.length === 0 ? undefined : orAbsent(aws.elbv2.send(new DescribeTagsCommand({ ResourceArns: arns }))),
    balancer === undefined
      ? undefined
      : orAbsent(aws.elbv2.send(new DescribeListenersCommand({ LoadBalancerArn: balancer.LoadBalancerArn }))),
    group === undefined
      ? undefined
      : orAbsent(aws.elbv2.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: group.TargetGroupArn }))),
  ]);
  if (arns.length > 0 && tags === undefined && looksLeft > 0) return observe(context, looksLeft - 1);
  const listener = listeners?.Listeners?.find(({ Port }) => Port === 80);
  const delay = attributes?.Attributes?.find(({ Key }) => Key === delayKey)?.Value;
  if (listener !== undefined) facts.listener = listener;
  return {
    tags: new Map((tags?.TagDescriptions ?? []).map(({ ResourceArn, Tags }) => [ResourceArn ?? '', Tags ?? []])),
    ...(balancer?.LoadBalancerArn === undefined
      ? {}
      : { balancer: { ...balancer, LoadBalancerArn: balancer.LoadBalancerArn } }),
    ...(group?.TargetGroupArn === undefined ? {} : { group: { ...group, TargetGroupArn: group.TargetGroupArn } }),
    ...(listener === undefined ? {} : { listener }),
    ...(delay === undefined ? {} : { deregistrationDelay: delay }),
  };
}

interface Claims {
  group: 'ours' | 'adopt' | undefined;
  balancer: 'ours' | 'adopt' | undefined;
}

/** Of what exists. @throws EcsdemoError `not-ours`, before anything of this step is changed. */
function claims({ names, settings }: StepContext, { group, balancer, tags }: Observed): Claims {
  const of = (type: string, name: string, arn: string | undefined): 'ours' | 'adopt' | undefined =>
    arn === undefined ? undefined : claim({ type, name, id: arn, tags: tags.get(arn) }, names.demo, settings.adopt);
  return {
    group: of(groupType, names.targetGroup, group?.TargetGroupArn),
    balancer: of(balancerType, names.loadBalancer, balancer?.LoadBalancerArn),
  };
}

function resources(context: StepContext, { balancer, group, listener, tags }: Observed): Resource[] {
  const { names } = context;
  const owned = (arn: string | undefined): boolean => isOurs(tags.get(arn ?? ''), names.demo);
  const listenerName = `${names.loadBalancer} HTTP:80`;
  return [
    group === undefined
      ? absent(id, groupType, names.targetGroup)
      : {
          step: id,
          type: groupType,
          name: names.targetGroup,
          id: group.TargetGroupArn,
          state: 'present',
          owned: owned(group.TargetGroupArn),
        },
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
      : {
          step: id,
          type: listenerType,
          name: listenerName,
          id: listener.ListenerArn ?? '',
          state: 'present',
          owned: owned(balancer?.LoadBalancerArn),
        },
  ];
}

function inspection(context: StepContext, observed: Observed): Inspection {
  const { names } = context;
  const { balancer, group, listener, tags } = observed;
  const claimed = claims(context, observed);
  const changes: Change[] = [];
  const add = (action: Change['action'], type: string, name: string, detail?: string): void => {
    changes.push({ step: id, action, type, name, ...(detail === undefined ? {} : { detail }) });
  };
  if (group === undefined) add('create', groupType, names.targetGroup);
  else {
    if (claimed.group === 'adopt') {
      add('update', groupType, names.targetGroup, 'take it over by tagging it');
    }
    for (const difference of targetGroupDifferences(context, group, tags.get(group.TargetGroupArn)))
      add('update', groupType, names.targetGroup, difference);
    if (observed.deregistrationDelay !== deregistrationDelaySeconds) {
      add(
        'update',
        groupType,
        names.targetGroup,
        `${delayKey} ${observed.deregistrationDelay} → ${deregistrationDelaySeconds}`,
      );
    }
  }
  if (balancer === undefined) add('create', balancerType, names.loadBalancer);
  else {
    if (claimed.balancer === 'adopt') {
      add('update', balancerType, names.loadBalancer, 'take it over by tagging it');
    }
    const differs = balancerDifferences(context, balancer, tags.get(balancer.LoadBalancerArn));
    if (differs.subnets) add('update', balancerType, names.loadBalancer, 'its subnets differ');
    if (differs.securityGroups) add('update', balancerType, names.loadBalancer, 'its security groups differ');
  }
  if (listener === undefined) add('create', listenerType, `${names.loadBalancer} HTTP:80`);
  else if (!forwardsTo(listener, group?.TargetGroupArn))
    add('update', listenerType, `${names.loadBalancer} HTTP:80`, 'it does not forward to the target group');
  return { resources: resources(context, observed), changes };
}

async function ensureBalancer(
  context: StepContext,
  run: StepRun,
  observed: Observed,
  adopt: boolean,
): Promise<KnownBalancer> {
  const { aws, names, settings, tags } = context;
  const network = fact(context, 'network');
  const subnetsTag = { Key: tagKeys.subnets, Value: settings.subnetIds?.join(' ') ?? defaultSubnets };
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
            Tags: settings.subnetIds === undefined ? tags : [...tags, subnetsTag],
          }),
        ),
    });
    const [made] = created.LoadBalancers ?? [];
    balancer = { ...made, LoadBalancerArn: made?.LoadBalancerArn ?? '' };
    changed(run, id, 'create', balancerType, names.loadBalancer);
  } else {
    if (adopt) {
      await aws.elbv2.send(new AddTagsCommand({ ResourceArns: [balancer.LoadBalancerArn], Tags: tags }));
      changed(run, id, 'update', balancerType, names.loadBalancer, 'taken over by tagging it');
    }
    // Sync.
    const seenTags = observed.tags.get(balancer.LoadBalancerArn);
    if (recordedSubnets(seenTags) !== subnetsTag.Value) {
      await aws.elbv2.send(new AddTagsCommand({ ResourceArns: [balancer.LoadBalancerArn], Tags: [subnetsTag] }));
    }
    const differs = balancerDifferences(context, balancer, seenTags);
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

async function ensure(context: StepContext, run: StepRun): Promise<Resource[]> {
  const { aws, names } = context;
  // Observe. A duplicate means that another run was faster: then what it made is looked at once more.
  let observed = await observe(context);
  const converge = async (): Promise<KnownBalancer> => {
    const claimed = claims(context, observed);
    const [group, made] = await Promise.all([
      ensureTargetGroup(context, run, { ...observed, adopt: claimed.group === 'adopt' }),
      ensureBalancer(context, run, observed, claimed.balancer === 'adopt'),
    ]);
    context.facts.listener = await ensureListener(
      context,
      run,
      observed.listener,
      made.LoadBalancerArn,
      group.TargetGroupArn,
    );
    return made;
  };
  let balancer = await converge().catch(async (error: unknown) => {
    if (!isDuplicate(error)) throw error;
    observed = await observe(context);
    return converge();
  });
  // The listener is there, and with it all that a service needs.
  run.handOver();
  if (balancer.State?.Code !== 'active') {
    const presence = watchPresence(`load balancer "${names.loadBalancer}"`);
    balancer = await run.wait({
      what: `the load balancer ${names.loadBalancer} to be active`,
      typicalMs: 150_000,
      look: async () => {
        // Just after its creation a load balancer may not be found by name yet.
        const found = await orAbsent(aws.elbv2.send(new DescribeLoadBalancersCommand({ Names: [names.loadBalancer] })));
        const seen = found?.LoadBalancers?.[0];
        presence.look(seen !== undefined);
        const state = seen?.State?.Code ?? 'not listed';
        if (state === 'failed') {
          throw new EcsdemoError(
            'load-balancer-failed',
            `load balancer "${names.loadBalancer}" failed: ${seen?.State?.Reason ?? 'no reason given'}`,
            {
              suggestions: ['ecsdemo destroy', 'then ecsdemo up again'],
            },
          );
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
    ...(targetGroup?.TargetGroupArn === undefined
      ? {}
      : { group: { ...targetGroup, TargetGroupArn: targetGroup.TargetGroupArn } }),
  }).map((resource) => ({ ...resource, owned: true }));
}

async function remove(context: StepContext, run: StepRun): Promise<Removal> {
  const { aws, names, settings } = context;
  const observed = await observe(context);
  const [group, balancer, listener] = resources(context, observed);
  const removal: Removal = { removed: [], kept: [] };
  const removable = (resource: Resource | undefined): resource is Resource & { id: string } => {
    if (resource?.id === undefined) return false;
    const tags: readonly AnyTag[] = observed.tags.get(resource.id) ?? [];
    if (isRemovable(tags, names.demo, settings.adopt)) return true;
    removal.kept.push({ ...resource, reason: `it does not carry the tag of the demo ${names.demo}` });
    return false;
  };
  const balancerGoes = removable(balancer);
  if (balancerGoes) {
    await aws.elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: balancer.id }));
    await run.wait({
      what: `the load balancer ${names.loadBalancer} to be gone`,
      typicalMs: 10_000,
      look: async () => {
        const found = await orAbsent(
          aws.elbv2.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [balancer.id] })),
        );
        const [still] = found?.LoadBalancers ?? [];
        return still === undefined
          ? { done: true, value: undefined }
          : { done: false, state: still.State?.Code ?? 'listed' };
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
  if (removable(group)) {
    const user = observed.group?.LoadBalancerArns?.find((arn) => !balancerGoes || arn !== balancer.id);
    if (user === undefined) {
      await deleteTargetGroup(context, run, group.id);
      removal.removed.push({ ...group, state: 'deleted' });
    } else removal.kept.push({ ...group, reason: `load balancer ${user} forwards to it` });
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

/** The same step for those who only need its facts: two calls, no resources of its own. */
export const loadBalancerGlance: Pick<Step<StepContext>, 'id' | 'needs' | 'inspect'> = {
  id,
  needs: [],
  inspect: async (context) => {
    await glance(context);
    return { resources: [], changes: [] };
  },
};
