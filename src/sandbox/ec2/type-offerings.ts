// DescribeInstanceTypes and DescribeInstanceTypeOfferings, over the table of types.
import type {
  DescribeInstanceTypeOfferingsRequest,
  DescribeInstanceTypeOfferingsResult,
  DescribeInstanceTypesRequest,
  DescribeInstanceTypesResult,
  InstanceTypeInfo,
  InstanceTypeOffering,
  _InstanceType,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import { refuseDryRun } from './dry-run.ts';
import { filterItems } from './filters.ts';
import { defaultCpuOptions, findInstanceType, instanceTypes, zonesOffering } from './instance-types.ts';
import type { InstanceType } from './instance-types.ts';
import { pageOf, refusePagingWithIds } from './paging.ts';
import { zonesOf } from './regions.ts';

/** Addresses of each network interface, by size: the limits that AWS lists for the general-purpose families. */
function addressLimit(size: string): number {
  return { nano: 2, micro: 2, small: 4, medium: 6, large: 12 }[size] ?? 15;
}

function toInfo(type: InstanceType): InstanceTypeInfo {
  const { CoreCount: cores, ThreadsPerCore: threads } = defaultCpuOptions(type);
  const nitro = !['t2', 'm4'].includes(type.instanceType.split('.')[0] ?? '');
  const interfaces = type.networkInterfaces;
  const addresses = addressLimit(type.instanceType.split('.')[1] ?? '');
  return {
    // The SDK's union of names changes every week; ours are strings.
    InstanceType: type.instanceType as _InstanceType,
    CurrentGeneration: type.currentGeneration,
    FreeTierEligible: type.instanceType === 't2.micro' || type.instanceType === 't3.micro',
    SupportedUsageClasses: ['on-demand', 'spot'],
    SupportedRootDeviceTypes: ['ebs'],
    SupportedVirtualizationTypes: ['hvm'],
    BareMetal: false,
    Hypervisor: nitro ? 'nitro' : 'xen',
    EbsInfo: {
      EbsOptimizedSupport: nitro ? 'default' : 'unsupported',
      EncryptionSupport: 'supported',
      NvmeSupport: nitro ? 'required' : 'unsupported',
    },
    NetworkInfo: {
      NetworkPerformance: nitro ? 'Up to 5 Gigabit' : 'Low to Moderate',
      MaximumNetworkCards: 1,
      DefaultNetworkCardIndex: 0,
      MaximumNetworkInterfaces: interfaces,
      Ipv4AddressesPerInterface: addresses,
      Ipv6AddressesPerInterface: addresses,
      Ipv6Supported: true,
      EnaSupport: nitro ? 'required' : 'unsupported',
      EfaSupported: false,
      EncryptionInTransitSupported: false,
      EnaSrdSupported: false,
      NetworkCards: [
        {
          NetworkCardIndex: 0,
          NetworkPerformance: nitro ? 'Up to 5 Gigabit' : 'Low to Moderate',
          MaximumNetworkInterfaces: interfaces,
        },
      ],
    },
    PlacementGroupInfo: {
      SupportedStrategies: type.burstable ? ['partition', 'spread'] : ['cluster', 'partition', 'spread'],
    },
    NitroEnclavesSupport: 'unsupported',
    NitroTpmSupport: 'unsupported',
    ProcessorInfo: { SupportedArchitectures: [type.architecture], SustainedClockSpeedInGhz: type.clockGhz },
    VCpuInfo: {
      DefaultVCpus: type.vcpus,
      DefaultCores: cores,
      DefaultThreadsPerCore: threads,
      ValidCores: [cores],
      ValidThreadsPerCore: threads === 1 ? [1] : [1, 2],
    },
    MemoryInfo: { SizeInMiB: type.nominalMiB },
    InstanceStorageSupported: false,
    BurstablePerformanceSupported: type.burstable,
    DedicatedHostsSupported: !type.burstable,
    AutoRecoverySupported: true,
    HibernationSupported: false,
    SupportedBootModes: type.architecture === 'arm64' ? ['uefi'] : ['legacy-bios', 'uefi'],
  };
}

export function DescribeInstanceTypes(
  _context: Context,
  input: DescribeInstanceTypesRequest,
): DescribeInstanceTypesResult {
  refuseDryRun(input);
  refusePagingWithIds(input, input.InstanceTypes, 'instanceTypes');
  const named = input.InstanceTypes ?? [];
  const unknown = named.filter((name) => findInstanceType(name) === undefined);
  if (unknown.length > 0) {
    throw new AwsError(
      'InvalidInstanceType',
      `The following supplied instance types do not exist: [${unknown.join(', ')}]`,
    );
  }
  const types = named.length > 0 ? named.map(findInstanceType).filter((type) => type !== undefined) : instanceTypes;
  const matching = filterItems(types, input.Filters, {
    'bare-metal': () => false,
    'burstable-performance-supported': (type) => type.burstable,
    'current-generation': (type) => type.currentGeneration,
    'free-tier-eligible': (type) => toInfo(type).FreeTierEligible,
    hypervisor: (type) => toInfo(type).Hypervisor,
    'instance-type': (type) => type.instanceType,
    'memory-info.size-in-mib': (type) => type.nominalMiB,
    'processor-info.supported-architecture': (type) => type.architecture,
    'supported-root-device-type': () => 'ebs',
    'supported-usage-class': () => ['on-demand', 'spot'],
    'vcpu-info.default-vcpus': (type) => type.vcpus,
  });
  const page = pageOf(matching, input, { key: (type) => type.instanceType, min: 5, max: 100 });
  return { InstanceTypes: page.items.map(toInfo), NextToken: page.nextToken };
}

/** @throws AwsError `InvalidParameterValue` for a location type that AWS does not have. */
export function DescribeInstanceTypeOfferings(
  { world }: Context,
  input: DescribeInstanceTypeOfferingsRequest,
): DescribeInstanceTypeOfferingsResult {
  refuseDryRun(input);
  const locationType = input.LocationType ?? 'region';
  const zones = zonesOf(world.region);
  const locationsOf = (type: InstanceType): string[] => {
    // What a launch there would be refused for, the list does not promise.
    const without = world.faults?.['type-not-offered']?.zone;
    const names = zonesOffering(world.region, type).filter((zone) => without !== 'any' && zone !== without);
    switch (locationType) {
      case 'region':
        return [world.region];
      case 'availability-zone':
        return names;
      case 'availability-zone-id':
        return zones.filter((zone) => names.includes(zone.zoneName)).map((zone) => zone.zoneId);
      case 'outpost':
        return [];
      default:
        throw new AwsError(
          'InvalidParameterValue',
          `Value (${String(locationType)}) for parameter locationType is invalid.`,
        );
    }
  };
  const offerings = instanceTypes.flatMap((type) =>
    locationsOf(type).map((location): InstanceTypeOffering => ({
      InstanceType: type.instanceType as _InstanceType,
      LocationType: locationType,
      Location: location,
    })),
  );
  const matching = filterItems(offerings, input.Filters, {
    'instance-type': (offering) => offering.InstanceType,
    location: (offering) => offering.Location,
  });
  const page = pageOf(matching, input, {
    key: (one) => `${one.InstanceType ?? ''}@${one.Location ?? ''}`,
    min: 5,
    max: 1000,
  });
  return { InstanceTypeOfferings: page.items, NextToken: page.nextToken };
}
