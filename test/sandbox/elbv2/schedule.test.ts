import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/sandbox/agenda.ts';
import { DeleteListener } from '../../../src/sandbox/elbv2/listeners.ts';
import { SetSubnets } from '../../../src/sandbox/elbv2/load-balancers.ts';
import { scheduleElbv2 } from '../../../src/sandbox/elbv2/schedule.ts';
import { deregisterTarget, registerTarget } from '../../../src/sandbox/elbv2/targets.ts';
import type { Context } from '../../../src/sandbox/handler.ts';
import { aContext, aTutorial, instanceId, subnetId } from './factories.ts';

/** Applies what the schedule decides at `now` until nothing is left; gives the kinds and when to look again. */
function settle(context: Context, now = context.now): { kinds: string[]; wakeAt?: number } {
  const kinds: string[] = [];
  for (let pass = 0; pass < 10; pass++) {
    const { effects, wakeAt } = decide(scheduleElbv2, context.world, now, context.pace);
    if (effects.length === 0) return { kinds, ...(wakeAt === undefined ? {} : { wakeAt }) };
    for (const effect of effects) {
      kinds.push(effect.kind);
      effect.apply({ ...context, now });
    }
  }
  throw new Error('never settles');
}

describe('scheduleElbv2', () => {
  test('ends provisioning at its time, not before', () => {
    const context = aContext();
    const { loadBalancerArn } = aTutorial(context);
    const endsAt = context.now + context.pace.of('loadBalancerProvisioning');
    expect(settle(context, endsAt - 1)).toEqual({ kinds: [], wakeAt: endsAt });
    expect(settle(context, endsAt)).toEqual({ kinds: ['load-balancer-active'] });
    expect(context.world.loadBalancers[loadBalancerArn]?.state).toBe('active');
  });

  test('removes a draining target when its delay is over', () => {
    const context = aContext();
    const { targetGroup, loadBalancerArn } = aTutorial(context);
    settle(context, context.now + 1_000);
    targetGroup.attributes['deregistration_delay.timeout_seconds'] = '5';
    registerTarget(context, targetGroup, instanceId, 8080);
    deregisterTarget(context, targetGroup, instanceId, 8080);
    const target = targetGroup.targets[`${instanceId}:8080`];
    expect(target).toMatchObject({
      state: 'draining',
      reason: 'Target.DeregistrationInProgress',
      drainsUntil: context.now + 100,
    });
    expect(settle(context)).toEqual({ kinds: [], wakeAt: context.now + 100 });
    expect(settle(context, context.now + 100).kinds).toEqual(['target-drained']);
    expect(targetGroup.targets).toEqual({});
    expect(loadBalancerArn).not.toBe('');
  });

  test('puts targets out of use without a listener and back with one', () => {
    const context = aContext();
    const { targetGroup, listenerArn } = aTutorial(context);
    const target = registerTarget(context, targetGroup, instanceId, 8080);
    expect(target.state).toBe('initial');
    const listener = context.world.listeners[listenerArn];
    DeleteListener(context, { ListenerArn: listenerArn });
    expect(settle(context).kinds).toEqual(['target-unused']);
    expect(target).toMatchObject({
      state: 'unused',
      reason: 'Target.NotInUse',
      description: 'Target group is not configured to receive traffic from the load balancer',
    });
    if (listener) context.world.listeners[listenerArn] = listener;
    expect(settle(context).kinds).toEqual(['target-in-use']);
    expect(target).toMatchObject({ state: 'initial', reason: 'Elb.RegistrationInProgress' });
  });

  test('puts targets out of use when their zone leaves the load balancer', () => {
    const context = aContext();
    const { targetGroup, loadBalancerArn } = aTutorial(context);
    const target = registerTarget(context, targetGroup, instanceId, 8080);
    SetSubnets(context, { LoadBalancerArn: loadBalancerArn, Subnets: [subnetId('b'), subnetId('c')] });
    settle(context);
    expect(target).toMatchObject({ state: 'unused', reason: 'Target.NotInUse' });
    expect(target.description).toContain('Availability Zone that is not enabled');
  });

  test('says when the instance of a target stopped, and forgets the target with the instance', () => {
    const context = aContext();
    const { targetGroup } = aTutorial(context);
    const target = registerTarget(context, targetGroup, instanceId, 8080);
    const instance = context.world.instances[instanceId];
    if (instance) instance.state = 'stopped';
    settle(context);
    expect(target).toMatchObject({
      state: 'unused',
      reason: 'Target.InvalidState',
      description: 'Target is in the stopped state',
    });
    delete context.world.instances[instanceId];
    expect(settle(context).kinds).toEqual(['target-gone']);
  });

  test('never touches what the probes decided', () => {
    const context = aContext();
    const { targetGroup } = aTutorial(context);
    const target = registerTarget(context, targetGroup, instanceId, 8080);
    target.state = 'healthy';
    expect(settle(context).kinds).toEqual([]);
  });
});

describe('targets', () => {
  test('registered twice stay as they are; registered while draining come back', () => {
    const context = aContext();
    const { targetGroup } = aTutorial(context);
    const target = registerTarget(context, targetGroup, instanceId, 8080);
    target.state = 'healthy';
    expect(registerTarget(context, targetGroup, instanceId, 8080)).toBe(target);
    deregisterTarget(context, targetGroup, instanceId, 8080);
    expect(registerTarget(context, targetGroup, instanceId, 8080)).toMatchObject({ state: 'initial' });
    expect(targetGroup.targets[`${instanceId}:8080`]?.drainsUntil).toBeUndefined();
  });

  test('deregistered twice keep the first end; with no delay, or out of use, they go at once', () => {
    const context = aContext();
    const { targetGroup } = aTutorial(context);
    registerTarget(context, targetGroup, instanceId, 8080);
    deregisterTarget(context, targetGroup, instanceId, 8080);
    const until = targetGroup.targets[`${instanceId}:8080`]?.drainsUntil;
    deregisterTarget({ ...context, now: context.now + 50 }, targetGroup, instanceId, 8080);
    expect(targetGroup.targets[`${instanceId}:8080`]?.drainsUntil).toBe(until);
    targetGroup.attributes['deregistration_delay.timeout_seconds'] = '0';
    registerTarget(context, targetGroup, instanceId, 9090);
    deregisterTarget(context, targetGroup, instanceId, 9090);
    expect(Object.keys(targetGroup.targets)).toEqual([`${instanceId}:8080`]);
  });
});
