// Whether container instances can take tasks: what a task needs against what each instance has and has left, and what it
// lacks. Pure: from what ECS says of those that are registered, or from the table of types for those to be launched.
import type { Container, ContainerInstance, Resource as EcsResource, Task } from '@aws-sdk/client-ecs';
import { instanceTypeOf, memoryForTasks } from '../ec2/instance-types.ts';
import { meets } from './cluster-query.ts';
import type { TaskNeeds } from './task-needs.ts';

/** What tasks take their share of. */
interface Amounts {
  cpu: number;
  memory: number;
  gpus: number;
  /** Network interfaces beside the instance's own; infinite where that is not known. */
  interfaces: number;
}

/** A container instance, or one that is to be launched. */
export interface Host {
  /** The instance's id; of one to be launched the type. */
  name: string;
  /** The type, as far as it is known. */
  type: string | undefined;
  /** ARN of the container instance; undefined: it is to be launched. */
  arn: string | undefined;
  all: Amounts;
  left: Amounts;
  /** 'tcp/22': host ports that no task ever gets, and those that tasks have. */
  reservedPorts: ReadonlySet<string>;
  takenPorts: ReadonlySet<string>;
  /** Of the cluster query language; undefined: not known. */
  valuesOf(subject: string): readonly string[] | undefined;
}

/** What an instance lacks for a task. `has`: as far as it is known. */
export type Shortage =
  | { lacks: 'CPU' | 'memory' | 'GPU' | 'network interface'; needs: number; has: number }
  | { lacks: 'port'; port: string; reserved: boolean }
  | { lacks: 'architecture' | 'os'; needs: string; has: string }
  | { lacks: 'constraint'; expression: string }
  | { lacks: 'attribute'; name: string }
  /** A task of the service is there, and no two may share an instance. */
  | { lacks: 'another instance' };

export interface Fit {
  /** How many tasks more. */
  tasks: number;
  /** What ends it, on the instance that gets furthest; undefined: there is no instance. */
  limit: Shortage | undefined;
}

function strings(resources: EcsResource[] | undefined, name: string): string[] {
  return resources?.find((resource) => resource.name === name)?.stringSetValue ?? [];
}

function amounts(resources: EcsResource[] | undefined): Amounts {
  const integer = (name: string) => resources?.find((resource) => resource.name === name)?.integerValue ?? 0;
  return {
    cpu: integer('CPU'),
    memory: integer('MEMORY'),
    gpus: strings(resources, 'GPU').length,
    interfaces: Number.POSITIVE_INFINITY,
  };
}

/** ECS lists the ports that are taken, with those that nobody gets. */
function portsOf(resources: EcsResource[] | undefined): Set<string> {
  return new Set([
    ...strings(resources, 'PORTS').map((port) => `tcp/${port}`),
    ...strings(resources, 'PORTS_UDP').map((port) => `udp/${port}`),
  ]);
}

/** What DescribeContainerInstances says of one; undefined: it takes no tasks now. */
export function hostOf(instance: ContainerInstance): Host | undefined {
  if (instance.status !== 'ACTIVE' || instance.agentConnected !== true) return undefined;
  const { containerInstanceArn: arn = '', ec2InstanceId = arn, registeredResources, remainingResources } = instance;
  const attributes = instance.attributes ?? [];
  const named = (name: string) => attributes.filter((each) => each.name === name).map(({ value }) => value ?? '');
  const [type] = named('ecs.instance-type');
  const interfaces = (type === undefined ? undefined : instanceTypeOf(type))?.interfaces;
  const own = interfaces === undefined ? Number.POSITIVE_INFINITY : interfaces - 1;
  const values: Record<string, readonly string[]> = {
    agentConnected: ['true'],
    ec2InstanceId: [ec2InstanceId],
    runningTasksCount: [String(instance.runningTasksCount ?? 0)],
  };
  return {
    name: ec2InstanceId,
    type,
    arn,
    all: { ...amounts(registeredResources), interfaces: own },
    left: { ...amounts(remainingResources), interfaces: own },
    reservedPorts: portsOf(registeredResources),
    takenPorts: portsOf(remainingResources),
    valuesOf: (subject) =>
      subject.startsWith('attribute:') ? named(subject.slice('attribute:'.length)) : values[subject],
  };
}

/** Ports of the ECS-optimized image that no task gets (aws-facts §1.11). */
const agentPorts = ['22', '2375', '2376', '51678', '51679'].map((port) => `tcp/${port}`);

/**
 * One to be launched: at best. What it lacks it will surely lack.
 * @param zones in which it may be; undefined: not known
 * @returns undefined when nobody knows the type
 */
export function hostToBe(typeName: string, zones?: readonly string[]): Host | undefined {
  const type = instanceTypeOf(typeName);
  if (type === undefined) return undefined;
  const { vcpus, gpus, interfaces, architecture } = type;
  const all = { cpu: vcpus * 1024, memory: memoryForTasks(type).atMost, gpus, interfaces: interfaces - 1 };
  const attributes: Record<string, readonly string[] | undefined> = {
    'ecs.instance-type': [typeName],
    'ecs.cpu-architecture': [architecture],
    'ecs.os-type': ['linux'],
    'ecs.os-family': ['LINUX'],
    'ecs.availability-zone': zones?.length === 1 ? zones : undefined,
  };
  return {
    name: `a ${typeName}`,
    type: typeName,
    arn: undefined,
    all,
    left: all,
    reservedPorts: new Set(agentPorts),
    takenPorts: new Set(agentPorts),
    valuesOf(subject) {
      if (!subject.startsWith('attribute:')) return undefined;
      const name = subject.slice('attribute:'.length);
      // Those of ECS's own that are not listed are known once it runs; others it has none, since nobody gave it any.
      return Object.hasOwn(attributes, name) || /^(ecs|com\.amazonaws)\./.test(name) ? attributes[name] : [];
    },
  };
}

const measures = [
  ['memory', 'memory'],
  ['cpu', 'CPU'],
  ['gpus', 'GPU'],
  ['interfaces', 'network interface'],
] as const;

function amountsOf(needs: TaskNeeds): Amounts {
  return { cpu: needs.cpu, memory: needs.memory, gpus: needs.gpus, interfaces: needs.ownInterface ? 1 : 0 };
}

/** What the instance lacks even when no task is on it; undefined: it can take one. */
export function lacks(host: Host, needs: TaskNeeds): Shortage | undefined {
  const [architecture] = host.valuesOf('attribute:ecs.cpu-architecture') ?? [];
  if (needs.architecture !== undefined && architecture !== undefined && needs.architecture !== architecture)
    return { lacks: 'architecture', needs: needs.architecture, has: architecture };
  const [os] = host.valuesOf('attribute:ecs.os-type') ?? [];
  if (needs.os !== undefined && os !== undefined && needs.os !== os) return { lacks: 'os', needs: needs.os, has: os };
  const expression = needs.constraints.find((each) => meets(each, (subject) => host.valuesOf(subject)) === false);
  if (expression !== undefined) return { lacks: 'constraint', expression };
  const name = needs.attributes.find((each) => host.valuesOf(`attribute:${each}`)?.length === 0);
  if (name !== undefined) return { lacks: 'attribute', name };
  const asked = amountsOf(needs);
  for (const [measure, words] of measures) {
    if (asked[measure] > host.all[measure]) return { lacks: words, needs: asked[measure], has: host.all[measure] };
  }
  const port = needs.hostPorts.find((each) => host.reservedPorts.has(each));
  return port === undefined ? undefined : { lacks: 'port', port, reserved: true };
}

/** How many tasks more the instance takes now, and what ends it. */
function room(host: Host, needs: TaskNeeds, here: number): { tasks: number; limit: Shortage } {
  const missing = lacks(host, needs);
  if (missing !== undefined) return { tasks: 0, limit: missing };
  const taken = needs.hostPorts.find((port) => host.takenPorts.has(port));
  const [port = taken] = needs.hostPorts;
  const asked = amountsOf(needs);
  const ends: { tasks: number; limit: Shortage }[] = [
    ...(port === undefined
      ? []
      : [
          {
            tasks: taken === undefined ? 1 : 0,
            limit: { lacks: 'port', port: taken ?? port, reserved: false } as const,
          },
        ]),
    ...(needs.distinct ? [{ tasks: here > 0 ? 0 : 1, limit: { lacks: 'another instance' } as const }] : []),
    ...measures.map(([measure, words]) => {
      const tasks = asked[measure] === 0 ? Number.POSITIVE_INFINITY : Math.floor(host.left[measure] / asked[measure]);
      const has = host.left[measure] - Math.min(tasks, 1e6) * asked[measure];
      return { tasks: Math.max(0, tasks), limit: { lacks: words, needs: asked[measure], has } };
    }),
  ];
  return ends.reduce((least, each) => (each.tasks < least.tasks ? each : least));
}

/**
 * How many tasks more the instances take.
 * @param here how many of the service each has already, by the ARN of the container instance: for those that may not share one
 */
export function fit(hosts: readonly Host[], needs: TaskNeeds, here: ReadonlyMap<string, number> = new Map()): Fit {
  const rooms = hosts.map((host) => room(host, needs, here.get(host.arn ?? '') ?? 0));
  const nearest = rooms.toSorted((one, other) => other.tasks - one.tasks)[0];
  return { tasks: rooms.reduce((total, { tasks }) => total + tasks, 0), limit: nearest?.limit };
}

/** Whether the instances alone say how much room there is. Where tasks are, and who has network interfaces, only tasks say. */
export function isRoomKnown({ ownInterface, distinct }: TaskNeeds): boolean {
  return !ownInterface && !distinct;
}

/** The instances with the network interfaces that these tasks have: ECS lists them among no resources. */
export function withInterfacesOf(hosts: readonly Host[], tasks: readonly Task[]): Host[] {
  return hosts.map((host) => {
    const having = tasks.filter((task) => task.containerInstanceArn === host.arn && hasInterface(task));
    return { ...host, left: { ...host.left, interfaces: host.left.interfaces - having.length } };
  });
}

function hasInterface({ attachments = [] }: Task): boolean {
  return attachments.some(({ type }) => type === 'ElasticNetworkInterface');
}

/**
 * The instances as they are once these tasks are gone.
 * @param portsInHost what a task has whose agent reports no ports, as in the network mode `host`; at best all that is wanted
 */
export function without(hosts: readonly Host[], tasks: readonly Task[], portsInHost: readonly string[]): Host[] {
  return hosts.map((host) => {
    const gone = tasks.filter(({ containerInstanceArn }) => containerInstanceArn === host.arn);
    if (gone.length === 0) return host;
    const left = { ...host.left };
    const takenPorts = new Set(host.takenPorts);
    for (const task of gone) {
      const { cpu, memory, containers = [] } = task;
      // A task without a size of its own has that of its containers.
      const sum = (of: (container: Container) => number) => containers.reduce((total, each) => total + of(each), 0);
      left.cpu += Number(cpu ?? 0) || sum((each) => Number(each.cpu ?? 0));
      left.memory += Number(memory ?? 0) || sum((each) => Number(each.memoryReservation ?? each.memory ?? 0));
      left.gpus += containers.reduce((total, { gpuIds = [] }) => total + gpuIds.length, 0);
      left.interfaces += hasInterface(task) ? 1 : 0;
      const bound = containers
        .flatMap(({ networkBindings = [] }) => networkBindings)
        .map(({ hostPort, protocol = 'tcp' }) => `${protocol}/${hostPort}`);
      for (const port of bound.length > 0 ? bound : portsInHost)
        if (!host.reservedPorts.has(port)) takenPorts.delete(port);
    }
    return { ...host, left, takenPorts };
  });
}

/** What is used up, in a few words: 'memory', 'port 8080'. */
export function limitWords(limit: Shortage | undefined): string {
  if (limit === undefined) return 'container instances';
  if (limit.lacks === 'port') return `port ${limit.port.slice(limit.port.indexOf('/') + 1)}`;
  return limit.lacks === 'another instance' ? 'other instance' : limit.lacks;
}
