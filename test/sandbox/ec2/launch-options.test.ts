// What a launch asks for beside type, image and network is kept and shown, or refused with a sentence: never dropped.
import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { imagesOf } from '../../../src/sandbox/ec2/images.ts';
import { DescribeInstanceAttribute, ModifyInstanceAttribute } from '../../../src/sandbox/ec2/instance-attributes.ts';
import {
  DescribeInstanceCreditSpecifications,
  ModifyInstanceCreditSpecification,
} from '../../../src/sandbox/ec2/instance-credits.ts';
import { RebootInstances, StopInstances } from '../../../src/sandbox/ec2/instance-states.ts';
import { DescribeInstances, DescribeInstanceStatus, RunInstances } from '../../../src/sandbox/ec2/instances.ts';
import { MonitorInstances, UnmonitorInstances } from '../../../src/sandbox/ec2/monitoring.ts';
import { DescribeVolumes } from '../../../src/sandbox/ec2/volumes.ts';
import { aWorld, refusal } from './world-context.ts';
import type { TestWorld } from './world-context.ts';

const ImageId = imagesOf('us-east-1').find((image) => image.ecsOptimized && image.architecture === 'x86_64')?.imageId;

function launch({ context }: TestWorld, input: Partial<RunInstancesRequest> = {}): string {
  const made = RunInstances(context, { ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...input });
  return made.Instances?.[0]?.InstanceId ?? '';
}

const shown = ({ context }: TestWorld, id: string) =>
  DescribeInstances(context, { InstanceIds: [id] }).Reservations?.[0]?.Instances?.[0];

const volume = (Ebs: NonNullable<RunInstancesRequest['BlockDeviceMappings']>[number]['Ebs']) => ({
  BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs }],
});

describe('the root volume', () => {
  it.each([
    [{ Encrypted: true }, { Encrypted: true, VolumeType: 'gp3', Iops: 3000, Throughput: 125 }],
    [
      { VolumeType: 'gp2', VolumeSize: 50 },
      { VolumeType: 'gp2', Iops: 150 },
    ],
    [
      { VolumeType: 'gp3', Iops: 4000, Throughput: 250 },
      { VolumeType: 'gp3', Iops: 4000, Throughput: 250 },
    ],
    [
      { VolumeType: 'io2', Iops: 500 },
      { VolumeType: 'io2', Iops: 500 },
    ],
  ] as const)('keeps %j', (asked, kept) => {
    const world = aWorld();
    launch(world, volume(asked));
    expect(DescribeVolumes(world.context, {}).Volumes).toMatchObject([kept]);
  });

  it.each([
    [{ VolumeType: 'gp2', Iops: 3000 }, 'InvalidParameterCombination: The parameter iops is not supported for gp2'],
    [{ VolumeType: 'gp2', Throughput: 200 }, 'InvalidParameterCombination: The parameter throughput is not supported'],
    [{ VolumeType: 'io1' }, 'MissingParameter: The parameter iops must be specified'],
    [{ VolumeType: 'st1' }, 'InvalidParameterValue: Volume type st1 cannot be used for the root device.'],
    [{ KmsKeyId: 'k' }, 'UnsupportedOperation: The sandbox has one volume per instance'],
  ] as const)('refuses %j', (asked, words) => {
    expect(refusal(() => launch(aWorld(), volume(asked)))).toContain(words);
  });
});

describe('other options', () => {
  it.each([
    [{ CpuOptions: { CoreCount: 1, ThreadsPerCore: 1 } }, 'this CpuOptions in RunInstances: an instance has all cores'],
    [{ HibernationOptions: { Configured: true } }, 'this HibernationOptions in RunInstances; leave it out'],
    [{ Placement: { Tenancy: 'dedicated' } }, 'this Placement in RunInstances: only AvailabilityZone'],
    [
      { LaunchTemplate: { LaunchTemplateId: 'lt-1' } },
      'this LaunchTemplate in RunInstances: pass ImageId, InstanceType',
    ],
    [{ EnclaveOptions: { Enabled: true } }, 'this EnclaveOptions in RunInstances; leave it out'],
  ] as const)('refuses %j', (asked, words) => {
    expect(refusal(() => launch(aWorld(), asked as Partial<RunInstancesRequest>))).toContain(words);
  });

  it('takes those that say what would be so anyway', () => {
    const world = aWorld();
    const id = launch(world, {
      CpuOptions: { CoreCount: 1, ThreadsPerCore: 2 },
      HibernationOptions: { Configured: false },
      Placement: { Tenancy: 'default', AvailabilityZone: 'us-east-1a' },
      PrivateDnsNameOptions: { HostnameType: 'ip-name', EnableResourceNameDnsARecord: false },
    });
    expect(shown(world, id)?.CpuOptions).toEqual({ CoreCount: 1, ThreadsPerCore: 2 });
  });

  it('keeps stop protection, EBS optimisation and what the metadata shows', () => {
    const world = aWorld();
    const id = launch(world, {
      DisableApiStop: true,
      EbsOptimized: true,
      MetadataOptions: { InstanceMetadataTags: 'enabled' },
    });
    world.pass(15_000);
    expect(shown(world, id)).toMatchObject({
      EbsOptimized: true,
      MetadataOptions: { InstanceMetadataTags: 'enabled' },
    });
    const attribute = { InstanceId: id, Attribute: 'disableApiStop' } as const;
    expect(DescribeInstanceAttribute(world.context, attribute).DisableApiStop).toEqual({ Value: true });
    expect(refusal(() => StopInstances(world.context, { InstanceIds: [id] }))).toContain('may not be stopped');
    ModifyInstanceAttribute(world.context, { InstanceId: id, DisableApiStop: { Value: false } });
    expect(refusal(() => StopInstances(world.context, { InstanceIds: [id] }))).toBe('nothing');
  });
});

describe('of a running instance', () => {
  it('the credits are shown and changed', () => {
    const world = aWorld();
    const id = launch(world);
    const standard = launch(world, { CreditSpecification: { CpuCredits: 'standard' } });
    const other = launch(world, { InstanceType: 'm5.large' });
    const credits = (InstanceIds: string[]) =>
      DescribeInstanceCreditSpecifications(world.context, { InstanceIds }).InstanceCreditSpecifications;
    expect(credits([standard])).toEqual([{ InstanceId: standard, CpuCredits: 'standard' }]);
    expect(credits([])).toEqual([{ InstanceId: id, CpuCredits: 'unlimited' }]);
    expect(refusal(() => credits([other]))).toContain('is not a burstable performance instance');
    const InstanceCreditSpecifications = [id, other].map((InstanceId) => ({ InstanceId, CpuCredits: 'standard' }));
    const changed = ModifyInstanceCreditSpecification(world.context, {
      ClientToken: 'a',
      InstanceCreditSpecifications,
    });
    expect(changed.SuccessfulInstanceCreditSpecifications).toEqual([{ InstanceId: id }]);
    expect(changed.UnsuccessfulInstanceCreditSpecifications).toMatchObject([{ InstanceId: other }]);
    expect(credits([id])).toEqual([{ InstanceId: id, CpuCredits: 'standard' }]);
  });

  it('monitoring is switched', () => {
    const world = aWorld();
    const id = launch(world);
    MonitorInstances(world.context, { InstanceIds: [id] });
    expect(shown(world, id)?.Monitoring?.State).toBe('enabled');
    UnmonitorInstances(world.context, { InstanceIds: [id] });
    expect(shown(world, id)?.Monitoring?.State).toBe('disabled');
  });

  it('a reboot keeps it running and boots it anew', () => {
    const world = aWorld();
    const id = launch(world);
    const status = () =>
      DescribeInstanceStatus(world.context, { InstanceIds: [id] }).InstanceStatuses?.[0]?.InstanceStatus?.Status;
    world.pass(15_000);
    world.pass(75_000);
    const before = shown(world, id);
    RebootInstances(world.context, { InstanceIds: [id] });
    expect(status()).toBe('initializing');
    expect(shown(world, id)).toEqual(before);
    world.pass(75_000);
    expect(status()).toBe('ok');
  });
});
