// The table of faults that can be switched on: names, what each does in a line, and how often it strikes unless told.
// Data only and light, since the command line shows it; what a fault does is in the files beside this one.

export interface Scenario {
  /** One line for people: what AWS, or the machine, does then. */
  summary: string;
  /**
   * What it strikes. `call`: API calls. `task`: tasks as they start. `instance`: instances as they are launched.
   * `agent`: container instances, those registered already and those that register later.
   */
  strikes: 'call' | 'task' | 'instance' | 'agent';
  /**
   * Which calls, as `service:Operation` with `*` for any part; absent: none is looked at by name.
   * --operation puts another in place.
   */
  operations?: readonly string[];
  /** How many times before it clears itself; 0: until it is cleared. */
  times: number;
  /** True: it means nothing without --operation. */
  needsOperation?: true;
  /** True: --operation cannot change what it strikes. */
  fixed?: true;
  /** True: it concerns one zone, which --zone may name. */
  zonal?: true;
}

const reads = ['*:Describe*', '*:List*', '*:Get*'];

export const scenarios = {
  throttling: {
    summary: 'calls are refused for coming too fast, each service in its own words',
    strikes: 'call',
    operations: ['*:*'],
    times: 3,
  },
  'server-error': {
    summary: 'calls end with an internal error of the service (HTTP 500)',
    strikes: 'call',
    operations: ['*:*'],
    times: 3,
  },
  'connection-dropped': {
    summary: 'the connection breaks before the call is looked at',
    strikes: 'call',
    operations: ['*:*'],
    times: 3,
  },
  'response-lost': {
    summary: 'the change is made, but the connection breaks before the answer',
    strikes: 'call',
    operations: ['changes'],
    times: 1,
  },
  'describe-slow': { summary: 'reads take five seconds longer', strikes: 'call', operations: reads, times: 0 },
  'describe-lags': {
    summary: 'what was just created is missing from every read for ten seconds',
    strikes: 'call',
    operations: ['*:Create*', 'ec2:RunInstances', 'ecs:RegisterTaskDefinition'],
    times: 0,
  },
  'expired-token': {
    summary: 'the credentials expire: every call from then on is refused',
    strikes: 'call',
    operations: ['*:*'],
    times: 0,
  },
  'access-denied': {
    summary: 'the credentials may not do one action, named by --operation',
    strikes: 'call',
    times: 0,
    needsOperation: true,
  },
  'new-instance-profile-invisible': {
    summary: 'EC2 does not see the new instance profile yet',
    strikes: 'call',
    operations: ['ec2:RunInstances'],
    times: 3,
    fixed: true,
  },
  'service-linked-role-race': {
    summary: "ECS cannot assume its service-linked role yet, as on an account's first use",
    strikes: 'call',
    operations: ['ecs:CreateCluster', 'ecs:CreateService'],
    times: 2,
  },
  'security-group-not-found': {
    summary: 'a security group is not found just after its creation',
    strikes: 'call',
    operations: ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RunInstances', 'elasticloadbalancing:CreateLoadBalancer'],
    times: 3,
  },
  'task-definition-conflict': {
    summary: 'registering fails for too many concurrent attempts on the family',
    strikes: 'call',
    operations: ['ecs:RegisterTaskDefinition'],
    times: 3,
    fixed: true,
  },
  'insufficient-capacity': {
    summary: 'EC2 has no capacity in one zone: the first that is asked for, or --zone',
    strikes: 'call',
    operations: ['ec2:RunInstances'],
    times: 0,
    fixed: true,
    zonal: true,
  },
  'type-not-offered': {
    summary: 'one zone does not offer the instance type: the first that has it, or --zone',
    strikes: 'call',
    operations: ['ec2:RunInstances'],
    times: 0,
    fixed: true,
    zonal: true,
  },
  'network-interfaces-linger': {
    summary:
      "a deleted load balancer's network interfaces, or a stopped task's own, stay for two and a half minutes more",
    strikes: 'call',
    operations: ['elasticloadbalancing:DeleteLoadBalancer'],
    times: 1,
    fixed: true,
  },
  'service-stays-draining': {
    summary: 'a deleted service stays DRAINING for two minutes more',
    strikes: 'call',
    operations: ['ecs:DeleteService'],
    times: 1,
    fixed: true,
  },
  'agent-never-registers': {
    summary: 'the ECS agent of a launched instance never comes up',
    strikes: 'instance',
    times: 1,
  },
  'agent-disconnects': {
    summary: 'the ECS agent of a container instance loses its connection for a minute',
    strikes: 'agent',
    times: 1,
  },
  'instance-dies': {
    summary: 'a container instance dies, ten seconds after it was struck',
    strikes: 'agent',
    times: 1,
  },
  'cannot-pull': { summary: 'the registry refuses the image: too many pulls', strikes: 'task', times: 0 },
  'task-crashes-on-start': { summary: 'the program of a task exits with 1 as it starts', strikes: 'task', times: 0 },
  'task-crashes-later': {
    summary: 'the program of a task exits with 1 after it has served for a minute',
    strikes: 'task',
    times: 1,
  },
  'task-slow': { summary: 'the program of a task answers each request after ten seconds', strikes: 'task', times: 0 },
  'task-answers-500': {
    summary: 'the program of a task answers every request with HTTP 500',
    strikes: 'task',
    times: 0,
  },
} as const satisfies Record<string, Scenario>;

export type FaultName = keyof typeof scenarios;

export const faultNames = Object.keys(scenarios) as FaultName[];

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(scenarios, name);
}

export function scenarioOf(name: FaultName): Scenario {
  return scenarios[name];
}
