// What instance types have: processors, memory, architecture, GPUs, network interfaces. A table as of November 2026, so that
// nobody has to be asked before anything is made; a type that is not in it is nothing that can be foretold.

export interface InstanceType {
  name: string;
  vcpus: number;
  /** As sold. */
  mib: number;
  /** As container instances say it. */
  architecture: 'x86_64' | 'arm64';
  gpus: number;
  /** Network interfaces it can have, its own included. */
  interfaces: number;
}

type Size = [size: string, vcpus: number, gib: number, interfaces: number];

function family(names: string, sizes: readonly Size[], architecture: InstanceType['architecture'], gpus = 0) {
  return names.split(' ').flatMap((name) =>
    sizes.map(([size, vcpus, gib, interfaces]): InstanceType => ({
      name: `${name}.${size}`,
      vcpus,
      mib: gib * 1024,
      architecture,
      gpus,
      interfaces,
    })),
  );
}

const burstable: Size[] = [
  ['nano', 2, 0.5, 2],
  ['micro', 2, 1, 2],
  ['small', 2, 2, 3],
  ['medium', 2, 4, 3],
  ['large', 2, 8, 3],
  ['xlarge', 4, 16, 4],
  ['2xlarge', 8, 32, 4],
];
/** @param gib for each vCPU */
const fixed = (gib: number): Size[] => [
  ['large', 2, 2 * gib, 3],
  ['xlarge', 4, 4 * gib, 4],
  ['2xlarge', 8, 8 * gib, 4],
  ['4xlarge', 16, 16 * gib, 8],
];
const larger = (gib: number): Size[] => [
  ['8xlarge', 32, 32 * gib, 8],
  ['12xlarge', 48, 48 * gib, 8],
  ['16xlarge', 64, 64 * gib, 15],
  ['24xlarge', 96, 96 * gib, 15],
];
const single = (gib: number): Size[] => [['medium', 1, gib, 2]];

/** In the order in which they are advised: within each, the smallest that will do. */
const table: readonly InstanceType[] = [
  ...family('t3', burstable, 'x86_64'),
  ...family('t4g', burstable, 'arm64'),
  ...family('m5 m6i m7i m6a m7a', [...fixed(4), ...larger(4)], 'x86_64'),
  ...family('m6g m7g m8g', [...single(4), ...fixed(4), ...larger(4).filter(([size]) => size !== '24xlarge')], 'arm64'),
  ...family('r5 r6i r7i', [...fixed(8), ...larger(8)], 'x86_64'),
  ...family('r6g r7g r8g', [...single(8), ...fixed(8), ...larger(8).filter(([size]) => size !== '24xlarge')], 'arm64'),
  ...family('c5a c6i c7i c6a c7a', [...fixed(2), ...larger(2)], 'x86_64'),
  ...family('c5', fixed(2), 'x86_64'),
  ...family('c6g c7g c8g', [...single(2), ...fixed(2), ...larger(2).filter(([size]) => size !== '24xlarge')], 'arm64'),
  ...family('g4dn', [['xlarge', 4, 16, 3], ['2xlarge', 8, 32, 3], ['4xlarge', 16, 64, 3]], 'x86_64', 1), // prettier-ignore
  ...family('g4dn', [['12xlarge', 48, 192, 8]], 'x86_64', 4),
  ...family(
    'g5',
    [
      ['xlarge', 4, 16, 4],
      ['2xlarge', 8, 32, 4],
      ['4xlarge', 16, 64, 8],
    ],
    'x86_64',
    1,
  ),
  ...family(
    'g5g',
    [
      ['xlarge', 4, 8, 4],
      ['2xlarge', 8, 16, 4],
    ],
    'arm64',
    1,
  ),
  ...family(
    't3a',
    burstable.map(([size, ...rest]): Size => (size === 'small' ? [size, 2, 2, 2] : [size, ...rest])),
    'x86_64',
  ),
  ...family(
    't2',
    [
      ['nano', 1, 0.5, 2],
      ['micro', 1, 1, 2],
      ['small', 1, 2, 3],
      ...burstable.slice(3, 5),
      ['xlarge', 4, 16, 3],
      ['2xlarge', 8, 32, 3],
    ],
    'x86_64',
  ),
  ...family(
    'm4',
    [
      ['large', 2, 8, 2],
      ['xlarge', 4, 16, 4],
      ['2xlarge', 8, 32, 4],
    ],
    'x86_64',
  ),
];

/** Undefined: it is not in the table. */
export function instanceTypeOf(name: string): InstanceType | undefined {
  return table.find((type) => type.name === name);
}

/** The smallest type, of the current families, that `does`; undefined: none in the table. */
export function smallestType(does: (type: InstanceType) => boolean): string | undefined {
  return table.find(does)?.name;
}

/**
 * What the kernel reports, and ECS registers, lies between these: exactly how much is known only of an instance that runs
 * (aws-facts §1.10). `t3.micro`: 872 to 993 MiB of 1024.
 */
export function memoryForTasks({ mib }: InstanceType): { atLeast: number; atMost: number } {
  return { atLeast: Math.floor(mib * 0.95 - 100), atMost: Math.floor(mib * 0.97) };
}
