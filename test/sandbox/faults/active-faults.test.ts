// Counting strikes and matching operations: pure. And the README's table, which is printed from the scenarios.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { count, fits, strike, switchOn, untilCleared } from '../../../src/sandbox/faults/active-faults.ts';
import { faultNames, scenarioOf } from '../../../src/sandbox/faults/scenarios.ts';
import { emptyWorld } from '../empty-world.ts';

describe('counting', () => {
  it('lets the first ones pass, strikes as often as it should, and is gone then', () => {
    const world = emptyWorld('123456789012', 'us-east-1');
    const fault = switchOn(world, { name: 'throttling', after: 2, times: 2 }, 0);
    expect([1, 2, 3, 4].map(() => count(world, fault))).toEqual([false, false, true, true]);
    expect(world.faults).toEqual({});
  });

  it('strikes without end with times 0, which counts as lasting', () => {
    const world = emptyWorld('123456789012', 'us-east-1');
    switchOn(world, { name: 'agent-disconnects', times: 0 }, 0);
    for (let index = 0; index < 5; index++) expect(strike(world, 'agent-disconnects')).toEqual({ lasting: true });
    expect(world.faults?.['agent-disconnects']).toMatchObject({ struck: 5 });
    expect(strike(world, 'cannot-pull')).toBeUndefined();
  });

  it('calls a strike that ends by itself not lasting', () => {
    const world = emptyWorld('123456789012', 'us-east-1');
    switchOn(world, { name: 'agent-disconnects', times: 1 }, 0);
    expect(strike(world, 'agent-disconnects')).toEqual({ lasting: false });
    expect(strike(world, 'agent-disconnects')).toBeUndefined();
  });

  it('survives being saved', () => {
    const world = emptyWorld('123456789012', 'us-east-1');
    switchOn(world, { name: 'throttling', operation: 'ecs:*' }, 7);
    expect(JSON.parse(JSON.stringify(world))).toEqual(world);
    expect(Number.isSafeInteger(JSON.parse(JSON.stringify(untilCleared)))).toBe(true);
  });
});

describe('patterns of operations', () => {
  it.each([
    ['*:*', 'ecs:CreateCluster', true],
    ['ecs:*', 'ec2:RunInstances', false],
    ['*:Describe*', 'ec2:DescribeVpcs', true],
    ['*:Describe*', 'ec2:RunInstances', false],
    ['ecs:CreateCluster', 'ecs:CreateClusters', false],
    ['changes', 'ecs:CreateCluster', true],
    ['changes', 'iam:GetRole', false],
    ['ecs:(a+)+$', 'ecs:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', false],
  ])('%s and %s: %s', (pattern, action, fit) => {
    expect(fits([pattern], action)).toBe(fit);
  });
});

describe('the table of faults', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

  it.each(faultNames)('%s is in the README with what it does', (name) => {
    expect(name).toMatch(/^[a-z]+(-[a-z0-9]+)*$/);
    expect(readme).toContain(`| \`${name}\` | ${scenarioOf(name).summary} |`);
  });
});
