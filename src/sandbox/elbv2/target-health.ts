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
import { checkRange, invalid } from './checks.ts';
import { describeTargetGroup } from './lookups.ts';
import { deregisterTarget, registerTarget, targetKey } from './targets.ts';

/** Default quota per target group of an application load balancer. */
const maxTargets = 1000;

export function RegisterTargets(context: Context, input: RegisterTargetsInput): RegisterTargetsOutput {
  const { world } = context;
  const targetGroup = describeTargetGroup(world, input.TargetGroupArn ?? '');
  const targets = checkedTargets(targetGroup, input.Targets);
  if (targets.length === 0) throw invalid('At least one target must be specified');
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
  const added = targets.filter(({ id, port }) => !targetGroup.targets[targetKey(id, port)]);
  if (Object.keys(targetGroup.targets).length + added.length > maxTargets) {
    throw new AwsError(
      'TooManyTargets',
      `The maximum number of targets in the target group has been reached: ${maxTargets}`,
    );
  }
  for (const { id, port } of targets) registerTarget(context, targetGroup, id, port);
  return {};
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
      return toAnswer(targetGroup, id, port, target, withAnomalies);
    }),
  };
}

interface TargetAsked {
  id: string;
  port: number;
}

/** Without a port the group's own is meant. Each is given once. */
function checkedTargets(targetGroup: TargetGroup, targets: TargetDescription[] | undefined): TargetAsked[] {
  const result = new Map<string, TargetAsked>();
  for (const { Id: id = '', Port: port = targetGroup.port } of targets ?? []) {
    if (!/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id)) throw invalid(`Instance ID '${id}' is not valid`);
    checkRange('port', port, 1, 65_535);
    result.set(targetKey(id, port), { id, port });
  }
  return [...result.values()];
}

function listOf(targets: TargetAsked[]): string {
  return [...new Set(targets.map(({ id }) => `'${id}'`))].join(', ');
}

function toAnswer(
  targetGroup: TargetGroup,
  id: string,
  port: number,
  target: Target | undefined,
  withAnomalies: boolean,
): TargetHealthDescription {
  const health = targetGroup.healthCheck;
  return {
    Target: { Id: id, Port: port },
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
