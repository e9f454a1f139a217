// Help without a command: what there is, and exit and error codes printed from base/errors.ts.
import { errorCodes, exitCodes, exitMeanings, type ExitName } from '../base/errors.ts';
import { commands } from './table.ts';
import { wrap } from '../ui/format.ts';
import { spoken } from './usage.ts';

/** Everybody's terminal is at least so wide, and so is a page that help is copied to. */
export const columns = 80;

/** A key and what it means; what does not fit goes on below, in the second column. */
function entry(key: string, meaning: string, keyWidth: number, width: number): string[] {
  const indent = ' '.repeat(keyWidth);
  return wrap(meaning, width - keyWidth).map((line, index) => (index === 0 ? key.padEnd(keyWidth) : indent) + line);
}

/** Exit codes, 0 first. */
export function exitCodeLines(width = columns - 2): string[] {
  const names = Object.keys(exitCodes) as ExitName[];
  return [
    ...entry('0', 'done, and proven', 5, width),
    ...names.flatMap((name) => entry(String(exitCodes[name]), exitMeanings[name], 5, width)),
  ];
}

/** Error codes: the code that `error.code` carries under --json, its exit code, what it means. */
export function errorCodeLines(): string[] {
  const rows = Object.entries(errorCodes);
  const width = Math.max(...rows.map(([code]) => code.length)) + 2;
  return rows.flatMap(([code, [exit, meaning]]) =>
    entry(code.padEnd(width) + exitCodes[exit], meaning, width + 5, columns),
  );
}

/** What `ecsdemo` alone prints. */
export function shortHelp(): string {
  const groups: [string, string][] = Object.entries(commands).map(([id, command]) => [spoken(id), command.summary]);
  const width = Math.max(...groups.map(([id]) => id.length));
  return [
    'ecsdemo: the classic Amazon ECS tutorial in seven idempotent steps,',
    'on AWS or on this machine',
    '',
    '  ecsdemo up --local               make it here, without an AWS account',
    '  ecsdemo up --region us-east-1    make it on AWS',
    '',
    'COMMANDS',
    ...groups.flatMap(([id, summary]) => entry(`  ${id}`, summary, width + 4, columns)),
    '',
    'ecsdemo COMMAND --help says more; `ecsdemo help errors` lists every error code.',
  ].join('\n');
}
