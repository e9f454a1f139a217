// Target groups: made, found, changed, deleted, with their health check settings and attributes. Their targets are
// target-health.ts's, probing them is the data plane's.
import type {
  CreateTargetGroupInput,
  CreateTargetGroupOutput,
  DeleteTargetGroupInput,
  DeleteTargetGroupOutput,
  DescribeTargetGroupAttributesInput,
  DescribeTargetGroupAttributesOutput,
  DescribeTargetGroupsInput,
  DescribeTargetGroupsOutput,
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupAttributesOutput,
  ModifyTargetGroupInput,
  ModifyTargetGroupOutput,
  TargetGroup as TargetGroupAnswer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { TargetGroup } from './records.ts';
import type { World } from '../world.ts';
import { checkedTargetGroupAttributes, targetGroupDefaults, toAttributes } from './attributes.ts';
import { checkEnum, checkName, checkRange, invalid, isMatcher, toTags } from './checks.ts';
import { elbv2Arn, checkAtMostTwenty, describeLoadBalancer, describeTargetGroup, pathOfArn } from './lookups.ts';
import { page } from './paging.ts';
import { findLoadBalancerOf } from './targets.ts';

/** Default quota in a region. */
const maxTargetGroups = 3000;

type HealthCheck = TargetGroup['healthCheck'];

/** Of an HTTP group. The API reference gives 6 seconds for the timeout; older guides 5. */
const defaultHealthCheck: HealthCheck = {
  enabled: true,
  protocol: 'HTTP',
  port: 'traffic-port',
  path: '/',
  intervalSeconds: 30,
  timeoutSeconds: 6,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
  matcher: '200',
};

export function CreateTargetGroup(context: Context, input: CreateTargetGroupInput): CreateTargetGroupOutput {
  const { world, now } = context;
  const name = input.Name ?? '';
  checkName('Target group', name);
  checkEnum('targetType', input.TargetType, ['instance', 'ip', 'lambda', 'alb']);
  const targetType = input.TargetType ?? 'instance';
  if (targetType !== 'instance' && targetType !== 'ip')
    throw invalid(
      `Target type '${targetType}': the sandbox offers target groups of the types 'instance' and 'ip' only`,
    );
  const { Protocol: protocol, Port: port, VpcId: vpcId } = input;
  if (protocol === undefined) throw invalid('A protocol must be specified');
  if (protocol !== 'HTTP') throw invalid(`Protocol '${protocol}': the sandbox offers HTTP target groups only`);
  if (port === undefined) throw invalid('A port must be specified');
  checkRange('port', port, 1, 65_535);
  if (vpcId === undefined) throw invalid('A VPC ID must be specified');
  if (!world.vpcs[vpcId]) throw invalid(`The VPC ID '${vpcId}' is not found`);
  checkEnum('protocolVersion', input.ProtocolVersion, ['HTTP1', 'HTTP2', 'GRPC']);
  if (input.ProtocolVersion !== undefined && input.ProtocolVersion !== 'HTTP1') {
    throw invalid(`Protocol version '${input.ProtocolVersion}': the sandbox speaks HTTP1 to targets only`);
  }
  checkEnum('ipAddressType', input.IpAddressType, ['ipv4', 'ipv6']);
  const tags = toTags(input.Tags);
  const settings = {
    protocol,
    protocolVersion: 'HTTP1',
    port,
    vpcId,
    targetType,
    ipAddressType: input.IpAddressType ?? 'ipv4',
    healthCheck: checkedHealthCheck(defaultHealthCheck, input, targetType),
  };

  const existing = Object.values(world.targetGroups).find((candidate) => candidate.targetGroupName === name);
  if (existing) {
    // The same request again gives what is there; tags do not count.
    if (digestOf(existing) === digestOf(settings)) return { TargetGroups: [toAnswer(world, existing)] };
    throw new AwsError(
      'DuplicateTargetGroupName',
      `A target group with the same name '${name}' exists, but with different settings`,
    );
  }
  if (Object.keys(world.targetGroups).length >= maxTargetGroups) {
    throw new AwsError(
      'TooManyTargetGroups',
      `The maximum number of target groups has been reached: ${maxTargetGroups}`,
    );
  }

  const targetGroup: TargetGroup = {
    targetGroupArn: elbv2Arn(context, `targetgroup/${name}/${context.ids.hex(16)}`),
    targetGroupName: name,
    ...settings,
    attributes: { ...targetGroupDefaults },
    targets: {},
    createdAt: now,
    tags,
  };
  world.targetGroups[targetGroup.targetGroupArn] = targetGroup;
  return { TargetGroups: [toAnswer(world, targetGroup)] };
}

export function DescribeTargetGroups(context: Context, input: DescribeTargetGroupsInput): DescribeTargetGroupsOutput {
  const { world } = context;
  const { Names: names, TargetGroupArns: arns, LoadBalancerArn: loadBalancerArn } = input;
  checkAtMostTwenty('TargetGroupArns', arns);
  const kinds = [names?.length, arns?.length, loadBalancerArn].filter(Boolean).length;
  if (kinds > 1)
    throw invalid(
      'Target group names, target group ARNs, and a load balancer ARN cannot be specified at the same time',
    );
  if (loadBalancerArn !== undefined) describeLoadBalancer(world, loadBalancerArn);
  for (const arn of arns ?? []) {
    if (!pathOfArn(arn).startsWith('targetgroup/')) throw invalid(`'${arn}' is not a valid target group ARN`);
  }
  const all = Object.values(world.targetGroups);
  const missing =
    names?.some((name) => !all.some((candidate) => candidate.targetGroupName === name)) ||
    arns?.some((arn) => !all.some((candidate) => candidate.targetGroupArn === arn));
  if (missing) throw new AwsError('TargetGroupNotFound', 'One or more target groups not found');
  const wanted = all.filter(
    (candidate) =>
      (!names?.length || names.includes(candidate.targetGroupName)) &&
      (!arns?.length || arns.includes(candidate.targetGroupArn)) &&
      (loadBalancerArn === undefined ||
        findLoadBalancerOf(world, candidate.targetGroupArn)?.loadBalancerArn === loadBalancerArn),
  );
  const { items, nextMarker } = page(wanted, (item) => item.targetGroupArn, input);
  return { TargetGroups: items.map((item) => toAnswer(world, item)), NextMarker: nextMarker };
}

/** Health check settings only: port, protocol and VPC of a group never change. */
export function ModifyTargetGroup(context: Context, input: ModifyTargetGroupInput): ModifyTargetGroupOutput {
  const targetGroup = describeTargetGroup(context.world, input.TargetGroupArn ?? '');
  targetGroup.healthCheck = checkedHealthCheck(targetGroup.healthCheck, input, targetGroup.targetType);
  return { TargetGroups: [toAnswer(context.world, targetGroup)] };
}

/** Deleting what is gone succeeds. Registered targets do not block it, a listener does. */
export function DeleteTargetGroup(context: Context, input: DeleteTargetGroupInput): DeleteTargetGroupOutput {
  const { world } = context;
  const arn = input.TargetGroupArn ?? '';
  if (!pathOfArn(arn).startsWith('targetgroup/')) throw invalid(`'${arn}' is not a valid target group ARN`);
  if (findLoadBalancerOf(world, arn)) {
    throw new AwsError('ResourceInUse', `Target group '${arn}' is currently in use by a listener or a rule`);
  }
  delete world.targetGroups[arn];
  return {};
}

export function DescribeTargetGroupAttributes(
  context: Context,
  input: DescribeTargetGroupAttributesInput,
): DescribeTargetGroupAttributesOutput {
  return { Attributes: toAttributes(describeTargetGroup(context.world, input.TargetGroupArn ?? '').attributes) };
}

export function ModifyTargetGroupAttributes(
  context: Context,
  input: ModifyTargetGroupAttributesInput,
): ModifyTargetGroupAttributesOutput {
  const targetGroup = describeTargetGroup(context.world, input.TargetGroupArn ?? '');
  const changes = checkedTargetGroupAttributes(input.Attributes ?? []);
  if (changes['stickiness.enabled'] === 'true') {
    throw invalid("The value 'true' of attribute 'stickiness.enabled': the sandbox offers no sticky sessions");
  }
  targetGroup.attributes = { ...targetGroup.attributes, ...changes };
  return { Attributes: toAttributes(targetGroup.attributes) };
}

/** `before` with what the input changes. */
function checkedHealthCheck(
  before: HealthCheck,
  input: Omit<ModifyTargetGroupInput, 'TargetGroupArn'>,
  targetType: TargetGroup['targetType'],
): HealthCheck {
  checkRange('healthCheckIntervalSeconds', input.HealthCheckIntervalSeconds, 5, 300);
  checkRange('healthCheckTimeoutSeconds', input.HealthCheckTimeoutSeconds, 2, 120);
  checkRange('healthyThresholdCount', input.HealthyThresholdCount, 2, 10);
  checkRange('unhealthyThresholdCount', input.UnhealthyThresholdCount, 2, 10);
  if (input.HealthCheckEnabled === false)
    throw invalid(`Health checks cannot be disabled for target groups with target type '${targetType}'`);
  const { HealthCheckProtocol: protocol, HealthCheckPort: port, HealthCheckPath: path } = input;
  if (protocol === 'HTTPS') throw invalid("Health check protocol 'HTTPS': the sandbox probes over HTTP only");
  if (protocol !== undefined && protocol !== 'HTTP') {
    throw invalid(`Health check protocol '${protocol}' must be one of 'HTTP, HTTPS'`);
  }
  if (port !== undefined && port !== 'traffic-port' && !isPort(port)) {
    throw invalid(`Health check port '${port}' must be 'traffic-port' or in the range 1-65535`);
  }
  if (path !== undefined && (!/^\/[\x21-\x7e]*$/.test(path) || path.length > 1024)) {
    throw invalid(
      `Health check path '${path}' must begin with a '/' character, and can be at most 1024 visible characters`,
    );
  }
  const matcher = input.Matcher?.HttpCode;
  if (input.Matcher?.GrpcCode !== undefined)
    throw invalid('A GRPC code cannot be specified for protocol version HTTP1');
  if (matcher !== undefined && !isMatcher(matcher)) {
    throw invalid(`Health check matcher HTTP code '${matcher}' must be within '200-499' inclusive`);
  }
  const interval = input.HealthCheckIntervalSeconds ?? before.intervalSeconds;
  const timeout = input.HealthCheckTimeoutSeconds ?? before.timeoutSeconds;
  if (timeout >= interval) throw invalid('Health check interval must be greater than the timeout.');
  return {
    enabled: true,
    protocol: protocol ?? before.protocol,
    port: port ?? before.port,
    path: path ?? before.path,
    intervalSeconds: interval,
    timeoutSeconds: timeout,
    healthyThreshold: input.HealthyThresholdCount ?? before.healthyThreshold,
    unhealthyThreshold: input.UnhealthyThresholdCount ?? before.unhealthyThreshold,
    matcher: matcher ?? before.matcher,
  };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

type Settings = Pick<
  TargetGroup,
  'protocol' | 'protocolVersion' | 'port' | 'vpcId' | 'targetType' | 'ipAddressType' | 'healthCheck'
>;

function digestOf({
  protocol,
  protocolVersion,
  port,
  vpcId,
  targetType,
  ipAddressType,
  healthCheck,
}: Settings): string {
  const health = Object.entries(healthCheck).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([protocol, protocolVersion, port, vpcId, targetType, ipAddressType, health]);
}

function toAnswer(world: World, targetGroup: TargetGroup): TargetGroupAnswer {
  const { healthCheck } = targetGroup;
  const loadBalancer = findLoadBalancerOf(world, targetGroup.targetGroupArn);
  return {
    TargetGroupArn: targetGroup.targetGroupArn,
    TargetGroupName: targetGroup.targetGroupName,
    Protocol: 'HTTP',
    Port: targetGroup.port,
    VpcId: targetGroup.vpcId,
    HealthCheckProtocol: 'HTTP',
    HealthCheckPort: healthCheck.port,
    HealthCheckEnabled: healthCheck.enabled,
    HealthCheckIntervalSeconds: healthCheck.intervalSeconds,
    HealthCheckTimeoutSeconds: healthCheck.timeoutSeconds,
    HealthyThresholdCount: healthCheck.healthyThreshold,
    UnhealthyThresholdCount: healthCheck.unhealthyThreshold,
    HealthCheckPath: healthCheck.path,
    Matcher: { HttpCode: healthCheck.matcher },
    LoadBalancerArns: loadBalancer ? [loadBalancer.loadBalancerArn] : [],
    TargetType: targetGroup.targetType,
    ProtocolVersion: targetGroup.protocolVersion,
    IpAddressType: targetGroup.ipAddressType === 'ipv6' ? 'ipv6' : 'ipv4',
  };
}
