// What a person asks of faults, as the sandbox reads and answers it. Everything in a request is checked here; what it asks
// for is done elsewhere.
import { findInstanceType, zonesOffering } from '../ec2/instance-types.ts';
import { zonesOf } from '../ec2/regions.ts';
import type { Context } from '../handler.ts';
import type { World } from '../world.ts';
import { activeFaults, keyOf, switchOn, type FaultRequest } from './active-faults.ts';
import { afflictPresent, heal } from './afflictions.ts';
import { Refused } from '../refused.ts';
import { faultNames, isFaultName, scenarioOf } from './scenarios.ts';

const maxCount = 1_000_000;
const maxFaults = 50;

/** What was sent, as a person may see it. */
function shown(value: unknown): string {
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined')).slice(0, 80);
}

function whole(value: unknown, what: string): number {
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > maxCount) {
    throw new Refused(`${what} "${shown(value)}" is not a whole number from 0 to ${maxCount}`);
  }
  return value as number;
}

/** @throws Refused naming what is wrong. */
function readFault(given: Record<string, unknown>, world: World): FaultRequest {
  const { name, after, times, operation, zone } = given;
  if (typeof name !== 'string' || !isFaultName(name)) throw new Refused(`there is no fault "${shown(name)}"`);
  const scenario = scenarioOf(name);
  if (operation !== undefined) {
    if (typeof operation !== 'string' || !/^[a-z0-9*]{1,24}:[A-Za-z0-9*]{1,64}$/.test(operation)) {
      throw new Refused(`operation "${shown(operation)}" is not of the form service:Operation`);
    }
    if (scenario.strikes !== 'call' || scenario.fixed === true)
      throw new Refused(`the fault ${name} takes no operation`);
  } else if (scenario.needsOperation === true) {
    throw new Refused(`the fault ${name} needs an operation, such as ec2:RunInstances`);
  }
  if (zone !== undefined) {
    if (scenario.zonal !== true) throw new Refused(`the fault ${name} takes no zone`);
    const zones = zonesOf(world.region).map(({ zoneName }) => zoneName);
    if (typeof zone !== 'string' || (zone !== 'any' && !zones.includes(zone))) {
      throw new Refused(`zone "${shown(zone)}" is none of ${zones.join(', ')}, any`);
    }
  }
  return {
    name,
    ...(after === undefined ? {} : { after: whole(after, 'after') }),
    ...(times === undefined ? {} : { times: whole(times, 'times') }),
    ...(typeof operation === 'string' ? { operation: operation.replace(/^elbv2:/, 'elasticloadbalancing:') } : {}),
    ...(typeof zone === 'string' ? { zone } : zonal(name, world)),
  };
}

/** What AWS lists must be known before anybody asks: the type is missing in the first zone that has it. */
function zonal(name: string, world: World): { zone?: string } {
  const type = findInstanceType('t3.micro');
  const zone = name === 'type-not-offered' && type !== undefined ? zonesOffering(world.region, type)[0] : undefined;
  return zone === undefined ? {} : { zone };
}

/** @throws Refused */
export function setFault(context: Context, given: Record<string, unknown>): object {
  const { world, now } = context;
  const request = readFault(given, world);
  if (activeFaults(world).length >= maxFaults && world.faults?.[keyOf(request)] === undefined) {
    throw new Refused(`${maxFaults} faults are on already; clear some first`);
  }
  const fault = switchOn(world, request, now);
  const set = { ...fault };
  afflictPresent(context, request.name);
  return { set };
}

/** `name`: absent for all. @throws Refused */
export function clearFaults(context: Context, name: unknown): object {
  const { world } = context;
  if (name !== undefined && (typeof name !== 'string' || !isFaultName(name))) {
    throw new Refused(`there is no fault "${shown(name)}"`);
  }
  const cleared = activeFaults(world).filter((fault) => name === undefined || fault.name === name);
  for (const fault of cleared) delete world.faults?.[keyOf(fault)];
  // One that has cleared itself may still hold something.
  for (const each of name === undefined ? faultNames : [name]) heal(context, each);
  return { cleared };
}
