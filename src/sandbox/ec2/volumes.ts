// DescribeVolumes: the root volume of each instance, which lives and dies with it.
import type { DescribeVolumesRequest, DescribeVolumesResult, Volume, VolumeType } from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Instance } from './records.ts';
import type { World } from '../world.ts';
import { refuseDryRun } from './dry-run.ts';
import { filterItems } from './filters.ts';
import { findImage } from './images.ts';
import { pageOf, refusePagingWithIds } from './paging.ts';
import { toApiTags } from './tag-rules.ts';

function sizeOf(world: World, instance: Instance): number {
  return instance.volumeSizeGib ?? findImage(world.region, instance.imageId)?.rootGib ?? 8;
}

function typeOf(world: World, instance: Instance): string {
  return instance.volumeType ?? findImage(world.region, instance.imageId)?.volumeType ?? 'gp3';
}

/** What AWS gives without being asked: gp3 always 3000, gp2 three for each GiB between 100 and 16 000. */
function defaultIops(type: string, sizeGib: number): number | undefined {
  if (type === 'gp3') return 3000;
  return type === 'gp2' ? Math.min(16_000, Math.max(100, 3 * sizeGib)) : undefined;
}

function toApiVolume(world: World, instance: Instance): Volume {
  const created = new Date(instance.launchedAt);
  const size = sizeOf(world, instance);
  const type = typeOf(world, instance);
  return {
    VolumeId: instance.volumeId,
    AvailabilityZone: instance.availabilityZone,
    CreateTime: created,
    Size: size,
    VolumeType: type as VolumeType,
    Iops: instance.volumeIops ?? defaultIops(type, size),
    ...(type === 'gp3' && { Throughput: instance.volumeThroughput ?? 125 }),
    Encrypted: instance.volumeEncrypted ?? false,
    MultiAttachEnabled: false,
    State: 'in-use',
    Attachments: [
      {
        VolumeId: instance.volumeId,
        InstanceId: instance.instanceId,
        Device: '/dev/xvda',
        State: 'attached',
        AttachTime: created,
        DeleteOnTermination: true,
      },
    ],
    Tags: toApiTags(instance.volumeTags),
  };
}

/** @throws AwsError `InvalidVolume.NotFound`. */
export function DescribeVolumes({ world }: Context, input: DescribeVolumesRequest): DescribeVolumesResult {
  refuseDryRun(input);
  refusePagingWithIds(input, input.VolumeIds, 'volumeSet');
  const all = Object.values(world.instances).filter((instance) => instance.state !== 'terminated');
  const named = (input.VolumeIds ?? []).map((volumeId) => {
    const found = all.find((instance) => instance.volumeId === volumeId);
    if (found === undefined) throw new AwsError('InvalidVolume.NotFound', `The volume '${volumeId}' does not exist.`);
    return found;
  });
  const matching = filterItems(
    named.length > 0 ? named : all,
    input.Filters,
    {
      'attachment.delete-on-termination': () => true,
      'attachment.device': () => '/dev/xvda',
      'attachment.instance-id': (instance) => instance.instanceId,
      'attachment.status': () => 'attached',
      'availability-zone': (instance) => instance.availabilityZone,
      encrypted: (instance) => instance.volumeEncrypted ?? false,
      size: (instance) => sizeOf(world, instance),
      status: () => 'in-use',
      'volume-id': (instance) => instance.volumeId,
      'volume-type': (instance) => typeOf(world, instance),
    },
    (instance) => instance.volumeTags,
  );
  const page = pageOf(matching, input, { key: (instance) => instance.volumeId, min: 5, max: 1000, clamps: true });
  return { Volumes: page.items.map((instance) => toApiVolume(world, instance)), NextToken: page.nextToken };
}
