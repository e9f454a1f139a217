// What a person can try next. It is data until it is printed, and printed once, here: whoever gives a suggestion knows what
// helps, whoever prints it knows what was typed and where the run worked. Pure.
import { pasteable } from './quoted.ts';
import { flagName } from './short-flags.ts';

/** By name without dashes; `true`: the flag has no value. */
export type SuggestedFlags = Readonly<Record<string, string | number | true>>;

/** Where it helps, and a comment behind it: what is printed can be pasted as a whole. */
interface Aside {
  /** 'if it is yours' → `ecsdemo up --adopt   # if it is yours` */
  note?: string;
  /** True for what helps only who works on the sandbox. */
  onSandbox?: true;
  /** True for what makes no sense on the sandbox. */
  onAws?: true;
}

/**
 * A command of ours, for the demo, account and region that the run worked on unless its flags say otherwise. The command
 * that was run keeps what was typed.
 */
export interface SuggestedCommand extends Aside {
  /** As people write it: 'up', 'sandbox start'; '': the program itself. */
  command: string;
  args?: readonly string[];
  flags?: SuggestedFlags;
  /** Flags, and words that are none, to leave out where it is the command that was run. */
  without?: readonly string[];
  /** Another command that is needed after it. */
  next?: SuggestedCommand | SuggestedFlagsOnly;
}

/** The command that was run, as it was typed, with these flags instead. None: the same again. */
export interface SuggestedFlagsOnly extends Aside {
  flags: SuggestedFlags;
  /** Flags to leave out. */
  without?: readonly string[];
}

/** A command of the AWS CLI, for the account and region that the run worked on: 'logs create-log-group …'. */
export interface SuggestedAwsCommand extends Aside {
  aws: string;
  /** Another command that is needed after it. */
  next?: SuggestedCommand | SuggestedFlagsOnly;
}

/** A line for the shell that is neither of the two. */
export interface SuggestedText extends Aside {
  text: string;
}

export type Suggestion = SuggestedText | SuggestedAwsCommand | SuggestedCommand | SuggestedFlagsOnly;

/** The command that was run, once more. */
export const sameAgain: SuggestedFlagsOnly = { flags: {} };

/** When it may pass by itself. */
export const againLater: SuggestedFlagsOnly = { ...sameAgain, note: 'in a minute: it goes on where this one stopped' };

/** When the time was too short. */
export const outOfTime: readonly Suggestion[] = [
  { ...sameAgain, note: 'goes on where this one stopped' },
  { flags: { timeout: '30m' }, note: 'gives it longer' },
];

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
  return noted('text' in suggestion ? suggestion.text : lineOf(suggestion, invocation), suggestion.note);
}

function noted(line: string, note: string | undefined): string {
  return note === undefined ? line : `${line}   # ${note}`;
}

function applies(suggestion: Suggestion, { target }: Invocation): boolean {
  const { onSandbox, onAws } = suggestion;
  if (target['local'] === undefined) return onSandbox !== true;
  return onAws !== true && !('flags' in suggestion && suggestion.flags?.['region'] !== undefined);
}

function lineOf(
  suggestion: SuggestedAwsCommand | SuggestedCommand | SuggestedFlagsOnly,
  invocation: Invocation,
): string {
  if ('aws' in suggestion) return followed(awsLine(suggestion.aws, invocation), suggestion.next, invocation);
  if ('command' in suggestion) return followed(commandLine(suggestion, invocation), suggestion.next, invocation);
  const { flags, without = [] } = suggestion;
  const typed = leftOf(invocation.argv, flags, without).map(pasteable);
  return ['ecsdemo', invocation.command, ...typed, ...words(flags)].filter(Boolean).join(' ');
}

function followed(
  line: string,
  next: SuggestedCommand | SuggestedFlagsOnly | undefined,
  invocation: Invocation,
): string {
  return next === undefined ? line : `${line} && ${lineOf(next, invocation)}`;
}

/** On the sandbox in a shell of its own, so that the person's goes on talking to AWS. */
function awsLine(command: string, { target, profile }: Invocation): string {
  if (target['local'] !== undefined) return `(eval "$(ecsdemo sandbox env)" && aws ${command})`;
  const { region } = target;
  return [
    `aws ${command}`,
    ...(region === undefined || / --region /.test(`${command} `) ? [] : words({ region })),
    ...(profile === undefined || profile === '' || / --profile /.test(`${command} `) ? [] : words({ profile })),
  ].join(' ');
}

function commandLine(suggestion: SuggestedCommand, invocation: Invocation): string {
  const { args = [], flags = {}, without = [] } = suggestion;
  const command = spokenIn(invocation, suggestion.command);
  const asTyped = command === invocation.command && command !== '' && args.length === 0 && flags['help'] !== true;
  const typed = asTyped ? leftOf(invocation.argv, flags, [...without, ...elsewhere(flags)]) : [];
  const target = Object.entries(aim(flags, invocation, command)).filter(
    ([flag]) => !typed.some((word) => word === `--${flag}` || word.startsWith(`--${flag}=`)),
  );
  return [
    'ecsdemo',
    command,
    ...[...args, ...typed].map(pasteable),
    ...words(flags),
    ...words(Object.fromEntries(target)),
  ]
    .filter(Boolean)
    .join(' ');
}

/** 'up' → 'discovery up', when it was that chapter's command that was run. */
function spokenIn({ within, flagsOf }: Invocation, command: string): string {
  return within !== undefined && flagsOf(`${within} ${command}`) !== undefined ? `${within} ${command}` : command;
}

/** The flags of the target that the command lacks. The sandbox has its own region and credentials. */
function aim(flags: SuggestedFlags, { target, flagsOf }: Invocation, command: string): SuggestedFlags {
  if (flags['help'] === true) return {};
  const here = elsewhere(flags);
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

/** What the sandbox, with its own region and credentials, refuses to be told. */
function elsewhere(flags: SuggestedFlags): readonly string[] {
  return flags['local'] === true ? ['region', 'profile'] : [];
}

/** What was typed, less the flags that are suggested or to be left out. */
function leftOf(argv: readonly string[], flags: SuggestedFlags, without: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    const flag = flagName(word);
    if (flag === '' ? !without.includes(word) : !(without.includes(flag) || Object.hasOwn(flags, flag)))
      kept.push(word);
    // What follows a flag that goes is its value, unless it is a flag itself.
    else if (flags[flag] !== true && !word.includes('=') && !(argv[index + 1] ?? '-').startsWith('-')) index++;
  }
  return kept;
}
