// What RunInstances refuses: each part of a launch read and checked against the world, nothing changed.
import type {
  IamInstanceProfileSpecification,
  InstanceNetworkInterfaceSpecification,
  RunInstancesRequest,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { InstanceProfile } from '../iam/records.ts';
import type { Subnet } from './records.ts';
import type { World } from '../world.ts';
import { containsIpv4 } from './cidr.ts';
import { describeImage, imagesOf } from './images.ts';
import type { MachineImage } from './images.ts';
import { findInstanceType, zonesOffering } from './instance-types.ts';
import type { InstanceType } from './instance-types.ts';
import { describeSubnet, findDefaultGroupId, findDefaultVpc } from './network.ts';
import { describeGroup, describeGroupByName } from './security-groups.ts';

const maxUserDataBytes = 16_384;

/** Running On-Demand Standard instances may have so many vCPUs together: the default quota of a young account. */
const vcpuQuota = 64;

/** @throws AwsError `InvalidParameterValue`, `MissingParameter`. */
export function checkCount(input: RunInstancesRequest): number {
  const { MinCount: min, MaxCount: max } = input;
  if (min === undefined) throw new AwsError('MissingParameter', 'The request must contain the parameter MinCount');
  if (max === undefined) throw new AwsError('MissingParameter', 'The request must contain the parameter MaxCount');
  if (min < 1)
    throw new AwsError('InvalidParameterValue', `Invalid value '${min}' for minCount. Must be 1 or greater.`);
  if (max < min)
    throw new AwsError(
      'InvalidParameterValue',
      `Invalid value '${max}' for maxCount. Must be greater than or equal to minCount.`,
    );
  return max;
}

/** An image by id, or by `resolve:ssm:<parameter>`. @throws AwsError `InvalidAMIID.*`, `InvalidParameterValue`. */
export function checkImage(world: World, imageId: string | undefined): MachineImage {
  if (imageId === undefined || imageId === '')
    throw new AwsError('MissingParameter', 'The request must contain the parameter ImageId');
  if (!imageId.startsWith('resolve:ssm:')) return describeImage(world.region, imageId);
  const parameterName = imageId.slice('resolve:ssm:'.length);
  const image = imagesOf(world.region).find(({ parameterNames }) => parameterNames.includes(parameterName));
  if (image === undefined) {
    throw new AwsError(
      'InvalidParameterValue',
      `Invalid value '${imageId}' for ImageId. The SSM parameter ${parameterName} does not exist.`,
    );
  }
  return image;
}

/** @throws AwsError `InvalidParameterValue` for an unknown type or one of another architecture than the image. */
export function checkInstanceType(name: string | undefined, image: MachineImage): InstanceType {
  const type = findInstanceType(name ?? 'm1.small');
  if (type === undefined)
    throw new AwsError('InvalidParameterValue', `Invalid value '${name ?? 'm1.small'}' for InstanceType.`);
  if (type.architecture !== image.architecture) {
    throw new AwsError(
      'InvalidParameterValue',
      `The architecture '${type.architecture}' of the specified instance type does not match the architecture '${image.architecture}'` +
        ' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can use' +
        " 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI.",
    );
  }
  return type;
}

/** @throws AwsError `VcpuLimitExceeded`. */
export function checkVcpuQuota(world: World, type: InstanceType, count: number): void {
  const inUse = Object.values(world.instances)
    .filter((instance) => instance.state === 'pending' || instance.state === 'running')
    .reduce((sum, instance) => sum + (findInstanceType(instance.instanceType)?.vcpus ?? 0), 0);
  if (inUse + type.vcpus * count > vcpuQuota) {
    throw new AwsError(
      'VcpuLimitExceeded',
      `You have requested more vCPU capacity than your current vCPU limit of ${vcpuQuota} allows for the instance bucket that the` +
        ' specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.',
    );
  }
}

export interface LaunchNetwork {
  subnet: Subnet;
  groupIds: string[];
  associatePublicIp: boolean;
  privateIp?: string;
}

function checkInterfaces(input: RunInstancesRequest): InstanceNetworkInterfaceSpecification | undefined {
  const [first, ...others] = input.NetworkInterfaces ?? [];
  if (first === undefined) return undefined;
  if ((input.SecurityGroupIds ?? []).length > 0 || (input.SecurityGroups ?? []).length > 0) {
    throw new AwsError(
      'InvalidParameterCombination',
      'Network interfaces and an instance-level security groups may not be specified on the same request',
    );
  }
  if (input.SubnetId !== undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      'Network interfaces and an instance-level subnet ID may not be specified on the same request',
    );
  }
  if (others.length > 0 || first.NetworkInterfaceId !== undefined) {
    throw new AwsError(
      'UnsupportedOperation',
      'The sandbox gives an instance one new network interface, and no other.',
    );
  }
  if (first.DeviceIndex === undefined) {
    throw new AwsError('InvalidParameterValue', 'Each network interface requires a device index.');
  }
  return first;
}

/** The subnet asked for, or a default one in a zone that has the type. @throws AwsError `VPCIdNotSpecified`, `Unsupported`, … */
function checkSubnet(world: World, subnetId: string | undefined, zone: string | undefined, type: InstanceType): Subnet {
  const offering = zonesOffering(world.region, type);
  const unsupported = (name: string): AwsError =>
    new AwsError(
      'Unsupported',
      `Your requested instance type (${type.instanceType}) is not supported in your requested Availability Zone (${name}).` +
        ` Please retry your request by not specifying an Availability Zone or choosing ${offering.join(', ')}.`,
    );
  if (subnetId !== undefined) {
    const subnet = describeSubnet(world, subnetId);
    if (zone !== undefined && zone !== subnet.availabilityZone) {
      throw new AwsError(
        'InvalidParameterValue',
        `Value (${zone}) for parameter availabilityZone is invalid. Subnet '${subnetId}' is in the availability zone ${subnet.availabilityZone}`,
      );
    }
    if (!offering.includes(subnet.availabilityZone)) throw unsupported(subnet.availabilityZone);
    return subnet;
  }
  const defaults = Object.values(world.subnets).filter((subnet) => subnet.defaultForAz);
  if (findDefaultVpc(world) === undefined || defaults.length === 0) {
    throw new AwsError(
      'VPCIdNotSpecified',
      'No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.',
    );
  }
  if (zone !== undefined && !offering.includes(zone) && defaults.some((subnet) => subnet.availabilityZone === zone)) {
    throw unsupported(zone);
  }
  const found = defaults.find((subnet) =>
    zone === undefined ? offering.includes(subnet.availabilityZone) : subnet.availabilityZone === zone,
  );
  if (found === undefined) throw new AwsError('InvalidParameterValue', `Invalid availability zone: [${zone ?? ''}]`);
  return found;
}

/** @throws AwsError `InvalidSubnetID.NotFound`, `InvalidGroup.NotFound`, `InvalidParameter`, `Unsupported`, … */
export function checkNetwork(world: World, input: RunInstancesRequest, type: InstanceType): LaunchNetwork {
  const own = checkInterfaces(input);
  const subnet = checkSubnet(world, own?.SubnetId ?? input.SubnetId, input.Placement?.AvailabilityZone, type);
  const groups = [
    ...(own?.Groups ?? input.SecurityGroupIds ?? []).map((groupId) => describeGroup(world, groupId)),
    ...(input.SecurityGroups ?? []).map((name) => describeGroupByName(world, name)),
  ];
  for (const group of groups) {
    if (group.vpcId !== subnet.vpcId) {
      throw new AwsError(
        'InvalidParameter',
        `Security group ${group.groupId} and subnet ${subnet.subnetId} belong to different networks.`,
      );
    }
  }
  checkGroupCount(groups.map(({ groupId }) => groupId));
  const fallback = findDefaultGroupId(world, subnet.vpcId);
  const privateIp = own?.PrivateIpAddress ?? input.PrivateIpAddress;
  if (privateIp !== undefined) checkPrivateIp(world, subnet, privateIp);
  return {
    subnet,
    groupIds:
      groups.length > 0 ? [...new Set(groups.map((group) => group.groupId))] : fallback === undefined ? [] : [fallback],
    associatePublicIp: own?.AssociatePublicIpAddress ?? subnet.mapPublicIpOnLaunch,
    ...(privateIp !== undefined && { privateIp }),
  };
}

/** Five on one interface, unless the quota was raised. @throws AwsError `SecurityGroupsPerInterfaceLimitExceeded`. */
export function checkGroupCount(groupIds: readonly string[]): void {
  if (new Set(groupIds).size <= 5) return;
  throw new AwsError(
    'SecurityGroupsPerInterfaceLimitExceeded',
    'The maximum number of security groups per interface has been reached.',
  );
}

function checkPrivateIp(world: World, subnet: Subnet, ip: string): void {
  if (!containsIpv4(subnet.cidrBlock, `${ip}/32`)) {
    throw new AwsError('InvalidParameterValue', `Address ${ip} does not fall within the subnet's address range`);
  }
  const taken = Object.values(world.networkInterfaces).some(
    (one) => one.subnetId === subnet.subnetId && one.privateIpAddress === ip,
  );
  if (taken) throw new AwsError('InvalidIPAddress.InUse', `Address ${ip} is in use.`);
}

/**
 * The profile named, once EC2 sees it: GetInstanceProfile succeeding proves nothing for EC2 (aws-facts §1.6).
 * @throws AwsError `InvalidParameterValue` with the texts that tell "not yet" from other causes.
 */
export function checkInstanceProfile(
  { world, now }: Context,
  specification: IamInstanceProfileSpecification | undefined,
): InstanceProfile | undefined {
  if (specification === undefined) return undefined;
  const { Name: name, Arn: arn } = specification;
  if (name !== undefined && arn !== undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
    );
  }
  const given = name ?? arn;
  if (given === undefined) return undefined;
  const which = name === undefined ? 'arn' : 'name';
  const profile = Object.values(world.instanceProfiles).find((one) =>
    name === undefined ? one.arn === arn : one.instanceProfileName === name,
  );
  const label = `Value (${given}) for parameter iamInstanceProfile.${which} is invalid.`;
  if (profile === undefined || profile.visibleToEc2At > now) {
    throw new AwsError(
      'InvalidParameterValue',
      `${label} Invalid IAM Instance Profile ${which === 'arn' ? 'ARN' : 'name'}`,
    );
  }
  if (profile.roleNames.length === 0 || (profile.roleVisibleToEc2At ?? 0) > now) {
    throw new AwsError(
      'InvalidParameterValue',
      `${label} IAM Instance Profile "${profile.arn}" has no associated IAM Roles`,
    );
  }
  return profile;
}

/** Base64 as sent. @throws AwsError `InvalidUserData.Malformed`, `InvalidParameterValue` (too long). */
export function checkUserData(userData: string | undefined): string | undefined {
  if (userData === undefined || userData === '') return undefined;
  const compact = userData.replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.length % 4 !== 0) {
    throw new AwsError('InvalidUserData.Malformed', 'Invalid BASE64 encoding of user data.');
  }
  if (Buffer.from(compact, 'base64').length > maxUserDataBytes) {
    throw new AwsError('InvalidParameterValue', `User data is limited to ${maxUserDataBytes} bytes`);
  }
  return compact;
}
