// What holds of every chapter there is.
import { describe, expect, it } from 'vitest';
import { chapters } from '../../src/chapters/all.ts';
import { isAdoptable, isExclusive } from '../../src/resources/resource.ts';

describe.each(chapters.map((entry) => [entry.outline.id, entry] as const))('%s', (_, { outline, load }) => {
  it('does the steps of its outline, and the proof comes last', async () => {
    const { resources, proof } = await load();
    const steps = [...resources, proof].map(({ id, title, tutorialStep }) => ({ id, title, tutorialStep }));
    expect(steps).toEqual(outline.steps.map(({ id, title, tutorialStep }) => ({ id, title, tutorialStep })));
  });

  it('needs only steps of its own', async () => {
    const { resources, proof } = await load();
    const ids = outline.steps.map(({ id }) => id);
    expect([...resources, proof].flatMap(({ needs }) => needs).filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('names what it makes within the limits of AWS, also for the longest demo name', async () => {
    const { names } = await load();
    const all = Object.entries(names('a'.repeat(19)));
    expect(all.length).toBeGreaterThan(0);
    for (const [type, found] of all) {
      const limit = type.startsWith('AWS::ElasticLoadBalancingV2') ? 32 : 64;
      expect(found.filter((name) => name.length > limit)).toEqual([]);
    }
  });
});

it('has ids that tell the chapters apart', () => {
  expect(new Set(chapters.map(({ outline }) => outline.id)).size).toBe(chapters.length);
});

it.each([
  ['AWS::EC2::VPC', false, false],
  ['AWS::IAM::Role', false, false],
  ['AWS::ECS::TaskDefinition', true, false],
  ['AWS::ECS::Cluster', true, true],
])('%s: adoptable %s, exclusive %s', (type, adoptable, exclusive) => {
  expect([isAdoptable(type), isExclusive(type)]).toEqual([adoptable, exclusive]);
});
