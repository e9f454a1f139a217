// Waiting for the agents of container instances: until each is registered, ACTIVE and connected, or why it never will be.
import type { ContainerInstance } from '@aws-sdk/client-ecs';
import { EcsdemoError } from '../../base/errors.ts';
import type { Suggestion } from '../../base/suggestion.ts';
import { describeMembers, isClusterThere, isReady } from '../ecs/container-instances.ts';
import { watchPresence } from '../presence.ts';
import type { Work } from '../resource.ts';
import { readBoot } from './boot.ts';
import { instancesById } from './instances-by-id.ts';
import type { KnownInstance } from './wanted-instances.ts';

/** How long an agent may take before it is called missing; AWS's own samples wait five minutes (aws-facts §1.11). */
export const registrationLimitMs = 600_000;

/** Waits until every instance is a container instance, ACTIVE, with its agent connected. @returns both as they are then */
export async function waitRegistered(
  at: Work,
  cluster: string,
  instances: readonly KnownInstance[],
): Promise<{ up: KnownInstance[]; registered: ContainerInstance[]; members: ContainerInstance[] }> {
  const ids = instances.map(({ InstanceId }) => InstanceId);
  let looks = 0;
  let bootRead = false;
  let members: ContainerInstance[] = [];
  let seen: ContainerInstance[] = [];
  const presence = watchPresence(`cluster "${cluster}"`);
  presence.look(true);
  const registered = await at.run.wait<ContainerInstance[]>({
    what: ids.length === 1 ? `the agent of ${ids[0]} to register` : `the agents of ${ids.length} instances to register`,
    typicalMs,
    limitMs: registrationLimitMs,
    look: async (elapsedMs) => {
      members = await describeMembers(at, cluster);
      seen = members.filter(({ ec2InstanceId }) => ids.includes(ec2InstanceId ?? ''));
      const ready = seen.filter((instance) => isReady(instance));
      if (ready.length === ids.length) return { done: true, value: seen };
      // EC2 is asked now and then only: it says whether waiting still makes sense.
      if (looks++ % 4 === 3) {
        await refuseDead(at, ids);
        presence.look(await isClusterThere(at, cluster));
      }
      // Later than usual: what the user data names does not change any more.
      if (elapsedMs >= typicalMs && !bootRead) {
        bootRead = true;
        await refuseElsewhere(at, cluster, missing(ids, seen));
      }
      if (seen.length > ready.length) return { done: false, state: 'registered, agent not connected' };
      return { done: false, state: `${ready.length} of ${ids.length} registered` };
    },
    diagnose: () => diagnoseAgents(at, cluster, ids, missing(ids, seen)),
    expired: (message, diagnosis) =>
      new EcsdemoError('agent-missing', `${message} (cluster ${cluster})`, {
        diagnosis,
        suggestions: adviceOn(missing(ids, seen)),
      }),
  });
  // The agent of an instance that was just launched is connected once it runs: EC2 need not be asked. That of one which
  // stopped may count as connected for a while.
  if (instances.every(({ State }) => State?.Name === 'pending' || State?.Name === 'running')) {
    return {
      registered,
      members,
      up: instances.map((each) => ({ ...each, State: { ...each.State, Name: 'running' } })),
    };
  }
  const byId = await instancesById(at, ids);
  return {
    registered,
    members,
    up: instances.map((each) => ({ ...each, ...byId.get(each.InstanceId), InstanceId: each.InstanceId })),
  };
}

/** From launch to the agent's registration (aws-facts §1.11). */
const typicalMs = 90_000;

function missing(ids: readonly string[], seen: readonly ContainerInstance[]): string[] {
  return ids.filter((id) => !seen.some(({ ec2InstanceId }) => ec2InstanceId === id));
}

/** An instance is replaced sooner than mended: what it boots with is `up`'s own. */
function adviceOn(absent: readonly string[]): Suggestion[] {
  const [first] = absent;
  return [
    ...(first === undefined
      ? []
      : [
          {
            aws: `ec2 terminate-instances --instance-ids ${absent.join(' ')}`,
            next: { command: 'up' },
            note: 'another in its place',
          },
          { aws: `ec2 get-console-output --instance-id ${first} --output text`, note: 'shows how it booted' },
        ]),
    { command: 'destroy', next: { command: 'up' } },
  ];
}

/** @throws EcsdemoError `agent-missing` when an instance's agent was told of another cluster */
async function refuseElsewhere(at: Work, cluster: string, absent: readonly string[]): Promise<void> {
  for (const id of absent) {
    const { namesCluster, complaints } = await readBoot(at, id, cluster);
    if (namesCluster !== false) continue;
    throw new EcsdemoError(
      'agent-missing',
      `the agent of ${id} does not join the cluster "${cluster}": the instance's user data does not name it`,
      { diagnosis: complaints, suggestions: adviceOn([id]) },
    );
  }
}

async function refuseDead(at: Work, ids: readonly string[]): Promise<void> {
  for (const instance of (await instancesById(at, ids)).values()) {
    const state = instance.State?.Name ?? '';
    if (!['shutting-down', 'terminated', 'stopping', 'stopped'].includes(state)) continue;
    const reason = instance.StateReason?.Message ?? instance.StateTransitionReason ?? 'no reason given';
    throw new EcsdemoError(
      'instance-failed',
      `instance ${instance.InstanceId} is ${state} instead of registering: ${reason}`,
      {
        suggestions: [{ command: 'up' }],
        retryable: true,
      },
    );
  }
}

async function diagnoseAgents(
  at: Work,
  cluster: string,
  ids: readonly string[],
  absent: readonly string[],
): Promise<string[]> {
  const lines: string[] = [];
  for (const instance of (await instancesById(at, ids)).values()) {
    lines.push(
      `instance ${instance.InstanceId} is ${instance.State?.Name}, public address ${instance.PublicIpAddress ?? 'none'}, profile ${instance.IamInstanceProfile?.Arn ?? 'none'}`,
    );
    if (instance.PublicIpAddress === undefined)
      lines.push('without a public address, NAT or VPC endpoints the agent cannot reach ECS');
  }
  const [first] = absent;
  if (first === undefined) return lines;
  const { namesCluster, complaints } = await readBoot(at, first, cluster);
  if (namesCluster === false)
    lines.push(
      `the user data of ${first} does not name the cluster "${cluster}": its agent joins another, "default" for one`,
    );
  lines.push(...complaints.map((line) => `the console of ${first}: ${line}`));
  if (absent.length === ids.length && complaints.length === 0 && namesCluster !== false)
    lines.push('usual causes: the role lacks the ECS policy; no way out to the internet');
  return lines;
}
