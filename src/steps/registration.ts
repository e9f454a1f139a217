// Waiting for the agents of container instances: until each is registered, ACTIVE and connected, or why it never will be.
import { EcsdemoError } from '../base/errors.ts';
import type { StepRun } from '../engine/types.ts';
import { describeMembers, instancesById, isClusterThere, isReady } from './container-instances.ts';
import { type StepContext, watchPresence } from './context.ts';

/** How long an agent may take before it is called missing; AWS's own samples wait five minutes (aws-facts §1.11). */
export const registrationLimitMs = 600_000;

/** Waits until every id is a container instance, ACTIVE, with its agent connected. */
export async function waitRegistered(context: StepContext, run: StepRun, ids: string[]): Promise<void> {
  const { names, facts } = context;
  let looks = 0;
  const presence = watchPresence(`cluster "${names.cluster}"`);
  presence.look(true);
  await run.wait({
    what: ids.length === 1 ? `the agent of ${ids[0]} to register` : `the agents of ${ids.length} instances to register`,
    typicalMs: 90_000,
    limitMs: registrationLimitMs,
    look: async () => {
      const registered = (await describeMembers(context)).filter(({ ec2InstanceId }) =>
        ids.includes(ec2InstanceId ?? ''),
      );
      facts.containerInstances = registered;
      const ready = registered.filter((instance) => isReady(instance));
      if (ready.length === ids.length) return { done: true, value: undefined };
      // EC2 is asked now and then only: it says whether waiting still makes sense.
      if (looks++ % 4 === 3) {
        await refuseDead(context, ids);
        presence.look(await isClusterThere(context));
      }
      if (registered.length > ready.length) return { done: false, state: 'registered, agent not connected' };
      return { done: false, state: `${ready.length} of ${ids.length} registered` };
    },
    diagnose: () => diagnoseAgents(context, ids),
    expired: (message, diagnosis) =>
      new EcsdemoError('agent-missing', `${message} (cluster ${names.cluster})`, {
        diagnosis,
        suggestions: [
          `aws ec2 get-console-output --instance-id ${ids[0]} --output text`,
          'ecsdemo destroy, then ecsdemo up',
        ],
      }),
  });
  const known = facts.instances ?? [];
  // The agent of an instance that was just launched is connected once it runs: EC2 need not be asked. That of one which
  // stopped may count as connected for a while.
  if (known.every(({ State }) => State?.Name === 'pending' || State?.Name === 'running')) {
    facts.instances = known.map((each) => ({ ...each, State: { ...each.State, Name: 'running' } }));
    return;
  }
  const byId = await instancesById(context, ids);
  facts.instances = known.map((each) => byId.get(each.InstanceId ?? '') ?? each);
}

async function refuseDead(context: StepContext, ids: string[]): Promise<void> {
  for (const instance of (await instancesById(context, ids)).values()) {
    const state = instance.State?.Name ?? '';
    if (!['shutting-down', 'terminated', 'stopping', 'stopped'].includes(state)) continue;
    const reason = instance.StateReason?.Message ?? instance.StateTransitionReason ?? 'no reason given';
    throw new EcsdemoError(
      'instance-failed',
      `instance ${instance.InstanceId} is ${state} instead of registering: ${reason}`,
      {
        suggestions: ['ecsdemo up', `aws ec2 describe-instances --instance-ids ${instance.InstanceId}`],
        retryable: true,
      },
    );
  }
}

async function diagnoseAgents(context: StepContext, ids: string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const instance of (await instancesById(context, ids)).values()) {
    lines.push(
      `instance ${instance.InstanceId} is ${instance.State?.Name}, public address ${instance.PublicIpAddress ?? 'none'}, profile ${instance.IamInstanceProfile?.Arn ?? 'none'}`,
    );
    if (instance.PublicIpAddress === undefined)
      lines.push('without a public address, NAT or VPC endpoints the agent cannot reach ECS');
  }
  if ((context.facts.containerInstances ?? []).length === 0) {
    lines.push(
      'usual causes: the role lacks the ECS policy; no way out to the internet; the cluster named in the user data does not exist',
    );
  }
  return lines;
}
