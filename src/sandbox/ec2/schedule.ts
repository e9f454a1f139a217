// What time does to EC2: instances boot, shut down and are forgotten; a deleted load balancer's interfaces are released.
// Pure: looks and decides; the loop applies. Knows no API.
import type { Schedule } from '../agenda.ts';
import type { Context } from '../handler.ts';
import type { Instance } from './records.ts';
import type { World } from '../world.ts';
import { sayBoot } from './boot-words.ts';
import { freePublicIp } from './addresses.ts';
import { clientTokenKey } from './client-tokens.ts';

function networkOf(world: World, instance: Instance): World['networkInterfaces'][string] | undefined {
  return world.networkInterfaces[instance.networkInterfaceId];
}

function run(context: Context, instance: Instance): void {
  instance.state = 'running';
  delete instance.stateEndsAt;
  delete instance.stateReason;
  instance.bootedAt = context.now + context.pace.of('instanceBoot');
  sayBoot(context, instance);
}

/** A stopped instance gives its public address back; the private one stays. */
function stop(context: Context, instance: Instance): void {
  instance.state = 'stopped';
  delete instance.stateEndsAt;
  delete instance.bootedAt;
  delete instance.publicIpAddress;
  const network = networkOf(context.world, instance);
  if (network !== undefined) delete network.publicIp;
}

/** The interface goes with the instance, which is what frees its security groups. */
export function terminate(context: Context, instance: Instance): void {
  instance.state = 'terminated';
  delete instance.stateEndsAt;
  delete instance.bootedAt;
  delete instance.publicIpAddress;
  delete context.world.networkInterfaces[instance.networkInterfaceId];
  instance.forgottenAt = context.now + context.pace.of('instanceForgotten');
}

function forget(context: Context, instance: Instance): void {
  delete context.world.instances[instance.instanceId];
  const siblings = Object.values(context.world.instances).some((one) => one.reservationId === instance.reservationId);
  if (instance.clientToken !== undefined && !siblings)
    delete context.world.clientTokens[clientTokenKey(instance.clientToken)];
}

/** Gives a started instance a public address if its subnet hands them out. Used at launch and at each start. */
export function assignPublicIp(context: Context, instance: Instance): void {
  const ip = freePublicIp(context);
  instance.publicIpAddress = ip;
  const network = networkOf(context.world, instance);
  if (network !== undefined) network.publicIp = ip;
}

const endOfState: Partial<Record<Instance['state'], { kind: string; apply: typeof run }>> = {
  pending: { kind: 'instance-running', apply: run },
  'shutting-down': { kind: 'instance-terminated', apply: terminate },
  stopping: { kind: 'instance-stopped', apply: stop },
  terminated: { kind: 'instance-forgotten', apply: forget },
};

/**
 * Effects due at `now`, and when to look again: pending → running, stopping → stopped, shutting-down → terminated,
 * terminated → forgotten, lingering interfaces → gone. It also wakes the loop when an instance has booted, because the
 * agents of ECS and SSM start then.
 */
export const scheduleEc2: Schedule = (world, { at }) => {
  for (const instance of Object.values(world.instances)) {
    const end = endOfState[instance.state];
    const ends = instance.state === 'terminated' ? instance.forgottenAt : instance.stateEndsAt;
    if (end !== undefined && ends !== undefined) {
      at(ends, { kind: end.kind, subject: instance.instanceId, apply: (context) => end.apply(context, instance) });
    }
    if (instance.state === 'running' && instance.bootedAt !== undefined) at(instance.bootedAt);
  }
  for (const { networkInterfaceId, releaseAt } of Object.values(world.networkInterfaces)) {
    if (releaseAt === undefined) continue;
    at(releaseAt, {
      kind: 'interface-released',
      subject: networkInterfaceId,
      apply: (context) => delete context.world.networkInterfaces[networkInterfaceId],
    });
  }
};
