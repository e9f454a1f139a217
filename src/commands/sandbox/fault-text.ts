// Faults as people read them: what is on and what is left of it. Shared by the commands that show one.
import { EcsdemoError } from '../../base/errors.ts';
import { quoted } from '../../base/quoted.ts';
import { faultNames, isFaultName, type ActiveFault, type FaultName } from '../../sandbox/control.ts';
import { counted } from '../../ui/format.ts';
import { nearest } from '../../base/nearest.ts';

/** 'on for ec2:RunInstances, after 2 more, 3 times more' */
export function faultText({ operation, zone, after, times, struck }: ActiveFault): string {
  const parts = [
    operation === undefined ? 'on' : `on for ${operation}`,
    ...(zone === undefined ? [] : [zone === 'any' ? 'in every zone' : `in ${zone}`]),
    ...(after === 0 ? [] : [`after ${after} more`]),
    times === 0 ? 'until it is cleared' : `${counted(times - struck, 'time', 'times')} more`,
    ...(struck === 0 ? [] : [`struck ${counted(struck, 'time', 'times')}`]),
  ];
  return parts.join(', ');
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
