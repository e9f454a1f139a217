// Load balancers as the API shows them: made, found, changed, deleted. The sockets are the data plane's, the time they
// take to become active is schedule.ts's.
import type {
  CreateLoadBalancerInput,
  CreateLoadBalancerOutput,
  DeleteLoadBalancerInput,
  DeleteLoadBalancerOutput,
  DescribeLoadBalancerAttributesInput,
  DescribeLoadBalancerAttributesOutput,
  DescribeLoadBalancersInput,
  DescribeLoadBalancersOutput,
  LoadBalancer as LoadBalancerAnswer,
  ModifyLoadBalancerAttributesInput,
  ModifyLoadBalancerAttributesOutput,
  SetSecurityGroupsInput,
  SetSecurityGroupsOutput,
  SetSubnetsInput,
  SetSubnetsOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../aws-error.ts';
import { createLoadBalancerInterfaces, releaseLoadBalancerInterfaces } from '../ec2/load-balancer-interfaces.ts';
import type { Context } from '../handler.ts';
import type { LoadBalancer } from './records.ts';
import type { World } from '../world.ts';
import { checkedLoadBalancerAttributes, loadBalancerDefaults, toAttributes } from './attributes.ts';
import { checkEnum, checkName, invalid, toTags } from './checks.ts';
import { elbv2Arn, checkAtMostTwenty, describeLoadBalancer, listenersOf, pathOfArn } from './lookups.ts';
import { page } from './paging.ts';

/** Default quota of application load balancers in a region. */
const maxLoadBalancers = 50;

/** The Route 53 zone of the load balancers' names, where it is known. */
const hostedZones: Record<string, string> = {
  'us-east-1': 'Z35SXDOTRQ7X7K',
  'us-east-2': 'Z3AADJGX6KTTL2',
  'us-west-1': 'Z368ELLRRE2KJ0',
  'us-west-2': 'Z1H1FL5HABSF5',
  'eu-west-1': 'Z32O12XQLNTSW2',
  'eu-central-1': 'Z215JYRZR1TBD5',
};

export function CreateLoadBalancer(context: Context, input: CreateLoadBalancerInput): CreateLoadBalancerOutput {
  const { world, now, pace } = context;
  const name = input.Name ?? '';
  checkName('Load balancer', name);
  checkEnum('scheme', input.Scheme, ['internet-facing', 'internal']);
  checkEnum('type', input.Type, ['application', 'network', 'gateway']);
  checkEnum('ipAddressType', input.IpAddressType, ['ipv4', 'dualstack', 'dualstack-without-public-ipv4']);
  if (input.Type !== undefined && input.Type !== 'application') {
    throw invalid(`Type '${input.Type}': the sandbox offers application load balancers only`);
  }
  const tags = toTags(input.Tags);
  const { subnetIds, vpcId } = checkedSubnets(world, subnetsAsked(input));
  const securityGroupIds = checkedSecurityGroups(world, vpcId, input.SecurityGroups ?? []);
  const settings = {
    scheme: input.Scheme ?? 'internet-facing',
    ipAddressType: input.IpAddressType ?? 'ipv4',
    subnetIds,
    securityGroupIds,
  };

  const existing = Object.values(world.loadBalancers).find((candidate) => candidate.loadBalancerName === name);
  if (existing) {
    if (digestOf(existing) === digestOf(settings)) return { LoadBalancers: [toAnswer(context, existing)] };
    throw new AwsError(
      'DuplicateLoadBalancerName',
      `A load balancer with the same name '${name}' exists, but with different settings`,
    );
  }
  if (Object.keys(world.loadBalancers).length >= maxLoadBalancers) {
    throw new AwsError(
      'TooManyLoadBalancers',
      `The maximum number of load balancers has been reached: ${maxLoadBalancers}`,
    );
  }

  const localPort = context.reservePort();
  const loadBalancer: LoadBalancer = {
    loadBalancerArn: elbv2Arn(context, `loadbalancer/app/${name}/${context.ids.hex(16)}`),
    loadBalancerName: name,
    dnsName: `127.0.0.1:${localPort}`,
    localPort,
    type: 'application',
    vpcId,
    ...settings,
    state: 'provisioning',
    stateEndsAt: now + pace.of('loadBalancerProvisioning'),
    attributes: { ...loadBalancerDefaults },
    createdAt: now,
    tags,
  };
  world.loadBalancers[loadBalancer.loadBalancerArn] = loadBalancer;
  createLoadBalancerInterfaces(context, loadBalancer);
  return { LoadBalancers: [toAnswer(context, loadBalancer)] };
}

export function DescribeLoadBalancers(
  context: Context,
  input: DescribeLoadBalancersInput,
): DescribeLoadBalancersOutput {
  const { Names: names, LoadBalancerArns: arns } = input;
  checkAtMostTwenty('LoadBalancerArns', arns);
  if (names?.length && arns?.length)
    throw invalid('Load balancer names and load balancer ARNs cannot be specified at the same time');
  const all = Object.values(context.world.loadBalancers);
  const missing = [
    ...(names ?? []).filter((name) => !all.some((candidate) => candidate.loadBalancerName === name)),
    ...(arns ?? []).filter((arn) => {
      if (!pathOfArn(arn).startsWith('loadbalancer/')) throw invalid(`'${arn}' is not a valid load balancer ARN`);
      return !all.some((candidate) => candidate.loadBalancerArn === arn);
    }),
  ];
  if (missing.length > 0) {
    throw new AwsError('LoadBalancerNotFound', `Load balancers '[${missing.join(', ')}]' not found`);
  }
  const wanted = all.filter(
    (candidate) =>
      (!names?.length || names.includes(candidate.loadBalancerName)) &&
      (!arns?.length || arns.includes(candidate.loadBalancerArn)),
  );
  const { items, nextMarker } = page(wanted, (item) => item.loadBalancerArn, input);
  return { LoadBalancers: items.map((item) => toAnswer(context, item)), NextMarker: nextMarker };
}

/** Deleting what is gone succeeds. Listeners go with it; its network interfaces linger, as on AWS. */
export function DeleteLoadBalancer(context: Context, input: DeleteLoadBalancerInput): DeleteLoadBalancerOutput {
  const { world } = context;
  const arn = input.LoadBalancerArn ?? '';
  const loadBalancer = world.loadBalancers[arn];
  if (!loadBalancer) {
    if (!pathOfArn(arn).startsWith('loadbalancer/')) throw invalid(`'${arn}' is not a valid load balancer ARN`);
    return {};
  }
  if (loadBalancer.attributes['deletion_protection.enabled'] === 'true') {
    throw new AwsError(
      'OperationNotPermitted',
      `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
    );
  }
  for (const listener of listenersOf(world, arn)) delete world.listeners[listener.listenerArn];
  delete world.loadBalancers[arn];
  releaseLoadBalancerInterfaces(context, arn);
  return {};
}

export function DescribeLoadBalancerAttributes(
  context: Context,
  input: DescribeLoadBalancerAttributesInput,
): DescribeLoadBalancerAttributesOutput {
  const loadBalancer = describeLoadBalancer(context.world, input.LoadBalancerArn ?? '');
  return { Attributes: toAttributes(loadBalancer.attributes) };
}

export function ModifyLoadBalancerAttributes(
  context: Context,
  input: ModifyLoadBalancerAttributesInput,
): ModifyLoadBalancerAttributesOutput {
  const loadBalancer = describeLoadBalancer(context.world, input.LoadBalancerArn ?? '');
  const changed = { ...loadBalancer.attributes, ...checkedLoadBalancerAttributes(input.Attributes ?? []) };
  for (const kind of ['access_logs', 'connection_logs', 'health_check_logs']) {
    if (changed[`${kind}.s3.enabled`] === 'true' && changed[`${kind}.s3.bucket`] === '') {
      throw invalid(`The attribute '${kind}.s3.bucket' is required when '${kind}.s3.enabled' is 'true'`);
    }
  }
  loadBalancer.attributes = changed;
  return { Attributes: toAttributes(changed) };
}

export function SetSubnets(context: Context, input: SetSubnetsInput): SetSubnetsOutput {
  const { world } = context;
  const loadBalancer = describeLoadBalancer(world, input.LoadBalancerArn ?? '');
  checkEnum('ipAddressType', input.IpAddressType, ['ipv4', 'dualstack', 'dualstack-without-public-ipv4']);
  const { subnetIds, vpcId } = checkedSubnets(world, subnetsAsked(input));
  if (vpcId !== loadBalancer.vpcId) {
    throw new AwsError(
      'InvalidConfigurationRequest',
      `The subnets must be in the VPC '${loadBalancer.vpcId}' of the load balancer`,
    );
  }
  loadBalancer.subnetIds = subnetIds;
  if (input.IpAddressType !== undefined) loadBalancer.ipAddressType = input.IpAddressType;
  createLoadBalancerInterfaces(context, loadBalancer);
  return { AvailabilityZones: toZones(world, loadBalancer), IpAddressType: toIpAddressType(loadBalancer) };
}

export function SetSecurityGroups(context: Context, input: SetSecurityGroupsInput): SetSecurityGroupsOutput {
  const { world } = context;
  const loadBalancer = describeLoadBalancer(world, input.LoadBalancerArn ?? '');
  const asked = input.SecurityGroups ?? [];
  if (asked.length === 0) throw invalid('At least one security group must be specified');
  loadBalancer.securityGroupIds = checkedSecurityGroups(world, loadBalancer.vpcId, asked);
  createLoadBalancerInterfaces(context, loadBalancer);
  return { SecurityGroupIds: [...loadBalancer.securityGroupIds] };
}

function subnetsAsked(input: {
  Subnets?: string[] | undefined;
  SubnetMappings?: { SubnetId?: string | undefined }[] | undefined;
}): string[] {
  const { Subnets: subnets, SubnetMappings: mappings } = input;
  if (subnets?.length && mappings?.length)
    throw invalid('Subnets and SubnetMappings cannot be specified at the same time');
  return [...new Set(subnets?.length ? subnets : (mappings ?? []).flatMap((mapping) => mapping.SubnetId ?? []))];
}

function checkedSubnets(world: World, subnetIds: string[]): { subnetIds: string[]; vpcId: string } {
  const subnets = subnetIds.map((id) => {
    const subnet = world.subnets[id];
    if (!subnet) throw new AwsError('SubnetNotFound', `The subnet ID '${id}' does not exist`);
    return subnet;
  });
  const [first] = subnets;
  if (!first || subnets.length < 2) {
    throw invalid('At least two subnets in two different Availability Zones must be specified');
  }
  if (subnets.some((subnet) => subnet.vpcId !== first.vpcId)) {
    throw new AwsError('InvalidConfigurationRequest', 'All subnets must be in the same VPC');
  }
  if (new Set(subnets.map((subnet) => subnet.availabilityZone)).size < subnets.length) {
    throw new AwsError(
      'InvalidConfigurationRequest',
      'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    );
  }
  return { subnetIds, vpcId: first.vpcId };
}

/** Without a group the VPC's default group is used, as on AWS. */
function checkedSecurityGroups(world: World, vpcId: string, asked: string[]): string[] {
  if (asked.length === 0) {
    const byDefault = Object.values(world.securityGroups).find(
      (group) => group.vpcId === vpcId && group.groupName === 'default',
    );
    return byDefault ? [byDefault.groupId] : [];
  }
  for (const id of asked) {
    const group = world.securityGroups[id];
    if (!group) throw new AwsError('InvalidSecurityGroup', `Security group '${id}' does not exist`);
    if (group.vpcId !== vpcId)
      throw new AwsError('InvalidConfigurationRequest', 'One or more security groups are invalid');
  }
  return [...new Set(asked)];
}

/** Two calls with the same digest are the same request to CreateLoadBalancer; tags do not count. */
function digestOf(settings: Pick<LoadBalancer, 'scheme' | 'ipAddressType' | 'subnetIds' | 'securityGroupIds'>): string {
  const { scheme, ipAddressType, subnetIds, securityGroupIds } = settings;
  return JSON.stringify([scheme, ipAddressType, subnetIds.toSorted(), securityGroupIds.toSorted()]);
}

type Zones = NonNullable<LoadBalancerAnswer['AvailabilityZones']>;

function toZones(world: World, loadBalancer: LoadBalancer): Zones {
  return loadBalancer.subnetIds.map((id) => ({
    ZoneName: world.subnets[id]?.availabilityZone,
    SubnetId: id,
    LoadBalancerAddresses: [],
  }));
}

function toIpAddressType(loadBalancer: LoadBalancer): 'ipv4' | 'dualstack' | 'dualstack-without-public-ipv4' {
  const { ipAddressType } = loadBalancer;
  return ipAddressType === 'dualstack' || ipAddressType === 'dualstack-without-public-ipv4' ? ipAddressType : 'ipv4';
}

function toAnswer({ world }: Context, loadBalancer: LoadBalancer): LoadBalancerAnswer {
  return {
    LoadBalancerArn: loadBalancer.loadBalancerArn,
    DNSName: loadBalancer.dnsName,
    CanonicalHostedZoneId: hostedZones[world.region],
    CreatedTime: new Date(loadBalancer.createdAt),
    LoadBalancerName: loadBalancer.loadBalancerName,
    Scheme: loadBalancer.scheme,
    VpcId: loadBalancer.vpcId,
    State: { Code: loadBalancer.state },
    Type: loadBalancer.type,
    AvailabilityZones: toZones(world, loadBalancer),
    SecurityGroups: [...loadBalancer.securityGroupIds],
    IpAddressType: toIpAddressType(loadBalancer),
  };
}
