// Help without a command: what there is, and exit and error codes printed from base/errors.ts.
import { errorCodes, exitCodes, exitMeanings, type ExitName } from '../base/errors.ts';
import { commands } from './table.ts';
import { entry, wrap } from '../ui/format.ts';
import { spoken } from './usage.ts';

/** Longer lines nobody likes to read, and a page that help is copied to is not wider. */
const widest = 80;
/** Cells per line of help on this terminal; 80 where it goes elsewhere. */
export function helpWidth(stream: { columns?: number } = process.stdout): number {
  return Math.min(widest, Math.max(30, stream.columns || widest));
}

/** Exit codes, 0 first. */
export function exitCodeLines(width = widest - 2): string[] {
  const names = Object.keys(exitCodes) as ExitName[];
  return [
    ...entry('0', 'done, and proven', 5, width),
    ...names.flatMap((name) => entry(String(exitCodes[name]), exitMeanings[name], 5, width)),
  ];
}

/** Error codes: the code that `error.code` carries under --json, its exit code, what it means. */
export function errorCodeLines(width = widest): string[] {
  const rows = Object.entries(errorCodes);
  const column = Math.max(...rows.map(([code]) => code.length)) + 2;
  return rows.flatMap(([code, [exit, meaning]]) =>
    entry(code.padEnd(column) + exitCodes[exit], meaning, column + 5, width),
  );
}

/** Commands, as people write them, and what they do. */
function commandLines(ids: readonly string[], width: number): string[] {
  const column = Math.max(...ids.map((id) => id.length)) + 4;
  return ids.flatMap((id) => entry(`  ${spoken(id)}`, commands[id]?.summary ?? '', column, width));
}

/** A line of people's text, then commands that are never broken, each with what it does where there is room. */
function exampleLines(examples: readonly (readonly [command: string, what: string])[], width: number): string[] {
  const column = Math.max(...examples.map(([command]) => command.length)) + 4;
  return examples.flatMap(([command, what]) => entry(`  ${command}`, what, column + 2, width));
}

/** What `ecsdemo` alone prints. */
export function shortHelp(width = widest): string {
  return [
    ...wrap('ecsdemo: the classic Amazon ECS tutorial in seven idempotent steps, on AWS or on this machine', width),
    '',
    ...exampleLines(
      [
        ['ecsdemo up --local', 'make it here, without an AWS account'],
        ['ecsdemo up --region us-east-1', 'make it on AWS'],
      ],
      width,
    ),
    '',
    'COMMANDS',
    ...commandLines(Object.keys(commands), width),
    '',
    ...wrap('ecsdemo COMMAND --help says more; `ecsdemo help errors` lists every error code.', width),
  ].join('\n');
}

/** What the first word of several commands prints: `ecsdemo sandbox`. */
export function topicHelp(topic: string, width = widest): string {
  const ids = Object.keys(commands).filter((id) => id.startsWith(`${topic}:`));
  return [
    'COMMANDS',
    ...commandLines(ids, width),
    '',
    ...wrap(`ecsdemo ${spoken(ids[0] ?? topic)} --help says more of it, and so for the others.`, width),
  ].join('\n');
}
