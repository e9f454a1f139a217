// What time and circumstance do to load balancers and targets: provisioning ends, drains end, targets come into use
// and fall out of it. Pure; health is the data plane's observation and never decided here.
import type { Effect, Schedule } from '../agenda.ts';
import type { Target, TargetGroup } from './records.ts';
import type { World } from '../world.ts';
import { createUnusedCheck, registrationInProgress, setStanding, targetKey } from './targets.ts';
import type { TargetStanding } from './targets.ts';

export const scheduleElbv2: Schedule = (world, { time, now, at }) => {
  for (const { loadBalancerArn, state, stateEndsAt = time } of Object.values(world.loadBalancers)) {
    if (state !== 'provisioning') continue;
    at(stateEndsAt, {
      kind: 'load-balancer-active',
      subject: loadBalancerArn,
      apply(context) {
        const loadBalancer = context.world.loadBalancers[loadBalancerArn];
        if (loadBalancer === undefined) return;
        loadBalancer.state = 'active';
        delete loadBalancer.stateEndsAt;
      },
    });
  }

  for (const targetGroup of Object.values(world.targetGroups)) {
    const unusedBecause = createUnusedCheck(world, targetGroup);
    for (const target of Object.values(targetGroup.targets)) {
      if (target.drainsUntil === undefined) {
        const effect = restanding(world, targetGroup, target, unusedBecause(target));
        if (effect) now(effect);
      } else at(target.drainsUntil, removal('target-drained', targetGroup, target));
    }
  }
};

function removal(kind: string, { targetGroupArn }: TargetGroup, { id, port }: Target): Effect {
  const subject = targetKey(id, port);
  return { kind, subject, apply: ({ world }) => delete world.targetGroups[targetGroupArn]?.targets[subject] };
}

function restanding(
  world: World,
  targetGroup: TargetGroup,
  target: Target,
  unused: TargetStanding | undefined,
): Effect | undefined {
  const subject = targetKey(target.id, target.port);
  // An instance that is no longer listed has long been taken out by AWS.
  if (targetGroup.targetType === 'instance' && !world.instances[target.id])
    return removal('target-gone', targetGroup, target);
  if (unused) {
    if (target.state === 'unused' && target.reason === unused.reason && target.description === unused.description)
      return undefined;
    return { kind: 'target-unused', subject, apply: () => setStanding(target, unused) };
  }
  if (target.state !== 'unused') return undefined;
  return { kind: 'target-in-use', subject, apply: () => setStanding(target, registrationInProgress) };
}
