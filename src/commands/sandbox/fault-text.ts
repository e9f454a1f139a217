// Faults as people read them: what is on and what is left of it. Shared by the commands that show one.
import { EcsdemoError } from '../../base/errors.ts';
import { quoted } from '../../base/quoted.ts';
import { faultNames, isFaultName, type ActiveFault, type FaultName } from '../../sandbox/control.ts';
import { counted } from '../../base/counted.ts';
import { nearest } from '../../base/nearest.ts';

/** 'on for ec2:RunInstances: lets 2 more pass, then strikes 3 times' */
export function faultText({ operation, zone, after, times, struck }: ActiveFault): string {
  const left = times - struck;
  const where = [
    operation === undefined ? 'on' : `on for ${operation}`,
    ...(zone === undefined ? [] : [zone === 'any' ? 'in every zone' : `in ${zone}`]),
  ].join(' ');
  const plan = [
    ...(after === 0 ? [] : [`lets ${after} more pass`]),
    times === 0 ? 'strikes until it is cleared' : `strikes ${counted(left, struck === 0 ? 'time' : 'more time')}`,
    ...(struck === 0 ? [] : [`has struck ${counted(struck, 'time')}`]),
  ].join(', ');
  return `${where}: ${plan}`;
}

/**
 * @param source what the name came from: '--fault'
 * @throws EcsdemoError `usage` with the name that may have been meant.
 */
export function faultNamed(name: string | undefined, source?: string): FaultName {
  if (name !== undefined && isFaultName(name)) return name;
  // `list` and `clear` are commands beside the names.
  const known = source === undefined ? [...faultNames, 'list', 'clear'] : faultNames;
  const meant = name === undefined ? undefined : nearest(name.trim().toLowerCase(), known);
  const message =
    name === undefined
      ? 'sandbox fault needs the name of a fault'
      : `${source === undefined ? '' : `${source} ${quoted(name)}: `}there is no fault ${quoted(name)}${meant === undefined ? '' : `; did you mean "${meant}"?`}`;
  throw new EcsdemoError('usage', message, {
    suggestions: [
      ...(meant === undefined ? [] : [{ command: 'sandbox fault', args: [meant] }]),
      { command: 'sandbox fault list' },
    ],
  });
}
