// Step 1, the container instances: EC2 instances whose agents register with the cluster named in their user data.
import {
  CreateTagsCommand,
  DescribeInstancesCommand,
  type Instance,
  StartInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  type ContainerInstance,
  DeregisterContainerInstanceCommand,
  UpdateContainerInstancesStateCommand,
} from '@aws-sdk/client-ecs';
import { ignoreAbsent } from '../aws/faults.ts';
import { claim, tagValue } from '../aws/ownership.ts';
import { tagKeys } from '../base/names.ts';
import { defaults } from '../base/settings.ts';
import type { Change, Inspection, Removal, Resource, Step, StepRun } from '../engine/types.ts';
import { describeMembers, instancesById, isReady, recordCount, recordedCount } from './container-instances.ts';
import { changed, type StepContext } from './context.ts';
import { driftDetails, repairDrift } from './instance-drift.ts';
import { findImage, type KnownInstance, launch } from './launch.ts';
import { registrationLimitMs, waitRegistered } from './registration.ts';

const id = 'instance';
const type = 'AWS::EC2::Instance';

interface Observed {
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
  /** In our cluster and our security group, but nobody's: somebody took the tags away. */
  strays: KnownInstance[];
}

async function observe(context: StepContext): Promise<Observed> {
  const { aws, names, facts } = context;
  const [found, members] = await Promise.all([
    aws.ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: `tag:${tagKeys.demo}`, Values: [names.demo] }] })),
    facts.cluster === undefined ? [] : describeMembers(context),
  ]);
  const instances = (found.Reservations ?? [])
    .flatMap(({ Instances }) => Instances ?? [])
    .flatMap((instance) =>
      instance.InstanceId === undefined ? [] : [{ ...instance, InstanceId: instance.InstanceId }],
    );
  const inState = (...states: string[]) => instances.filter(({ State }) => states.includes(State?.Name ?? ''));
  const observed = {
    up: inState('pending', 'running'),
    stopped: inState('stopping', 'stopped'),
    leaving: inState('shutting-down'),
    listed: instances.length,
    registered: members.filter(({ ec2InstanceId }) => instances.some(({ InstanceId }) => InstanceId === ec2InstanceId)),
    strays: await findStrays(context, members, instances),
  };
  facts.instances = observed.up;
  facts.containerInstances = observed.registered;
  return observed;
}

/** Other people's instances in our cluster stay theirs; one without any owner in our own security group was ours once. */
async function findStrays(
  context: StepContext,
  members: readonly ContainerInstance[],
  ours: readonly KnownInstance[],
): Promise<KnownInstance[]> {
  const groupId = context.facts.network?.ecsSecurityGroup?.GroupId;
  const others = members
    .map(({ ec2InstanceId = '' }) => ec2InstanceId)
    .filter((other) => !ours.some(({ InstanceId }) => InstanceId === other));
  if (groupId === undefined || others.length === 0) return [];
  const byId = await instancesById(context, others);
  return [...byId].flatMap(([InstanceId, instance]) => {
    const alive = !['shutting-down', 'terminated'].includes(instance.State?.Name ?? '');
    const inGroup = (instance.SecurityGroups ?? []).some(({ GroupId }) => GroupId === groupId);
    return alive && inGroup && tagValue(instance.Tags, tagKeys.demo) === undefined ? [{ ...instance, InstanceId }] : [];
  });
}

/** @throws EcsdemoError `not-ours` for the first, unless --adopt allows taking it over. */
function claimStrays({ names, settings }: StepContext, { strays }: Observed): void {
  for (const { InstanceId, Tags } of strays)
    claim({ type, name: names.instance, id: InstanceId, tags: Tags }, names.demo, settings.adopt);
}

/** With --adopt. @returns what is there after that. */
async function adoptStrays(context: StepContext, run: StepRun, observed: Observed): Promise<Observed> {
  const { aws, names, tags } = context;
  claimStrays(context, observed);
  if (observed.strays.length === 0) return observed;
  const Tags = [...tags, { Key: 'Name', Value: names.instance }];
  await aws.ec2.send(new CreateTagsCommand({ Resources: observed.strays.map(({ InstanceId }) => InstanceId), Tags }));
  for (const { InstanceId } of observed.strays)
    changed(run, id, 'update', type, names.instance, `${InstanceId} taken over by tagging it`);
  return observe(context);
}

/** The container instance that an EC2 instance is, when it has registered. */
function registrationOf(
  { registered }: Pick<Observed, 'registered'>,
  { InstanceId }: Instance,
): ContainerInstance | undefined {
  return registered.find(({ ec2InstanceId }) => ec2InstanceId === InstanceId);
}

function toResource({ names }: StepContext, instance: KnownInstance, registered?: ContainerInstance): Resource {
  const state = instance.State?.Name ?? 'pending';
  return {
    step: id,
    type,
    name: tagValue(instance.Tags, 'Name') ?? names.instance,
    id: instance.InstanceId,
    state: isReady(registered) ? `${state}, registered` : state,
    owned: true,
  };
}

function toResources(context: StepContext, observed: Pick<Observed, 'up' | 'stopped' | 'registered'>): Resource[] {
  return [...observed.up, ...observed.stopped].map((instance) =>
    toResource(context, instance, registrationOf(observed, instance)),
  );
}

/** Absent from the flags: as many as were asked for last, otherwise as many as there are; and at least one. */
function wantedCount(context: StepContext, observed: Observed): number {
  const { settings } = context;
  return settings.instances ?? Math.max(1, recordedCount(context) ?? observed.up.length + observed.stopped.length);
}

/** What more instances are to be: the type asked for, otherwise that of those which are there. */
function wantedType({ settings }: StepContext, { up, stopped }: Observed): string {
  return settings.instanceType ?? up[0]?.InstanceType ?? stopped[0]?.InstanceType ?? defaults.instanceType;
}

/** Those that an interrupted scaling-in left draining: they take no tasks until they are ACTIVE again. */
function drainingOf({ up, registered }: Observed): ContainerInstance[] {
  return registered.filter(
    ({ status, ec2InstanceId }) => status === 'DRAINING' && up.some(({ InstanceId }) => InstanceId === ec2InstanceId),
  );
}

/**
 * Running for longer than any agent needs, and yet no container instance: deregistered by hand, or it never could
 * register. Its agent keeps what it was and does not register anew, so only another instance helps.
 */
function lostOf(observed: Observed): KnownInstance[] {
  const latest = Date.now() - registrationLimitMs;
  return observed.up.filter(
    (each) => Number(each.LaunchTime ?? Date.now()) < latest && registrationOf(observed, each) === undefined,
  );
}

async function inspect(context: StepContext): Promise<Inspection> {
  const observed = await observe(context);
  const { names } = context;
  claimStrays(context, observed);
  const { strays } = observed;
  const lost = lostOf(observed);
  const missing = wantedCount(context, observed) - observed.up.length - observed.stopped.length - strays.length;
  const resources = [
    ...toResources(context, observed),
    ...strays.map((stray) => ({ ...toResource(context, stray), owned: false })),
  ];
  if (resources.length === 0) resources.push({ step: id, type, name: names.instance, state: 'absent', owned: false });
  const change = (action: Change['action'], detail: string): Change => ({
    step: id,
    action,
    type,
    name: names.instance,
    detail,
  });
  return {
    resources,
    changes: [
      ...strays.map(({ InstanceId }) => change('update', `take ${InstanceId} over by tagging it`)),
      ...observed.stopped.map(({ InstanceId }) => change('update', `start ${InstanceId} again`)),
      ...lost.map(({ InstanceId }) =>
        change('update', `replace ${InstanceId}, which is not registered with the cluster`),
      ),
      ...[...observed.up, ...observed.stopped]
        .filter((each) => !lost.includes(each))
        .flatMap((each) => driftDetails(context, each).map((detail) => change('update', detail))),
      ...drainingOf(observed).map(({ ec2InstanceId }) => change('update', `let ${ec2InstanceId} take tasks again`)),
      ...Array.from({ length: Math.max(0, missing) }, () => change('create', wantedType(context, observed))),
    ],
  };
}

async function startAgain(context: StepContext, run: StepRun, { InstanceId }: KnownInstance): Promise<void> {
  await run.retry({
    what: `starting ${InstanceId} again`,
    limitMs: 300_000,
    transient: (error) =>
      (error as Error).name === 'IncorrectInstanceState' ? 'the instance is still stopping' : undefined,
    attempt: () => context.aws.ec2.send(new StartInstancesCommand({ InstanceIds: [InstanceId] })),
  });
  changed(run, id, 'update', type, context.names.instance, `${InstanceId} started again`);
}

/** Ten at a time is the most the call takes. */
async function setStatus(
  { aws, names }: StepContext,
  members: readonly ContainerInstance[],
  status: 'ACTIVE' | 'DRAINING',
): Promise<void> {
  const arns = members.map(({ containerInstanceArn }) => containerInstanceArn ?? '');
  for (let at = 0; at < arns.length; at += 10) {
    await aws.ecs.send(
      new UpdateContainerInstancesStateCommand({
        cluster: names.cluster,
        containerInstances: arns.slice(at, at + 10),
        status,
      }),
    );
  }
}

async function ensure(context: StepContext, run: StepRun): Promise<Resource[]> {
  const { facts, names } = context;
  // Observe.
  let observed = await adoptStrays(context, run, await observe(context));
  const wanted = wantedCount(context, observed);
  if (lostOf(observed).length > 0) {
    // Looked at twice, since a list may miss something for a moment and this is not to be undone.
    observed = await observe(context);
    const lost = lostOf(observed);
    await retire(context, run, lost, []);
    observed = { ...observed, up: observed.up.filter((each) => !lost.includes(each)) };
  }
  const there = [...observed.up, ...observed.stopped];
  // Ensure.
  const missing = wanted - there.length;
  const launched: KnownInstance[] = [];
  if (missing > 0) {
    const instanceType = wantedType(context, observed);
    const imageId = await findImage(context, instanceType);
    for (let ordinal = 0; ordinal < missing; ordinal++) {
      const known = [...there, ...launched].map(({ InstanceId }) => InstanceId);
      const slot = observed.listed + ordinal;
      launched.push(
        await launch(context, run, { imageId, instanceType, slot, firstSubnet: observed.up.length + ordinal, known }),
      );
    }
  }
  // Sync.
  for (const instance of observed.stopped) await startAgain(context, run, instance);
  await repairDrift(context, run, there);
  const draining = drainingOf(observed);
  await setStatus(context, draining, 'ACTIVE');
  for (const { ec2InstanceId } of draining)
    changed(run, id, 'update', type, names.instance, `${ec2InstanceId} takes tasks again`);
  const all = [...there, ...launched];
  facts.instances = all;
  const ready = all.every((instance) => isReady(registrationOf(observed, instance)));
  if (!ready || observed.stopped.length > 0)
    await waitRegistered(
      context,
      run,
      all.map(({ InstanceId }) => InstanceId),
    );
  // Return.
  const up = (facts.instances ?? []).flatMap((instance) =>
    instance.InstanceId === undefined ? [] : [{ ...instance, InstanceId: instance.InstanceId }],
  );
  return toResources(context, { up, stopped: [], registered: facts.containerInstances ?? [] });
}

/** Deregistered first, then terminated: the other way round it would linger in the cluster (aws-facts §7). */
async function retire(
  context: StepContext,
  run: StepRun,
  instances: KnownInstance[],
  registered: ContainerInstance[],
): Promise<void> {
  const { aws, names } = context;
  await Promise.all(
    registered.map(async ({ containerInstanceArn }) => {
      await aws.ecs
        .send(
          new DeregisterContainerInstanceCommand({
            cluster: names.cluster,
            containerInstance: containerInstanceArn,
            force: true,
          }),
        )
        .catch(ignoreAbsent);
    }),
  );
  // One at a time: one bad id would fail the whole call.
  await Promise.all(
    instances.map(async ({ InstanceId }) => {
      await aws.ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] })).catch(ignoreAbsent);
    }),
  );
  const ids = instances.map(({ InstanceId }) => InstanceId);
  await run.wait({
    what: ids.length === 1 ? `${ids[0]} to be terminated` : `${ids.length} instances to be terminated`,
    typicalMs: 60_000,
    look: async () => {
      const seen = await instancesById(context, ids);
      const alive = [...seen.values()].map(({ State }) => State?.Name ?? '').filter((state) => state !== 'terminated');
      return alive.length === 0 ? { done: true, value: undefined } : { done: false, state: alive.join(', ') };
    },
  });
  for (const { InstanceId } of instances) changed(run, id, 'delete', type, names.instance, InstanceId);
}

async function remove(context: StepContext, run: StepRun): Promise<Removal> {
  const { facts } = context;
  // Without the cluster's facts observe would not ask for container instances; absent clusters answer with none.
  facts.cluster ??= { clusterName: context.names.cluster };
  const observed = await observe(context);
  const instances = [...observed.up, ...observed.stopped, ...observed.leaving];
  // A registration may outlive its instance by minutes and would hold the cluster.
  if (instances.length + observed.registered.length > 0) await retire(context, run, instances, observed.registered);
  return {
    removed: instances.map((instance) => ({ ...toResource(context, instance), state: 'terminated' })),
    kept: [],
  };
}

/**
 * Brings the number of container instances to `count`: launches what is missing; drains, deregisters and terminates
 * what is too many: stopped ones first, then the newest. Draining lets ECS move their tasks first.
 */
export async function scaleInstances(context: StepContext, run: StepRun, count: number): Promise<void> {
  const observed = await observe(context);
  await recordCount(context, count);
  const surplus = [...oldestFirst(observed.up), ...observed.stopped].slice(count);
  if (surplus.length === 0) {
    await ensure(context, run);
    return;
  }
  const going = observed.registered.filter(({ ec2InstanceId }) =>
    surplus.some(({ InstanceId }) => InstanceId === ec2InstanceId),
  );
  const connected = going.filter(({ agentConnected }) => agentConnected === true);
  await setStatus(context, connected, 'DRAINING');
  await run.wait({
    what: `the tasks to leave ${surplus.length === 1 ? 'the instance that goes' : `the ${surplus.length} instances that go`}`,
    typicalMs: 60_000,
    look: async () => {
      const draining = (await describeMembers(context)).filter(({ containerInstanceArn }) =>
        connected.some((one) => one.containerInstanceArn === containerInstanceArn),
      );
      const running = draining.reduce(
        (total, { runningTasksCount = 0, pendingTasksCount = 0 }) => total + runningTasksCount + pendingTasksCount,
        0,
      );
      return running === 0 ? { done: true, value: undefined } : { done: false, state: `${running} tasks still there` };
    },
  });
  await retire(context, run, surplus, going);
  await observe(context);
}

/** By launch time: the order in which scaling in keeps them. */
export function oldestFirst<Launched extends Instance>(instances: readonly Launched[]): Launched[] {
  return instances.toSorted((one, other) => Number(one.LaunchTime ?? 0) - Number(other.LaunchTime ?? 0));
}

export const instance: Step<StepContext> = {
  id,
  title: 'Container instance',
  tutorialStep: 1,
  needs: ['network', 'role', 'cluster'],
  inspect,
  ensure,
  remove,
};
