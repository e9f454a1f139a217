// Targets as the API shows them: registered, deregistered, their health described. What registering means is
// targets.ts's; how health comes about is the data plane's.
import type {
  DeregisterTargetsInput,
  DeregisterTargetsOutput,
  DescribeTargetHealthInput,
  DescribeTargetHealthOutput,
  RegisterTargetsInput,
  RegisterTargetsOutput,
  TargetDescription,
  TargetHealth,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Target, TargetGroup } from './records.ts';
import type { World } from '../world.ts';
import { containsIpv4, parseIpv4 } from '../ec2/cidr.ts';
import { checkRange, invalid } from './checks.ts';
import { describeTargetGroup } from './lookups.ts';
import { deregisterTarget, registerTarget, targetKey, zoneOfAddress } from './targets.ts';

/** Default quota per target group of an application load balancer. */
const maxTargets = 1000;

export function RegisterTargets(context: Context, input: RegisterTargetsInput): RegisterTargetsOutput {
  const { world } = context;
  const targetGroup = describeTargetGroup(world, input.TargetGroupArn ?? '');
  const targets = checkedTargets(targetGroup, input.Targets);
  if (targets.length === 0) throw invalid('At least one target must be specified');
  if (targetGroup.targetType === 'instance') checkInstances(world, targetGroup, targets);
  else checkAddresses(world, targetGroup, targets);
  const added = targets.filter(({ id, port }) => !targetGroup.targets[targetKey(id, port)]);
  if (Object.keys(targetGroup.targets).length + added.length > maxTargets) {
    throw new AwsError(
      'TooManyTargets',
      `The maximum number of targets in the target group has been reached: ${maxTargets}`,
    );
  }
  for (const { id, port, zone } of targets) registerTarget(context, targetGroup, id, port, zone);
  return {};
}

/** @throws AwsError `InvalidTarget` for instances that are not running, or not in the group's VPC. */
function checkInstances(world: World, targetGroup: TargetGroup, targets: readonly TargetAsked[]): void {
  const stopped = targets.filter(({ id }) => !['pending', 'running'].includes(world.instances[id]?.state ?? ''));
  if (stopped.length > 0) {
    throw new AwsError(
      'InvalidTarget',
      `The following targets are not in a running state and cannot be registered: ${listOf(stopped)}`,
    );
  }
  const foreign = targets.filter(({ id }) => world.instances[id]?.vpcId !== targetGroup.vpcId);
  if (foreign.length > 0) {
    throw new AwsError(
      'InvalidTarget',
      `The following targets are not in the target group VPC '${targetGroup.vpcId}': ${listOf(foreign)}`,
    );
  }
}

/** Blocks outside the VPC that may be targets (RegisterTargets): RFC 1918 and RFC 6598. */
const privateBlocks = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16'];

/** An address of the VPC has its zone from its subnet, any other must be told one. @throws AwsError `ValidationError` */
function checkAddresses(world: World, { vpcId }: TargetGroup, targets: readonly TargetAsked[]): void {
  for (const { id, zone } of targets) {
    const own = zoneOfAddress(world, vpcId, id);
    if (own !== undefined && zone !== undefined && zone !== own) {
      throw invalid(
        `The IP address '${id}' is within the VPC, and cannot have its Availability Zone overridden to '${zone}' from '${own}'`,
      );
    }
    if (own !== undefined) continue;
    if (zone === undefined)
      throw invalid(`The Availability Zone is required for IP address '${id}' because it is not in the VPC`);
    if (!privateBlocks.some((block) => containsIpv4(block, `${id}/32`)))
      throw invalid(`The IP address '${id}' is not a valid private IPv4 address`);
  }
}

/** What is not registered is passed over: deregistering what is gone succeeds. */
export function DeregisterTargets(context: Context, input: DeregisterTargetsInput): DeregisterTargetsOutput {
  const targetGroup = describeTargetGroup(context.world, input.TargetGroupArn ?? '');
  const targets = checkedTargets(targetGroup, input.Targets);
  if (targets.length === 0) throw invalid('At least one target must be specified');
  for (const { id, port } of targets) deregisterTarget(context, targetGroup, id, port);
  return {};
}

export function DescribeTargetHealth(context: Context, input: DescribeTargetHealthInput): DescribeTargetHealthOutput {
  const targetGroup = describeTargetGroup(context.world, input.TargetGroupArn ?? '');
  const withAnomalies = input.Include?.some((part) => part === 'AnomalyDetection' || part === 'All') ?? false;
  const asked = input.Targets?.length ? checkedTargets(targetGroup, input.Targets) : Object.values(targetGroup.targets);
  return {
    TargetHealthDescriptions: asked.map(({ id, port }) => {
      const target = targetGroup.targets[targetKey(id, port)];
      const zone = target?.availabilityZone ?? zoneOfAddress(context.world, targetGroup.vpcId, id);
      const Target = { Id: id, Port: port, ...(targetGroup.targetType === 'ip' && { AvailabilityZone: zone }) };
      return { Target, ...toAnswer(targetGroup, port, target, withAnomalies) };
    }),
  };
}

interface TargetAsked {
  id: string;
  port: number;
  /** As sent. */
  zone: string | undefined;
}

/** Without a port the group's own is meant. Each is given once. */
function checkedTargets(targetGroup: TargetGroup, targets: TargetDescription[] | undefined): TargetAsked[] {
  const result = new Map<string, TargetAsked>();
  const isInstance = targetGroup.targetType === 'instance';
  for (const { Id: id = '', Port: port = targetGroup.port, AvailabilityZone: zone } of targets ?? []) {
    if (isInstance && !/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id)) throw invalid(`Instance ID '${id}' is not valid`);
    if (!isInstance && parseIpv4(id) === undefined) throw invalid(`The IP address '${id}' is not a valid IPv4 address`);
    checkRange('port', port, 1, 65_535);
    result.set(targetKey(id, port), { id, port, zone });
  }
  return [...result.values()];
}

function listOf(targets: TargetAsked[]): string {
  return [...new Set(targets.map(({ id }) => `'${id}'`))].join(', ');
}

function toAnswer(
  targetGroup: TargetGroup,
  port: number,
  target: Target | undefined,
  withAnomalies: boolean,
): Omit<TargetHealthDescription, 'Target'> {
  const health = targetGroup.healthCheck;
  return {
    HealthCheckPort: health.port === 'traffic-port' ? String(port) : health.port,
    TargetHealth: target ? toHealth(target) : notRegistered,
    ...(withAnomalies && target ? { AnomalyDetection: { Result: 'normal', MitigationInEffect: 'no' } } : {}),
  };
}

const notRegistered: TargetHealth = {
  State: 'unused',
  Reason: 'Target.NotRegistered',
  Description: 'Target is not registered to the target group',
};

function toHealth(target: Target): TargetHealth {
  return {
    State: target.state,
    Reason: target.reason as TargetHealth['Reason'],
    Description: target.description,
  };
}
