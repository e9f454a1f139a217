// The records of EC2 in the world: network, key pairs and instances. Types only.
import type { FaultName } from '../faults/records.ts';
import type { Tag } from '../world.ts';

declare module '../world.ts' {
  interface World {
    vpcs: Record<string, Vpc>;
    subnets: Record<string, Subnet>;
    securityGroups: Record<string, SecurityGroup>;
    networkInterfaces: Record<string, NetworkInterface>;
    keyPairs: Record<string, KeyPair>;
    instances: Record<string, Instance>;
  }
}

export interface Vpc {
  vpcId: string;
  cidrBlock: string;
  isDefault: boolean;
  tags: Tag[];
}

export interface Subnet {
  subnetId: string;
  vpcId: string;
  cidrBlock: string;
  availabilityZone: string;
  availabilityZoneId: string;
  defaultForAz: boolean;
  mapPublicIpOnLaunch: boolean;
  tags: Tag[];
}

export interface SecurityGroup {
  groupId: string;
  groupName: string;
  description: string;
  vpcId: string;
  tags: Tag[];
  rules: SecurityGroupRule[];
}

/** One source each, as DescribeSecurityGroupRules shows them. */
export interface SecurityGroupRule {
  securityGroupRuleId: string;
  isEgress: boolean;
  /** 'tcp', 'udp', 'icmp', or '-1' for all. */
  ipProtocol: string;
  /** −1 when the protocol is '-1'. */
  fromPort: number;
  toPort: number;
  cidrIpv4?: string;
  cidrIpv6?: string;
  referencedGroupId?: string;
  description?: string;
  tags: Tag[];
}

export interface NetworkInterface {
  networkInterfaceId: string;
  subnetId: string;
  vpcId: string;
  availabilityZone: string;
  description: string;
  groupIds: string[];
  privateIpAddress: string;
  publicIp?: string;
  requesterManaged: boolean;
  /** 'amazon-elb' for a load balancer's, the account for an instance's. */
  instanceOwnerId: string;
  instanceId?: string;
  loadBalancerArn?: string;
  /** It is that of an ECS task, beside the instance's own. */
  ofTask?: true;
  /** Once set, the interface lingers until then: AWS releases a deleted load balancer's interfaces late. */
  releaseAt?: number;
  tags: Tag[];
}

export interface KeyPair {
  keyPairId: string;
  keyName: string;
  keyType: string;
  keyFingerprint: string;
  /** OpenSSH form; what DescribeKeyPairs gives with IncludePublicKey. */
  publicKey?: string;
  createdAt: number;
  tags: Tag[];
}

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

export interface Instance {
  instanceId: string;
  reservationId: string;
  imageId: string;
  instanceType: string;
  keyName?: string;
  subnetId: string;
  vpcId: string;
  availabilityZone: string;
  privateIpAddress: string;
  publicIpAddress?: string;
  securityGroupIds: string[];
  /** ARN of the instance profile, when the instance has one. */
  instanceProfileArn?: string;
  /** Its id when it was given: a profile made anew under the same name has the ARN of the old one and another id. */
  instanceProfileId?: string;
  /** Of a profile that was given after the launch. */
  profileAssociation?: { associationId: string; since: number };
  /** As sent: base64. */
  userData?: string;
  state: InstanceState;
  /** Why it stopped or terminated, e.g. 'Client.UserInitiatedShutdown'. */
  stateReason?: { code: string; message: string };
  launchedAt: number;
  /** When a person last stopped or terminated it. */
  stateChangedAt?: number;
  /** When the present state ends by itself (pending → running, shutting-down → terminated). */
  stateEndsAt?: number;
  /** When the operating system has booted far enough for the ECS and SSM agents to start. */
  bootedAt?: number;
  /** When a person last rebooted it: what ran before is gone. */
  rebootedAt?: number;
  /** When a terminated instance stops being listed. */
  forgottenAt?: number;
  terminationProtection: boolean;
  /** It may not be stopped by the API. */
  stopProtection?: true;
  ebsOptimized?: true;
  metadataOptions: {
    httpEndpoint: string;
    httpTokens: string;
    httpPutResponseHopLimit: number;
    httpProtocolIpv6?: 'enabled' | 'disabled';
    instanceMetadataTags?: 'enabled' | 'disabled';
  };
  creditSpecification?: string;
  monitoring: boolean;
  clientToken?: string;
  networkInterfaceId: string;
  volumeId: string;
  /** Size and type of the root volume where the launch asked for others than the image's. */
  volumeSizeGib?: number;
  volumeType?: string;
  volumeIops?: number;
  /** MiB/s. */
  volumeThroughput?: number;
  volumeEncrypted?: boolean;
  /** False: it never gets a public address, whatever its subnet does. */
  associatePublicIp?: boolean;
  /** The fault it was struck by: its agent never comes up. */
  fault?: FaultName;
  /** When it dies by itself (the fault instance-dies). */
  diesAt?: number;
  /** Position among the instances of one launch. */
  launchIndex?: number;
  /** 'terminate' or 'stop'. @default 'stop' */
  shutdownBehavior?: string;
  tags: Tag[];
  volumeTags: Tag[];
}
