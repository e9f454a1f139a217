// Everything the sandbox knows, as plain records that survive JSON. No behaviour: handlers, schedulers and runtimes
// read and write it; the store saves it whole. Times are milliseconds since the epoch.
// Tables are keyed by the id or ARN that AWS itself uses for the thing.
import type { Cluster, ContainerInstance, Service, Task, TaskDefinition } from './ecs/records.ts';
import type { Listener, LoadBalancer, TargetGroup } from './elbv2/records.ts';
import type { ActiveFault, FaultName } from './faults/records.ts';

export type {
  Cluster,
  ContainerInstance,
  Deployment,
  NetworkBinding,
  PortMapping,
  Service,
  Task,
  TaskContainer,
  TaskDefinition,
} from './ecs/records.ts';
export type { Listener, LoadBalancer, Target, TargetGroup, TargetState } from './elbv2/records.ts';
export type { ActiveFault } from './faults/records.ts';

export interface Tag {
  key: string;
  value: string;
}

export interface World {
  version: 1;
  account: string;
  region: string;
  /** Last number handed out per family, load balancer and so on; never reset, as on AWS. */
  counters: Record<string, number>;
  vpcs: Record<string, Vpc>;
  subnets: Record<string, Subnet>;
  securityGroups: Record<string, SecurityGroup>;
  networkInterfaces: Record<string, NetworkInterface>;
  keyPairs: Record<string, KeyPair>;
  instances: Record<string, Instance>;
  roles: Record<string, Role>;
  instanceProfiles: Record<string, InstanceProfile>;
  clusters: Record<string, Cluster>;
  containerInstances: Record<string, ContainerInstance>;
  taskDefinitions: Record<string, TaskDefinition>;
  services: Record<string, Service>;
  tasks: Record<string, Task>;
  loadBalancers: Record<string, LoadBalancer>;
  listeners: Record<string, Listener>;
  targetGroups: Record<string, TargetGroup>;
  commands: Record<string, Command>;
  /** Client tokens of RunInstances and CreateService: token → what it made and a digest of the parameters. */
  clientTokens: Record<string, { parameters: string; result: string }>;
  /** Faults that are switched on; absent in a world that never had one. Keyed by `keyOf` of faults/active-faults.ts. */
  faults?: Record<string, ActiveFault>;
  /** Ids and ARNs of what reads do not see yet, until when (the fault describe-lags). */
  hidden?: Record<string, number>;
}

// ---- EC2 ------------------------------------------------------------------------------------------------------

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
  /** When a terminated instance stops being listed. */
  forgottenAt?: number;
  terminationProtection: boolean;
  metadataOptions: { httpEndpoint: string; httpTokens: string; httpPutResponseHopLimit: number };
  creditSpecification?: string;
  monitoring: boolean;
  clientToken?: string;
  networkInterfaceId: string;
  volumeId: string;
  /** Size and type of the root volume where the launch asked for others than the image's. */
  volumeSizeGib?: number;
  volumeType?: string;
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

// ---- IAM ------------------------------------------------------------------------------------------------------

export interface Role {
  roleName: string;
  roleId: string;
  path: string;
  arn: string;
  assumeRolePolicyDocument: string;
  description?: string;
  /** Seconds. @default 3600 */
  maxSessionDuration?: number;
  createdAt: number;
  attachedPolicyArns: string[];
  inlinePolicies: Record<string, string>;
  tags: Tag[];
}

export interface InstanceProfile {
  instanceProfileName: string;
  instanceProfileId: string;
  path: string;
  arn: string;
  /** At most one: a hard quota of AWS. */
  roleNames: string[];
  createdAt: number;
  /** Until then EC2 does not see the profile (propagation). */
  visibleToEc2At: number;
  /** Until then EC2 sees the profile without its role: one that was added to a profile EC2 knew already. */
  roleVisibleToEc2At?: number;
  tags: Tag[];
}

// ---- SSM ------------------------------------------------------------------------------------------------------

export interface Command {
  commandId: string;
  documentName: string;
  parameters: Record<string, string[]>;
  comment: string;
  requestedAt: number;
  /** How long SSM tries to deliver it. @default 3600 */
  timeoutSeconds?: number;
  /** One per instance id. */
  invocations: Record<
    string,
    {
      status: 'Pending' | 'InProgress' | 'Success' | 'Failed' | 'TimedOut' | 'Cancelled';
      responseCode: number;
      stdout: string;
      stderr: string;
      startedAt?: number;
      endedAt?: number;
    }
  >;
}

/** A world with nothing in it. */
export function emptyWorld(account: string, region: string): World {
  return bareTables({
    version: 1,
    account,
    region,
    counters: {},
    vpcs: {},
    subnets: {},
    securityGroups: {},
    networkInterfaces: {},
    keyPairs: {},
    instances: {},
    roles: {},
    instanceProfiles: {},
    clusters: {},
    containerInstances: {},
    taskDefinitions: {},
    services: {},
    tasks: {},
    loadBalancers: {},
    listeners: {},
    targetGroups: {},
    commands: {},
    clientTokens: {},
  });
}

/**
 * Takes the prototype from every table, in place: names from the API are keys, and `constructor` or `__proto__` must
 * find nothing there.
 */
export function bareTables(world: World): World {
  for (const table of Object.values(world) as unknown[]) {
    if (typeof table === 'object' && table !== null && !Array.isArray(table)) Object.setPrototypeOf(table, null);
  }
  return world;
}
