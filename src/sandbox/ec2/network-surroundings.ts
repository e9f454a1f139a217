// What surrounds the default VPC and never changes here: its attributes, its main route table, its internet gateway.
// Made up from the VPC itself; the world holds none of it.
import type {
  DescribeAddressesRequest,
  DescribeAddressesResult,
  DescribeInternetGatewaysRequest,
  DescribeInternetGatewaysResult,
  DescribeRouteTablesRequest,
  DescribeRouteTablesResult,
  DescribeVpcAttributeRequest,
  DescribeVpcAttributeResult,
  GetEbsEncryptionByDefaultRequest,
  GetEbsEncryptionByDefaultResult,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Vpc } from './records.ts';
import type { World } from '../world.ts';
import { refuseDryRun } from './dry-run.ts';
import { filterItems } from './filters.ts';
import { describeVpc } from './network.ts';
import { pageOf, refusePagingWithIds } from './paging.ts';

const suffix = (vpc: Vpc): string => vpc.vpcId.slice('vpc-'.length);
const routeTableIdOf = (vpc: Vpc): string => `rtb-${suffix(vpc)}`;
const gatewayIdOf = (vpc: Vpc): string => `igw-${suffix(vpc)}`;

/** The VPCs whose `idOf` is among the ids; all without ids. @throws AwsError `code` for an id of none. */
function named(world: World, ids: string[] = [], idOf: (vpc: Vpc) => string, code: string, what: string): Vpc[] {
  const all = Object.values(world.vpcs);
  if (ids.length === 0) return all;
  return ids.map((id) => {
    const found = all.find((vpc) => idOf(vpc) === id);
    if (found === undefined) throw new AwsError(code, `The ${what} ID '${id}' does not exist`);
    return found;
  });
}

/** One attribute a call, as AWS has it. A default VPC has DNS and host names. @throws AwsError `InvalidVpcID.NotFound`. */
export function DescribeVpcAttribute(
  { world }: Context,
  input: DescribeVpcAttributeRequest,
): DescribeVpcAttributeResult {
  const VpcId = describeVpc(world, input.VpcId ?? '').vpcId;
  refuseDryRun(input);
  switch (input.Attribute) {
    case 'enableDnsSupport':
      return { VpcId, EnableDnsSupport: { Value: true } };
    case 'enableDnsHostnames':
      return { VpcId, EnableDnsHostnames: { Value: true } };
    case 'enableNetworkAddressUsageMetrics':
      return { VpcId, EnableNetworkAddressUsageMetrics: { Value: false } };
    default:
      throw new AwsError(
        'InvalidParameterValue',
        `Value (${String(input.Attribute)}) for parameter attribute is invalid. Unknown attribute.`,
      );
  }
}

export function DescribeRouteTables({ world }: Context, input: DescribeRouteTablesRequest): DescribeRouteTablesResult {
  refuseDryRun(input);
  refusePagingWithIds(input, input.RouteTableIds, 'routeTableIds');
  const tables = named(world, input.RouteTableIds, routeTableIdOf, 'InvalidRouteTableID.NotFound', 'routeTable');
  const matching = filterItems(
    tables,
    input.Filters,
    {
      'association.main': () => true,
      'association.route-table-id': routeTableIdOf,
      // The main table counts for subnets without one of their own, but is associated with none of them.
      'association.subnet-id': () => undefined,
      'owner-id': () => world.account,
      'route-table-id': routeTableIdOf,
      'route.destination-cidr-block': (vpc) => [vpc.cidrBlock, '0.0.0.0/0'],
      'route.gateway-id': (vpc) => ['local', gatewayIdOf(vpc)],
      'route.state': () => 'active',
      'vpc-id': (vpc) => vpc.vpcId,
    },
    () => [],
  );
  const page = pageOf(matching, input, { key: routeTableIdOf, min: 5, max: 100 });
  return {
    RouteTables: page.items.map((vpc) => ({
      RouteTableId: routeTableIdOf(vpc),
      VpcId: vpc.vpcId,
      OwnerId: world.account,
      Associations: [
        {
          Main: true,
          RouteTableAssociationId: `rtbassoc-${suffix(vpc)}`,
          RouteTableId: routeTableIdOf(vpc),
          AssociationState: { State: 'associated' },
        },
      ],
      Routes: [
        { DestinationCidrBlock: vpc.cidrBlock, GatewayId: 'local', Origin: 'CreateRouteTable', State: 'active' },
        { DestinationCidrBlock: '0.0.0.0/0', GatewayId: gatewayIdOf(vpc), Origin: 'CreateRoute', State: 'active' },
      ],
      PropagatingVgws: [],
      Tags: [],
    })),
    NextToken: page.nextToken,
  };
}

export function DescribeInternetGateways(
  { world }: Context,
  input: DescribeInternetGatewaysRequest,
): DescribeInternetGatewaysResult {
  refuseDryRun(input);
  refusePagingWithIds(input, input.InternetGatewayIds, 'internetGatewayIds');
  const gateways = named(
    world,
    input.InternetGatewayIds,
    gatewayIdOf,
    'InvalidInternetGatewayID.NotFound',
    'internetGateway',
  );
  const matching = filterItems(
    gateways,
    input.Filters,
    {
      'attachment.state': () => 'available',
      'attachment.vpc-id': (vpc) => vpc.vpcId,
      'internet-gateway-id': gatewayIdOf,
      'owner-id': () => world.account,
    },
    () => [],
  );
  const page = pageOf(matching, input, { key: gatewayIdOf, min: 5, max: 1000 });
  return {
    InternetGateways: page.items.map((vpc) => ({
      InternetGatewayId: gatewayIdOf(vpc),
      OwnerId: world.account,
      // The SDK's type knows the states of other gateways only; an internet gateway's is this.
      Attachments: [{ VpcId: vpc.vpcId, State: 'available' as 'attached' }],
      Tags: [],
    })),
    NextToken: page.nextToken,
  };
}

/** There are never any elastic addresses: AllocateAddress is not offered. */
export function DescribeAddresses(_context: Context, input: DescribeAddressesRequest): DescribeAddressesResult {
  refuseDryRun(input);
  const [id] = input.AllocationIds ?? [];
  if (id !== undefined) throw new AwsError('InvalidAllocationID.NotFound', `The allocation ID '${id}' does not exist`);
  const [ip] = input.PublicIps ?? [];
  if (ip !== undefined) throw new AwsError('InvalidAddress.NotFound', `Address '${ip}' not found.`);
  return { Addresses: [] };
}

export function GetEbsEncryptionByDefault(
  _context: Context,
  input: GetEbsEncryptionByDefaultRequest,
): GetEbsEncryptionByDefaultResult {
  refuseDryRun(input);
  return { EbsEncryptionByDefault: false, SseType: 'none' };
}
