// Where tasks go: container instances that meet the requirements, in the order the strategy prefers. Pure.
// Knows nothing of services' deployments; says why nothing fits in terms that RunTask and service events both use.
import type { ContainerInstance, Service, TaskNetwork } from './records.ts';
import type { World } from '../world.ts';
import { fixedPortsOf, remainingOf, tasksOn, type Resources } from './capacity.ts';
import { parseQuery, type Predicate } from './cluster-query.ts';
import { documentOf, gpusOf, requiredAttributes, reservationOf } from './task-definition-document.ts';
import { isInZoneOf, subnetFor } from './task-network.ts';

export interface PlacementRequest {
  clusterArn: string;
  taskDefinitionArn: string;
  /** 'service:<name>' or 'family:<family>': what is spread, and what distinctInstance keeps apart. */
  group: string;
  strategy: Service['placementStrategy'];
  constraints: Service['placementConstraints'];
  /** Of tasks in network mode `awsvpc`: only instances in the zones of its subnets will do. */
  network?: TaskNetwork | undefined;
}

/** What the closest container instance lacks, in RunTask's words; 'NONE' when there is no container instance at all. */
export type Shortage =
  | 'NONE'
  | 'AGENT'
  | 'ATTRIBUTE'
  | 'RESOURCE:PORTS'
  | 'RESOURCE:CPU'
  | 'RESOURCE:MEMORY'
  | 'RESOURCE:ENI'
  | 'RESOURCE:GPU'
  | 'MemberOf placement constraint unsatisfied.'
  | 'DistinctInstance placement constraint unsatisfied.';

export interface Placement {
  /** ARNs of container instances, one per task; may be fewer than asked for. */
  chosen: string[];
  /** Set when fewer were chosen than asked for. `containerInstanceArn`: the closest match. */
  failure?: { shortage: Shortage; containerInstanceArn?: string };
}

interface Candidate {
  instance: ContainerInstance;
  free: Resources;
  /** Tasks of the group on it, and of anything. */
  groupTasks: number;
}

interface Needs extends Resources {
  attributes: string[];
  predicates: Predicate[];
  distinct: boolean;
  /** As container instances say it; undefined: any. */
  architecture: string | undefined;
  gpus: number;
  network: TaskNetwork | undefined;
}

/** From the least to the nearest miss: the instance that got furthest is the closest match. */
const nearness: Shortage[] = [
  'NONE',
  'ATTRIBUTE',
  'MemberOf placement constraint unsatisfied.',
  'AGENT',
  'DistinctInstance placement constraint unsatisfied.',
  'RESOURCE:PORTS',
  'RESOURCE:CPU',
  'RESOURCE:MEMORY',
  'RESOURCE:ENI',
  'RESOURCE:GPU',
];

function needsOf(world: World, request: PlacementRequest): Needs | undefined {
  const taskDefinition = world.taskDefinitions[request.taskDefinitionArn];
  if (!taskDefinition) return undefined;
  const document = documentOf(taskDefinition);
  const ports = fixedPortsOf(world, request.taskDefinitionArn);
  const constraints = [...request.constraints, ...document.placementConstraints];
  return {
    ...reservationOf(document),
    portsTcp: ports.tcp,
    portsUdp: ports.udp,
    attributes: requiredAttributes(document),
    predicates: constraints.flatMap(({ type, expression }) =>
      type === 'memberOf' && expression ? [parseQuery(expression)] : [],
    ),
    distinct: constraints.some(({ type }) => type === 'distinctInstance'),
    architecture: document.runtimePlatform?.cpuArchitecture?.toLowerCase(),
    gpus: gpusOf(document),
    network: request.network,
    interfaces: document.networkMode === 'awsvpc' ? 1 : 0,
  };
}

function shortageOf(world: World, needs: Needs, { instance, free, groupTasks }: Candidate): Shortage | undefined {
  if (!needs.attributes.every((name) => instance.attributes.some((one) => one.name === name))) return 'ATTRIBUTE';
  if (needs.architecture !== undefined && valueOf(instance, 'ecs.cpu-architecture') !== needs.architecture)
    return 'ATTRIBUTE';
  if (needs.network !== undefined && !isInZoneOf(world, needs.network, instance)) return 'ATTRIBUTE';
  if (!needs.predicates.every((matches) => matches(world, instance)))
    return 'MemberOf placement constraint unsatisfied.';
  if (!instance.agentConnected) return 'AGENT';
  if (needs.distinct && groupTasks > 0) return 'DistinctInstance placement constraint unsatisfied.';
  if (needs.portsTcp.some((port) => free.portsTcp.includes(port))) return 'RESOURCE:PORTS';
  if (needs.portsUdp.some((port) => free.portsUdp.includes(port))) return 'RESOURCE:PORTS';
  if (needs.cpu > free.cpu) return 'RESOURCE:CPU';
  if (needs.memory > free.memory) return 'RESOURCE:MEMORY';
  if (needs.interfaces > free.interfaces) return 'RESOURCE:ENI';
  if (needs.network !== undefined && subnetFor(world, needs.network, instance) === undefined) return 'RESOURCE:ENI';
  // No type that the sandbox offers has any.
  if (needs.gpus > 0) return 'RESOURCE:GPU';
  return undefined;
}

/** A number that looks random and is the same for the same input, so that the schedule stays pure. */
function scatter(text: string): number {
  let hash = 2_166_136_261;
  for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619);
  return hash >>> 0;
}

function valueOf(instance: ContainerInstance, field: string): string {
  if (field === 'instanceId' || field === 'host') return instance.ec2InstanceId;
  return instance.attributes.find(({ name }) => name === field.replace(/^attribute:/, ''))?.value ?? '';
}

/** Compares two usable candidates by the strategy; negative: `a` first. */
function compare(
  a: Candidate,
  b: Candidate,
  all: Candidate[],
  strategy: Service['placementStrategy'],
  salt: number,
): number {
  for (const { type, field = '' } of strategy) {
    if (type === 'random')
      return scatter(a.instance.containerInstanceArn + salt) - scatter(b.instance.containerInstanceArn + salt);
    if (type === 'binpack') {
      const difference = /cpu/i.test(field) ? a.free.cpu - b.free.cpu : a.free.memory - b.free.memory;
      if (difference !== 0) return difference;
      continue;
    }
    const tasksAt = (one: Candidate): number =>
      all
        .filter((other) => valueOf(other.instance, field) === valueOf(one.instance, field))
        .reduce((sum, other) => sum + other.groupTasks, 0);
    const difference = tasksAt(a) - tasksAt(b);
    if (difference !== 0) return difference;
  }
  return b.free.memory - a.free.memory || (a.instance.containerInstanceArn < b.instance.containerInstanceArn ? -1 : 1);
}

/** What ECS does without a strategy: even over zones, then over instances. */
const defaultStrategy = [
  { type: 'spread', field: 'attribute:ecs.availability-zone' },
  { type: 'spread', field: 'instanceId' },
];

/** Places up to `count` tasks one after the other, each seeing what the ones before it took. */
export function placeTasks(world: World, request: PlacementRequest, count: number): Placement {
  const needs = needsOf(world, request);
  const candidates: Candidate[] = Object.values(world.containerInstances)
    .filter((instance) => instance.clusterArn === request.clusterArn && instance.status === 'ACTIVE')
    .map((instance) => ({
      instance,
      free: remainingOf(world, instance),
      groupTasks: tasksOn(world, instance.containerInstanceArn).filter(
        (task) => task.group === request.group && task.desiredStatus === 'RUNNING',
      ).length,
    }));
  if (!needs || candidates.length === 0)
    return count > 0 ? { chosen: [], failure: { shortage: 'NONE' } } : { chosen: [] };
  const strategy = request.strategy.length > 0 ? request.strategy : defaultStrategy;
  const chosen: string[] = [];
  while (chosen.length < count) {
    const usable = candidates.filter((candidate) => shortageOf(world, needs, candidate) === undefined);
    const [best] = usable.sort((a, b) => compare(a, b, candidates, strategy, chosen.length));
    if (!best) {
      const missed = candidates
        .map((candidate) => ({ candidate, shortage: shortageOf(world, needs, candidate) ?? 'NONE' }))
        .sort((a, b) => nearness.indexOf(b.shortage) - nearness.indexOf(a.shortage))[0];
      if (!missed) return { chosen, failure: { shortage: 'NONE' } };
      return {
        chosen,
        failure: { shortage: missed.shortage, containerInstanceArn: missed.candidate.instance.containerInstanceArn },
      };
    }
    chosen.push(best.instance.containerInstanceArn);
    best.free.cpu -= needs.cpu;
    best.free.memory -= needs.memory;
    best.free.interfaces -= needs.interfaces;
    best.free.portsTcp.push(...needs.portsTcp);
    best.free.portsUdp.push(...needs.portsUdp);
    best.groupTasks++;
  }
  return { chosen };
}

/** Whether one given container instance takes the task: what StartTask asks. Undefined: it does. */
export function shortageOn(world: World, instance: ContainerInstance, request: PlacementRequest): Shortage | undefined {
  const needs = needsOf(world, request);
  if (!needs) return 'NONE';
  return shortageOf(
    world,
    { ...needs, predicates: [], distinct: false },
    { instance, free: remainingOf(world, instance), groupTasks: 0 },
  );
}
