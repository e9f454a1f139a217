// What a person can try next. It is data until it is printed, and printed once, here: whoever gives a suggestion knows what
// helps, whoever prints it knows what was typed and where the run worked. Pure.
import { pasteable } from './quoted.ts';

/** By name without dashes; `true`: the flag has no value. */
export type SuggestedFlags = Readonly<Record<string, string | number | true>>;

/** A command of ours, for the demo, account and region that the run worked on unless its flags say otherwise. */
export interface SuggestedCommand {
  /** As people write it: 'up', 'sandbox start'; '': the program itself. */
  command: string;
  args?: readonly string[];
  flags?: SuggestedFlags;
  /** Words around it: 'or take it over, if it is yours:'. */
  before?: string;
  after?: string;
  /** Another command that is needed after it. */
  next?: SuggestedCommand;
  /** True for what helps only who works on the sandbox. */
  onSandbox?: true;
}

/** The command that was run, as it was typed, with these flags instead. None: the same again. */
export interface SuggestedFlagsOnly {
  flags: SuggestedFlags;
  /** Flags to leave out. */
  without?: readonly string[];
  note?: string;
}

/** Words, or another program's command line. A plain string is the same with nothing to add. */
export interface SuggestedText {
  text: string;
  /** True for a program of AWS that must be told the profile which the run used. */
  profile?: true;
  /** True for what makes no sense on the sandbox, which has one region. */
  onAws?: true;
}

export type Suggestion = string | SuggestedText | SuggestedCommand | SuggestedFlagsOnly;

/** What was run, as far as suggestions depend on it. */
export interface Invocation {
  /** As people write it. */
  command: string;
  /** What was typed after it. */
  argv: readonly string[];
  /** The flags that make another command work on the same demo: name, local, region, profile. */
  target: SuggestedFlags;
  /** The profile of the AWS calls, also when no flag named it. */
  profile?: string | undefined;
  /** The words before the commands of the chapter that it was about; absent: those of the first chapter go without. */
  within?: string | undefined;
  /** The names of a command's flags; undefined: there is no such command. Flags of the target are given to those that have them. */
  flagsOf(command: string): readonly string[] | undefined;
}

/** Nothing is known of what was run: texts as they are for the default demo on AWS. */
export const unknownInvocation: Invocation = { command: '', argv: [], target: {}, flagsOf: () => undefined };

/** As people read them, and as --json has them. What does not apply where the run worked is left out, and repetitions are. */
export function suggestionTexts(
  suggestions: readonly Suggestion[],
  invocation: Invocation = unknownInvocation,
): string[] {
  return [
    ...new Set(suggestions.filter((each) => applies(each, invocation)).map((each) => suggestionText(each, invocation))),
  ];
}

/** One of them. */
export function suggestionText(suggestion: Suggestion, invocation: Invocation = unknownInvocation): string {
  if (typeof suggestion === 'string') return suggestion;
  if ('text' in suggestion) {
    const { profile } = invocation;
    return suggestion.profile === true && profile !== undefined && profile !== ''
      ? `${suggestion.text} --profile ${pasteable(profile)}`
      : suggestion.text;
  }
  if ('command' in suggestion) return commandText(suggestion, invocation);
  const { flags, without = [], note } = suggestion;
  const typed = leftOf(invocation.argv, flags, without).map(pasteable);
  return [
    ['ecsdemo', invocation.command, ...typed, ...words(flags)].filter(Boolean).join(' '),
    ...(note === undefined ? [] : [`  # ${note}`]),
  ].join(' ');
}

function applies(suggestion: Suggestion, { target }: Invocation): boolean {
  if (typeof suggestion === 'object' && 'command' in suggestion && suggestion.onSandbox === true)
    return target['local'] !== undefined;
  if (target['local'] === undefined || typeof suggestion === 'string') return true;
  if ('text' in suggestion) return suggestion.onAws !== true;
  return suggestion.flags?.['region'] === undefined;
}

function commandText(suggestion: SuggestedCommand, invocation: Invocation): string {
  const { args = [], flags = {}, before = '', after = '', next } = suggestion;
  const command = spokenIn(invocation, suggestion.command);
  const target = aim(flags, invocation, command);
  const line = ['ecsdemo', command, ...args.map(pasteable), ...words(flags), ...words(target)];
  const text = [before, ...line].filter(Boolean).join(' ');
  const more = next === undefined ? '' : `, then ${commandText(next, invocation)}`;
  return `${text}${after === '' || after.startsWith(',') ? after : ` ${after}`}${more}`;
}

/** 'up' → 'discovery up', when it was that chapter's command that was run. */
function spokenIn({ within, flagsOf }: Invocation, command: string): string {
  return within !== undefined && flagsOf(`${within} ${command}`) !== undefined ? `${within} ${command}` : command;
}

/** The flags of the target that the command lacks. The sandbox has its own region and credentials. */
function aim(flags: SuggestedFlags, { target, flagsOf }: Invocation, command: string): SuggestedFlags {
  if (flags['help'] === true) return {};
  const here = flags['local'] === true ? ['region', 'profile'] : [];
  return Object.fromEntries(
    Object.entries(target).filter(
      ([flag]) => !Object.hasOwn(flags, flag) && !here.includes(flag) && flagsOf(command)?.includes(flag) === true,
    ),
  );
}

function words(flags: SuggestedFlags): string[] {
  return Object.entries(flags).flatMap(([flag, value]) =>
    value === true ? [`--${flag}`] : [`--${flag}`, pasteable(String(value))],
  );
}

/** What was typed, less the flags that are suggested or to be left out. */
function leftOf(argv: readonly string[], flags: SuggestedFlags, without: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    const flag = word.startsWith('--') ? word.slice(2).replace(/=.*$/s, '') : '';
    if (without.includes(flag)) continue;
    if (!Object.hasOwn(flags, flag)) kept.push(word);
    else if (flags[flag] !== true && !word.includes('=')) index++;
  }
  return kept;
}
