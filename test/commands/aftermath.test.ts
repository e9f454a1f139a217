// What a run says of what it leaves behind.
import { describe, expect, it } from 'vitest';
import { watchAftermath } from '../../src/commands/aftermath.ts';
import type { EngineEvent } from '../../src/engine/types.ts';

const created: EngineEvent = {
  type: 'changed',
  step: 'alb',
  change: { step: 'alb', action: 'create', type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', name: 'my-elb' },
};
const started: EngineEvent = { type: 'step-started', step: 'alb', title: 'Load balancer', tutorialStep: 3 };
const costly = { costPerHour: 0.0512 };

function after(events: EngineEvent[], { billed = true, makes = true } = {}) {
  const aftermath = watchAftermath(
    () => billed,
    makes,
    () => [{ command: 'destroy' }],
  );
  for (const event of events) aftermath.take(event);
  return aftermath;
}

describe('after a failure', () => {
  it('what the run made is told, with what is known to cost', () => {
    expect(after([started, created]).left(costly)).toBe(
      'this run created 1 resource, kept for now: my-elb; what is known to be there costs about 0.05 USD per hour',
    );
    expect(after([started, created], { billed: false }).left(costly)).toMatch(/would cost about 0.05 USD .* on AWS$/);
  });

  it('what was there before is told too, by a run that was to make it', () => {
    expect(after([started]).left(costly)).toBe('what is known to be there costs about 0.05 USD per hour');
    expect(after([started], { makes: false }).left(costly)).toBeUndefined();
  });

  it('nothing is told of what was not looked at, or is not there', () => {
    expect(after([]).left(costly)).toBeUndefined();
    expect(after([started]).left({ costPerHour: 0 })).toBeUndefined();
    expect(after([started, created]).left(undefined)).toBeUndefined();
  });
});

it('an interruption tells the same, and what AWS had not answered', () => {
  const given: EngineEvent = {
    type: 'call',
    service: 'ecs',
    operation: 'CreateService',
    durationMs: 1,
    unanswered: true,
  };
  expect(after([started, created, given]).interrupted(costly)).toMatchObject({
    code: 'interrupted',
    message:
      'interrupted; this run created 1 resource, kept for now: my-elb; AWS had not answered CreateService, which may or may not have been made; what is known to be there costs about 0.05 USD per hour',
    suggestions: [{ command: 'destroy' }],
  });
});
