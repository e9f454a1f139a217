// Everything the sandbox knows, as plain records that survive JSON. No behaviour: handlers, schedulers and runtimes
// read and write it; the store saves it whole. Times are milliseconds since the epoch.
// Tables are keyed by the id or ARN that AWS itself uses for the thing.

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
  /** ARN of the instance profile, when the instance was launched with one. */
  instanceProfileArn?: string;
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

// ---- ECS ------------------------------------------------------------------------------------------------------

export interface Cluster {
  clusterArn: string;
  clusterName: string;
  status: 'ACTIVE' | 'INACTIVE';
  settings: { name: string; value: string }[];
  tags: Tag[];
  createdAt: number;
  /** When it was deleted; it stays describable for a while. */
  inactiveAt?: number;
}

export interface ContainerInstance {
  containerInstanceArn: string;
  clusterArn: string;
  ec2InstanceId: string;
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  agentConnected: boolean;
  registeredAt: number;
  version: number;
  registered: { cpu: number; memory: number; portsTcp: number[]; portsUdp: number[] };
  attributes: { name: string; value?: string }[];
  tags: Tag[];
  /** Images pulled since the instance booted: the next task with one of them starts sooner. */
  pulledImages?: string[];
  /** ECS_CONTAINER_STOP_TIMEOUT of its user data, in seconds; absent: the agent's 30. */
  stopTimeoutSeconds?: number;
  /** When its EC2 instance was terminated; it lingers in the cluster for a while after that. */
  lostAt?: number;
}

export interface PortMapping {
  containerPort: number;
  /** 0: the agent picks a port from the ephemeral range. */
  hostPort: number;
  protocol: 'tcp' | 'udp';
}

/** The document as registered, in AWS's own member names, plus what registration adds. */
export interface TaskDefinition {
  taskDefinitionArn: string;
  family: string;
  revision: number;
  status: 'ACTIVE' | 'INACTIVE' | 'DELETE_IN_PROGRESS';
  registeredAt: number;
  deregisteredAt?: number;
  deleteRequestedAt?: number;
  /** RegisterTaskDefinition's input (less tags) after defaults, in the API's own shape. */
  document: Record<string, unknown>;
  tags: Tag[];
}

export interface ServiceEvent {
  id: string;
  createdAt: number;
  message: string;
}

export interface Deployment {
  /** 'ecs-svc/0123456789012345678' */
  id: string;
  status: 'PRIMARY' | 'ACTIVE';
  taskDefinitionArn: string;
  desiredCount: number;
  failedTasks: number;
  rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  rolloutStateReason: string;
  createdAt: number;
  updatedAt: number;
  /** True once the circuit breaker turned to it: it has nothing further to fall back to. */
  isRollback?: boolean;
}

export interface Service {
  serviceArn: string;
  serviceName: string;
  clusterArn: string;
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  taskDefinitionArn: string;
  desiredCount: number;
  launchType: 'EC2';
  loadBalancers: { targetGroupArn: string; containerName: string; containerPort: number }[];
  deploymentConfiguration: {
    minimumHealthyPercent: number;
    maximumPercent: number;
    circuitBreaker: { enable: boolean; rollback: boolean; resetOnHealthyTask: boolean; threshold?: { type: string; value: number } };
  };
  healthCheckGracePeriodSeconds: number;
  availabilityZoneRebalancing: 'ENABLED' | 'DISABLED';
  placementStrategy: { type: string; field?: string }[];
  placementConstraints: { type: string; expression?: string }[];
  schedulingStrategy: 'REPLICA';
  propagateTags: 'SERVICE' | 'TASK_DEFINITION' | 'NONE';
  enableEcsManagedTags: boolean;
  enableExecuteCommand: boolean;
  roleArn?: string;
  /** Newest first, at most 100. */
  events: ServiceEvent[];
  deployments: Deployment[];
  createdAt: number;
  createdBy: string;
  /** Until then nothing more is started: ECS slows down starts that keep failing before RUNNING. */
  throttledUntil?: number;
  /** When the placement of tasks that found no room is tried again. */
  placementRetryAt?: number;
  /** Starts in a row that failed before RUNNING; feeds `throttledUntil`. */
  failedStarts?: number;
  /** Set while it is settled: every task of the one deployment runs and is healthy. */
  steadyAt?: number;
  /** What the last completed deployment ran: where a rollback goes. */
  completedTaskDefinitionArn?: string;
  /** Digest of CreateService's arguments, when it came with this client token. */
  clientToken?: string;
  /** When DeleteService was called. */
  deletedAt?: number;
  /** When it became INACTIVE. */
  inactiveAt?: number;
  tags: Tag[];
}

export type TaskStatus =
  | 'PROVISIONING'
  | 'PENDING'
  | 'ACTIVATING'
  | 'RUNNING'
  | 'DEACTIVATING'
  | 'STOPPING'
  | 'DEPROVISIONING'
  | 'STOPPED';

export interface NetworkBinding {
  containerPort: number;
  /** The port as the API shows it. */
  hostPort: number;
  /** The port on this machine's loopback that the process listens on; equals hostPort for dynamic ports. */
  localPort: number;
  protocol: 'tcp' | 'udp';
}

export interface TaskContainer {
  name: string;
  containerArn: string;
  image: string;
  /** Docker's id of the container, 64 hex digits, once it was created. */
  runtimeId?: string;
  lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED';
  essential: boolean;
  cpu: number;
  memory?: number;
  memoryReservation?: number;
  exitCode?: number;
  reason?: string;
  networkBindings: NetworkBinding[];
  /** RunTask's override of the task definition's command. */
  command?: string[];
  /** From SIGTERM to SIGKILL, as AWS counts it. */
  stopTimeoutSeconds?: number;
}

export interface Task {
  taskArn: string;
  clusterArn: string;
  containerInstanceArn: string;
  taskDefinitionArn: string;
  /** 'service:<name>' for a service's task, otherwise 'family:<family>'. */
  group: string;
  /** The deployment id for a service's task. */
  startedBy?: string;
  serviceArn?: string;
  deploymentId?: string;
  lastStatus: TaskStatus;
  desiredStatus: 'RUNNING' | 'STOPPED';
  containers: TaskContainer[];
  cpu: number;
  memory: number;
  createdAt: number;
  pullStartedAt?: number;
  pullStoppedAt?: number;
  startedAt?: number;
  stoppingAt?: number;
  stoppedAt?: number;
  stopCode?: string;
  stoppedReason?: string;
  /** When the present status ends by itself. */
  statusEndsAt?: number;
  version: number;
  tags: Tag[];
  enableExecuteCommand?: boolean;
  /** RunTask's overrides, as sent. */
  overrides?: Record<string, unknown>;
  /** Set once the service has looked at how it ended (circuit breaker, start throttle). */
  counted?: boolean;
  /** When it first ran with every target of its service healthy. */
  healthyAt?: number;
}

// ---- ELBv2 ----------------------------------------------------------------------------------------------------

export interface LoadBalancer {
  loadBalancerArn: string;
  loadBalancerName: string;
  /** What DescribeLoadBalancers gives: host and port on loopback, so that http://<DNSName>/ works anywhere. */
  dnsName: string;
  /** Loopback port of the HTTP:80 listener (any first listener if there is none on 80). Reserved at creation. */
  localPort: number;
  scheme: 'internet-facing' | 'internal';
  type: 'application';
  ipAddressType: string;
  vpcId: string;
  subnetIds: string[];
  securityGroupIds: string[];
  state: 'provisioning' | 'active' | 'failed';
  stateEndsAt?: number;
  attributes: Record<string, string>;
  createdAt: number;
  tags: Tag[];
}

export interface Listener {
  listenerArn: string;
  loadBalancerArn: string;
  port: number;
  protocol: string;
  /** As sent: AWS's own member names. */
  defaultActions: Record<string, unknown>[];
  /** The target group that the default action forwards to, if it forwards. */
  targetGroupArn?: string;
  /** Loopback port of a listener on a port other than 80, in addition to the load balancer's own for the first one. */
  localPort?: number;
  /** Last part of the default rule's ARN. */
  ruleId?: string;
  tags: Tag[];
}

export type TargetState = 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining' | 'unavailable';

export interface Target {
  /** Instance id. */
  id: string;
  /** Port as the API shows it. */
  port: number;
  state: TargetState;
  reason?: string;
  description?: string;
  registeredAt: number;
  /** Consecutive probe results since the last change of state. */
  successes: number;
  failures: number;
  /** Set when deregistered: the entry goes away then. */
  drainsUntil?: number;
}

export interface TargetGroup {
  targetGroupArn: string;
  targetGroupName: string;
  protocol: string;
  protocolVersion: string;
  port: number;
  vpcId: string;
  targetType: string;
  ipAddressType: string;
  healthCheck: {
    enabled: boolean;
    protocol: string;
    port: string;
    path: string;
    intervalSeconds: number;
    timeoutSeconds: number;
    healthyThreshold: number;
    unhealthyThreshold: number;
    matcher: string;
  };
  attributes: Record<string, string>;
  /** Keyed `${id}:${port}`. */
  targets: Record<string, Target>;
  createdAt: number;
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
  return {
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
  };
}
