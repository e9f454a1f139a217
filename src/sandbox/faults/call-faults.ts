// The faults that strike API calls: asked before and after each call, they refuse it, delay it, break its connection or
// make what it reads lag behind. Which error a fault gives is call-errors.ts's; which faults are on, the world's.
import type { Clock } from '../../base/clock.ts';
import { pause } from '../../base/clock.ts';
import { DropConnection } from '../drop-connection.ts';
import type { Loop } from '../loop.ts';
import type { Pace } from '../pace.ts';
import type { Call, Intercept } from '../server.ts';
import type { Service } from '../service.ts';
import type { ActiveFault } from './records.ts';
import type { World } from '../world.ts';
import { activeFaults, concerns, count, keyOf } from './active-faults.ts';
import { callErrors } from './call-errors.ts';
import { laggingView, watchForNew } from './lagging-view.ts';
import { isFaultName, scenarioOf } from './scenarios.ts';

/** As on AWS; the pace scales them. */
const slowReadMs = 5000;
const lagMs = 10_000;

export interface CallFaultsOptions {
  services: readonly Service[];
  loop: Loop;
  clock: Clock;
  pace: Pace;
  /** A hook of somebody else: asked first, and always. */
  further?: Intercept | undefined;
}

function zoneOf(world: World, { input }: Call): string {
  const interfaces = input['NetworkInterfaces'] as { SubnetId?: string }[] | undefined;
  const placement = input['Placement'] as { AvailabilityZone?: string } | undefined;
  const subnetId = (input['SubnetId'] as string | undefined) ?? interfaces?.[0]?.SubnetId;
  return world.subnets[subnetId ?? '']?.availabilityZone ?? placement?.AvailabilityZone ?? '';
}

/** A fault about one zone is about the first that it meets, unless it was given one. */
function meetsZone(fault: ActiveFault, zone: string): boolean {
  if (!isFaultName(fault.name) || scenarioOf(fault.name).zonal !== true) return true;
  fault.zone ??= zone;
  return fault.zone === 'any' || fault.zone === zone;
}

/** EC2 has something to be blind to only where the launch names it. */
function applies({ name }: ActiveFault, { input }: Call): boolean {
  if (name === 'new-instance-profile-invisible') return input['IamInstanceProfile'] !== undefined;
  return true;
}

/** Those that concern the call and are handled here, in the order they were switched on. */
function concerning(world: World, call: Call): ActiveFault[] {
  const action = `${call.service}:${call.operation}`;
  return activeFaults(world).filter((fault) => concerns(fault, action) && applies(fault, call));
}

export function interceptFaults({ services, loop, clock, pace, further }: CallFaultsOptions): Intercept {
  const watching = new WeakMap<Call, () => string[]>();

  /** What strikes before the handler runs: delays are returned, everything else is thrown. */
  function strikeBefore(call: Call): number {
    return loop.change(({ world }) => {
      const zone = zoneOf(world, call);
      let delayMs = 0;
      for (const fault of concerning(world, call)) {
        const make = callErrors[fault.name];
        const drops = fault.name === 'connection-dropped';
        if (fault.name === 'describe-slow') delayMs += count(world, fault) ? pace.scale(slowReadMs) : 0;
        else if (fault.name === 'describe-lags') watching.set(call, watchForNew(services, world));
        else if ((drops || make !== undefined) && meetsZone(fault, zone) && count(world, fault)) {
          const service = services.find(({ id }) => id === call.service);
          throw drops || make === undefined || service === undefined
            ? new DropConnection()
            : make(call, world, zone, service);
        }
      }
      return delayMs;
    });
  }

  function strikeAfter(call: Call): void {
    loop.change(({ world, now }) => {
      const created = watching.get(call)?.() ?? [];
      const hidden = Object.entries(world.hidden ?? {}).filter(([, until]) => until > now);
      if (world.hidden !== undefined) world.hidden = Object.fromEntries(hidden);
      for (const fault of concerning(world, call)) {
        if (fault.name === 'describe-lags') {
          for (const key of created) {
            if (world.faults?.[keyOf(fault)] === undefined || !count(world, fault)) continue;
            world.hidden = { ...world.hidden, [key]: now + pace.scale(lagMs) };
          }
        }
        if (fault.name === 'response-lost' && count(world, fault)) throw new DropConnection();
      }
    });
  }

  // Nothing on, nothing to wait for: this is asked at every call.
  const isStruck = (call: Call): boolean => loop.read(({ world }) => concerning(world, call).length > 0);

  async function before(call: Call): Promise<void> {
    await further?.before?.(call);
    const delayMs = isStruck(call) ? strikeBefore(call) : 0;
    if (delayMs > 0) await pause(clock, delayMs);
  }

  async function after(call: Call, output: object): Promise<void> {
    await further?.after?.(call, output);
    if (isStruck(call)) strikeAfter(call);
  }

  return {
    before: (call) => (further?.before === undefined && !isStruck(call) ? undefined : before(call)),
    view: (world, now) => laggingView(services, further?.view?.(world, now) ?? world, now),
    after: (call, output) => (further?.after === undefined && !isStruck(call) ? undefined : after(call, output)),
  };
}
