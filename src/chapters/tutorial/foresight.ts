// What is known before the first change is used before the first change: whether the tasks that are wanted can be placed on
// the instances there are, or on those that would be launched, and whether the demo can take their network mode. What was
// read for it the steps need not read again.
import type { Service } from '@aws-sdk/client-ecs';
import { isOurs } from '../../aws/ownership.ts';
import type { StepRun } from '../../engine/types.ts';
import { type Fleet, findFleet, findInstances, typeWanted } from '../../resources/ec2/instances.ts';
import { fit, type Host, hostToBe, isRoomKnown } from '../../resources/ecs/capacity.ts';
import { cluster as clusterKind, recordedCount } from '../../resources/ecs/cluster.ts';
import { describeService } from '../../resources/ecs/describe-service.ts';
import { type Placing, unplaceable } from '../../resources/ecs/placement.ts';
import { describeTargets } from '../../resources/ecs/settle.ts';
import { hostsOf, percentOf, surely } from '../../resources/ecs/surroundings.ts';
import { describeDefinition, isRight, type SeenDefinition } from '../../resources/ecs/task-definition.ts';
import { needsOf } from '../../resources/ecs/task-needs.ts';
import { refuseOtherType, targetTypeOf } from '../../resources/elbv2/target-group.ts';
import { type Work, working } from '../../resources/resource.ts';
import type { TutorialContext } from './context.ts';
import { service as outline } from './outline.ts';
import { wantedInstances } from './wanted-instances.ts';
import { wantedService } from './wanted-service.ts';

/** What was read ahead; each is taken once. Undefined: it was not read. */
export interface Foreseen {
  fleet?: Fleet | undefined;
  service?: Awaited<ReturnType<typeof describeService>> | undefined;
  definition?: SeenDefinition | undefined;
  /** When, and how much the run had changed by then. */
  readAt: number;
  changes: number;
}

/** How long what was read ahead is news. */
const newsMs = 10_000;

/** Takes what was read ahead, if nothing has changed since; undefined: it is to be read. */
export function takeForeseen<Part extends 'fleet' | 'service' | 'definition'>(
  { facts, changes }: TutorialContext,
  part: Part,
): Foreseen[Part] {
  const { foreseen } = facts;
  const value = foreseen?.[part];
  if (foreseen === undefined || value === undefined) return undefined;
  delete foreseen[part];
  return foreseen.changes === changes() && Date.now() - foreseen.readAt < newsMs ? value : undefined;
}

/**
 * For an `up` that makes the service. One call where there is no demo; where there is one, those that the steps make anyway,
 * and more only for what seems to have no room.
 * @throws EcsdemoError `does-not-fit` or `network-mode-fixed`, before anything is changed
 */
export async function foresee(context: TutorialContext, run: StepRun): Promise<void> {
  const at = working(context, run, outline.id);
  // Its cluster may not have been looked for yet; absent clusters answer with no container instances.
  const wanted = { ...wantedInstances(context), clusterTags: [] };
  const instances = await findInstances(at);
  const alive = instances.some(({ State }) => !['shutting-down', 'terminated'].includes(State?.Name ?? ''));
  const readAt = Date.now();
  const [fleet, service] = alive
    ? await Promise.all([findFleet(at, wanted, instances), describeService(at, wantedService(context))])
    : [undefined, undefined];
  // Whose the others in the cluster are the fleet is asked for again, when the security groups are known.
  const whole = fleet?.members.every((member) => fleet.registered.includes(member)) === true;
  context.facts.foreseen = { readAt, changes: context.changes(), service, fleet: whole ? fleet : undefined };
  const now: Demo = { fleet, service: service?.service?.status === 'ACTIVE' ? service.service : undefined };
  refuseOtherMode(context, now.service);
  const given = context.settings.instances;
  const refusal = await foretell(context, at, now, given);
  if (refusal === undefined) return;
  // Nobody says how many instances now: as many as were asked for last, which the cluster knows.
  const before = given === undefined ? await countBefore(context, at) : undefined;
  const error = before === undefined ? refusal : await foretell(context, at, now, before);
  if (error !== undefined) throw error;
}

/** Its service tells of what type the target group is, which is read later; what is not ours, its own step refuses. */
function refuseOtherMode({ names, demo, document }: TutorialContext, service: Service | undefined): void {
  if (service?.loadBalancers?.length !== 1 || !isOurs(service.tags, demo)) return;
  const TargetType = service.networkConfiguration?.awsvpcConfiguration === undefined ? 'instance' : 'ip';
  const targetType = targetTypeOf(document.register.networkMode);
  refuseOtherType({ name: names.targetGroup, targetType }, { TargetType });
}

interface Demo {
  fleet: Fleet | undefined;
  service: Service | undefined;
}

async function countBefore({ names }: TutorialContext, at: Work): Promise<number | undefined> {
  const { cluster: name } = names;
  const seen = await clusterKind.find(at, { name, instances: undefined, ttlMs: undefined, services: [] });
  return recordedCount(seen);
}

/** The refusal, if so many instances cannot take the tasks. */
async function foretell(context: TutorialContext, at: Work, { fleet, service }: Demo, instances: number | undefined) {
  const { document, names, settings, facts } = context;
  const needs = needsOf(document.register, service?.placementConstraints);
  const count = settings.count ?? service?.desiredCount ?? 1;
  const coming = comingHosts(context, fleet, instances);
  // A type that nobody knows here may have room for anything.
  if (coming === undefined) return undefined;
  const members = fleet?.members ?? [];
  const hosts = [...hostsOf(members), ...coming];
  if (isRoomKnown(needs) && fit(hosts, needs).tasks >= count) return undefined;
  const placing: Placing = {
    cluster: names.cluster,
    service: names.service,
    instances: hosts.length,
    by: 'up',
    needs,
    count,
    hosts,
    staying: [],
    replaced: [],
    others: [],
    percent: percentOf(service === undefined ? undefined : wantedService(context).ownPercent ? service : undefined),
    replacedAreWell: false,
  };
  if (members.length === 0) return unplaceable(placing, 'does-not-fit');
  const definition = await describeDefinition(at, names.family);
  const same = definition !== undefined && isRight(at, { document }, definition);
  const revision = same ? definition.definition.taskDefinitionArn : undefined;
  if (facts.foreseen !== undefined) facts.foreseen.definition = definition;
  const there = (service?.runningCount ?? 0) + (service?.pendingCount ?? 0);
  // All as it is to be: they run.
  if (
    revision !== undefined &&
    service?.taskDefinition === revision &&
    count <= there &&
    service.deployments?.length === 1
  )
    return undefined;
  const replacedAreWell = await isWell(at, service);
  return surely(at, { cluster: names.cluster, service: names.service, coming, revision }, (around) =>
    unplaceable({ ...placing, ...around, replacedAreWell }, 'does-not-fit'),
  );
}

/** Instances of the demo that are not registered yet, and those to be launched; undefined: of a type that nobody knows. */
function comingHosts(
  context: TutorialContext,
  fleet: Fleet | undefined,
  asked: number | undefined,
): Host[] | undefined {
  const { instanceType, instanceTypeDefault } = wantedInstances(context);
  const there = [...(fleet?.up ?? []), ...(fleet?.stopped ?? [])];
  const registered = new Set(fleet?.members.map(({ ec2InstanceId }) => ec2InstanceId));
  // Also those that never will: `up` replaces them.
  const booting = there.filter(({ InstanceId }) => !registered.has(InstanceId));
  const missing = Math.max(0, (asked ?? Math.max(1, there.length)) - there.length);
  const type =
    fleet === undefined ? (instanceType ?? instanceTypeDefault) : typeWanted(wantedInstances(context), fleet);
  const types = [
    ...booting.map(({ InstanceType = '' }) => InstanceType),
    ...Array.from({ length: missing }, () => type),
  ];
  const hosts = types.flatMap((each) => hostToBe(each) ?? []);
  return hosts.length === types.length ? hosts : undefined;
}

/** Whether the tasks that run stay until ECS is told otherwise: one deployment, complete, and the targets healthy. */
async function isWell(at: Work, service: Service | undefined): Promise<boolean> {
  if (service === undefined) return false;
  const { deployments = [], desiredCount, runningCount, pendingCount = 0, loadBalancers = [] } = service;
  const [only, ...more] = deployments;
  if (more.length > 0 || (only?.rolloutState ?? 'COMPLETED') !== 'COMPLETED') return false;
  if (runningCount !== desiredCount || pendingCount > 0) return false;
  const targets = await describeTargets(at, loadBalancers[0]?.targetGroupArn);
  const healthy = targets.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length;
  return loadBalancers.length === 0 || healthy >= (desiredCount ?? 0);
}
