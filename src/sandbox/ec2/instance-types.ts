// The instance types the sandbox offers: processors, memory, architecture and the zones that have them.
// A table and look-ups; knows nothing of instances.
import { zonesOf } from './regions.ts';

export type Architecture = 'x86_64' | 'arm64';

export interface InstanceType {
  instanceType: string;
  vcpus: number;
  /** As sold. */
  nominalMiB: number;
  /** As the kernel reports it, which is what the ECS agent registers (aws-facts §1.10). */
  registeredMiB: number;
  architecture: Architecture;
  burstable: boolean;
  /** False for the generations before Nitro, which are what the oldest zones still have. */
  currentGeneration: boolean;
  clockGhz: number;
  /** How many network interfaces an instance may have, its own included. */
  networkInterfaces: number;
}

const gib: Record<string, number> = {
  nano: 0.5,
  micro: 1,
  small: 2,
  medium: 4,
  large: 8,
  xlarge: 16,
  '2xlarge': 32,
};

/** EC2's limits ("maximum IP addresses per network interface"), by family where they differ from those of most. */
function interfacesOf(name: string, size: string): number {
  const own: Record<string, Record<string, number>> = {
    t2: { xlarge: 3, '2xlarge': 3 },
    t3a: { small: 2 },
    m4: { large: 2 },
    m6g: { medium: 2 },
    c6g: { medium: 2 },
  };
  return own[name]?.[size] ?? { nano: 2, micro: 2, small: 3, medium: 3, large: 3 }[size] ?? 4;
}

/** What firmware, the kernel and the crash kernel keep for themselves: a fixed part and about three per cent. */
function registered(nominalMiB: number): number {
  return Math.floor(nominalMiB * 0.969 - 68);
}

function family(
  name: string,
  sizes: Record<string, number>,
  rest: {
    architecture: Architecture;
    burstable: boolean;
    currentGeneration: boolean;
    clockGhz: number;
    gibFactor?: number;
  },
): InstanceType[] {
  const { gibFactor = 1, ...traits } = rest;
  return Object.entries(sizes).map(([size, vcpus]) => {
    const nominalMiB = (gib[size] ?? 1) * gibFactor * 1024;
    return {
      instanceType: `${name}.${size}`,
      vcpus,
      nominalMiB,
      registeredMiB: registered(nominalMiB),
      networkInterfaces: interfacesOf(name, size),
      ...traits,
    };
  });
}

const twoCores = { nano: 2, micro: 2, small: 2, medium: 2, large: 2, xlarge: 4, '2xlarge': 8 };
const fixedSizes = { large: 2, xlarge: 4, '2xlarge': 8 };
const intel = { architecture: 'x86_64', currentGeneration: true } as const;
const graviton = { architecture: 'arm64', currentGeneration: true } as const;

const table = new Map(
  [
    ...family(
      't2',
      { ...twoCores, nano: 1, micro: 1, small: 1 },
      { ...intel, currentGeneration: false, burstable: true, clockGhz: 2.5 },
    ),
    ...family('t3', twoCores, { ...intel, burstable: true, clockGhz: 2.5 }),
    ...family('t3a', twoCores, { ...intel, burstable: true, clockGhz: 2.2 }),
    ...family('t4g', twoCores, { ...graviton, burstable: true, clockGhz: 2.5 }),
    ...family('m4', fixedSizes, { ...intel, currentGeneration: false, burstable: false, clockGhz: 2.4 }),
    ...family('m5', fixedSizes, { ...intel, burstable: false, clockGhz: 3.1 }),
    ...family('m6i', fixedSizes, { ...intel, burstable: false, clockGhz: 3.5 }),
    ...family('m6g', { medium: 1, ...fixedSizes }, { ...graviton, burstable: false, clockGhz: 2.5 }),
    ...family('c5', fixedSizes, { ...intel, burstable: false, clockGhz: 3.4, gibFactor: 0.5 }),
    ...family('c6g', { medium: 1, ...fixedSizes }, { ...graviton, burstable: false, clockGhz: 2.5, gibFactor: 0.5 }),
    ...family('r5', fixedSizes, { ...intel, burstable: false, clockGhz: 3.1, gibFactor: 2 }),
  ].map((type) => [type.instanceType, type]),
);

export const instanceTypes: readonly InstanceType[] = [...table.values()];

/** The type named, e.g. 't3.micro'; undefined when the sandbox does not offer it. */
export function findInstanceType(name: string): InstanceType | undefined {
  return table.get(name);
}

/** Cores and threads as sold: two threads a core, but one on ARM and where there is a single vCPU. */
export function defaultCpuOptions({ architecture, vcpus }: InstanceType): {
  CoreCount: number;
  ThreadsPerCore: number;
} {
  const threads = architecture === 'arm64' || vcpus === 1 ? 1 : 2;
  return { CoreCount: vcpus / threads, ThreadsPerCore: threads };
}

/** The names of the zones of `region` that have the type. One zone of us-east-1 has old generations only (aws-facts §1.3). */
export function zonesOffering(region: string, type: InstanceType): string[] {
  return zonesOf(region)
    .filter((zone) => zone.zoneId !== 'use1-az3' || !type.currentGeneration)
    .map((zone) => zone.zoneName);
}
