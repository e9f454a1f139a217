// What faults do to things rather than to calls: tasks, instances, agents, services and interfaces are marked as they
// come along, and the parts that play them look at the mark. Clearing a fault heals what it holds.
import { terminate } from '../ec2/schedule.ts';
import type { Context } from '../handler.ts';
import type { Schedule } from '../agenda.ts';
import type { ContainerInstance, Task } from '../ecs/records.ts';
import type { Instance } from '../ec2/records.ts';
import { strike, untilCleared } from './active-faults.ts';
import type { FaultName } from './scenarios.ts';

/** As on AWS; the pace scales them. */
const disconnectedMs = 60_000;
const diesAfterMs = 10_000;

const taskFaults: FaultName[] = [
  'cannot-pull',
  'task-crashes-on-start',
  'task-crashes-later',
  'task-slow',
  'task-answers-500',
];

/** Marks a task that is being started. */
export function afflictTask({ world }: Context, task: Task): void {
  for (const name of taskFaults) {
    if (strike(world, name) === undefined) continue;
    task.fault = name;
    return;
  }
}

/** Marks an instance that is being launched. */
export function afflictInstance({ world }: Context, instance: Instance): void {
  if (strike(world, 'agent-never-registers') !== undefined) instance.fault = 'agent-never-registers';
}

/** Strikes a container instance that has just registered, or was registered when a fault was switched on. */
export function afflictAgent(context: Context, one: ContainerInstance): void {
  const { world, now, pace } = context;
  const cut = strike(world, 'agent-disconnects');
  if (cut !== undefined) one.disconnectedUntil = cut.lasting ? untilCleared : now + pace.scale(disconnectedMs);
  const host = world.instances[one.ec2InstanceId];
  if (host === undefined || strike(world, 'instance-dies') === undefined) return;
  host.diesAt = now + pace.scale(diesAfterMs);
}

/** Those that are there when a fault about agents is switched on. */
export function afflictPresent(context: Context, name: FaultName): void {
  if (name !== 'agent-disconnects' && name !== 'instance-dies') return;
  for (const one of Object.values(context.world.containerInstances)) {
    const host = context.world.instances[one.ec2InstanceId];
    const lives = one.status !== 'INACTIVE' && host?.state === 'running' && host.diesAt === undefined;
    if (lives) afflictAgent(context, one);
  }
}

/** Ends what a fault that was cleared still holds. */
export function heal({ world, now }: Context, name: string): void {
  for (const record of [...Object.values(world.tasks), ...Object.values(world.instances)]) {
    if (record.fault === name) delete record.fault;
  }
  if (name === 'agent-disconnects') {
    for (const one of Object.values(world.containerInstances)) delete one.disconnectedUntil;
  }
  if (name === 'instance-dies') {
    for (const one of Object.values(world.instances)) delete one.diesAt;
  }
  if (name === 'service-stays-draining') {
    for (const one of Object.values(world.services)) delete one.drainsUntil;
  }
  if (name === 'network-interfaces-linger') {
    for (const one of Object.values(world.networkInterfaces)) {
      if (one.releaseAt === untilCleared) one.releaseAt = now;
    }
  }
  if (name === 'describe-lags') delete world.hidden;
}

/** The machine stops from one moment to the next: its tasks get no time to end. */
export function instanceDies(context: Context, instance: Instance): void {
  const { world } = context;
  const members = Object.values(world.containerInstances).filter((one) => one.ec2InstanceId === instance.instanceId);
  for (const task of Object.values(world.tasks)) {
    if (!members.some(({ containerInstanceArn }) => containerInstanceArn === task.containerInstanceArn)) continue;
    for (const container of task.containers) container.stopTimeoutSeconds = 0;
  }
  delete instance.diesAt;
  terminate(context, instance);
  instance.stateReason = {
    code: 'Server.InternalError',
    message: 'Server.InternalError: Internal error on the host of the instance',
  };
  instance.stateChangedAt = context.now;
}

export const scheduleFaults: Schedule = (world, { at }) => {
  for (const instance of Object.values(world.instances)) {
    if (instance.diesAt === undefined || !['pending', 'running'].includes(instance.state)) continue;
    at(instance.diesAt, {
      kind: 'instance-died',
      subject: instance.instanceId,
      apply: (context) => instanceDies(context, instance),
    });
  }
};
