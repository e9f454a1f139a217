// What container instances are to be, as a value: all that finding, launching, repairing and removing them take.
import type { Instance } from '@aws-sdk/client-ec2';
import type { ContainerInstance } from '@aws-sdk/client-ecs';
import type { AnyTag } from '../../aws/ownership.ts';
import type { Named } from '../resource.ts';

export const instanceType = 'AWS::EC2::Instance';

export type KnownInstance = Instance & { InstanceId: string };

/** The name is the value of their `Name` tag. */
export interface WantedInstances extends Named {
  /** Which their agents join. */
  cluster: string;
  /** Its generation seeds the client tokens, its times are theirs. Undefined: the cluster does not exist (yet). */
  clusterTags: readonly AnyTag[] | undefined;
  /** How many; undefined: nobody says now. */
  count: number | undefined;
  /** How many were asked for last. */
  countBefore: number | undefined;
  /** Undefined: as those which are there, otherwise `instanceTypeDefault`. */
  instanceType: string | undefined;
  instanceTypeDefault: string;
  /** The security group they are in. Undefined: not looked at, and then it is no difference. `id` undefined: there is none. */
  network: { vpcId: string; securityGroup: { name: string; id: string | undefined } } | undefined;
  /** The instance profile by name. Undefined: not looked at. `id` undefined: there is none of that name. */
  profile: { name: string; id: string | undefined } | undefined;
  keyName: string | undefined;
  /** Where to launch, in turn. */
  places: readonly { SubnetId: string; AvailabilityZone: string; MapPublicIpOnLaunch?: boolean | undefined }[];
  /** Told of what is there as soon as it is known, also when the rest fails. */
  looked?: (found: { up: KnownInstance[]; registered: ContainerInstance[]; members: ContainerInstance[] }) => void;
}
