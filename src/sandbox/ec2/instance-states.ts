// TerminateInstances, StopInstances, StartInstances, RebootInstances: where a person moves an instance; schedule.ts carries it further.
import type {
  InstanceStateChange,
  RebootInstancesRequest,
  StartInstancesRequest,
  StartInstancesResult,
  StopInstancesRequest,
  StopInstancesResult,
  TerminateInstancesRequest,
  TerminateInstancesResult,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Instance, InstanceState } from './records.ts';
import type { World } from '../world.ts';
import { refuseDryRun } from './dry-run.ts';
import { toApiState } from './instance-view.ts';
import { describeInstancesById } from './instances.ts';
import { assignPublicIp, terminate } from './schedule.ts';

const userInitiated = {
  code: 'Client.UserInitiatedShutdown',
  message: 'Client.UserInitiatedShutdown: User initiated shutdown',
};

function named(world: World, ids: readonly string[] | undefined): Instance[] {
  if (ids === undefined || ids.length === 0)
    throw new AwsError('MissingParameter', 'The request must contain the parameter InstanceId');
  return [...new Set(describeInstancesById(world, ids))];
}

/** Runs `move` on each and says from what to what it went. */
function changeEach(instances: readonly Instance[], move: (instance: Instance) => void): InstanceStateChange[] {
  return instances.map((instance) => {
    const before: InstanceState = instance.state;
    move(instance);
    return {
      InstanceId: instance.instanceId,
      PreviousState: toApiState(before),
      CurrentState: toApiState(instance.state),
    };
  });
}

/**
 * Terminating what is terminated succeeds until the instance is forgotten. One protected instance refuses the whole call.
 * @throws AwsError `OperationNotPermitted`, `InvalidInstanceID.NotFound`.
 */
export function TerminateInstances(context: Context, input: TerminateInstancesRequest): TerminateInstancesResult {
  const { world, now, pace } = context;
  const instances = named(world, input.InstanceIds);
  for (const instance of instances) {
    if (instance.terminationProtection && instance.state !== 'terminated') {
      throw new AwsError(
        'OperationNotPermitted',
        `The instance '${instance.instanceId}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
      );
    }
  }
  refuseDryRun(input);
  return {
    TerminatingInstances: changeEach(instances, (instance) => {
      if (instance.state === 'terminated' || instance.state === 'shutting-down') return;
      const wasStopped = instance.state === 'stopped';
      instance.stateReason = userInitiated;
      instance.stateChangedAt = now;
      if (wasStopped) {
        terminate(context, instance);
        return;
      }
      instance.state = 'shutting-down';
      instance.stateEndsAt = now + pace.of('instanceShuttingDown');
    }),
  };
}

function incorrectState(instance: Instance, verb: 'started' | 'stopped'): AwsError {
  return new AwsError(
    'IncorrectInstanceState',
    `The instance '${instance.instanceId}' is not in a state from which it can be ${verb}.`,
  );
}

/** Stopping what is stopped succeeds. @throws AwsError `IncorrectInstanceState`. */
export function StopInstances({ world, now, pace }: Context, input: StopInstancesRequest): StopInstancesResult {
  const instances = named(world, input.InstanceIds);
  for (const instance of instances) {
    if (!['running', 'stopping', 'stopped'].includes(instance.state)) throw incorrectState(instance, 'stopped');
    if (instance.stopProtection) {
      throw new AwsError(
        'OperationNotPermitted',
        `The instance '${instance.instanceId}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
      );
    }
  }
  refuseDryRun(input);
  return {
    StoppingInstances: changeEach(instances, (instance) => {
      if (instance.state !== 'running') return;
      instance.state = 'stopping';
      instance.stateEndsAt = now + pace.of('instanceShuttingDown');
      instance.stateReason = userInitiated;
      instance.stateChangedAt = now;
    }),
  };
}

/** Starting what runs succeeds. A started instance has a new public address. @throws AwsError `IncorrectInstanceState`. */
export function StartInstances(context: Context, input: StartInstancesRequest): StartInstancesResult {
  const { world, now, pace } = context;
  const instances = named(world, input.InstanceIds);
  for (const instance of instances) {
    if (!['stopped', 'pending', 'running'].includes(instance.state)) throw incorrectState(instance, 'started');
  }
  refuseDryRun(input);
  return {
    StartingInstances: changeEach(instances, (instance) => {
      if (instance.state !== 'stopped') return;
      instance.state = 'pending';
      instance.stateEndsAt = now + pace.of('instancePending');
      instance.launchedAt = now;
      delete instance.stateReason;
      delete instance.stateChangedAt;
      if (instance.associatePublicIp !== false) assignPublicIp(context, instance);
    }),
  };
}

/**
 * Still running, with its addresses, but it boots anew: its agents are gone meanwhile, and so are its containers.
 * @throws AwsError `IncorrectState` for one that does not run.
 */
export function RebootInstances({ world, now, pace }: Context, input: RebootInstancesRequest): object {
  const instances = named(world, input.InstanceIds);
  for (const instance of instances) {
    if (instance.state !== 'running' && instance.state !== 'pending') {
      throw new AwsError(
        'IncorrectState',
        `The instance '${instance.instanceId}' is not in a state from which it can be rebooted.`,
      );
    }
  }
  refuseDryRun(input);
  for (const instance of instances) {
    if (instance.state !== 'running') continue;
    instance.bootedAt = now + pace.of('instanceBoot');
    instance.rebootedAt = now;
    // The agent connects anew, whatever its connection had.
    for (const agent of Object.values(world.containerInstances))
      if (agent.ec2InstanceId === instance.instanceId) delete agent.disconnectedUntil;
  }
  return {};
}
