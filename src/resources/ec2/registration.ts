// Waiting for the agents of container instances: until each is registered, ACTIVE and connected, or why it never will be.
import type { ContainerInstance } from '@aws-sdk/client-ecs';
import { EcsdemoError } from '../../base/errors.ts';
import { describeMembers, isClusterThere, isReady } from '../ecs/container-instances.ts';
import { watchPresence } from '../presence.ts';
import type { Work } from '../resource.ts';
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
  let members: ContainerInstance[] = [];
  let seen: ContainerInstance[] = [];
  const presence = watchPresence(`cluster "${cluster}"`);
  presence.look(true);
  const registered = await at.run.wait<ContainerInstance[]>({
    what: ids.length === 1 ? `the agent of ${ids[0]} to register` : `the agents of ${ids.length} instances to register`,
    typicalMs: 90_000,
    limitMs: registrationLimitMs,
    look: async () => {
      members = await describeMembers(at, cluster);
      seen = members.filter(({ ec2InstanceId }) => ids.includes(ec2InstanceId ?? ''));
      const ready = seen.filter((instance) => isReady(instance));
      if (ready.length === ids.length) return { done: true, value: seen };
      // EC2 is asked now and then only: it says whether waiting still makes sense.
      if (looks++ % 4 === 3) {
        await refuseDead(at, ids);
        presence.look(await isClusterThere(at, cluster));
      }
      if (seen.length > ready.length) return { done: false, state: 'registered, agent not connected' };
      return { done: false, state: `${ready.length} of ${ids.length} registered` };
    },
    diagnose: () => diagnoseAgents(at, ids, seen.length === 0),
    expired: (message, diagnosis) =>
      new EcsdemoError('agent-missing', `${message} (cluster ${cluster})`, {
        diagnosis,
        suggestions: [
          `aws ec2 get-console-output --instance-id ${ids[0]} --output text`,
          { command: 'destroy', next: { command: 'up' } },
        ],
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

async function refuseDead(at: Work, ids: readonly string[]): Promise<void> {
  for (const instance of (await instancesById(at, ids)).values()) {
    const state = instance.State?.Name ?? '';
    if (!['shutting-down', 'terminated', 'stopping', 'stopped'].includes(state)) continue;
    const reason = instance.StateReason?.Message ?? instance.StateTransitionReason ?? 'no reason given';
    throw new EcsdemoError(
      'instance-failed',
      `instance ${instance.InstanceId} is ${state} instead of registering: ${reason}`,
      {
        suggestions: [{ command: 'up' }, `aws ec2 describe-instances --instance-ids ${instance.InstanceId}`],
        retryable: true,
      },
    );
  }
}

async function diagnoseAgents(at: Work, ids: readonly string[], noneRegistered: boolean): Promise<string[]> {
  const lines: string[] = [];
  for (const instance of (await instancesById(at, ids)).values()) {
    lines.push(
      `instance ${instance.InstanceId} is ${instance.State?.Name}, public address ${instance.PublicIpAddress ?? 'none'}, profile ${instance.IamInstanceProfile?.Arn ?? 'none'}`,
    );
    if (instance.PublicIpAddress === undefined)
      lines.push('without a public address, NAT or VPC endpoints the agent cannot reach ECS');
  }
  if (noneRegistered) {
    lines.push(
      'usual causes: the role lacks the ECS policy; no way out to the internet; the cluster named in the user data does not exist',
    );
  }
  return lines;
}
