import { describe, expect, it } from 'vitest';
import { instanceTypeOf, memoryForTasks, smallestType } from '../../../src/resources/ec2/instance-types.ts';
import { instanceTypes } from '../../../src/sandbox/ec2/instance-types.ts';

describe('the table of instance types', () => {
  it.each(instanceTypes.map((type) => [type.instanceType, type] as const))(
    'knows %s as the sandbox has it',
    (name, { vcpus, nominalMiB, registeredMiB, architecture }) => {
      const type = instanceTypeOf(name);
      expect(type).toMatchObject({ vcpus, mib: nominalMiB, architecture });
      const { atLeast, atMost } = type === undefined ? { atLeast: Number.NaN, atMost: 0 } : memoryForTasks(type);
      expect(registeredMiB).toBeGreaterThanOrEqual(atLeast);
      expect(registeredMiB).toBeLessThanOrEqual(atMost);
    },
  );

  it('advises the smallest of a current family', () => {
    expect(smallestType(({ mib }) => mib > 1024)).toBe('t3.small');
    expect(smallestType(({ architecture }) => architecture === 'arm64')).toBe('t4g.nano');
    expect(smallestType(({ gpus }) => gpus > 0)).toBe('g4dn.xlarge');
    expect(smallestType(({ mib }) => mib > 1e9)).toBeUndefined();
  });
});
