// Container instances, as many as are wanted: EC2 instances whose agents register with the cluster named in their user
// data. Found by tag, since EC2 has no names; what is put right is one list for plan and action.
import {
  CreateTagsCommand,
  DescribeInstancesCommand,
  type Instance,
  StartInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { ContainerInstance } from '@aws-sdk/client-ecs';
import { ignoreAbsent } from '../../aws/faults.ts';
import { claim, tagValue } from '../../aws/ownership.ts';
import { tagKeys } from '../../base/names.ts';
import type { Change, Inspection, Removal, Resource } from '../../engine/types.ts';
import { deregister, describeMembers, isReady, setStatus } from '../ecs/container-instances.ts';
import { applied, type Difference, planned, tell, type Work } from '../resource.ts';
import type { Uses } from '../uses.ts';
import { drift, warnOfProfile } from './instance-drift.ts';
import { instancesById } from './instances-by-id.ts';
import { lateAgentCalls } from './late-agent.ts';
import { findImage, launch } from './launch.ts';
import { registrationLimitMs, waitRegistered } from './registration.ts';
import { instanceType as type, type KnownInstance, type WantedInstances } from './wanted-instances.ts';

export const fleetUses: Uses = {
  look: ['ec2:DescribeInstances', 'ecs:ListContainerInstances', 'ecs:DescribeContainerInstances'],
  make: ['ssm:GetParameter', 'ec2:RunInstances', 'ecs:DescribeClusters', ...lateAgentCalls],
  mend: [
    'ec2:StartInstances',
    'ec2:TerminateInstances',
    'ec2:ModifyInstanceAttribute',
    'ec2:DescribeIamInstanceProfileAssociations',
    'ec2:AssociateIamInstanceProfile',
    'ec2:ReplaceIamInstanceProfileAssociation',
    'ecs:UpdateContainerInstancesState',
  ],
  adopt: ['ec2:CreateTags'],
  remove: ['ecs:DeregisterContainerInstance', 'ec2:TerminateInstances'],
  resize: ['ecs:UpdateContainerInstancesState', 'ecs:DeregisterContainerInstance', 'ec2:TerminateInstances'],
};

export interface Fleet {
  /** pending or running. */
  up: KnownInstance[];
  /** stopping or stopped: somebody stopped them by hand. */
  stopped: KnownInstance[];
  /** shutting-down: an earlier destroy was interrupted. */
  leaving: KnownInstance[];
  /** How many of the demo EC2 still lists, terminated ones included. */
  listed: number;
  /** Container instances of the cluster that are the demo's. */
  registered: ContainerInstance[];
  /** All of the cluster, others' included, but for those of the demo's that are gone: ECS lists them for a while. */
  members: ContainerInstance[];
  /** In our cluster and our security group, but nobody's: somebody took the tags away. */
  strays: KnownInstance[];
}

/** All of the demo's that EC2 lists, terminated ones included. */
export async function findInstances({ aws, demo }: Pick<Work, 'aws' | 'demo'>): Promise<KnownInstance[]> {
  const byTag = { Filters: [{ Name: `tag:${tagKeys.demo}`, Values: [demo] }] };
  const found = await aws.ec2.send(new DescribeInstancesCommand(byTag));
  return (found.Reservations ?? [])
    .flatMap(({ Instances }) => Instances ?? [])
    .flatMap((instance) =>
      instance.InstanceId === undefined ? [] : [{ ...instance, InstanceId: instance.InstanceId }],
    );
}

/** @param known the instances as they were read just now; absent: they are read */
export async function findFleet(at: Work, wanted: WantedInstances, known?: readonly KnownInstance[]): Promise<Fleet> {
  const [instances, members] = await Promise.all([
    known ?? findInstances(at),
    wanted.clusterTags === undefined ? [] : describeMembers(at, wanted.cluster),
  ]);
  const inState = (...states: string[]) => instances.filter(({ State }) => states.includes(State?.Name ?? ''));
  const gone = new Set(inState('shutting-down', 'terminated').map(({ InstanceId }) => InstanceId));
  const fleet = {
    up: inState('pending', 'running'),
    stopped: inState('stopping', 'stopped'),
    leaving: inState('shutting-down'),
    listed: instances.length,
    registered: members.filter(({ ec2InstanceId }) => instances.some(({ InstanceId }) => InstanceId === ec2InstanceId)),
    members: members.filter(({ ec2InstanceId = '' }) => !gone.has(ec2InstanceId)),
    strays: await findStrays(at, wanted, members, instances),
  };
  wanted.looked?.(fleet);
  return fleet;
}

/** Other people's instances in our cluster stay theirs; one without any owner in our own security group was ours once. */
async function findStrays(
  at: Work,
  { network }: WantedInstances,
  members: readonly ContainerInstance[],
  ours: readonly KnownInstance[],
): Promise<KnownInstance[]> {
  const groupId = network?.securityGroup.id;
  const others = members
    .map(({ ec2InstanceId = '' }) => ec2InstanceId)
    .filter((other) => !ours.some(({ InstanceId }) => InstanceId === other));
  if (groupId === undefined || others.length === 0) return [];
  const byId = await instancesById(at, others);
  return [...byId].flatMap(([InstanceId, instance]) => {
    const alive = !['shutting-down', 'terminated'].includes(instance.State?.Name ?? '');
    const inGroup = (instance.SecurityGroups ?? []).some(({ GroupId }) => GroupId === groupId);
    return alive && inGroup && tagValue(instance.Tags, tagKeys.demo) === undefined ? [{ ...instance, InstanceId }] : [];
  });
}

/** The container instance that an EC2 instance is, when it has registered. */
function registrationOf({ registered }: Pick<Fleet, 'registered'>, { InstanceId }: Instance) {
  return registered.find(({ ec2InstanceId }) => ec2InstanceId === InstanceId);
}

/** Undefined: as many as were asked for last, otherwise as many as there are; and at least one. */
function countWanted({ count, countBefore }: WantedInstances, { up, stopped }: Fleet): number {
  return count ?? Math.max(1, countBefore ?? up.length + stopped.length);
}

/** What more instances are to be: the type asked for, otherwise that of those which are there. */
export function typeWanted({ instanceType, instanceTypeDefault }: WantedInstances, { up, stopped }: Fleet): string {
  return instanceType ?? up[0]?.InstanceType ?? stopped[0]?.InstanceType ?? instanceTypeDefault;
}

/**
 * Running for longer than any agent needs, and yet no container instance: deregistered by hand, or it never could
 * register. Its agent keeps what it was and does not register anew, so only another instance helps.
 */
function lostOf({ run }: Work, fleet: Fleet): KnownInstance[] {
  const latest = Date.now() - run.limit(registrationLimitMs);
  return fleet.up.filter(
    (each) => Number(each.LaunchTime ?? Date.now()) < latest && registrationOf(fleet, each) === undefined,
  );
}

/** Whose the strays are. @throws EcsdemoError `not-ours` for the first, unless they may be taken over. */
function takingOver(at: Work, { name }: WantedInstances, { strays }: Fleet): Difference<Fleet>[] {
  for (const { InstanceId, Tags } of strays)
    claim({ type, name, id: InstanceId, tags: Tags }, at.demo, at.adopt || at.looking);
  const Tags = [...at.tags, { Key: 'Name', Value: name }];
  const Resources = strays.map(({ InstanceId }) => InstanceId);
  const apply = async () => void (await at.aws.ec2.send(new CreateTagsCommand({ Resources, Tags })));
  return strays.map(({ InstanceId }) => ({ words: `take ${InstanceId} over by tagging it`, apply }));
}

function starting({ aws, run }: Work, { stopped }: Fleet): Difference<Fleet>[] {
  const start = (InstanceId: string) => async (): Promise<void> => {
    await run.retry({
      what: `starting ${InstanceId} again`,
      limitMs: 300_000,
      transient: (error) =>
        (error as Error).name === 'IncorrectInstanceState' ? 'the instance is still stopping' : undefined,
      attempt: () => aws.ec2.send(new StartInstancesCommand({ InstanceIds: [InstanceId] })),
    });
  };
  return stopped.map(({ InstanceId }) => ({ words: `start ${InstanceId} again`, apply: start(InstanceId) }));
}

/** Those that an interrupted scaling-in left draining take no tasks until they are ACTIVE again. */
function resuming(at: Work, { cluster }: WantedInstances, { up, registered }: Fleet): Difference<Fleet>[] {
  const draining = registered.filter(
    ({ status, ec2InstanceId }) => status === 'DRAINING' && up.some(({ InstanceId }) => InstanceId === ec2InstanceId),
  );
  const apply = () => setStatus(at, cluster, draining, 'ACTIVE');
  return draining.map(({ ec2InstanceId }) => ({ words: `let ${ec2InstanceId} take tasks again`, apply }));
}

function toResource(
  { step }: Work,
  { name }: WantedInstances,
  instance: KnownInstance,
  registered?: ContainerInstance,
): Resource {
  const state = instance.State?.Name ?? 'pending';
  return {
    step,
    type,
    name: tagValue(instance.Tags, 'Name') ?? name,
    id: instance.InstanceId,
    state: isReady(registered) ? `${state}, registered` : state,
    owned: true,
  };
}

/** What `ensureFleet` would do, in the same words. @throws EcsdemoError `not-ours` */
export function planFleet(at: Work, wanted: WantedInstances, fleet: Fleet): Inspection {
  const { name } = wanted;
  const { up, stopped, strays } = fleet;
  const lost = lostOf(at, fleet);
  const there = [...up, ...stopped];
  const missing = Math.max(0, countWanted(wanted, fleet) - there.length - strays.length);
  const change = (action: Change['action'], detail: string): Change => ({ step: at.step, action, type, name, detail });
  const differ = (differences: Parameters<typeof planned>[3]) => planned({ type }, at, name, differences);
  const resources = [
    ...there.map((instance) => toResource(at, wanted, instance, registrationOf(fleet, instance))),
    ...strays.map((stray) => ({ ...toResource(at, wanted, stray), owned: false })),
  ];
  if (resources.length === 0) resources.push({ step: at.step, type, name, state: 'absent', owned: false });
  return {
    resources,
    changes: [
      ...differ(takingOver(at, wanted, fleet)),
      ...differ(starting(at, fleet)),
      ...lost.map(({ InstanceId }) =>
        change('update', `replace ${InstanceId}, which is not registered with the cluster`),
      ),
      ...there.filter((each) => !lost.includes(each)).flatMap((each) => differ(drift(at, wanted, each))),
      ...differ(resuming(at, wanted, fleet)),
      ...Array.from({ length: missing }, () => change('create', typeWanted(wanted, fleet))),
    ],
  };
}

/**
 * Observe, ensure, sync, return: takes over, replaces, launches, starts and repairs, and waits until all have registered.
 * @param known what was found just now; absent: it is looked for
 */
export async function ensureFleet(at: Work, wanted: WantedInstances, known?: Fleet): Promise<Resource[]> {
  const { name, cluster } = wanted;
  const mend = (fleet: Fleet, differences: Difference<Fleet>[]) => applied({ type }, at, name, fleet, differences);
  let fleet = known ?? (await findFleet(at, wanted));
  const taken = takingOver(at, wanted, fleet);
  if (taken.length > 0) {
    await mend(fleet, taken);
    fleet = await findFleet(at, wanted);
  }
  const count = countWanted(wanted, fleet);
  if (lostOf(at, fleet).length > 0) {
    // Looked at twice, since a list may miss something for a moment and this is not to be undone.
    fleet = await findFleet(at, wanted);
    const lost = lostOf(at, fleet);
    await retire(at, wanted, lost, []);
    fleet = { ...fleet, up: fleet.up.filter((each) => !lost.includes(each)) };
  }
  const there = [...fleet.up, ...fleet.stopped];
  const launched: KnownInstance[] = [];
  if (count > there.length) {
    const instanceType = typeWanted(wanted, fleet);
    const imageId = await findImage(at, instanceType);
    for (let ordinal = 0; ordinal < count - there.length; ordinal++) {
      const known = [...there, ...launched].map(({ InstanceId }) => InstanceId);
      const slot = fleet.listed + ordinal;
      const firstSubnet = fleet.up.length + ordinal;
      launched.push(await launch(at, wanted, { imageId, instanceType, slot, firstSubnet, known }));
    }
  }
  await mend(fleet, starting(at, fleet));
  await Promise.all(
    there.map((instance) => {
      warnOfProfile(at, wanted, instance);
      return applied({ type }, at, name, instance, drift(at, wanted, instance));
    }),
  );
  await mend(fleet, resuming(at, wanted, fleet));
  const all = [...there, ...launched];
  wanted.looked?.({ ...fleet, up: all });
  let now: Pick<Fleet, 'up' | 'registered' | 'members'> = { ...fleet, up: all };
  if (fleet.stopped.length > 0 || !all.every((instance) => isReady(registrationOf(fleet, instance))))
    now = await waitRegistered(at, cluster, all);
  wanted.looked?.(now);
  return now.up.map((instance) => toResource(at, wanted, instance, registrationOf(now, instance)));
}

/** Deregistered first, then terminated: the other way round it would linger in the cluster (aws-facts §7). */
async function retire(
  at: Work,
  { name, cluster }: WantedInstances,
  instances: readonly KnownInstance[],
  registered: readonly ContainerInstance[],
): Promise<void> {
  await Promise.all(registered.map(({ containerInstanceArn = '' }) => deregister(at, cluster, containerInstanceArn)));
  const ids = instances.map(({ InstanceId }) => InstanceId);
  // One at a time: one bad id would fail the whole call.
  await Promise.all(
    ids.map((id) => at.aws.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })).catch(ignoreAbsent)),
  );
  await waitTerminated(at, ids);
  for (const id of ids) tell(at, 'delete', type, name, id);
}

/** Waits until EC2 has taken them away; for none it makes no call. */
async function waitTerminated(at: Work, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await at.run.wait({
    what: ids.length === 1 ? `${ids[0]} to be terminated` : `${ids.length} instances to be terminated`,
    typicalMs: 60_000,
    look: async () => {
      const seen = await instancesById(at, ids);
      const alive = [...seen.values()].map(({ State }) => State?.Name ?? '').filter((state) => state !== 'terminated');
      return alive.length === 0 ? { done: true, value: undefined } : { done: false, state: alive.join(', ') };
    },
  });
}

/** Takes all of the demo's away. Absent is success. */
export async function removeFleet(at: Work, wanted: WantedInstances): Promise<Removal> {
  // Absent clusters answer with no container instances.
  const { up, stopped, leaving, registered } = await findFleet(at, {
    ...wanted,
    clusterTags: wanted.clusterTags ?? [],
  });
  const instances = [...up, ...stopped, ...leaving];
  if (instances.length + registered.length > 0) await retire(at, wanted, instances, registered);
  return {
    removed: instances.map((instance) => ({ ...toResource(at, wanted, instance), state: 'terminated' })),
    kept: [],
  };
}

/**
 * Drains, deregisters and terminates what is more than `count`: stopped ones first, then the newest. Draining lets ECS
 * move their tasks first. When there are no more than that, what a run that was killed sent away is waited for.
 * @returns false when nothing was done
 */
export async function shrinkFleet(at: Work, wanted: WantedInstances, fleet: Fleet, count: number): Promise<boolean> {
  const surplus = [...oldestFirst(fleet.up), ...fleet.stopped].slice(count);
  if (surplus.length === 0) {
    await waitTerminated(
      at,
      fleet.leaving.map(({ InstanceId }) => InstanceId),
    );
    return false;
  }
  const going = fleet.registered.filter(({ ec2InstanceId }) =>
    surplus.some(({ InstanceId }) => InstanceId === ec2InstanceId),
  );
  const connected = going.filter(({ agentConnected }) => agentConnected === true);
  await setStatus(at, wanted.cluster, connected, 'DRAINING');
  await at.run.wait({
    what: `the tasks to leave ${surplus.length === 1 ? 'the instance that goes' : `the ${surplus.length} instances that go`}`,
    typicalMs: 60_000,
    look: async () => {
      const draining = (await describeMembers(at, wanted.cluster)).filter(({ containerInstanceArn }) =>
        connected.some((one) => one.containerInstanceArn === containerInstanceArn),
      );
      const running = draining.reduce(
        (total, { runningTasksCount = 0, pendingTasksCount = 0 }) => total + runningTasksCount + pendingTasksCount,
        0,
      );
      return running === 0
        ? { done: true, value: undefined }
        : { done: false, state: `${running} ${running === 1 ? 'task' : 'tasks'} still there` };
    },
  });
  await retire(at, wanted, surplus, going);
  await findFleet(at, wanted);
  return true;
}

/** By launch time: the order in which scaling in keeps them. */
export function oldestFirst<Launched extends Instance>(instances: readonly Launched[]): Launched[] {
  return instances.toSorted((one, other) => Number(one.LaunchTime ?? 0) - Number(other.LaunchTime ?? 0));
}
