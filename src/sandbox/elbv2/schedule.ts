// What time and circumstance do to load balancers and targets: provisioning ends, drains end, targets come into use
// and fall out of it. Pure; health is the data plane's observation and never decided here.
import type { Effect, Schedule } from '../loop.ts';
import type { Target, TargetGroup } from './records.ts';
import type { World } from '../world.ts';
import { createUnusedCheck, registrationInProgress, setStanding, targetKey } from './targets.ts';
import type { TargetStanding } from './targets.ts';

export const scheduleElbv2: Schedule = (world, now) => {
  const effects: Effect[] = [];
  let wakeAt: number | undefined;
  const wake = (at: number): void => {
    if (wakeAt === undefined || at < wakeAt) wakeAt = at;
  };

  for (const loadBalancer of Object.values(world.loadBalancers)) {
    if (loadBalancer.state !== 'provisioning') continue;
    const endsAt = loadBalancer.stateEndsAt ?? now;
    if (endsAt > now) {
      wake(endsAt);
      continue;
    }
    effects.push({
      kind: 'load-balancer-active',
      subject: loadBalancer.loadBalancerArn,
      apply() {
        loadBalancer.state = 'active';
        delete loadBalancer.stateEndsAt;
      },
    });
  }

  for (const targetGroup of Object.values(world.targetGroups)) {
    const unusedBecause = createUnusedCheck(world, targetGroup);
    for (const target of Object.values(targetGroup.targets)) {
      const effect =
        target.drainsUntil === undefined
          ? restanding(world, targetGroup, target, unusedBecause(target.id))
          : drained(targetGroup, target, now);
      if (effect) effects.push(effect);
      else if (target.drainsUntil !== undefined) wake(target.drainsUntil);
    }
  }
  return { effects, ...(wakeAt === undefined ? {} : { wakeAt }) };
};

function drained(targetGroup: TargetGroup, target: Target, now: number): Effect | undefined {
  if (target.drainsUntil === undefined || target.drainsUntil > now) return undefined;
  return {
    kind: 'target-drained',
    subject: targetKey(target.id, target.port),
    apply() {
      delete targetGroup.targets[targetKey(target.id, target.port)];
    },
  };
}

function restanding(
  world: World,
  targetGroup: TargetGroup,
  target: Target,
  unused: TargetStanding | undefined,
): Effect | undefined {
  const subject = targetKey(target.id, target.port);
  // An instance that is no longer listed has long been taken out by AWS.
  if (!world.instances[target.id]) {
    return {
      kind: 'target-gone',
      subject,
      apply() {
        delete targetGroup.targets[subject];
      },
    };
  }
  if (unused) {
    if (target.state === 'unused' && target.reason === unused.reason && target.description === unused.description)
      return undefined;
    return { kind: 'target-unused', subject, apply: () => setStanding(target, unused) };
  }
  if (target.state !== 'unused') return undefined;
  return { kind: 'target-in-use', subject, apply: () => setStanding(target, registrationInProgress) };
}
