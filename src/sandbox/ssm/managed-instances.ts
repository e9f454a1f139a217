// Which instances have an SSM agent that reached SSM: booted, allowed by their role, with a way out. DescribeInstanceInformation.
import type {
  DescribeInstanceInformationRequest,
  DescribeInstanceInformationResult,
  InstanceInformation,
} from '@aws-sdk/client-ssm';
import { AwsError } from '../aws-error.ts';
import { wildcard } from '../ec2/filters.ts';
import { privateDnsName } from '../ec2/regions.ts';
import { allowsEgress } from '../ec2/security-path.ts';
import type { Context } from '../handler.ts';
import { roleAllows, roleOfInstance } from '../iam/permissions.ts';
import type { Pace } from '../pace.ts';
import type { Instance } from '../ec2/records.ts';
import type { World } from '../world.ts';
import { ssmPage } from './paging.ts';

const agentVersion = '3.3.3270.0';

/** True when the instance's agent could register at all: what it needs besides time. */
function canRegister(world: World, instance: Instance): boolean {
  const role = roleOfInstance(world, instance);
  return (
    role !== undefined &&
    roleAllows(role, 'ssm:UpdateInstanceInformation') &&
    instance.publicIpAddress !== undefined &&
    allowsEgress(world, instance.securityGroupIds, { protocol: 'tcp', port: 443 })
  );
}

/** When the agent of a running instance is there; undefined before it is known when it will have booted. */
export function onlineAt(instance: Instance, pace: Pace): number | undefined {
  return instance.bootedAt === undefined ? undefined : instance.bootedAt + pace.of('ssmAgentOnline');
}

/** True when Run Command reaches the instance at `now`. */
export function isOnline(world: World, instance: Instance, now: number, pace: Pace): boolean {
  const at = onlineAt(instance, pace);
  return instance.state === 'running' && at !== undefined && at <= now && canRegister(world, instance);
}

function toInformation({ world, now, pace }: Context, instance: Instance): InstanceInformation {
  return {
    InstanceId: instance.instanceId,
    PingStatus: isOnline(world, instance, now, pace) ? 'Online' : 'ConnectionLost',
    LastPingDateTime: new Date(now),
    AgentVersion: agentVersion,
    IsLatestVersion: true,
    PlatformType: 'Linux',
    PlatformName: 'Amazon Linux',
    PlatformVersion: '2023',
    ResourceType: 'EC2Instance',
    IPAddress: instance.privateIpAddress,
    ComputerName: privateDnsName(world.region, instance.privateIpAddress),
    SourceId: instance.instanceId,
    SourceType: 'AWS::EC2::Instance',
  };
}

/** An instance that never reached SSM is not listed; one that stopped is, with its connection lost. */
function isListed({ world, now, pace }: Context, instance: Instance): boolean {
  if (instance.state === 'running') return isOnline(world, instance, now, pace);
  return (
    (instance.state === 'stopping' || instance.state === 'stopped') &&
    canRegister(world, { ...instance, publicIpAddress: '' })
  );
}

/** @throws AwsError `InvalidInstanceInformationFilterValue`, `InvalidFilterKey`. */
export function DescribeInstanceInformation(
  context: Context,
  input: DescribeInstanceInformationRequest,
): DescribeInstanceInformationResult {
  const asked = [
    ...(input.Filters ?? []).map((filter) => ({ key: filter.Key ?? '', values: filter.Values ?? [] })),
    ...(input.InstanceInformationFilterList ?? []).map((filter) => ({
      key: filter.key ?? '',
      values: filter.valueSet ?? [],
    })),
  ];
  const matching = Object.values(context.world.instances)
    .filter((instance) => isListed(context, instance))
    .filter((instance) =>
      asked.every(({ key, values }) => {
        const has = valuesOf(context, instance, key);
        return values.some((value) => has.some((one) => wildcard(value).test(one)));
      }),
    );
  for (const { key } of asked)
    if (!isKnownKey(key)) throw new AwsError('InvalidFilterKey', `The specified key isn't valid: ${key}`);
  const page = ssmPage(matching, input, { key: (instance) => instance.instanceId, min: 1, max: 50, fallback: 10 });
  return {
    InstanceInformationList: page.items.map((instance) => toInformation(context, instance)),
    NextToken: page.nextToken,
  };
}

function isKnownKey(key: string): boolean {
  const known = [
    'InstanceIds',
    'PingStatus',
    'PlatformTypes',
    'AgentVersion',
    'ResourceType',
    'tag-key',
    'IamRole',
    'ActivationIds',
    'AssociationStatus',
  ];
  return known.includes(key) || key.startsWith('tag:');
}

function valuesOf(context: Context, instance: Instance, key: string): string[] {
  if (key.startsWith('tag:')) return instance.tags.filter((tag) => tag.key === key.slice(4)).map((tag) => tag.value);
  switch (key) {
    case 'InstanceIds':
      return [instance.instanceId];
    case 'PingStatus':
      return [isOnline(context.world, instance, context.now, context.pace) ? 'Online' : 'ConnectionLost'];
    case 'PlatformTypes':
      return ['Linux'];
    case 'AgentVersion':
      return [agentVersion];
    case 'ResourceType':
      return ['EC2Instance'];
    case 'tag-key':
      return instance.tags.map((tag) => tag.key);
    default:
      return [];
  }
}
