// The images that scripts ask for, by parameter and by filter, and what a launch makes of the older ones.
import { expect, it } from 'vitest';
import { DescribeImages } from '../../../src/sandbox/ec2/images.ts';
import { DescribeInstances, RunInstances } from '../../../src/sandbox/ec2/instances.ts';
import { DescribeVolumes } from '../../../src/sandbox/ec2/volumes.ts';
import { GetParameter, GetParameters } from '../../../src/sandbox/ssm/parameters.ts';
import { aWorld } from './world-context.ts';

it.each([
  '/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id',
  '/aws/service/ecs/optimized-ami/amazon-linux-2/arm64/recommended/image_id',
  '/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2',
  '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64',
  '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
])('the parameter %s leads to an image', (Name) => {
  const { context } = aWorld();
  const imageId = GetParameter(context, { Name }).Parameter?.Value ?? '';
  expect(DescribeImages(context, { ImageIds: [imageId] }).Images).toHaveLength(1);
});

it("the document of AWS's own script names the image and its system", () => {
  const { context } = aWorld();
  const Names = ['/aws/service/ecs/optimized-ami/amazon-linux-2/recommended'];
  const [parameter] = GetParameters(context, { Names }).Parameters ?? [];
  expect(JSON.parse(parameter?.Value ?? '{}')).toMatchObject({
    os: 'Amazon Linux 2',
    image_name: expect.stringMatching(/^amzn2-ami-ecs-hvm-2\.0\.\d{8}-x86_64-ebs$/) as unknown,
    source_image_name: expect.stringMatching(/^amzn2-ami-minimal-hvm-2\.0\.\d{8}-x86_64-ebs$/) as unknown,
  });
});

it.each(['amzn2-ami-ecs-hvm-*-x86_64-ebs', 'amzn2-ami-hvm-*-x86_64-gp2', 'al2023-ami-2023.*-kernel-6.1-x86_64'])(
  'the name filter %s finds one',
  (name) => {
    const { context } = aWorld();
    const Filters = [{ Name: 'name', Values: [name] }];
    expect(DescribeImages(context, { Owners: ['amazon'], Filters }).Images).toHaveLength(1);
  },
);

it('an instance of Amazon Linux 2 has a gp2 volume and asks for no session token', () => {
  const { context } = aWorld();
  const ImageId = 'resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id';
  RunInstances(context, { ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 });
  const [instance] = DescribeInstances(context, {}).Reservations?.[0]?.Instances ?? [];
  expect(instance?.MetadataOptions).toMatchObject({ HttpTokens: 'optional', HttpPutResponseHopLimit: 1 });
  expect(DescribeVolumes(context, {}).Volumes).toMatchObject([{ VolumeType: 'gp2', Size: 30, Iops: 100 }]);
});
