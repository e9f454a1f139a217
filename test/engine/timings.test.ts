import { describe, expect, it } from 'vitest';
import { createTimeline } from '../../src/engine/timings.ts';

function aTimeline() {
  let now = 1_000;
  const timeline = createTimeline({ now: () => now, after: () => () => undefined });
  return { timeline, at: (ms: number) => (now = 1_000 + ms) };
}

describe('the timings of a run', () => {
  it('are the chain of waits that led to its end, through hand-overs, and the rest is its own', () => {
    const { timeline, at } = aTimeline();
    timeline.started('role', []);
    timeline.started('balancer', []);
    at(10);
    timeline.ended('role');
    timeline.started('instance', ['role']);
    at(20);
    timeline.handedOver('balancer');
    at(110);
    timeline.waited('instance', 'the agent', 1_010);
    timeline.ended('instance');
    timeline.started('service', ['instance', 'balancer']);
    at(150);
    timeline.waited('balancer', 'to be active', 1_020);
    timeline.ended('balancer');
    at(200);
    timeline.waited('service', 'to settle', 1_115);
    timeline.ended('service');
    at(204);
    expect(timeline.summary(1_000)).toEqual({
      totalMs: 204,
      chain: [
        { step: 'instance', what: 'the agent', ms: 100 },
        { step: 'service', what: 'to settle', ms: 85 },
      ],
      waitedMs: 185,
      ownMs: 19,
    });
  });

  it('count what one step waited for side by side once', () => {
    const { timeline, at } = aTimeline();
    timeline.started('groups', []);
    at(80);
    timeline.waited('groups', 'one', 1_000);
    at(90);
    timeline.waited('groups', 'other', 1_000);
    timeline.ended('groups');
    expect(timeline.summary(1_000)).toMatchObject({ chain: [{ what: 'other', ms: 90 }], ownMs: 0 });
  });

  it('are empty when nothing was waited for, and know steps that have not ended', () => {
    const { timeline, at } = aTimeline();
    expect(timeline.summary(1_000).chain).toEqual([]);
    timeline.started('network', []);
    at(5);
    expect(timeline.summary(1_000)).toEqual({ totalMs: 5, chain: [], waitedMs: 0, ownMs: 5 });
  });
});
