import { describe, expect, it } from 'vitest';
import { meets, subjectsOf } from '../../../src/resources/ecs/cluster-query.ts';

const known: Record<string, string[]> = {
  'attribute:ecs.instance-type': ['t3.micro'],
  'attribute:ecs.availability-zone': ['us-east-1a'],
  'attribute:stack': [],
  'attribute:disk': ['20'],
};
const valuesOf = (subject: string) => known[subject];

describe('an expression of the cluster query language', () => {
  it.each([
    ['attribute:ecs.instance-type == t3.micro', true],
    ['attribute:ecs.instance-type equals "t3.micro"', true],
    ['attribute:ecs.instance-type != t3.micro', false],
    ['attribute:ecs.instance-type =~ t2.*', false],
    ['attribute:ecs.instance-type =~ (t2|t3).*', true],
    ['attribute:ecs.instance-type !~ t2.*', true],
    ['attribute:ecs.availability-zone in [us-east-1a, us-east-1b]', true],
    ["attribute:ecs.availability-zone not_in ['us-east-1a']", false],
    ['attribute:stack exists', false],
    ['attribute:stack !exists', true],
    ['attribute:stack not_exists', true],
    ['attribute:stack == prod', false],
    ['attribute:stack != prod', true],
    ['attribute:disk >= 20', true],
    ['attribute:disk less_than 20', false],
    ['not(attribute:stack exists)', true],
    ['!(attribute:disk > 9)', false],
    ['attribute:stack exists or attribute:disk > 9', true],
    ['attribute:disk > 9 and (attribute:stack exists || attribute:disk < 9)', false],
    // Not known of this instance: it may be so.
    ['attribute:ecs.ami-id == ami-1', undefined],
    ['not(attribute:ecs.ami-id == ami-1)', undefined],
    ['attribute:ecs.ami-id exists and attribute:stack exists', false],
    ['attribute:ecs.ami-id exists and attribute:disk exists', undefined],
    ['attribute:ecs.ami-id exists or attribute:disk exists', true],
    // Not understood: ECS's to judge.
    ['', undefined],
    ['attribute:disk', undefined],
    ['attribute:disk ~~ 3', undefined],
    ['attribute:disk == ', undefined],
    ['attribute:disk =~ (', undefined],
    ['(attribute:disk == 20', undefined],
    ['attribute:disk == 20 attribute:disk == 20', undefined],
    ['nonsense == 20', undefined],
  ])('%s: %s', (expression, answer) => {
    expect(meets(expression, valuesOf)).toBe(answer);
  });

  it('names what it is about', () => {
    expect(subjectsOf('attribute:a == b and not(attribute:c exists or attribute:a == d)')).toEqual([
      'attribute:a',
      'attribute:c',
    ]);
  });
});
