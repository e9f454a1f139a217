import { describe, expect, it, test } from 'vitest';
import {
  DescribeAddresses,
  DescribeInternetGateways,
  DescribeRouteTables,
  DescribeVpcAttribute,
  GetEbsEncryptionByDefault,
} from '../../../src/sandbox/ec2/network-surroundings.ts';
import { DescribeInstanceTypes } from '../../../src/sandbox/ec2/type-offerings.ts';
import { DescribeVolumes } from '../../../src/sandbox/ec2/volumes.ts';
import { DescribeInstances } from '../../../src/sandbox/ec2/instances.ts';
import { aWorld, refusal } from './world-context.ts';

describe('the default VPC', () => {
  it('has the attributes of a default one', () => {
    const { context, vpcId: VpcId } = aWorld();
    expect(DescribeVpcAttribute(context, { VpcId, Attribute: 'enableDnsHostnames' })).toEqual({
      VpcId,
      EnableDnsHostnames: { Value: true },
    });
    expect(refusal(() => DescribeVpcAttribute(context, { VpcId: 'vpc-1', Attribute: 'enableDnsSupport' }))).toContain(
      'InvalidVpcID.NotFound',
    );
  });

  it('has a main route table that leads to its internet gateway', () => {
    const { context, vpcId } = aWorld();
    const Filters = [
      { Name: 'vpc-id', Values: [vpcId] },
      { Name: 'association.main', Values: ['true'] },
    ];
    const [table] = DescribeRouteTables(context, { Filters }).RouteTables ?? [];
    const attached = { Filters: [{ Name: 'attachment.vpc-id', Values: [vpcId] }] };
    const [gateway] = DescribeInternetGateways(context, attached).InternetGateways ?? [];
    expect(table?.Routes?.map((route) => route.GatewayId)).toEqual(['local', gateway?.InternetGatewayId]);
    expect(refusal(() => DescribeRouteTables(context, { RouteTableIds: ['rtb-1'] }))).toContain(
      'InvalidRouteTableID.NotFound',
    );
  });

  it('has no elastic addresses, and no encryption that nobody asked for', () => {
    const { context } = aWorld();
    expect(DescribeAddresses(context, {})).toEqual({ Addresses: [] });
    expect(GetEbsEncryptionByDefault(context, {}).EbsEncryptionByDefault).toBe(false);
  });
});

test('volumes take the page size that the AWS CLI always sends, and larger ones; instances refuse them', () => {
  const { context } = aWorld();
  expect(DescribeVolumes(context, { MaxResults: 1000 })).toEqual({ Volumes: [] });
  expect(DescribeVolumes(context, { MaxResults: 5000 })).toEqual({ Volumes: [] });
  expect(refusal(() => DescribeVolumes(context, { MaxResults: 4 }))).toContain('between 5 and 1000');
  expect(refusal(() => DescribeInstances(context, { MaxResults: 1001 }))).toContain('between 5 and 1000');
});

test('a type says all that Terraform reads of it', () => {
  const [type] = DescribeInstanceTypes(aWorld().context, { InstanceTypes: ['t3.micro'] }).InstanceTypes ?? [];
  expect(type).toMatchObject({
    EbsInfo: { EncryptionSupport: 'supported' },
    NetworkInfo: { MaximumNetworkInterfaces: 2, Ipv4AddressesPerInterface: 2 },
    PlacementGroupInfo: { SupportedStrategies: ['partition', 'spread'] },
    VCpuInfo: { ValidCores: [1], ValidThreadsPerCore: [1, 2] },
  });
});
