// Step 1, the container instances: EC2 instances whose agents register with the cluster named in their user data.
import { createHash } from 'node:crypto';
import {
  type _InstanceType,
  DescribeInstancesCommand,
  type Instance,
  RunInstancesCommand,
  StartInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  type ContainerInstance,
  DeregisterContainerInstanceCommand,
  DescribeContainerInstancesCommand,
  ListContainerInstancesCommand,
  UpdateContainerInstancesStateCommand,
} from '@aws-sdk/client-ecs';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { isNotFound, isTokenMismatch, isZoneUnusable, transient } from '../aws/faults.ts';
import { tagValue } from '../aws/ownership.ts';
import { EcsdemoError } from '../base/errors.ts';
import { tagKeys } from '../base/names.ts';
import { readTemplate } from '../base/package-root.ts';
import type { Inspection, Removal, Resource, Step, StepRun } from '../engine/types.ts';
import { changed, fact, type StepContext } from './context.ts';

const id = 'instance';
const type = 'AWS::EC2::Instance';

interface Observed {
  /** pending or running. */
  up: (Instance & { InstanceId: string })[];
  /** stopping or stopped: somebody stopped them by hand. */
  stopped: (Instance & { InstanceId: string })[];
  /** Every id of the demo that EC2 still lists, terminated ones included. */
  everyId: string[];
  registered: ContainerInstance[];
}

async function observe(context: StepContext): Promise<Observed> {
  const { aws, names, facts } = context;
  const [found, registered] = await Promise.all([
    aws.ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: `tag:${tagKeys.demo}`, Values: [names.demo] }] })),
    facts.cluster === undefined ? [] : listRegistered(context),
  ]);
  const instances = (found.Reservations ?? [])
    .flatMap(({ Instances }) => Instances ?? [])
    .flatMap((instance) => (instance.InstanceId === undefined ? [] : [{ ...instance, InstanceId: instance.InstanceId }]));
  const inState = (...states: string[]) => instances.filter(({ State }) => states.includes(State?.Name ?? ''));
  const observed = {
    up: inState('pending', 'running'),
    stopped: inState('stopping', 'stopped'),
    everyId: instances.map(({ InstanceId }) => InstanceId).toSorted(),
    registered: registered.filter(({ ec2InstanceId }) => instances.some(({ InstanceId }) => InstanceId === ec2InstanceId)),
  };
  facts.instances = observed.up;
  facts.containerInstances = observed.registered;
  return observed;
}

/** All container instances of the cluster, others' included. */
async function listRegistered({ aws, names }: StepContext): Promise<ContainerInstance[]> {
  try {
    const listed = await aws.ecs.send(new ListContainerInstancesCommand({ cluster: names.cluster }));
    const arns = listed.containerInstanceArns ?? [];
    if (arns.length === 0) return [];
    const described = await aws.ecs.send(new DescribeContainerInstancesCommand({ cluster: names.cluster, containerInstances: arns }));
    return described.containerInstances ?? [];
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** Only a connected agent receives tasks (aws-facts §1.11). */
function isReady(registered: ContainerInstance | undefined): boolean {
  return registered?.status === 'ACTIVE' && registered.agentConnected === true;
}

function toResource({ names }: StepContext, instance: Instance & { InstanceId: string }, registered?: ContainerInstance): Resource {
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

function toResources(context: StepContext, { up, stopped, registered }: Observed): Resource[] {
  return [...up, ...stopped].map((instance) =>
    toResource(context, instance, registered.find(({ ec2InstanceId }) => ec2InstanceId === instance.InstanceId)),
  );
}

/** Absent from the flags: as many as there are, and at least one. */
function wantedCount({ settings }: StepContext, observed: Observed): number {
  if (settings.given.includes('instances')) return settings.instances;
  return Math.max(1, observed.up.length + observed.stopped.length);
}

async function inspect(context: StepContext): Promise<Inspection> {
  const observed = await observe(context);
  const { names } = context;
  const missing = wantedCount(context, observed) - observed.up.length - observed.stopped.length;
  const resources = toResources(context, observed);
  if (resources.length === 0) resources.push({ step: id, type, name: names.instance, state: 'absent', owned: false });
  return {
    resources,
    changes: [
      ...observed.stopped.map(({ InstanceId }) => ({ step: id, action: 'update' as const, type, name: names.instance, detail: `start ${InstanceId} again` })),
      ...Array.from({ length: Math.max(0, missing) }, () => ({
        step: id,
        action: 'create' as const,
        type,
        name: names.instance,
        detail: context.settings.instanceType,
      })),
    ],
  };
}

/** Families with a g behind the generation are Graviton: t4g, m7gd, c6gn. */
export function isArm(instanceType: string): boolean {
  return /^(a1|[a-z]+\d+g[a-z]*)\./.test(instanceType);
}

async function findImage({ aws, settings }: StepContext): Promise<string> {
  const arm = isArm(settings.instanceType) ? 'arm64/' : '';
  const Name = `/aws/service/ecs/optimized-ami/amazon-linux-2023/${arm}recommended/image_id`;
  const found = await aws.ssm.send(new GetParameterCommand({ Name }));
  return found.Parameter?.Value ?? '';
}

/** SDK v3 sends user data as it is: encoding is ours (aws-facts §0). */
export function userData(cluster: string): string {
  return Buffer.from(readTemplate('user-data.sh').replaceAll('{{cluster}}', cluster)).toString('base64');
}

/**
 * One client token for "the next instance after those EC2 lists, in this subnet": two runs at once send the same and
 * get one instance; a replacement for a terminated one gets a new token, since the old would answer with the dead one.
 */
export function clientToken(generation: string, everyId: readonly string[], ordinal: number, subnetId: string, attempt: number): string {
  return createHash('sha256')
    .update(JSON.stringify([generation, everyId, ordinal, subnetId, attempt]))
    .digest('hex')
    .slice(0, 64);
}

async function launch(context: StepContext, run: StepRun, observed: Observed, ordinal: number, imageId: string): Promise<Instance & { InstanceId: string }> {
  const { settings } = context;
  const network = fact(context, 'network');
  let refusal: unknown;
  // Zone after zone, once each: what a zone does not offer it will not offer in a minute either (aws-facts §18).
  const start = observed.up.length + ordinal;
  for (let turn = 0; turn < network.subnets.length; turn++) {
    const subnet = network.subnets[(start + turn) % network.subnets.length];
    if (subnet === undefined) break;
    try {
      return await launchIn(context, run, observed, ordinal, imageId, subnet.SubnetId);
    } catch (error) {
      if (!isZoneUnusable(error)) throw error;
      refusal = error;
      run.report({ type: 'warning', step: id, message: `${subnet.AvailabilityZone} has no ${settings.instanceType} now: ${(error as Error).message}` });
    }
  }
  throw refusal;
}

async function launchIn(
  context: StepContext,
  run: StepRun,
  observed: Observed,
  ordinal: number,
  imageId: string,
  subnetId: string,
): Promise<Instance & { InstanceId: string }> {
  const { aws, names, settings, tags } = context;
  const network = fact(context, 'network');
  const subnet = network.subnets.find(({ SubnetId }) => SubnetId === subnetId);
  const groups = [network.ecsSecurityGroup?.GroupId ?? ''];
  const generation = tagValue(fact(context, 'cluster').tags, tagKeys.generation) ?? '';
  const named = [...tags, { Key: 'Name', Value: names.instance }];
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      const launched = await run.retry({
        what: `launching an instance in ${subnet?.AvailabilityZone}`,
        limitMs: 120_000,
        transient: transient.newInstanceProfile,
        attempt: () =>
          aws.ec2.send(
            new RunInstancesCommand({
              ImageId: imageId,
              InstanceType: settings.instanceType as _InstanceType,
              MinCount: 1,
              MaxCount: 1,
              IamInstanceProfile: { Name: fact(context, 'instanceProfile') },
              UserData: userData(names.cluster),
              MetadataOptions: { HttpEndpoint: 'enabled', HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
              ClientToken: clientToken(generation, observed.everyId, ordinal, subnetId, attempt),
              TagSpecifications: (['instance', 'volume', 'network-interface'] as const).map((ResourceType) => ({ ResourceType, Tags: named })),
              // t3 and t4g default to unlimited credits, which can bill a surplus (aws-facts §1.10).
              ...(settings.instanceType.startsWith('t') ? { CreditSpecification: { CpuCredits: 'standard' } } : {}),
              ...(settings.keyName === undefined ? {} : { KeyName: settings.keyName }),
              // Without a public address the agent could not reach ECS; default subnets give one by themselves.
              ...(subnet?.MapPublicIpOnLaunch === true
                ? { SubnetId: subnetId, SecurityGroupIds: groups }
                : { NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: subnetId, Groups: groups, AssociatePublicIpAddress: true }] }),
            }),
          ),
      });
      const [instance] = launched.Instances ?? [];
      // The token may answer with an instance that was terminated since: the next attempt has another token.
      if (instance?.InstanceId === undefined || ['shutting-down', 'terminated'].includes(instance.State?.Name ?? '')) continue;
      changed(run, id, 'create', type, names.instance, `${instance.InstanceId} in ${subnet?.AvailabilityZone}`);
      return { ...instance, InstanceId: instance.InstanceId };
    } catch (error) {
      // A run before this one used the token with other parameters, an older AMI for one.
      if (!isTokenMismatch(error)) throw error;
    }
  }
  throw new EcsdemoError('unexpected', `EC2 gave no new instance in ${subnetId} for five client tokens`, { suggestions: ['ecsdemo destroy', 'ecsdemo up'] });
}

/** Waits until every id is a container instance, ACTIVE, with its agent connected. */
async function waitRegistered(context: StepContext, run: StepRun, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  const { aws, names } = context;
  const what = ids.length === 1 ? `the agent of ${ids[0]} to register` : `the agents of ${ids.length} instances to register`;
  let looks = 0;
  await run.wait({
    what,
    typicalMs: 90_000,
    look: async () => {
      const registered = (await listRegistered(context)).filter(({ ec2InstanceId }) => ids.includes(ec2InstanceId ?? ''));
      context.facts.containerInstances = registered;
      const ready = registered.filter((instance) => isReady(instance));
      if (ready.length === ids.length) return { done: true, value: undefined };
      // EC2 is asked now and then only: it says whether waiting still makes sense.
      if (looks++ % 4 === 3) await refuseDead(context, ids);
      if (registered.length > ready.length) return { done: false, state: 'registered, agent not connected' };
      return { done: false, state: `${ready.length} of ${ids.length} registered` };
    },
    diagnose: async () => diagnoseAgents(context, ids),
  }).catch((error: unknown) => {
    if (!(error instanceof EcsdemoError) || error.code !== 'timeout') throw error;
    throw new EcsdemoError('agent-missing', `${error.message} (cluster ${names.cluster})`, {
      diagnosis: error.diagnosis,
      suggestions: [`aws ec2 get-console-output --instance-id ${ids[0]} --output text`, 'ecsdemo destroy, then ecsdemo up'],
      cause: error,
    });
  });
  const seen = await aws.ec2.send(new DescribeInstancesCommand({ InstanceIds: ids }));
  const instances = (seen.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
  context.facts.instances = instances;
}

async function refuseDead({ aws }: StepContext, ids: string[]): Promise<void> {
  const seen = await aws.ec2.send(new DescribeInstancesCommand({ InstanceIds: ids })).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  for (const instance of (seen?.Reservations ?? []).flatMap(({ Instances }) => Instances ?? [])) {
    const state = instance.State?.Name ?? '';
    if (!['shutting-down', 'terminated', 'stopping', 'stopped'].includes(state)) continue;
    const reason = instance.StateReason?.Message ?? instance.StateTransitionReason ?? 'no reason given';
    throw new EcsdemoError('instance-failed', `instance ${instance.InstanceId} is ${state} instead of registering: ${reason}`, {
      suggestions: ['ecsdemo up', `aws ec2 describe-instances --instance-ids ${instance.InstanceId}`],
      retryable: true,
    });
  }
}

async function diagnoseAgents({ aws, facts }: StepContext, ids: string[]): Promise<string[]> {
  const lines: string[] = [];
  const seen = await aws.ec2.send(new DescribeInstancesCommand({ InstanceIds: ids }));
  for (const instance of (seen.Reservations ?? []).flatMap(({ Instances }) => Instances ?? [])) {
    lines.push(`instance ${instance.InstanceId} is ${instance.State?.Name}, public address ${instance.PublicIpAddress ?? 'none'}, profile ${instance.IamInstanceProfile?.Arn ?? 'none'}`);
    if (instance.PublicIpAddress === undefined) lines.push('without a public address, NAT or VPC endpoints the agent cannot reach ECS');
  }
  if ((facts.containerInstances ?? []).length === 0) lines.push('usual causes: the role lacks the ECS policy; no way out to the internet; the cluster named in the user data does not exist');
  return lines;
}

async function ensure(context: StepContext, run: StepRun): Promise<Resource[]> {
  const { aws, names } = context;
  // Observe.
  const observed = await observe(context);
  // Ensure.
  const missing = wantedCount(context, observed) - observed.up.length - observed.stopped.length;
  const launched: (Instance & { InstanceId: string })[] = [];
  if (missing > 0) {
    const imageId = await findImage(context);
    for (let ordinal = 0; ordinal < missing; ordinal++) launched.push(await launch(context, run, observed, ordinal, imageId));
  }
  // Sync.
  for (const { InstanceId } of observed.stopped) {
    await run.retry({
      what: `starting ${InstanceId} again`,
      limitMs: 300_000,
      transient: (error) => ((error as Error).name === 'IncorrectInstanceState' ? 'the instance is still stopping' : undefined),
      attempt: () => aws.ec2.send(new StartInstancesCommand({ InstanceIds: [InstanceId] })),
    });
    changed(run, id, 'update', type, names.instance, `${InstanceId} started again`);
  }
  const all = [...observed.up, ...observed.stopped, ...launched];
  context.facts.instances = all;
  const waiting = all.filter(({ InstanceId }) => !isReady(observed.registered.find(({ ec2InstanceId }) => ec2InstanceId === InstanceId)));
  if (waiting.length > 0) await waitRegistered(context, run, all.map(({ InstanceId }) => InstanceId));
  // Return.
  const current = (context.facts.instances ?? []).flatMap((instance) =>
    instance.InstanceId === undefined ? [] : [{ ...instance, InstanceId: instance.InstanceId }],
  );
  return toResources(context, { up: current, stopped: [], everyId: [], registered: context.facts.containerInstances ?? [] });
}

/** Deregistered first, then terminated: the other way round it would linger in the cluster (aws-facts §7). */
async function retire(context: StepContext, run: StepRun, instances: (Instance & { InstanceId: string })[], registered: ContainerInstance[]): Promise<void> {
  const { aws, names } = context;
  await Promise.all(
    registered.map(async ({ containerInstanceArn }) => {
      await aws.ecs
        .send(new DeregisterContainerInstanceCommand({ cluster: names.cluster, containerInstance: containerInstanceArn, force: true }))
        .catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
    }),
  );
  // One at a time: one bad id would fail the whole call.
  await Promise.all(
    instances.map(async ({ InstanceId }) => {
      await aws.ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] })).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    }),
  );
  const left = new Set(instances.map(({ InstanceId }) => InstanceId));
  await run.wait({
    what: left.size === 1 ? `${[...left].join('')} to be terminated` : `${left.size} instances to be terminated`,
    typicalMs: 60_000,
    look: async () => {
      const seen = await aws.ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [...left] }] }));
      const states = (seen.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []).map(({ State }) => State?.Name ?? '');
      const alive = states.filter((state) => state !== 'terminated');
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
  const instances = [...observed.up, ...observed.stopped];
  if (instances.length > 0) await retire(context, run, instances, observed.registered);
  return { removed: instances.map((instance) => ({ ...toResource(context, instance), state: 'terminated' })), kept: [] };
}

/**
 * Brings the number of container instances to `count`: launches what is missing; drains, deregisters and terminates
 * the newest of what is too many. Draining lets ECS move their tasks first.
 */
export async function scaleInstances(context: StepContext, run: StepRun, count: number): Promise<void> {
  const { aws, names } = context;
  const observed = await observe(context);
  const byAge = observed.up.toSorted((one, other) => Number(one.LaunchTime ?? 0) - Number(other.LaunchTime ?? 0));
  const surplus = byAge.slice(count);
  if (surplus.length === 0) {
    await ensure(context, run);
    return;
  }
  const ids = new Set(surplus.map(({ InstanceId }) => InstanceId));
  const arns = observed.registered.filter(({ ec2InstanceId }) => ids.has(ec2InstanceId ?? '')).map(({ containerInstanceArn }) => containerInstanceArn ?? '');
  // Ten at a time is the most the call takes.
  for (let at = 0; at < arns.length; at += 10) {
    await aws.ecs.send(
      new UpdateContainerInstancesStateCommand({ cluster: names.cluster, containerInstances: arns.slice(at, at + 10), status: 'DRAINING' }),
    );
  }
  await run.wait({
    what: `the tasks to leave ${surplus.length === 1 ? 'the instance' : `${surplus.length} instances`} that go`,
    typicalMs: 60_000,
    look: async () => {
      const draining = (await listRegistered(context)).filter(({ containerInstanceArn }) => arns.includes(containerInstanceArn ?? ''));
      const running = draining.reduce((total, { runningTasksCount, pendingTasksCount }) => total + (runningTasksCount ?? 0) + (pendingTasksCount ?? 0), 0);
      return running === 0 ? { done: true, value: undefined } : { done: false, state: `${running} tasks still there` };
    },
  });
  await retire(context, run, surplus, observed.registered.filter(({ containerInstanceArn }) => arns.includes(containerInstanceArn ?? '')));
  await observe(context);
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
