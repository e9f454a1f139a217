// What can come next on the command line, for the shells' completion: from the table of commands and what is there to be
// named. Asks nobody but this machine: a key that is pressed must be answered at once.
import type { Entry } from '../chapters/chapter.ts';
import { smokeSteps } from '../actions/smoke-plan.ts';
import type { CommandClass } from './table.ts';

export interface Candidate {
  word: string;
  /** Absent: the word says it all. */
  description?: string;
}

/** `files`: the shell knows better what there is. */
export type Completion = { candidates: Candidate[] } | 'files';

export interface Known {
  commands: Readonly<Record<string, CommandClass>>;
  chapters: readonly Entry[];
  shells: readonly string[];
  faults: readonly string[];
  /** Names of the demos on the sandbox that runs; none: none runs. */
  demos(): Promise<string[]>;
  /** Of the AWS configuration files. */
  profiles(): Promise<string[]>;
}

/** @param words what was typed after `ecsdemo`; the last one is being typed, '' when it is not begun */
export async function complete(words: readonly string[], known: Known): Promise<Completion> {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1).filter((word, index) => !(index === 0 && word === 'help'));
  const { id, command } = commandOf(before, known);
  if (command === undefined) return among(firstWords(before, known), typed);
  const flag = valuedFlag(before.at(-1), command);
  if (flag !== undefined) return values(flag, typed, { id, command }, known);
  const [, inline, begun] = /^--([\w-]+)=(.*)$/s.exec(typed) ?? [];
  if (inline !== undefined && begun !== undefined) {
    const found = await values(inline, begun, { id, command }, known);
    if (found === 'files') return found;
    return { candidates: found.candidates.map((each) => ({ ...each, word: `--${inline}=${each.word}` })) };
  }
  if (typed.startsWith('-')) return among(flagsOf(command, before), typed);
  const next = [...firstWords(before, known), ...argumentsOf(id, known)];
  return among(next.length === 0 ? flagsOf(command, before) : next, typed);
}

/** The longest command that the words spell. */
function commandOf(before: readonly string[], { commands }: Known): { id: string; command?: CommandClass } {
  for (const length of [3, 2, 1]) {
    const id = before.slice(0, length).join(':');
    const command = Object.hasOwn(commands, id) ? commands[id] : undefined;
    if (before.length >= length && command !== undefined) return { id, command };
  }
  return { id: '' };
}

/** The words that go on from these to a command. */
function firstWords(before: readonly string[], { commands }: Known): Candidate[] {
  const next = new Map<string, string | undefined>();
  for (const [id, { summary }] of Object.entries(commands)) {
    const spelled = id.split(':');
    const word = spelled[before.length];
    if (word === undefined || before.some((each, index) => each !== spelled[index])) continue;
    // A word that several commands start with is described by none of them.
    if (spelled.length === before.length + 1) next.set(word, summary);
    else if (!next.has(word)) next.set(word, undefined);
  }
  return [...next].map(([word, description]) => (description === undefined ? { word } : { word, description }));
}

function flagsOf({ flags }: CommandClass, before: readonly string[]): Candidate[] {
  const given = new Set(before.map((word) => word.replace(/=.*$/s, '')));
  return Object.entries(flags).flatMap(([name, flag]) => {
    const again = 'multiple' in flag && flag.multiple;
    if (flag.hidden === true || (given.has(`--${name}`) && !again)) return [];
    return [{ word: `--${name}`, description: flag.description ?? '' }];
  });
}

/** The flag whose value is being typed. */
function valuedFlag(word: string | undefined, { flags }: CommandClass): string | undefined {
  const name = word?.startsWith('--') === true ? word.slice(2) : '';
  return flags[name]?.type === 'option' ? name : undefined;
}

async function values(
  flag: string,
  typed: string,
  { id, command }: { id: string; command: CommandClass },
  known: Known,
): Promise<Completion> {
  const asked = command.flags[flag];
  if (asked?.type === 'option' && asked.helpValue === 'FILE') return 'files';
  return among(
    (await valueWords(flag, id, known)).map((word) => ({ word })),
    typed,
  );
}

async function valueWords(flag: string, id: string, known: Known): Promise<readonly string[]> {
  const { chapters, demos, faults, profiles } = known;
  switch (flag) {
    case 'name':
      return demos();
    case 'profile':
      return profiles();
    case 'through': {
      const entry = chapters.find(({ outline }) => id.startsWith(`${outline.id}:`)) ?? chapters[0];
      return entry === undefined ? [] : entry.outline.steps.slice(0, -1).map((step) => step.id);
    }
    case 'steps':
      return smokeSteps;
    case 'pace':
      return ['fast', 'real', '10'];
    case 'fault':
      return faults;
    default:
      return [];
  }
}

function argumentsOf(id: string, { faults, shells }: Known): Candidate[] {
  const named: Record<string, readonly string[]> = { 'sandbox:fault': faults, completion: shells };
  return (named[id] ?? []).map((word) => ({ word }));
}

function among(candidates: readonly Candidate[], typed: string): Completion {
  return { candidates: candidates.filter(({ word }) => word.startsWith(typed)) };
}
