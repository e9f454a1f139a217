// Values as people read them: durations, times, tables and lines that fit. Pure text, no colour, no stream.
import { stripVTControlCharacters } from 'node:util';
import { visible } from '../base/quoted.ts';

/** '0.3 s', '42 s', '2 min 5 s' */
export function durationText(milliseconds: number): string {
  if (milliseconds < 9950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const rest = seconds % 60;
  return rest === 0 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 60)} min ${rest} s`;
}

/** '42 s', '12 min', '3 h 5 min', '4 d 2 h': for ages, where seconds soon stop mattering. */
export function ageText(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return `${Math.floor(milliseconds / 1000)} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** '0.05', and enough digits that a little does not look like nothing. */
export function usdText(dollars: number): string {
  return dollars === 0 || dollars >= 0.01 ? dollars.toFixed(2) : dollars.toFixed(4);
}

/** How fast a sandbox's time runs. `pace`: 'fast', 'real' or a number */
export function paceText(pace: string): string {
  if (pace === 'fast') return 'pace fast: what takes minutes on AWS takes less than a second';
  if (pace === 'real' || Number(pace) === 1) return 'pace real: everything takes as long as on AWS';
  const times = Number(pace);
  return `pace ${pace}: time runs ${times < 1 ? `${Number((1 / times).toFixed(1))} times slower` : `${pace} times faster`} than on AWS`;
}

/** 'about 0.05 USD per hour and what g6.xlarge costs'. `unpriced`: types whose price is not known. */
export function priceText(perHour: number, unpriced: readonly string[] = []): string {
  const more = unpriced.length === 0 ? '' : ` and what ${unpriced.join(', ')} costs`;
  return `about ${usdText(perHour)} USD per hour${more}`;
}

/** Local wall-clock time, HH:MM:SS. `at`: milliseconds since the epoch. */
export function clockText(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** Cells seen on screen: colour codes take none. All our own text is of single width. */
export function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** A name or value in a table: whatever it holds is seen, on one line. */
function cellText(text: string): string {
  return visible(text)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\t', ' ');
}

/** Cut to `width` cells with an ellipsis. For text without colour codes. */
export function fit(text: string, width: number): string {
  const line = cellText(text);
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

// oxlint-disable-next-line no-control-regex -- control characters are what is taken out
const controlCharacters = /[\u0000-\u001F\u007F]+/g;

/** AWS puts line breaks, and a task may put colours, into messages that are shown: a line of words is left. */
export function singleLine(text: string): string {
  return visible(stripVTControlCharacters(text).replaceAll(controlCharacters, ' ').trim());
}

/**
 * Breaks at spaces so that lines are at most `width` cells; later lines start with `indent`. Words are never cut.
 * For text without colour codes.
 */
export function wrap(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of visible(text).split(' ')) {
    const candidate = line === '' ? word : `${line} ${word}`;
    if (widthOf(candidate) > width && line.trim() !== '') {
      lines.push(line);
      line = indent + word;
    } else {
      line = candidate;
    }
  }
  lines.push(line);
  return lines;
}

const columnGap = '  ';
/** Where less is left for the last column, no columns are left. */
const lastFrom = 8;

/**
 * Columns as wide as their widest cell. What does not fit `width` is never cut, since names and ids are copied: a cell of the
 * last column goes on below, beside or under the others; where there is no room for columns at all, each row takes several
 * lines, and the head is left out.
 * @param head absent cells and an absent head are fine: no head, no head line
 * @param paintHead what is done to the head's line
 */
export function table(
  rows: readonly (readonly string[])[],
  width: number,
  head?: readonly string[],
  paintHead: (line: string) => string = (line) => line,
): string[] {
  const all = (head === undefined ? rows : [head, ...rows]).map((row) => row.map(cellText));
  const columns = Math.max(0, ...all.map((row) => row.length));
  const widths = columnWidths(all, columns, width);
  const before = widths.slice(0, -1).reduce((sum, each) => sum + each + columnGap.length, 0);
  const left = width - before;
  if (Math.min(widths.at(-1) ?? 0, lastFrom) > left)
    return all.slice(head === undefined ? 0 : 1).flatMap((row) => stacked(row, width));
  return all.flatMap((row, index) => {
    const cells = widths.slice(0, -1).map((each, column) => (row[column] ?? '').padEnd(each));
    const last = row[columns - 1] ?? '';
    const beside = width - widthOf(cells.map((cell) => cell + columnGap).join(''));
    const isWide = last.split(' ').some((word) => widthOf(word) > beside);
    const [first = '', ...more] = isWide ? [''] : wrap(last, beside);
    const line = [...cells, first].join(columnGap).trimEnd();
    const below = isWide
      ? wrap(last, width - 4).map((part) => `    ${part}`)
      : more.map((part) => ' '.repeat(before) + part);
    return [head !== undefined && index === 0 ? paintHead(line) : line, ...below];
  });
}

/** As wide as the widest cell; but a column may be narrower than one odd cell of it, where all then fits but that row. */
function columnWidths(rows: readonly (readonly string[])[], columns: number, width: number): number[] {
  const of = (column: number): number[] => rows.map((row) => widthOf(row[column] ?? '')).toSorted((a, b) => b - a);
  const widths = Array.from({ length: columns }, (_, column) => of(column)[0] ?? 0);
  const over = widths.reduce((sum, each) => sum + each + columnGap.length, -columnGap.length) - width;
  if (over <= 0) return widths;
  const odd = widths.findIndex((widest, column) => column < columns - 1 && widest - (of(column)[1] ?? 0) >= over);
  return odd === -1 ? widths : widths.with(odd, of(odd)[1] ?? 0);
}

/** One row where there is no room for columns: as many cells on a line as fit, the others further in. */
function stacked(row: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const cell of row) {
    if (cell === '') continue;
    const line = lines.at(-1);
    const joined = line === undefined ? cell : line + columnGap + cell;
    if (line !== undefined && widthOf(joined) <= width) lines[lines.length - 1] = joined;
    else if (line === undefined) lines.push(...wrap(cell, width, columnGap));
    else lines.push(...wrap(cell, width - columnGap.length).map((part) => columnGap + part));
  }
  return lines;
}

/** Narrower than this the second column is no column: what a key means goes below it. */
const columnFrom = 26;

/** A key and what it means; what does not fit goes on below, in the second column. */
export function entry(key: string, meaning: string, keyWidth: number, width: number): string[] {
  if (width - keyWidth < columnFrom)
    return [key.replace(/^ {4}/, '').trimEnd(), ...wrap(meaning, width - 4).map((line) => `    ${line}`)];
  const indent = ' '.repeat(keyWidth);
  return wrap(meaning, width - keyWidth).map((line, index) => (index === 0 ? key.padEnd(keyWidth) : indent) + line);
}

/** What was done, as people say it. */
export const changeVerbs = { create: 'created', update: 'changed', delete: 'deleted' } as const;

/** 'AWS::ECS::Cluster' → 'ECS Cluster' */
export function typeText(type: string): string {
  return type
    .replace(/^AWS::/, '')
    .replace('ElasticLoadBalancingV2', 'ELB')
    .replaceAll('::', ' ');
}

/** The part of an ARN that tells things apart; other ids as they are. */
export function idText(id: string): string {
  if (!id.startsWith('arn:')) return id;
  const resource = id.split(':').slice(5).join(':');
  return resource.split('/').pop() ?? resource;
}
