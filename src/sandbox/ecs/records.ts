// The records of ECS in the world: clusters, container instances, task definitions, services, tasks, images. Types, and names they are made of.
import type { FaultName } from '../faults/records.ts';
import type { Tag } from '../world.ts';

declare module '../world.ts' {
  interface World {
    clusters: Record<string, Cluster>;
    containerInstances: Record<string, ContainerInstance>;
    taskDefinitions: Record<string, TaskDefinition>;
    /** ARNs of the revisions that are DELETE_IN_PROGRESS, and since when: few among what may be thousands. */
    deletedTaskDefinitions: Record<string, { taskDefinitionArn: string; requestedAt: number }>;
    services: Record<string, Service>;
    tasks: Record<string, Task>;
    images: Record<string, RegisteredImage>;
  }
}

/** The stand-ins that can play other images. */
export const registeredLikes = ['nginx', 'sinatra'] as const;

/** An image of a person's own, by its name with or without a tag. */
export interface RegisteredImage {
  name: string;
  like: (typeof registeredLikes)[number];
  /** What it answers. @default the stand-in's own */
  answer?: string;
}

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
  /** Until then its agent has no connection (the fault agent-disconnects). */
  disconnectedUntil?: number;
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

/** Network mode `awsvpc`: where the interfaces of tasks are made, and what guards them. */
export interface TaskNetwork {
  subnets: string[];
  securityGroups: string[];
}

/** The network interface that a task has of its own. */
export interface TaskInterface {
  /** What ECS calls the attachment of it. */
  attachmentId: string;
  networkInterfaceId: string;
  subnetId: string;
  privateIpAddress: string;
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
  /** Of its tasks, in network mode `awsvpc` only. */
  network?: TaskNetwork;
  deploymentConfiguration: {
    minimumHealthyPercent: number;
    maximumPercent: number;
    circuitBreaker: {
      enable: boolean;
      rollback: boolean;
      resetOnHealthyTask: boolean;
      threshold?: { type: string; value: number };
    };
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
  /** Until then it stays DRAINING whatever its tasks do (the fault service-stays-draining). */
  drainsUntil?: number;
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
  /** When what it depends on was as it waits for, so that it is made: from then on it has a process until it stops. */
  createdAt?: number;
  /** When its program first ran. */
  startedAt?: number;
  stoppedAt?: number;
  /** What its health check made of it; absent: it has none, or none has ended yet. */
  healthStatus?: 'HEALTHY' | 'UNHEALTHY';
  exitCode?: number;
  reason?: string;
  /** In the modes `host` and `awsvpc` every port its program listens on, though the API then shows none. */
  networkBindings: NetworkBinding[];
  /** The port inside the container that its program listens on, mapped or not, and where that is on this machine. */
  listening?: { containerPort: number; localPort: number };
  /** RunTask's override of the task definition's command. */
  command?: string[];
  /** RunTask's additions to the task definition's environment. */
  environment?: Record<string, string>;
  /** From SIGTERM to SIGKILL, as AWS counts it. */
  stopTimeoutSeconds?: number;
}

export interface Task {
  /** The targets it was registered as: the service may have other load balancers by the time it leaves. */
  registeredAs?: { targetGroupArn: string; port: number }[];
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
  /** Network mode `host`: its containers listen on the ports of the container instance itself. */
  hostNetwork?: true;
  /** Network mode `awsvpc`: its containers listen on an interface that is the task's alone. */
  attachment?: TaskInterface;
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
  /** The fault it was struck by as it was started. */
  fault?: FaultName;
}
