// The options of a launch beside type, image and network: those that are kept and shown, and those that the sandbox does
// not play, which are refused with a sentence rather than dropped. Values that say what would be so anyway are taken.
import type { EbsBlockDevice, RunInstancesRequest } from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Instance } from './records.ts';
import type { MachineImage } from './images.ts';
import { defaultCpuOptions, type InstanceType } from './instance-types.ts';

type Option = keyof RunInstancesRequest;

/** In what is sent, is nothing said but what would be so anyway? A member that `usual` does not have is something else. */
function saysOnly(value: unknown, usual: Record<string, unknown>): boolean {
  return Object.entries(value ?? {}).every(
    ([name, one]) => one === undefined || one === usual[name] || (Array.isArray(one) && one.length === 0),
  );
}

/** What takes their place. */
const instead: Partial<Record<Option, string>> = {
  LaunchTemplate: 'pass ImageId, InstanceType and the other options themselves',
  InstanceMarketOptions: 'there is no spot market here, leave it out for an on-demand instance',
  SecondaryInterfaces: 'an instance has one network interface here',
  Ipv6AddressCount: 'the default VPC has IPv4 only',
  Ipv6Addresses: 'the default VPC has IPv4 only',
  EnablePrimaryIpv6: 'the default VPC has IPv4 only',
  CpuOptions: 'an instance has all cores and threads of its type here',
  Placement: 'only AvailabilityZone and the default tenancy are offered',
};

/** @throws AwsError `UnsupportedOperation` naming the option and what to do without it. */
export function refuseUnplayed(input: RunInstancesRequest, type: InstanceType): void {
  const { AvailabilityZone: _zone, AvailabilityZoneId: _zoneId, ...placement } = input.Placement ?? {};
  const offered: Partial<Record<Option, boolean>> = {
    LaunchTemplate: input.LaunchTemplate === undefined,
    InstanceMarketOptions: input.InstanceMarketOptions === undefined,
    SecondaryInterfaces: !input.SecondaryInterfaces?.length,
    Ipv6AddressCount: !input.Ipv6AddressCount,
    Ipv6Addresses: !input.Ipv6Addresses?.length,
    EnablePrimaryIpv6: !input.EnablePrimaryIpv6,
    KernelId: input.KernelId === undefined,
    RamdiskId: input.RamdiskId === undefined,
    ElasticGpuSpecification: !input.ElasticGpuSpecification?.length,
    ElasticInferenceAccelerators: !input.ElasticInferenceAccelerators?.length,
    LicenseSpecifications: !input.LicenseSpecifications?.length,
    NetworkPerformanceOptions: saysOnly(input.NetworkPerformanceOptions, { BandwidthWeighting: 'default' }),
    CpuOptions: saysOnly(input.CpuOptions, defaultCpuOptions(type)),
    HibernationOptions: saysOnly(input.HibernationOptions, { Configured: false }),
    EnclaveOptions: saysOnly(input.EnclaveOptions, { Enabled: false }),
    MaintenanceOptions: saysOnly(input.MaintenanceOptions, { AutoRecovery: 'default' }),
    CapacityReservationSpecification: saysOnly(input.CapacityReservationSpecification, {
      CapacityReservationPreference: 'open',
    }),
    PrivateDnsNameOptions: saysOnly(input.PrivateDnsNameOptions, {
      HostnameType: 'ip-name',
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    }),
    Placement: saysOnly(placement, { Tenancy: 'default', GroupName: '' }),
  };
  for (const [option, isOffered] of Object.entries(offered)) {
    if (isOffered) continue;
    const hint = instead[option as Option];
    throw new AwsError(
      'UnsupportedOperation',
      `The ecsdemo sandbox does not offer this ${option} in RunInstances${hint === undefined ? '; leave it out' : `: ${hint}`}.`,
    );
  }
}

/** What the image and the account give where the launch does not say: AL2023 asks for IMDSv2 (aws-facts §1.10). */
export function checkMetadataOptions(
  options: RunInstancesRequest['MetadataOptions'],
  { imdsV2 }: Pick<MachineImage, 'imdsV2'>,
): Instance['metadataOptions'] {
  const {
    HttpEndpoint: httpEndpoint = 'enabled',
    HttpTokens: httpTokens = imdsV2 ? 'required' : 'optional',
    HttpPutResponseHopLimit: hops = imdsV2 ? 2 : 1,
    HttpProtocolIpv6: httpProtocolIpv6,
    InstanceMetadataTags: instanceMetadataTags,
  } = options ?? {};
  const refuse = (parameter: string, value: string): never => {
    throw new AwsError('InvalidParameterValue', `Value (${value}) for parameter ${parameter} is invalid.`);
  };
  if (!['enabled', 'disabled'].includes(httpEndpoint)) refuse('MetadataOptions.HttpEndpoint', httpEndpoint);
  if (!['optional', 'required'].includes(httpTokens)) refuse('MetadataOptions.HttpTokens', httpTokens);
  if (hops < 1 || hops > 64) refuse('MetadataOptions.HttpPutResponseHopLimit', String(hops));
  const switches = ['enabled', 'disabled', undefined];
  if (!switches.includes(httpProtocolIpv6)) refuse('MetadataOptions.HttpProtocolIpv6', String(httpProtocolIpv6));
  if (!switches.includes(instanceMetadataTags))
    refuse('MetadataOptions.InstanceMetadataTags', String(instanceMetadataTags));
  return {
    httpEndpoint,
    httpTokens,
    httpPutResponseHopLimit: hops,
    ...(httpProtocolIpv6 !== undefined && { httpProtocolIpv6 }),
    ...(instanceMetadataTags !== undefined && { instanceMetadataTags }),
  };
}

type RootVolume = Pick<
  Instance,
  'volumeSizeGib' | 'volumeType' | 'volumeIops' | 'volumeThroughput' | 'volumeEncrypted'
>;

/** The root volume where the launch changes the image's. @throws AwsError `InvalidBlockDeviceMapping`, `UnsupportedOperation`. */
export function checkRootVolume(input: RunInstancesRequest, image: MachineImage): RootVolume {
  const [mapping, ...others] = input.BlockDeviceMappings ?? [];
  if (mapping === undefined) return {};
  const { Ebs: ebs = {}, ...rest } = mapping;
  if (
    others.length > 0 ||
    !saysOnly(rest, { DeviceName: '/dev/xvda' }) ||
    ebs.DeleteOnTermination === false ||
    ebs.KmsKeyId !== undefined
  ) {
    throw new AwsError(
      'UnsupportedOperation',
      'The sandbox has one volume per instance, /dev/xvda, without a key of its own, and deletes it with the instance.',
    );
  }
  const { VolumeSize: size, VolumeType: type, Iops: iops, Throughput: throughput, Encrypted: encrypted } = ebs;
  if (size !== undefined && size < image.rootGib) {
    throw new AwsError(
      'InvalidBlockDeviceMapping',
      `Volume of size ${size}GB is smaller than snapshot, expect size >= ${image.rootGib}GB`,
    );
  }
  checkPerformance(ebs);
  return {
    ...(size !== undefined && { volumeSizeGib: size }),
    ...(type !== undefined && { volumeType: type }),
    ...(iops !== undefined && { volumeIops: iops }),
    ...(throughput !== undefined && { volumeThroughput: throughput }),
    ...(encrypted !== undefined && { volumeEncrypted: encrypted }),
  };
}

/** Lowest and highest Iops of the types that take a number; the others have what their size gives. */
const iopsOf: Record<string, [from: number, to: number]> = {
  gp3: [3000, 80_000],
  io1: [100, 64_000],
  io2: [100, 256_000],
};

/** @throws AwsError `InvalidParameterCombination`, `InvalidParameterValue`, `MissingParameter`. */
function checkPerformance({ VolumeType: type = 'gp3', Iops: iops, Throughput: throughput }: EbsBlockDevice): void {
  if (!['gp2', 'gp3', 'io1', 'io2', 'standard'].includes(type)) {
    throw new AwsError(
      'InvalidParameterValue',
      ['st1', 'sc1'].includes(type)
        ? `Volume type ${type} cannot be used for the root device.`
        : `Value (${type}) for parameter volumeType is invalid.`,
    );
  }
  const range = iopsOf[type];
  if (iops !== undefined && range === undefined)
    throw new AwsError('InvalidParameterCombination', `The parameter iops is not supported for ${type} volumes.`);
  if (iops === undefined && type.startsWith('io'))
    throw new AwsError('MissingParameter', `The parameter iops must be specified for ${type} volumes.`);
  if (iops !== undefined && range !== undefined && (iops < range[0] || iops > range[1])) {
    throw new AwsError(
      'InvalidParameterValue',
      `Volume iops of ${iops} is invalid; it must be between ${range[0]} and ${range[1]} for ${type}.`,
    );
  }
  if (throughput === undefined) return;
  if (type !== 'gp3')
    throw new AwsError('InvalidParameterCombination', `The parameter throughput is not supported for ${type} volumes.`);
  if (throughput < 125 || throughput > 2000)
    throw new AwsError(
      'InvalidParameterValue',
      `Throughput of ${throughput} is invalid; it must be between 125 and 2000 for gp3.`,
    );
}
