import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claim, demoTags, isOurs, isRemovable, tagValue, toEcsTags } from '../../src/aws/ownership.ts';

const resource = { type: 'AWS::ECS::Cluster', name: 'my-cluster', id: 'arn:cluster' };
const at = new Date('2026-11-22T00:00:00Z');

describe('tags', () => {
  it('are read in both spellings', () => {
    expect(tagValue([{ Key: 'a', Value: '1' }], 'a')).toBe('1');
    expect(tagValue([{ key: 'a', value: '1' }], 'a')).toBe('1');
    expect(tagValue([{ key: 'b', value: '1' }], 'a')).toBeUndefined();
    expect(tagValue(undefined, 'a')).toBeUndefined();
  });

  it('make a resource ours in either spelling, and nobody else’s', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,8}$/), fc.stringMatching(/^[a-z]{1,8}$/), (demo, other) => {
        expect(isOurs(demoTags(demo, at), demo)).toBe(true);
        expect(isOurs(toEcsTags(demoTags(demo, at)), demo)).toBe(true);
        expect(isOurs(demoTags(demo, at), other)).toBe(demo === other);
      }),
    );
  });
});

describe('claim', () => {
  it('lets the demo work on its own', () => {
    expect(claim({ ...resource, tags: demoTags('my', at) }, 'my', false)).toBe('ours');
  });

  it('refuses what carries no tag, naming it and --adopt', () => {
    const refused = (): unknown => claim({ ...resource, tags: [] }, 'my', false);
    expect(refused).toThrow(expect.objectContaining({ code: 'not-ours', exitCode: 4 }));
    expect(refused).toThrow(
      'AWS::ECS::Cluster "my-cluster" (arn:cluster) exists and does not carry the tag ecsdemo:demo=my',
    );
    expect(refused).toThrow(
      expect.objectContaining({
        suggestions: expect.arrayContaining([expect.objectContaining({ command: 'up', flags: { adopt: true } })]),
      }),
    );
  });

  it('takes over with --adopt what nobody has, never what another demo has', () => {
    expect(claim({ ...resource, tags: undefined }, 'my', true)).toBe('adopt');
    expect(() => claim({ ...resource, tags: demoTags('other', at) }, 'my', true)).toThrow(
      'belongs to the demo "other"',
    );
  });
});

describe('isRemovable', () => {
  it.each([
    [demoTags('my', at), false, true],
    [demoTags('my', at), true, true],
    [[], false, false],
    [[], true, true],
    [demoTags('other', at), true, false],
  ])('of %j with --adopt %s is %s', (tags, adopt, expected) => {
    expect(isRemovable(tags, 'my', adopt)).toBe(expected);
  });
});
