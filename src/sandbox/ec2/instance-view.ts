// An instance as the API shows it, and the values its filters look at. A terminated one has lost its network.
import type {
  Instance as ApiInstance,
  InstanceState as ApiState,
  InstanceStateName,
  _InstanceType,
} from '@aws-sdk/client-ec2';
import { profileOfInstance } from '../iam/permissions.ts';
import type { Instance } from './records.ts';
import type { World } from '../world.ts';
import type { FilterFields } from './filters.ts';
import { findImage } from './images.ts';
import { defaultCpuOptions, findInstanceType } from './instance-types.ts';
import { interfacesOf } from './network-interfaces.ts';
import { privateDnsName, publicDnsName } from './regions.ts';
import { toApiTags } from './tag-rules.ts';

const stateCodes: Record<InstanceStateName, number> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export function toApiState(state: InstanceStateName): ApiState {
  return { Code: stateCodes[state], Name: state };
}

/** `User initiated (2026-11-22 10:00:00 GMT)`; empty while nothing ended it. */
function transitionReason(instance: Instance): string {
  if (instance.stateReason === undefined) return '';
  const at = instance.stateReason.message.startsWith('Client.User') ? instance.stateChangedAt : undefined;
  if (at === undefined) return instance.stateReason.message;
  return `User initiated (${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} GMT)`;
}

/** The id stays that of the profile which the instance was given, also when that is deleted. */
export function profileIdOf(world: World, instance: Instance): string | undefined {
  return instance.instanceProfileId ?? profileOfInstance(world, instance)?.instanceProfileId;
}

export function toApiInstance(world: World, instance: Instance): ApiInstance {
  const { region } = world;
  const image = findImage(region, instance.imageId);
  const type = findInstanceType(instance.instanceType);
  const gone = instance.state === 'terminated';
  const { publicIpAddress: publicIp, privateIpAddress: privateIp } = instance;
  const groups = instance.securityGroupIds.map((groupId) => ({
    GroupId: groupId,
    GroupName: world.securityGroups[groupId]?.groupName,
  }));
  const publicName = publicIp === undefined ? '' : publicDnsName(region, publicIp);
  const launched = new Date(instance.launchedAt);
  return {
    InstanceId: instance.instanceId,
    ImageId: instance.imageId,
    InstanceType: instance.instanceType as _InstanceType,
    KeyName: instance.keyName,
    LaunchTime: launched,
    AmiLaunchIndex: instance.launchIndex ?? 0,
    State: toApiState(instance.state),
    StateTransitionReason: transitionReason(instance),
    ...(instance.stateReason !== undefined && {
      StateReason: { Code: instance.stateReason.code, Message: instance.stateReason.message },
    }),
    Placement: { AvailabilityZone: instance.availabilityZone, GroupName: '', Tenancy: 'default' },
    PrivateDnsName: gone ? '' : privateDnsName(region, privateIp),
    PublicDnsName: publicName,
    ...(!gone && { PrivateIpAddress: privateIp, SubnetId: instance.subnetId, VpcId: instance.vpcId }),
    PublicIpAddress: publicIp,
    SecurityGroups: gone ? [] : groups,
    SourceDestCheck: gone ? undefined : true,
    NetworkInterfaces: gone ? [] : interfacesOf(world, instance),
    BlockDeviceMappings: gone
      ? []
      : [
          {
            DeviceName: '/dev/xvda',
            Ebs: { VolumeId: instance.volumeId, Status: 'attached', AttachTime: launched, DeleteOnTermination: true },
          },
        ],
    ...(instance.instanceProfileArn !== undefined && {
      IamInstanceProfile: { Arn: instance.instanceProfileArn, Id: profileIdOf(world, instance) },
    }),
    Architecture: image?.architecture ?? type?.architecture,
    RootDeviceName: '/dev/xvda',
    RootDeviceType: 'ebs',
    VirtualizationType: 'hvm',
    Hypervisor: 'xen',
    EnaSupport: true,
    EbsOptimized: instance.ebsOptimized ?? false,
    BootMode: image?.architecture === 'arm64' ? 'uefi' : 'uefi-preferred',
    CurrentInstanceBootMode: image?.architecture === 'arm64' ? 'uefi' : 'legacy-bios',
    PlatformDetails: 'Linux/UNIX',
    UsageOperation: 'RunInstances',
    UsageOperationUpdateTime: launched,
    ClientToken: instance.clientToken ?? '',
    ...(type !== undefined && { CpuOptions: defaultCpuOptions(type) }),
    Monitoring: { State: instance.monitoring ? 'enabled' : 'disabled' },
    MetadataOptions: {
      State: 'applied',
      HttpEndpoint: instance.metadataOptions.httpEndpoint === 'disabled' ? 'disabled' : 'enabled',
      HttpTokens: instance.metadataOptions.httpTokens === 'optional' ? 'optional' : 'required',
      HttpPutResponseHopLimit: instance.metadataOptions.httpPutResponseHopLimit,
      HttpProtocolIpv6: instance.metadataOptions.httpProtocolIpv6 ?? 'disabled',
      InstanceMetadataTags: instance.metadataOptions.instanceMetadataTags ?? 'disabled',
    },
    CapacityReservationSpecification: { CapacityReservationPreference: 'open' },
    HibernationOptions: { Configured: false },
    EnclaveOptions: { Enabled: false },
    MaintenanceOptions: { AutoRecovery: 'default' },
    PrivateDnsNameOptions: {
      HostnameType: 'ip-name',
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    ProductCodes: [],
    Tags: toApiTags(instance.tags),
  };
}

/** The filters of DescribeInstances. What a terminated instance no longer shows does not match either. */
export function instanceFilters(world: World): FilterFields<Instance> {
  const alive = <Value>(read: (instance: Instance) => Value) => {
    return (instance: Instance): Value | undefined => (instance.state === 'terminated' ? undefined : read(instance));
  };
  const groupIds = alive((instance) => instance.securityGroupIds);
  const groupNames = alive((instance) =>
    instance.securityGroupIds.map((groupId) => world.securityGroups[groupId]?.groupName),
  );
  const interfaceId = alive((instance) => instance.networkInterfaceId);
  return {
    architecture: (instance) => findImage(world.region, instance.imageId)?.architecture,
    'availability-zone': (instance) => instance.availabilityZone,
    'block-device-mapping.volume-id': alive((instance) => instance.volumeId),
    'client-token': (instance) => instance.clientToken,
    'dns-name': (instance) =>
      instance.publicIpAddress === undefined ? undefined : publicDnsName(world.region, instance.publicIpAddress),
    'group-id': groupIds,
    'group-name': groupNames,
    'iam-instance-profile.arn': (instance) => instance.instanceProfileArn,
    'iam-instance-profile.name': (instance) => instance.instanceProfileArn?.split('/').at(-1),
    'image-id': (instance) => instance.imageId,
    'instance-id': (instance) => instance.instanceId,
    'instance-state-code': (instance) => stateCodes[instance.state],
    'instance-state-name': (instance) => instance.state,
    'instance-type': (instance) => instance.instanceType,
    'instance.group-id': groupIds,
    'instance.group-name': groupNames,
    'ip-address': (instance) => instance.publicIpAddress,
    'key-name': (instance) => instance.keyName,
    'launch-time': (instance) => new Date(instance.launchedAt).toISOString(),
    'network-interface.group-id': groupIds,
    'network-interface.network-interface-id': interfaceId,
    'network-interface.subnet-id': alive((instance) => instance.subnetId),
    'network-interface.vpc-id': alive((instance) => instance.vpcId),
    'owner-id': () => world.account,
    'private-dns-name': alive((instance) => privateDnsName(world.region, instance.privateIpAddress)),
    'private-ip-address': alive((instance) => instance.privateIpAddress),
    'requester-id': () => undefined,
    'reservation-id': (instance) => instance.reservationId,
    'root-device-type': () => 'ebs',
    'state-reason-code': (instance) => instance.stateReason?.code,
    'subnet-id': alive((instance) => instance.subnetId),
    'vpc-id': alive((instance) => instance.vpcId),
  };
}
