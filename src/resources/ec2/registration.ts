// Waiting for the agents of container instances: until each is registered, ACTIVE and connected, or why it never will be.
import type { Instance } from '@aws-sdk/client-ec2';
import type { ContainerInstance } from '@aws-sdk/client-ecs';
import { elsewhereLine, insteadOfElsewhere } from '../../aws/elsewhere.ts';
import { EcsdemoError } from '../../base/errors.ts';
import { describeMembers, isClusterThere, isReady } from '../ecs/container-instances.ts';
import { watchPresence } from '../presence.ts';
import type { Work } from '../resource.ts';
import { instancesById } from './instances-by-id.ts';
import { findLateAgent, lateAgentText } from './late-agent.ts';
import type { KnownInstance } from './wanted-instances.ts';

/** How long an agent may take before it is called missing; AWS's own samples wait five minutes (aws-facts §1.11). */
export const registrationLimitMs = 600_000;

/**
 * The same where the calls do not go to AWS: twice the usual time. What plays agents there plays them quickly, and an
 * emulator that only keeps records (moto's) has none.
 */
const elsewhereLimitMs = 180_000;

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
  const missing = () => ids.filter((id) => !seen.some((each) => each.ec2InstanceId === id && isReady(each)));
  const presence = watchPresence(`cluster "${cluster}"`);
  presence.look(true);
  const elsewhere = at.aws.elsewhere();
  const where = elsewhere === undefined ? [] : [elsewhereLine(elsewhere)];
  const registered = await at.run.wait<ContainerInstance[]>({
    what: ids.length === 1 ? `the agent of ${ids[0]} to register` : `the agents of ${ids.length} instances to register`,
    typicalMs: 90_000,
    limitMs: elsewhere === undefined ? registrationLimitMs : elsewhereLimitMs,
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
    late: async () => [...(await diagnoseLate(at, cluster, missing())), ...where],
    diagnose: async () => [...(await diagnoseAgents(at, cluster, missing())), ...where],
    expired: (message, diagnosis) =>
      new EcsdemoError('agent-missing', `${message} (cluster ${cluster})`, {
        diagnosis,
        // So long without an agent: the next `up` replaces such an instance.
        suggestions:
          elsewhere === undefined
            ? [
                { command: 'up', note: 'launches another in its place' },
                {
                  aws: `ec2 get-console-output --instance-id ${missing()[0]} --output text`,
                  note: 'shows how it booted',
                },
              ]
            : insteadOfElsewhere,
      }),
    ...(elsewhere === undefined ? {} : { suggestions: insteadOfElsewhere }),
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
        suggestions: [{ command: 'up' }],
        retryable: true,
      },
    );
  }
}

/** Few are enough to see what is wrong with all. */
const looksAt = 3;

/** @throws EcsdemoError `agent-missing` for what no waiting cures */
async function diagnoseLate(at: Work, cluster: string, ids: readonly string[]): Promise<string[]> {
  // A look that fails is no reason to give up what is waited for.
  const late = [...(await instancesById(at, ids.slice(0, looksAt)).catch(() => new Map<string, Instance>())).values()];
  const told = await Promise.all(
    late.map(async (instance) => {
      const { InstanceId } = instance;
      const findings = await findLateAgent(at, cluster, instance);
      const text = lateAgentText(findings);
      const boot = findings.console.map((line) => `the console of ${InstanceId}: ${line}`);
      if (findings.certain.length === 0) return [`the agent of ${InstanceId} is late: ${text}`, ...boot];
      throw new EcsdemoError(
        'agent-missing',
        `the agent of ${InstanceId} does not join the cluster "${cluster}": ${text}`,
        {
          diagnosis: findings.console,
          suggestions: [
            {
              aws: `ec2 terminate-instances --instance-ids ${InstanceId}`,
              next: { command: 'up' },
              note: 'another in its place',
            },
            { command: 'destroy', next: { command: 'up' } },
          ],
        },
      );
    }),
  );
  return told.flat();
}

async function diagnoseAgents(at: Work, cluster: string, ids: readonly string[]): Promise<string[]> {
  const missing = [...(await instancesById(at, ids.slice(0, looksAt))).values()];
  const told = await Promise.all(
    missing.map(async (instance) => {
      const { InstanceId, State, PublicIpAddress = 'none' } = instance;
      const findings = await findLateAgent(at, cluster, instance);
      return [
        `instance ${InstanceId} is ${State?.Name}, public address ${PublicIpAddress}: ${lateAgentText(findings)}`,
        ...findings.console.map((line) => `the console of ${InstanceId}: ${line}`),
      ];
    }),
  );
  return told.flat();
}
