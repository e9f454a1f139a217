// Step 3: target group, load balancer and listener. The listener hands over early: a service can be created while the
// load balancer is still being provisioned, which is the longest wait of all.
import type { StepRun } from '../../engine/types.ts';
import { toTagText } from '../../base/tag-text.ts';
import { listener, listenerOf, type WantedListener } from '../../resources/elbv2/listener.ts';
import {
  loadBalancer as balancerKind,
  type SeenBalancer,
  untilActive,
  type WantedBalancer,
} from '../../resources/elbv2/load-balancer.ts';
import { describeBalancer, look } from '../../resources/elbv2/look.ts';
import { type SeenGroup, targetGroup, targetTypeOf, type WantedGroup } from '../../resources/elbv2/target-group.ts';
import { converge, guard, inspections, plan, remove, removals, shown, working } from '../../resources/resource.ts';
import { usesOf } from '../../resources/uses.ts';
import type { ChapterStep } from '../chapter.ts';
import type { TutorialContext } from './context.ts';
import { loadBalancer as outline, network } from './outline.ts';
import { wantedAnswer } from './wanted-answer.ts';

interface Seen {
  balancer: SeenBalancer | undefined;
  group: SeenGroup | undefined;
}

function wantedGroup(context: TutorialContext): WantedGroup {
  const { names, facts, document } = context;
  const { text, path } = wantedAnswer(context);
  return {
    name: names.targetGroup,
    vpcId: facts.network?.vpcId ?? '',
    targetType: targetTypeOf(document.register.networkMode),
    path,
    expect: text,
  };
}

function wantedBalancer({ names, settings, facts }: TutorialContext): WantedBalancer {
  const groupId = facts.network?.elbSecurityGroup?.GroupId;
  return {
    name: names.loadBalancer,
    subnets: (facts.network?.subnets ?? []).map(({ SubnetId }) => SubnetId),
    subnetsNamed: settings.subnetIds !== undefined,
    securityGroups: groupId === undefined ? [] : [groupId],
  };
}

function wantedListener({ names }: TutorialContext, { balancer, group }: Seen): WantedListener {
  return { name: `${names.loadBalancer} HTTP:80`, port: 80, targetGroupArn: group?.TargetGroupArn, balancer };
}

const tooLong = 'the text of --expect is too long to be remembered: verify must be given it, too';

async function observe(context: TutorialContext): Promise<Seen> {
  const { names, facts } = context;
  const {
    balancers: [balancer],
    groups: [group],
  } = await look(context, { balancers: [names.loadBalancer], groups: [names.targetGroup] });
  facts.loadBalancer = balancer;
  facts.targetGroup = group;
  facts.listener = listenerOf(wantedListener(context, { balancer, group }));
  return { balancer, group };
}

export const loadBalancer: ChapterStep<TutorialContext> = {
  ...outline,
  uses: usesOf(targetGroup.uses, balancerKind.uses, listener.uses),
  needs: [network.id],
  async inspect(context, run) {
    const at = working(context, run, outline.id);
    const seen = await observe(context);
    const listening = wantedListener(context, seen);
    return inspections([
      plan(targetGroup, at, wantedGroup(context), seen.group),
      plan(balancerKind, at, wantedBalancer(context), seen.balancer),
      plan(listener, at, listening, listenerOf(listening)),
    ]);
  },
  async ensure(context, run) {
    const at = working(context, run, outline.id);
    const { facts } = context;
    const seen = await observe(context);
    const [groupWish, balancerWish] = [wantedGroup(context), wantedBalancer(context)];
    if (toTagText(groupWish.expect) === undefined) run.report({ type: 'warning', step: outline.id, message: tooLong });
    // Nothing of this step is changed before all of it is known to be ours to change.
    if (seen.group !== undefined) guard(targetGroup, at, groupWish, seen.group);
    if (seen.balancer !== undefined) guard(balancerKind, at, balancerWish, seen.balancer);
    const [group, balancer] = await Promise.all([
      converge(targetGroup, at, groupWish, seen.group).then((made) => (facts.targetGroup = made)),
      converge(balancerKind, at, balancerWish, seen.balancer).then((made) => (facts.loadBalancer = made)),
    ]);
    const listening = wantedListener(context, { balancer, group });
    const made = (facts.listener = await converge(listener, at, listening, listenerOf(listening)));
    // The listener is there, and with it all that a service needs.
    run.handOver();
    const active = (facts.loadBalancer = await untilActive(at, balancerWish, balancer));
    return [
      shown(targetGroup, at, groupWish, group),
      shown(balancerKind, at, balancerWish, active),
      shown(listener, at, listening, made),
    ];
  },
  async remove(context, run) {
    const at = working(context, run, outline.id);
    const seen = await observe(context);
    const first = await remove(balancerKind, at, wantedBalancer(context), seen.balancer);
    const without = first.removed.flatMap(({ id }) => id ?? []);
    const listening = wantedListener(context, seen);
    if (without.length > 0)
      first.removed.push(...(await remove(listener, at, listening, listenerOf(listening))).removed);
    // Its network interfaces are what the security groups wait for; the target group holds nobody up.
    run.handOver();
    return removals([first, await remove(targetGroup, at, { ...wantedGroup(context), without }, seen.group)]);
  },
};

/** The same step for those who only need to know where the demo answers: one call, no resources. */
export const loadBalancerGlance: ChapterStep<TutorialContext> = {
  ...loadBalancer,
  uses: { look: ['elasticloadbalancing:DescribeLoadBalancers', 'elasticloadbalancing:DescribeTargetGroups'] },
  needs: [],
  async inspect(context: TutorialContext, _run: StepRun) {
    const { names, facts } = context;
    facts.loadBalancer = await describeBalancer(context, names.loadBalancer);
    return { resources: [], changes: [] };
  },
};
