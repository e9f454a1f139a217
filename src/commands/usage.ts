// What a person typed wrong, in our words: oclif's parse errors and unknown commands become EcsdemoError `usage`.
import { EcsdemoError } from '../base/errors.ts';
import { quoted, visible } from '../base/quoted.ts';
import { variableOf, type Environment } from '../base/settings.ts';
import { nearest } from '../base/nearest.ts';
import type { SuggestedCommand } from '../base/suggestion.ts';

interface OclifParseError {
  message: string;
  flags?: unknown;
  args?: unknown;
  parse?: unknown;
  oclif?: unknown;
}

function isParseError(error: unknown): error is OclifParseError {
  return error instanceof Error && !(error instanceof EcsdemoError) && ('parse' in error || 'oclif' in error);
}

/** 'sandbox:start' → 'sandbox start' */
export function spoken(id: string): string {
  return id.replaceAll(':', ' ');
}

/** The help of a command, by oclif's id; '': of the program. */
export function helpOf(id: string): SuggestedCommand {
  return { command: spoken(id), flags: { help: true } };
}

/**
 * @param id the command that was run; @param flags the names of its flags, without dashes
 * @param elsewhere which other commands, as people write them, have a flag
 * @returns undefined when the error is not one of parsing
 */
export function usageErrorOf(
  error: unknown,
  id: string,
  flags: readonly string[],
  elsewhere: (flag: string) => readonly string[] = () => [],
): EcsdemoError | undefined {
  if (!isParseError(error)) return undefined;
  const help = helpOf(id);
  if (Array.isArray(error.flags)) {
    return unknownFlags(error.flags.map(String), id, flags, elsewhere);
  }
  if (Array.isArray(error.args) && error.message.startsWith('Unexpected')) {
    const args = error.args.map(String);
    const { hint, suggestions } = meantBy(args, id, flags);
    return new EcsdemoError('usage', `${spoken(id)} takes no argument: ${args.map(quoted).join(', ')}${hint}`, {
      suggestions: [...suggestions, help],
    });
  }
  const [first = 'cannot be understood'] = error.message
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(See more help|The following error)/.test(line));
  const sentence = first.trim();
  return new EcsdemoError('usage', sentence.charAt(0).toLowerCase() + sentence.slice(1), {
    suggestions: [help],
    cause: error,
  });
}

function unknownFlags(
  given: readonly string[],
  id: string,
  flags: readonly string[],
  elsewhere: (flag: string) => readonly string[],
): EcsdemoError {
  // A value that was given with it is not part of its name.
  const names = given.map((flag) => flag.replace(/=.*$/s, ''));
  const bare = names.map((flag) => flag.replace(/^-+/, '').replace(/^no-/, '').toLowerCase());
  const meant = bare.map((flag) => nearest(flag, flags)).find((flag) => flag !== undefined);
  const others = bare.length === 1 && !flags.includes(bare[0] ?? '') ? elsewhere(bare[0] ?? '') : [];
  const negated = meant !== undefined && names[0] === `--no-${meant}`;
  const hint = negated
    ? `; leave --${meant} out instead`
    : others.length > 0
      ? `; ${others.join(', ')} ${others.length === 1 ? 'has' : 'have'} it`
      : meant === undefined
        ? ''
        : `; did you mean --${meant}?`;
  const shown = names.map((name) => visible(name.slice(0, 60))).join(', ');
  return new EcsdemoError('usage', `${spoken(id)} has no flag ${shown}${hint}`, {
    suggestions: [helpOf(id)],
  });
}

/** What one argument too many was probably meant for: 'scale 4', 'destroy ci', '—local' with a typographic dash. */
function meantBy(
  args: readonly string[],
  id: string,
  flags: readonly string[],
): { hint: string; suggestions: SuggestedCommand[] } {
  const [only = '', ...more] = args;
  if (more.length > 0) return { hint: '', suggestions: [] };
  const dashed = /^[\u2010-\u2015\u2212]+(.+)$/.exec(only)?.[1];
  if (dashed !== undefined) {
    const flag = nearest(dashed, flags);
    if (flag !== undefined) return { hint: `; did you mean --${flag}, with two hyphens?`, suggestions: [] };
  }
  if (/^\d+$/.test(only) && flags.includes('count'))
    return { hint: '', suggestions: [{ command: spoken(id), flags: { count: only }, without: [only] }] };
  if (/^[A-Za-z][A-Za-z0-9-]{0,18}$/.test(only) && flags.includes('name'))
    return { hint: '', suggestions: [{ command: spoken(id), flags: { name: only }, without: [only] }] };
  return { hint: '', suggestions: [] };
}

/**
 * Refuses what oclif takes wrong: a value for a flag that has none, and names that every JavaScript object has.
 * @param takesValue by flag name; absent: there is no such flag
 */
export function refuseOddFlags(argv: readonly string[], id: string, takesValue: ReadonlyMap<string, boolean>): void {
  for (const word of argv) {
    if (word === '--') return;
    const [, name = '', value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name !== '' && !takesValue.has(name) && name in Object.prototype)
      throw unknownFlags([word], id, [...takesValue.keys()], () => []);
    if (value !== undefined && takesValue.get(name) === false) {
      const yes = /^(1|true|yes|on)$/i.test(value);
      throw new EcsdemoError(
        'usage',
        `--${name} ${quoted(value)}: --${name} takes no value${yes ? '' : '; leave it out where it is not wanted'}`,
        {
          suggestions: [yes ? { flags: { [name]: true } } : helpOf(id)],
        },
      );
    }
  }
}

/**
 * Warnings about variables that look like one of ours and are none: a slip in a name would otherwise go unseen.
 * @param flags those of the command that runs; @param all those of every command
 */
export function variableWarnings(env: Environment, flags: readonly string[], all: readonly string[]): string[] {
  const known = new Set([...all, 'sandbox-dir'].map(variableOf));
  return Object.keys(env)
    .filter((name) => name.startsWith('ECSDEMO_') && !known.has(name))
    .flatMap((name) => {
      const meant = nearest(name.slice('ECSDEMO_'.length).toLowerCase().replaceAll('_', '-'), flags);
      return meant === undefined ? [] : [`${visible(name)} is not read; did you mean ${variableOf(meant)}?`];
    });
}

/** Flags come after the command. `idOf`: the command that some words start with. */
export function misplaced(
  words: readonly string[],
  idOf: (words: readonly string[]) => string | undefined,
): EcsdemoError {
  const at = words.findIndex((_word, index) => idOf(words.slice(index)) !== undefined);
  const typed = words.slice(0, at === -1 ? words.length : at).filter((word) => word !== '--');
  const shown = quoted(words[0] ?? '');
  if (at === -1) return new EcsdemoError('usage', `no command given, only ${shown}`, { suggestions: [helpOf('')] });
  return new EcsdemoError('usage', `the command comes first, before ${shown}`, {
    suggestions: [{ command: '', args: [...words.slice(at), ...typed] }, helpOf('')],
  });
}

/** Words that other tools use for what a command of ours does. */
const otherWords: Readonly<Record<string, string>> = {
  apply: 'up',
  create: 'up',
  deploy: 'up',
  start: 'up',
  run: 'up',
  launch: 'up',
  install: 'up',
  delete: 'destroy',
  down: 'destroy',
  remove: 'destroy',
  rm: 'destroy',
  teardown: 'destroy',
  clean: 'destroy',
  cleanup: 'destroy',
  uninstall: 'destroy',
  ls: 'status',
  list: 'status',
  ps: 'status',
  show: 'status',
  describe: 'status',
  info: 'status',
  get: 'status',
  test: 'verify',
  check: 'verify',
  curl: 'verify',
  resize: 'scale',
  local: 'sandbox start',
  stop: 'sandbox stop',
  env: 'sandbox env',
  logs: 'sandbox logs',
};

/** @param ids all commands, as oclif spells them; a colon between the words is oclif's way and understood */
export function unknownCommand(words: readonly string[], ids: readonly string[]): EcsdemoError {
  const known = ids.map(spoken);
  const typed = words.join(' ').toLowerCase().replaceAll(':', ' ').trim();
  const first = typed.split(' ')[0] ?? '';
  const other = Object.hasOwn(otherWords, first) ? otherWords[first] : undefined;
  const meant = nearest(typed, known) ?? (known.includes(other ?? '') ? other : undefined) ?? nearest(first, known);
  return new EcsdemoError(
    'usage',
    `there is no command ${quoted(words.join(' '))}${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
    { suggestions: [...(meant === undefined ? [] : [helpOf(meant)]), helpOf('')] },
  );
}
