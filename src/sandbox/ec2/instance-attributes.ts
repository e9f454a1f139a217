// DescribeInstanceAttribute and ModifyInstanceAttribute: protection, groups, type, user data, one at a time.
import type {
  DescribeInstanceAttributeRequest,
  InstanceAttribute,
  ModifyInstanceAttributeRequest,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Instance } from './records.ts';
import type { World } from '../world.ts';
import { refuseDryRun } from './dry-run.ts';
import { findImage } from './images.ts';
import { describeInstancesById } from './instances.ts';
import { checkGroupCount, checkInstanceType, checkUserData } from './launch-checks.ts';
import { describeGroup } from './security-groups.ts';

function describeOne(world: World, instanceId: string | undefined): Instance {
  if (instanceId === undefined)
    throw new AwsError('MissingParameter', 'The request must contain the parameter InstanceId');
  const [instance] = describeInstancesById(world, [instanceId]);
  if (instance === undefined)
    throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${instanceId}' does not exist`);
  return instance;
}

/** @throws AwsError `InvalidInstanceID.NotFound`, `InvalidParameterValue` for an attribute that is none. */
export function DescribeInstanceAttribute(
  { world }: Context,
  input: DescribeInstanceAttributeRequest,
): InstanceAttribute {
  const instance = describeOne(world, input.InstanceId);
  refuseDryRun(input);
  const base: InstanceAttribute = { InstanceId: instance.instanceId };
  switch (input.Attribute) {
    case 'disableApiTermination':
      return { ...base, DisableApiTermination: { Value: instance.terminationProtection } };
    case 'disableApiStop':
      return { ...base, DisableApiStop: { Value: instance.stopProtection ?? false } };
    case 'groupSet':
      return {
        ...base,
        Groups: instance.securityGroupIds.map((groupId) => ({
          GroupId: groupId,
          GroupName: world.securityGroups[groupId]?.groupName,
        })),
      };
    case 'instanceType':
      return { ...base, InstanceType: { Value: instance.instanceType } };
    case 'userData':
      return { ...base, UserData: { Value: instance.userData } };
    case 'instanceInitiatedShutdownBehavior':
      return { ...base, InstanceInitiatedShutdownBehavior: { Value: instance.shutdownBehavior ?? 'stop' } };
    case 'rootDeviceName':
      return { ...base, RootDeviceName: { Value: '/dev/xvda' } };
    case 'ebsOptimized':
      return { ...base, EbsOptimized: { Value: instance.ebsOptimized ?? false } };
    case 'sourceDestCheck':
      return { ...base, SourceDestCheck: { Value: true } };
    case 'enaSupport':
      return { ...base, EnaSupport: { Value: true } };
    case 'blockDeviceMapping':
      return {
        ...base,
        BlockDeviceMappings: [
          {
            DeviceName: '/dev/xvda',
            Ebs: {
              VolumeId: instance.volumeId,
              Status: 'attached',
              DeleteOnTermination: true,
              AttachTime: new Date(instance.launchedAt),
            },
          },
        ],
      };
    default:
      throw new AwsError(
        'InvalidParameterValue',
        `Value (${String(input.Attribute)}) for parameter attribute is invalid. Unknown attribute.`,
      );
  }
}

function requireStopped(instance: Instance, attribute: string): void {
  if (instance.state !== 'stopped') {
    throw new AwsError(
      'IncorrectInstanceState',
      `The instance '${instance.instanceId}' is not in the 'stopped' state: its ${attribute} cannot be changed.`,
    );
  }
}

/** The general form, `Attribute` with `Value`, as the specific one. */
function spread(input: ModifyInstanceAttributeRequest): ModifyInstanceAttributeRequest {
  if (input.Attribute === undefined || input.Value === undefined) return input;
  switch (input.Attribute) {
    case 'disableApiTermination':
      return { ...input, DisableApiTermination: { Value: input.Value.toLowerCase() === 'true' } };
    case 'disableApiStop':
      return { ...input, DisableApiStop: { Value: input.Value.toLowerCase() === 'true' } };
    case 'instanceType':
      return { ...input, InstanceType: { Value: input.Value } };
    case 'instanceInitiatedShutdownBehavior':
      return { ...input, InstanceInitiatedShutdownBehavior: { Value: input.Value } };
    case 'userData':
      return { ...input, UserData: { Value: Buffer.from(input.Value, 'base64') } };
    default:
      throw new AwsError('UnsupportedOperation', `The sandbox cannot change the attribute ${input.Attribute}.`);
  }
}

/**
 * One attribute a call, as AWS demands.
 * @throws AwsError `InvalidParameterCombination`, `IncorrectInstanceState`, `InvalidGroup.NotFound`, …
 */
export function ModifyInstanceAttribute({ world }: Context, input: ModifyInstanceAttributeRequest): object {
  const instance = describeOne(world, input.InstanceId);
  const { DisableApiStop, DisableApiTermination, Groups, InstanceType, UserData, InstanceInitiatedShutdownBehavior } =
    spread(input);
  const given = [
    DisableApiStop,
    DisableApiTermination,
    Groups,
    InstanceType,
    UserData,
    InstanceInitiatedShutdownBehavior,
  ].filter((one) => one !== undefined);
  if (given.length === 0) throw new AwsError('InvalidParameterCombination', 'No attributes specified.');
  if (given.length > 1) {
    throw new AwsError(
      'InvalidParameterCombination',
      'Fields for multiple attribute types specified: one attribute may be modified at a time',
    );
  }
  const image = findImage(world.region, instance.imageId);
  if (InstanceType !== undefined) {
    requireStopped(instance, 'instanceType');
    if (image !== undefined) checkInstanceType(InstanceType.Value, image);
  }
  if (UserData !== undefined) requireStopped(instance, 'userData');
  const groupIds = (Groups ?? []).map((groupId) => describeGroup(world, groupId).groupId);
  if (Groups !== undefined && groupIds.length === 0) {
    throw new AwsError('InvalidParameterValue', 'Value () for parameter groupId is invalid. The value cannot be empty');
  }
  checkGroupCount(groupIds);
  for (const groupId of groupIds) {
    if (world.securityGroups[groupId]?.vpcId !== instance.vpcId) {
      throw new AwsError(
        'InvalidGroup.NotFound',
        `The security group '${groupId}' does not exist in VPC '${instance.vpcId}'`,
      );
    }
  }
  refuseDryRun(input);
  if (DisableApiStop?.Value === true) instance.stopProtection = true;
  else if (DisableApiStop !== undefined) delete instance.stopProtection;
  if (DisableApiTermination !== undefined) instance.terminationProtection = DisableApiTermination.Value ?? false;
  if (InstanceType?.Value !== undefined) instance.instanceType = InstanceType.Value;
  if (InstanceInitiatedShutdownBehavior?.Value !== undefined)
    instance.shutdownBehavior = InstanceInitiatedShutdownBehavior.Value;
  if (UserData?.Value !== undefined) {
    const userData = checkUserData(Buffer.from(UserData.Value).toString('base64'));
    if (userData === undefined) delete instance.userData;
    else instance.userData = userData;
  }
  if (Groups !== undefined) {
    instance.securityGroupIds = [...new Set(groupIds)];
    const network = world.networkInterfaces[instance.networkInterfaceId];
    if (network !== undefined) network.groupIds = [...instance.securityGroupIds];
  }
  return {};
}
