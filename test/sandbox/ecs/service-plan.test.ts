// The arithmetic of rolling deployments, as properties.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakerThreshold, limitsOf, planService, type PlanTask } from '../../../src/sandbox/ecs/service-plan.ts';

const taskArbitrary = fc.record({ keep: fc.boolean(), state: fc.constantFrom('pending', 'healthy', 'failing') });
const tasksArbitrary = fc.array(taskArbitrary, { maxLength: 20 }).map((tasks) =>
  tasks.map(({ keep, state }, index): PlanTask => ({
    arn: `t${index}`,
    keep: keep && state !== 'failing',
    state: state,
  })),
);
const settings = fc.record({
  desired: fc.integer({ min: 0, max: 10 }),
  minimumHealthyPercent: fc.integer({ min: 0, max: 100 }),
  maximumPercent: fc.integer({ min: 100, max: 300 }),
  mayStart: fc.constant(true),
});

describe('one step', () => {
  it('never starts beyond the maximum and never stops healthy ones below the minimum', () => {
    fc.assert(
      fc.property(settings, tasksArbitrary, (input, tasks) => {
        const plan = planService(input, tasks);
        const { minimum, maximum } = limitsOf(input.desired, input.minimumHealthyPercent, input.maximumPercent);
        const stopped = new Set([...plan.stop, ...plan.dispensable]);
        expect(stopped.size).toBe(plan.stop.length + plan.dispensable.length);
        if (plan.start > 0) expect(tasks.length + plan.start).toBeLessThanOrEqual(maximum);
        const healthy = tasks.filter(({ state }) => state === 'healthy');
        const left = healthy.filter(({ arn }) => !stopped.has(arn)).length;
        if (left < healthy.length) expect(left).toBeGreaterThanOrEqual(Math.min(minimum, healthy.length));
      }),
    );
  });
});

describe('step after step', () => {
  /** Everything started becomes healthy before the next step. */
  function play(input: Parameters<typeof planService>[0], first: PlanTask[]): PlanTask[] {
    let tasks = first;
    for (let round = 0; round < 200; round++) {
      const plan = planService(input, tasks);
      if (plan.start === 0 && plan.stop.length === 0 && tasks.every(({ state }) => state !== 'pending')) return tasks;
      const fresh = Array.from({ length: plan.start }, (_, index): PlanTask => ({
        arn: `r${round}-${index}`,
        keep: true,
        state: 'pending',
      }));
      tasks = [...tasks.filter(({ arn }) => !plan.stop.includes(arn)), ...fresh].map((task) => ({
        ...task,
        state: task.state === 'pending' ? 'healthy' : task.state,
      }));
    }
    throw new Error('did not settle');
  }

  it('comes to the desired count of new tasks, unless the percentages leave no way', () => {
    fc.assert(
      fc.property(settings, tasksArbitrary, (input, tasks) => {
        const end = play(input, tasks);
        const plan = planService(input, end);
        if (plan.stuck) {
          const { minimum, maximum } = limitsOf(input.desired, input.minimumHealthyPercent, input.maximumPercent);
          expect(end.length).toBeGreaterThanOrEqual(maximum);
          expect(end.filter(({ state }) => state === 'healthy').length).toBeLessThanOrEqual(minimum);
        } else {
          expect(end.every(({ keep }) => keep)).toBe(true);
          expect(end).toHaveLength(input.desired);
        }
      }),
    );
  });
});

it.each([
  [1, undefined, 3],
  [100, undefined, 50],
  [1000, undefined, 200],
  [4, { type: 'COUNT', value: 2 }, 2],
  [10, { type: 'UNBOUNDED_PERCENT', value: 10 }, 1],
  [10, { type: 'BOUNDED_PERCENT', value: 10 }, 3],
])('breaks the circuit of %i tasks with %j at %i failures', (desired, setting, expected) => {
  expect(breakerThreshold(desired, setting)).toBe(expected);
});
