// The machine images of the sandbox and the SSM parameters that lead to them; DescribeImages.
// The same in every sandbox of a region; the world holds none of it.
import { createHash } from 'node:crypto';
import type { DescribeImagesRequest, DescribeImagesResult, Image } from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import { refuseDryRun } from './dry-run.ts';
import { filterItems } from './filters.ts';
import type { Architecture } from './instance-types.ts';
import { pageOf } from './paging.ts';

export interface MachineImage {
  imageId: string;
  name: string;
  description: string;
  architecture: Architecture;
  ecsOptimized: boolean;
  rootGib: number;
  creationDate: string;
  /** The public parameters whose value is this image's id. */
  parameterNames: string[];
  agentVersion?: string;
  dockerVersion?: string;
  osName: string;
  /** Does an instance ask for IMDSv2 unless its launch says otherwise? */
  imdsV2: boolean;
  volumeType: 'gp2' | 'gp3';
}

export const ecsAgentVersion = '1.108.1';
export const dockerVersion = '25.0.18';
const ecsRelease = '20261030';
const al2023Release = '2023.10.20261027.0';
const al2Release = '2.0.20261030';

/** Real ids differ per region: so do these, and they are the same on every run. */
function imageIdOf(region: string, name: string): string {
  return `ami-0${createHash('sha256').update(`${region}/${name}`).digest('hex').slice(0, 16)}`;
}

const architectures: { architecture: Architecture; folder: string }[] = [
  { architecture: 'x86_64', folder: '' },
  { architecture: 'arm64', folder: 'arm64/' },
];

const al2023 = { osName: 'Amazon Linux 2023', imdsV2: true, volumeType: 'gp3' } as const;
const al2 = { osName: 'Amazon Linux 2', imdsV2: false, volumeType: 'gp2' } as const;
const ecsOptimized = { ecsOptimized: true, rootGib: 30, agentVersion: ecsAgentVersion, dockerVersion } as const;
const plain = { ecsOptimized: false, rootGib: 8 } as const;

/** All images of a region: Amazon Linux 2023 and its forerunner, which many scripts still ask for. */
export function imagesOf(region: string): readonly MachineImage[] {
  // Asked at every change of the world, whenever an agent might come up or go.
  let images = imagesByRegion.get(region);
  if (images === undefined) imagesByRegion.set(region, (images = makeImages(region)));
  return images;
}

const imagesByRegion = new Map<string, readonly MachineImage[]>();

function makeImages(region: string): MachineImage[] {
  return architectures.flatMap(({ architecture, folder }) => {
    const images: Omit<MachineImage, 'imageId' | 'architecture'>[] = [
      {
        ...al2023,
        ...ecsOptimized,
        name: `al2023-ami-ecs-hvm-2023.0.${ecsRelease}-kernel-6.1-${architecture}`,
        description: `Amazon Linux AMI 2023.0.${ecsRelease} ${architecture} ECS HVM EBS`,
        creationDate: '2026-10-30T19:24:11.000Z',
        parameterNames: [`/aws/service/ecs/optimized-ami/amazon-linux-2023/${folder}recommended/image_id`],
      },
      {
        ...al2023,
        ...plain,
        name: `al2023-ami-${al2023Release}-kernel-6.1-${architecture}`,
        description: `Amazon Linux 2023 AMI ${al2023Release} ${architecture} HVM kernel-6.1`,
        creationDate: '2026-10-27T22:03:52.000Z',
        parameterNames: ['default', '6.1'].map(
          (kernel) => `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-${kernel}-${architecture}`,
        ),
      },
      {
        ...al2,
        ...ecsOptimized,
        name: `amzn2-ami-ecs-hvm-${al2Release}-${architecture}-ebs`,
        description: `Amazon Linux AMI ${al2Release} ${architecture} ECS HVM GP2`,
        creationDate: '2026-10-30T19:31:40.000Z',
        parameterNames: [`/aws/service/ecs/optimized-ami/amazon-linux-2/${folder}recommended/image_id`],
      },
      {
        ...al2,
        ...plain,
        name: `amzn2-ami-hvm-${al2Release}.0-${architecture}-gp2`,
        description: `Amazon Linux 2 AMI ${al2Release}.0 ${architecture} HVM gp2`,
        creationDate: '2026-10-30T18:02:19.000Z',
        parameterNames: [`/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-${architecture}-gp2`],
      },
    ];
    return images.map((image) => ({ ...image, architecture, imageId: imageIdOf(region, image.name) }));
  });
}

/** The image with that id in the region; undefined when there is none. */
export function findImage(region: string, imageId: string): MachineImage | undefined {
  return imagesOf(region).find((image) => image.imageId === imageId);
}

function toImage(context: Context, image: MachineImage): Image {
  return {
    ImageId: image.imageId,
    Name: image.name,
    Description: image.description,
    Architecture: image.architecture,
    CreationDate: image.creationDate,
    ImageLocation: `amazon/${image.name}`,
    ImageType: 'machine',
    Public: true,
    OwnerId: '591542846629',
    ImageOwnerAlias: 'amazon',
    PlatformDetails: 'Linux/UNIX',
    UsageOperation: 'RunInstances',
    State: 'available',
    RootDeviceName: '/dev/xvda',
    RootDeviceType: 'ebs',
    SriovNetSupport: 'simple',
    EnaSupport: true,
    Hypervisor: 'xen',
    VirtualizationType: 'hvm',
    BootMode: image.architecture === 'arm64' ? 'uefi' : 'uefi-preferred',
    ...(image.imdsV2 && { ImdsSupport: 'v2.0' as const }),
    BlockDeviceMappings: [
      {
        DeviceName: '/dev/xvda',
        Ebs: {
          DeleteOnTermination: true,
          SnapshotId: `snap-0${createHash('sha256').update(image.imageId).digest('hex').slice(0, 16)}`,
          VolumeSize: image.rootGib,
          VolumeType: image.volumeType,
          ...(image.volumeType === 'gp3' && { Iops: 3000, Throughput: 125 }),
          Encrypted: false,
        },
      },
    ],
    Tags: [],
    ProductCodes: [],
    DeprecationTime: new Date(context.now + 2 * 365 * 86_400_000).toISOString(),
  };
}

/**
 * The image a RunInstances or DescribeImages names.
 * @throws AwsError `InvalidAMIID.Malformed`, `InvalidAMIID.NotFound`.
 */
export function describeImage(region: string, imageId: string): MachineImage {
  if (!imageId.startsWith('ami-'))
    throw new AwsError('InvalidAMIID.Malformed', `Invalid id: "${imageId}" (expecting "ami-...")`);
  const image = findImage(region, imageId);
  if (image === undefined) throw new AwsError('InvalidAMIID.NotFound', `The image id '[${imageId}]' does not exist`);
  return image;
}

export function DescribeImages(context: Context, input: DescribeImagesRequest): DescribeImagesResult {
  const { region } = context.world;
  refuseDryRun(input);
  const named = (input.ImageIds ?? []).map((imageId) => describeImage(region, imageId));
  const owners = input.Owners ?? [];
  const known = named.length > 0 ? named : imagesOf(region);
  const owned =
    owners.length === 0 || owners.some((owner) => owner === 'amazon' || owner === '591542846629') ? known : [];
  const images = filterItems(
    owned.map((image) => toImage(context, image)),
    input.Filters,
    {
      architecture: (image) => image.Architecture,
      'creation-date': (image) => image.CreationDate,
      description: (image) => image.Description,
      hypervisor: (image) => image.Hypervisor,
      'image-id': (image) => image.ImageId,
      'image-type': (image) => image.ImageType,
      'is-public': (image) => String(image.Public),
      name: (image) => image.Name,
      'owner-alias': (image) => image.ImageOwnerAlias,
      'owner-id': (image) => image.OwnerId,
      'root-device-name': (image) => image.RootDeviceName,
      'root-device-type': (image) => image.RootDeviceType,
      state: (image) => image.State,
      'virtualization-type': (image) => image.VirtualizationType,
    },
  );
  const page = pageOf(images, input, { key: (image) => image.ImageId ?? '', min: 1, max: 1000 });
  return { Images: page.items, NextToken: page.nextToken };
}
