import { RegisterTaskDefinitionRequest$ } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { findMisfit } from '../../src/document/schema-check.ts';

const within = (container: object): unknown => ({ containerDefinitions: [container] });

describe('findMisfit', () => {
  it.each([
    [
      within({ enviroment: [] }),
      ['containerDefinitions', 0, 'enviroment'],
      'has a member "enviroment" that ECS does not know; did you mean "environment"?',
    ],
    [
      within({ environment: { A: 'b' } }),
      ['containerDefinitions', 0, 'environment'],
      'has environment {…}, which is not a list',
    ],
    [
      within({ environment: [{ name: 1 }] }),
      ['containerDefinitions', 0, 'environment', 0, 'name'],
      'has name 1, which is not a text in quotes: write "1"',
    ],
    [
      within({ essential: 'yes' }),
      ['containerDefinitions', 0, 'essential'],
      'has essential "yes", which is not true or false',
    ],
    [
      within({ dockerLabels: { a: 1 } }),
      ['containerDefinitions', 0, 'dockerLabels', 'a'],
      'has a 1, which is not a text in quotes: write "1"',
    ],
    [{ volumes: 'x' }, ['volumes'], 'has volumes "x", which is not a list'],
    [{ toString: 1 }, ['toString'], 'has a member "toString" that ECS does not know'],
  ])('%j', (value, path, why) => {
    expect(findMisfit(value, RegisterTaskDefinitionRequest$)).toEqual({ path, why });
  });

  it('finds none where all fits, null being absent', () => {
    expect(
      findMisfit(
        { family: 'x', cpu: null, containerDefinitions: [{ dockerLabels: { a: 'b' } }] },
        RegisterTaskDefinitionRequest$,
      ),
    ).toBeUndefined();
  });
});
