// What a command ends with: its data as people read it, and the next command. Text only; which stream it goes to is
// the command's business.
import { visible } from '../base/quoted.ts';
import type { DestroyData, Spent, StatusData } from '../actions/results.ts';
import type { Change, Check, Resource } from '../engine/types.ts';
import { plain, type Paint } from './colour.ts';
import { counted } from '../base/counted.ts';
import { ageText, durationText, idText, priceText, table, typeText, wrap } from './format.ts';
import { expiryText } from './sweep.ts';
import { checkLine } from './told.ts';
import { tasksText } from './verdict.ts';

/** 'in 2.1 s, 34 AWS calls, 12 of them changes' */
export function costText(data: Pick<Spent, 'calls' | 'durationMs'>): string {
  const changes = data.calls.mutating === 0 ? 'none of them a change' : `${data.calls.mutating} of them changes`;
  return `in ${durationText(data.durationMs)} with ${counted(data.calls.total, 'AWS call')}, ${changes}`;
}

/** One resource per line: what, name, state, and the id where it is not the name; somebody else's is marked. */
export function resourceLines(resources: readonly Resource[], width: number, paint: Paint = plain): string[] {
  const rows = resources.map((each) => {
    const id = each.id === undefined ? '–' : idText(each.id);
    return [
      typeText(each.type),
      each.name,
      each.state,
      [id === each.name ? '' : id, each.id === undefined || each.owned ? '' : '(not ours)'].filter(Boolean).join(' '),
    ];
  });
  return rows.length === 0
    ? []
    : table(rows, width, ['RESOURCE', 'NAME', 'STATE', 'ID'], (head) => paint('bold', head));
}

/** The whole of `status`. `local`: nothing is billed; `up`: the command for this demo; `now`: milliseconds since the epoch. */
export function statusLines(
  data: StatusData,
  demo: string,
  paint: Paint,
  width: number,
  local = false,
  up = 'ecsdemo up',
  now = Date.now(),
): string[] {
  // The default VPC is always there and says nothing about the demo.
  const existing = data.resources.filter((each) => each.id !== undefined && each.type !== 'AWS::EC2::VPC');
  if (existing.length === 0) return [`demo ${demo}: nothing exists`];
  const lines = [...resourceLines(data.resources, width, paint), ''];
  const { changes, tasks } = data;
  if (tasks.length > 0) lines.push(...taskLines(tasks, width, paint, now), '');
  if (changes.length > 0)
    lines.push(
      paint('bold', `differs, and \`${up}\` sets it right:`),
      ...differenceLines(changes, width - 2).map((line) => `  ${line}`),
      '',
    );
  lines.push(...wrap(`demo ${demo}: ${tasksText(data)}`, width));
  if (data.costPerHour !== null && data.costPerHour > 0)
    lines.push(
      `${local ? 'would cost' : 'costs'} ${priceText(data.costPerHour, data.unpriced)}${local ? ' on AWS' : ''}`,
    );
  if (data.expiresAt !== null) lines.push(`expires ${expiryText(data.expiresAt, now)} (${visible(data.expiresAt)})`);
  if (data.url !== null) lines.push(visible(data.url));
  return lines;
}

/** A row for each task; eight digits of an id tell tasks apart, and ECS's events have no more. */
function taskLines(tasks: StatusData['tasks'], width: number, paint: Paint, now: number): string[] {
  const rows = tasks.map(({ id, state, instance, zone, addresses, health, startedAt }) => [
    id.slice(0, 8),
    state,
    health ?? '–',
    startedAt === null ? '–' : ageText(now - Date.parse(startedAt)),
    zone ?? '–',
    addresses.length === 0 ? (instance ?? '–') : addresses.join(' '),
  ]);
  return table(rows, width, ['TASK', 'STATE', 'TARGET', 'AGE', 'ZONE', 'WHERE'], (head) => paint('bold', head));
}

/** One line per difference: what, and how it is otherwise than `up` makes it. */
function differenceLines(changes: readonly Change[], width: number): string[] {
  const rows = changes.map(({ action, type, name, detail = '' }) => {
    const words = action === 'create' ? ['is missing', detail].filter(Boolean).join(': ') : detail;
    return [typeText(type), name, words];
  });
  return table(rows, width);
}

/** Every check with its mark. What to try is said once, at the end of the command. */
export function checkLines(checks: readonly Check[], paint: Paint, width: number): string[] {
  return checks.flatMap((check) => {
    const line = checkLine(check);
    const style = check.status === 'pass' ? 'green' : check.status === 'fail' ? 'red' : 'dim';
    const [first = '', ...rest] = wrap(`${line.mark} ${line.text}`, width, '  ');
    return [paint(style, line.mark) + first.slice(line.mark.length), ...rest];
  });
}

const verdicts: Record<Change['action'], string> = { create: 'create', update: 'change', delete: 'delete' };

/** The plan of --dry-run, in the order in which it would be done. `nothing`: what an empty one means. */
export function planLines(
  changes: readonly Change[],
  paint: Paint,
  width: number,
  nothing = 'nothing to change',
): string[] {
  if (changes.length === 0) return [nothing];
  const sentence = `${counted(changes.length, 'change')}; nothing was changed by this dry run`;
  return [...changeLines(changes, paint, width), '', ...wrap(sentence, width)];
}

/** What would be changed, a row each. */
export function changeLines(changes: readonly Change[], paint: Paint, width: number): string[] {
  const rows = changes.map((change) => [
    verdicts[change.action],
    typeText(change.type),
    change.name,
    change.detail ?? '',
  ]);
  return table(rows, width, ['ACTION', 'RESOURCE', 'NAME', 'DETAIL'], (head) => paint('bold', head));
}

/** The whole of `destroy`: what was kept and why, what is still there, what went. */
export function removalLines(data: DestroyData, paint: Paint, width: number): string[] {
  const { plan } = data;
  const lines = remainderLines(data, paint, width);
  if (plan !== undefined)
    return [...lines, ...planLines(plan, paint, width, 'nothing exists that destroy would delete')];
  const removed =
    data.removed.length > 0
      ? `removed ${counted(data.removed.length, 'resource')}`
      : data.left === null
        ? 'nothing was removed'
        : 'nothing was there to remove';
  return [...lines, ...wrap(`${removed} ${costText(data)}; ${leftText(data)}`, width)];
}

type Remainder = Pick<DestroyData, 'kept' | 'left' | 'unfinished'>;

/** What is there after a removal, and why. */
export function remainderLines({ kept, left }: Remainder, paint: Paint, width: number): string[] {
  const section = (heading: string, lines: string[]): string[] =>
    lines.length === 0 ? [] : [paint('bold', heading), ...lines.map((line) => `  ${line}`)];
  const reasons = (owned: boolean): string[] =>
    table(
      kept.filter((each) => each.owned === owned).map((each) => [typeText(each.type), each.name, each.reason]),
      width - 2,
    );
  return [
    ...section('Kept, because it is not ours to delete:', reasons(false)),
    ...section('Ours, and kept because something uses it:', reasons(true)),
    ...section('Still there:', resourceLines(left ?? [], width - 2)),
  ];
}

/** How much of what is ours stays after a removal; null: nobody looked. What something else uses counts. */
export function leftCount({ kept, left }: Remainder): number | null {
  return left === null ? null : left.length + kept.filter(({ owned }) => owned).length;
}

/** Nothing is called empty that was not looked at. */
export function leftText(data: Remainder): string {
  const count = leftCount(data);
  if (count !== null) return count === 0 ? 'nothing is left' : `${count} left`;
  const { unfinished = [] } = data;
  const steps = unfinished.length === 0 ? '' : `; not finished: ${unfinished.join(', ')}`;
  return `what is left was not checked${steps}`;
}

/** What to do next, a line each: the words before are as wide as the longest. */
export function nextLines(next: readonly (readonly [words: string, command: string])[]): string[] {
  const width = Math.max(...next.map(([words]) => words.length)) + 2;
  return next.map(([words, command]) => `${words}:`.padEnd(width) + command);
}
