// The ECS agent on each EC2 instance: whether it can come up, what it registers, when it loses its connection.
// Reads the instance's own user data, as the real agent reads ecs.config. Decides purely; changes only in effects.
import { findImage } from '../ec2/images.ts';
import { findInstanceType } from '../ec2/instance-types.ts';
import { allowsEgress } from '../ec2/security-path.ts';
import { parseUserData } from '../ec2/user-data.ts';
import { afflictAgent } from '../faults/afflictions.ts';
import type { Context } from '../handler.ts';
import { profileOfInstance } from '../iam/permissions.ts';
import type { Agenda, Effect, Schedule } from '../agenda.ts';
import type { Cluster, ContainerInstance } from './records.ts';
import type { Instance } from '../ec2/records.ts';
import type { Role } from '../iam/records.ts';
import type { Tag, World } from '../world.ts';
import { reservedPorts } from './capacity.ts';
import { ecsArn, findCluster } from './lookups.ts';

/** Policies of AWS that let an agent register. */
const agentPolicies =
  /:policy\/(service-role\/AmazonEC2ContainerServiceforEC2Role|AdministratorAccess|PowerUserAccess|AmazonECS_FullAccess)$/;

function inlineAllowsRegistration(document: string): boolean {
  try {
    const parsed = JSON.parse(document) as { Statement?: unknown };
    return [parsed.Statement ?? []].flat().some((statement: unknown) => {
      const { Effect: effect, Action: action } = statement as { Effect?: string; Action?: string | string[] };
      return (
        effect === 'Allow' &&
        [action ?? []].flat().some((one) => /^(\*|ecs:\*|ecs:Register(\*|ContainerInstance))$/i.test(one))
      );
    });
  } catch {
    return false;
  }
}

function mayRegister(role: Role): boolean {
  if (!role.assumeRolePolicyDocument.includes('ec2.amazonaws.com')) return false;
  return (
    role.attachedPolicyArns.some((arn) => agentPolicies.test(arn)) ||
    Object.values(role.inlinePolicies).some(inlineAllowsRegistration)
  );
}

function roleOf(world: World, instance: Instance): Role | undefined {
  const name = profileOfInstance(world, instance)?.roleNames[0];
  return name === undefined ? undefined : Object.values(world.roles).find(({ roleName }) => roleName === name);
}

/**
 * Why no agent of the instance reaches ECS, in a few words; undefined when nothing is in its way but time.
 * These are the causes of aws-facts §1.11.
 */
export function agentObstacle(world: World, instance: Instance): string | undefined {
  if (instance.fault === 'agent-never-registers') return 'the agent does not come up';
  if (!findImage(world.region, instance.imageId)?.ecsOptimized) return 'the AMI has no ECS agent';
  if (parseUserData(instance.userData).deadlocks)
    return 'the user data waits for ecs or docker, which wait for the user data';
  if (instance.instanceProfileArn === undefined) return 'the instance has no instance profile';
  const role = roleOf(world, instance);
  if (!role) return 'the instance profile is gone or has no role';
  if (!mayRegister(role)) return `the role ${role.roleName} may not register container instances`;
  if (instance.publicIpAddress === undefined)
    return 'the instance has no public address and no other way to the ECS endpoint';
  if (!allowsEgress(world, instance.securityGroupIds, { protocol: 'tcp', port: 443, toCidr: '0.0.0.0/0' })) {
    return 'its security groups let nothing out on port 443';
  }
  return undefined;
}

/** `5s`, `2m`, `1m30s`: Go's durations, in seconds; undefined when it is none. */
function parseSeconds(text: string | undefined): number | undefined {
  const match = /^(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(text ?? '');
  if (!match || (match[1] === undefined && match[2] === undefined)) return undefined;
  return Number(match[1] ?? 0) * 60 + Number(match[2] ?? 0);
}

function parseMap(json: string | undefined): Tag[] {
  try {
    const parsed: unknown = JSON.parse(json ?? '{}');
    if (typeof parsed !== 'object' || parsed === null) return [];
    return Object.entries(parsed).map(([key, value]) => ({ key, value: String(value) }));
  } catch {
    return [];
  }
}

const capabilities = [
  ...['1.17', '1.18', '1.19', '1.20', '1.21', '1.22', '1.23', '1.24', '1.25'].map(
    (version) => `docker-remote-api.${version}`,
  ),
  ...['json-file', 'syslog', 'none', 'awslogs', 'journald', 'awsfirelens'].map((driver) => `logging-driver.${driver}`),
  'privileged-container',
  'ecr-auth',
  'task-iam-role',
  'task-iam-role-network-host',
].map((name) => `com.amazonaws.ecs.capability.${name}`);

const ecsCapabilities = [
  'container-ordering',
  'container-health-check',
  'execution-role-awslogs',
  'task-cpu-mem-limit',
  'docker-plugin.local',
  'task-eni',
].map((name) => `ecs.capability.${name}`);

function attributesOf(instance: Instance, config: Record<string, string>): ContainerInstance['attributes'] {
  return [
    ...capabilities.map((name) => ({ name })),
    ...ecsCapabilities.map((name) => ({ name })),
    { name: 'ecs.ami-id', value: instance.imageId },
    { name: 'ecs.availability-zone', value: instance.availabilityZone },
    { name: 'ecs.cpu-architecture', value: findInstanceType(instance.instanceType)?.architecture ?? 'x86_64' },
    { name: 'ecs.instance-type', value: instance.instanceType },
    { name: 'ecs.os-family', value: 'LINUX' },
    { name: 'ecs.os-type', value: 'linux' },
    { name: 'ecs.subnet-id', value: instance.subnetId },
    { name: 'ecs.vpc-id', value: instance.vpcId },
    ...parseMap(config['ECS_INSTANCE_ATTRIBUTES']).map(({ key, value }) => ({ name: key, value })),
  ];
}

function register(context: Context, instance: Instance, cluster: Cluster, config: Record<string, string>): void {
  const { world, ids, now } = context;
  const type = findInstanceType(instance.instanceType);
  const containerInstanceArn = ecsArn(world, `container-instance/${cluster.clusterName}/${ids.hex(32)}`);
  const stopTimeoutSeconds = parseSeconds(config['ECS_CONTAINER_STOP_TIMEOUT']);
  const reserved = Number(config['ECS_RESERVED_MEMORY'] ?? 0);
  const registered: ContainerInstance = {
    containerInstanceArn,
    clusterArn: cluster.clusterArn,
    ec2InstanceId: instance.instanceId,
    status: 'ACTIVE',
    agentConnected: true,
    registeredAt: now,
    version: 1,
    registered: {
      cpu: (type?.vcpus ?? 1) * 1024,
      memory: Math.max(0, (type?.registeredMiB ?? 0) - (Number.isFinite(reserved) ? reserved : 0)),
      portsTcp: [...reservedPorts],
      portsUdp: [],
    },
    attributes: attributesOf(instance, config),
    tags: parseMap(config['ECS_CONTAINER_INSTANCE_TAGS']),
    ...(stopTimeoutSeconds === undefined ? {} : { stopTimeoutSeconds }),
  };
  world.containerInstances[containerInstanceArn] = registered;
  afflictAgent(context, registered);
}

/** The registration that is due for an instance without one; undefined while something is in its way. */
function registration(world: World, instance: Instance): Effect | undefined {
  if (agentObstacle(world, instance) !== undefined) return undefined;
  const { ecsConfig } = parseUserData(instance.userData);
  const named = ecsConfig['ECS_CLUSTER'];
  const cluster = findCluster(world, named);
  if (cluster?.status === 'ACTIVE') {
    return {
      kind: 'agent-registered',
      subject: instance.instanceId,
      apply: (context) => register(context, instance, cluster, ecsConfig),
    };
  }
  if (named !== undefined && named !== '') return undefined;
  // Only an agent that was given no name makes a cluster, and then this one.
  return {
    kind: 'default-cluster-created',
    subject: instance.instanceId,
    apply({ now }) {
      const clusterArn = ecsArn(world, 'cluster/default');
      world.clusters[clusterArn] = {
        clusterArn,
        clusterName: 'default',
        status: 'ACTIVE',
        settings: [{ name: 'containerInsights', value: 'disabled' }],
        tags: [],
        createdAt: now,
      };
    },
  };
}

/** What becomes of a registered container instance as its EC2 instance changes. */
function upkeep(world: World, one: ContainerInstance, { time, pace, now, at }: Agenda): void {
  const effect = (kind: string, apply: Effect['apply']): Effect => ({ kind, subject: one.containerInstanceArn, apply });
  const host = world.instances[one.ec2InstanceId];
  const gone = !host || host.state === 'terminated';
  const up =
    host?.state === 'running' &&
    host.bootedAt !== undefined &&
    host.bootedAt <= time &&
    (one.disconnectedUntil ?? 0) <= time &&
    agentObstacle(world, host) === undefined;
  const remove = effect('container-instance-gone', (context) => {
    delete context.world.containerInstances[one.containerInstanceArn];
  });
  if (one.status === 'INACTIVE') {
    if (gone) now(remove);
  } else if (one.agentConnected !== up) {
    now(
      effect(up ? 'agent-connected' : 'agent-disconnected', () => {
        one.agentConnected = up;
        one.version++;
      }),
    );
  } else if (!gone) at(one.disconnectedUntil ?? time);
  else if (one.lostAt === undefined) {
    now(
      effect('container-instance-lost', (context) => {
        one.lostAt = context.now;
      }),
    );
  } else at(one.lostAt + pace.of('deadContainerInstance'), remove);
}

export const scheduleAgents: Schedule = (world, agenda) => {
  const registered = new Set<string>();
  for (const one of Object.values(world.containerInstances)) {
    // A deregistered one counts too: its agent does not come back by itself (aws-facts §7).
    registered.add(one.ec2InstanceId);
    upkeep(world, one, agenda);
  }
  for (const instance of Object.values(world.instances)) {
    if (instance.state !== 'running' || instance.bootedAt === undefined || registered.has(instance.instanceId))
      continue;
    agenda.at(instance.bootedAt, instance.bootedAt > agenda.time ? undefined : registration(world, instance));
  }
};
