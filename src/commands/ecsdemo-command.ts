// What all commands share: from arguments to settings, a reporter and Ctrl-C around the work, and one way to end, in
// text or as the JSON document, on success and failure alike. Knows no command in particular.
import { Command } from '@oclif/core/command';
import { EcsdemoError, exitCodes } from '../base/errors.ts';
import { suggestionText, type Invocation, type SuggestedFlags, type Suggestion } from '../base/suggestion.ts';
import { standInFor } from '../base/aws-environment.ts';
import { flagOnOff } from '../base/flag-values.ts';
import { present } from '../base/present.ts';
import {
  outputFrom,
  settingsFrom,
  valueOf,
  variableOf,
  type Environment,
  type GivenFlags,
  type OutputSettings,
  type Settings,
} from '../base/settings.ts';
import type { Traced } from '../aws/exchange.ts';
import type { Report } from '../engine/types.ts';
import { paintFor } from '../ui/colour.ts';
import { envelopeText, type DemoIdentity } from '../ui/envelope.ts';
import { type Aftermath, watchAftermath } from './aftermath.ts';
import { createReporter, type Reporter } from '../ui/reporter.ts';
import { checkText, warningText } from '../ui/told.ts';
import type { Reports } from './reports.ts';
import { reportKinds } from './flags.ts';
import { watchInterrupts } from './interrupts.ts';
import { helpOf, refuseOddFlags, spoken, usageErrorOf, variableWarnings } from './usage.ts';
import { roughOutput, tellFailure, viewOf, type View } from './view.ts';

/** How a command talks while it works, and hears of Ctrl-C. */
export interface Talk {
  output: OutputSettings;
  report: Report;
  /** Told of all that goes over the wire. Absent: nobody wants to know. */
  traced?: Traced | undefined;
  /** A line for people, on stderr; nothing with --quiet. */
  say(text: string): void;
  signal: AbortSignal;
  /** What suggestions of this run are made commands for. */
  invocation: Invocation;
  /** Another command of ours for the same demo, as it is pasted. */
  commandText(command: string, flags?: SuggestedFlags, without?: readonly string[]): string;
  /** Ends the live view before something else is asked or written. */
  settle(): void;
  /** Who the demo is, as soon as it is known; failures carry it too. */
  identify(demo: DemoIdentity): void;
  /** Called when the command has ended, however it ended. */
  atEnd(work: () => void): void;
  /** Called with the failure before it is told: what is known besides can be added to it. */
  atFailure(work: (error: EcsdemoError) => Promise<void>): void;
}

/** What a command ends with. */
export interface Ending {
  demo?: DemoIdentity;
  data?: unknown;
  warnings?: readonly string[];
  /** It failed; `data` is what is known all the same. */
  error?: EcsdemoError | undefined;
  /** What was found out about what stands or is left, in sentences: for the reports. */
  remarks?: readonly string[];
  /** Shows the data; before the error, when there is one. Not called under --json. */
  show?(view: View): void;
}

function unexpected(error: unknown): EcsdemoError {
  if (error instanceof EcsdemoError) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = error instanceof Error && error.stack !== undefined ? error.stack.split('\n').slice(1, 6) : [];
  return new EcsdemoError('unexpected', message, {
    diagnosis: stack.map((line) => line.trim()),
    suggestions: [{ flags: { verbose: true }, note: 'shows every call' }],
    cause: error,
  });
}

export abstract class EcsdemoCommand extends Command {
  /** All commands by oclif's id, for a person who took the wrong one; table.ts fills it in. */
  static all: Readonly<Record<string, { flags: object }>> = {};

  /** The work. @throws EcsdemoError for a failure about which there is no data. */
  protected abstract act(settings: Settings, talk: Talk): Promise<Ending>;

  private get commandName(): string {
    return spoken(this.id ?? '');
  }

  /** True when a run changes nothing: there is nothing to go on with or to clean up after Ctrl-C. */
  protected readonly onlyReads: boolean = false;

  /** True for what makes a demo: when it fails, what is there is told with what it costs. */
  protected readonly makes: boolean = false;

  /** True for what takes away what it made, also after Ctrl-C: it ends by itself, in its own words. */
  protected readonly cleansUp: boolean = false;

  /** Values of flags that nobody gave, by flag or variable, where they depend on the run. */
  protected unasked(): GivenFlags {
    return {};
  }

  /** What --through takes: only of commands that have it. */
  protected get steps(): readonly string[] {
    return [];
  }

  /** The words before the commands of the chapter that this one is about, where that is not the first. */
  protected get within(): string | undefined {
    return undefined;
  }

  /** False where the checks are the command's data and are shown at the end. */
  protected readonly tellsChecks: boolean = true;

  /** Where `ecsdemo up` goes on and `ecsdemo destroy` cleans up, for the demo that this run worked on. */
  protected afterInterrupt(): Suggestion[] {
    return [{ flags: {} }, { command: 'destroy' }];
  }

  /** What suggestions of this run are made commands for. `target`: empty while the flags could not be read. */
  private invocationOf(target: SuggestedFlags, profile = process.env['AWS_PROFILE']): Invocation {
    return {
      command: this.commandName,
      argv: this.argv,
      target,
      profile,
      within: this.within,
      flagsOf(command) {
        const known = EcsdemoCommand.all[command.replaceAll(' ', ':')];
        return known && Object.keys(known.flags);
      },
    };
  }

  async run(): Promise<void> {
    let output = roughOutput(this.argv);
    let invocation = this.invocationOf({});
    let demo: DemoIdentity | undefined;
    let reporter: Reporter | undefined;
    let ending: Ending;
    const warnings: string[] = [];
    /** Those that were shown. */
    const checks: string[] = [];
    const { tellsChecks } = this;
    const atEnd: (() => void)[] = [];
    const atFailure: ((error: EcsdemoError) => Promise<void>)[] = [];
    let reports: Reports | undefined;
    const aftermath = watchAftermath(
      () => demo?.target === 'aws' && standInFor(process.env) === undefined,
      this.makes,
      () => (this.onlyReads ? [] : this.afterInterrupt()),
    );
    const interrupts = watchInterrupts(
      () => {
        if (!output.json && !this.onlyReads)
          reporter?.say(
            this.cleansUp
              ? 'stopping: what was made is taken away first (Ctrl-C again ends at once, and leaves it)'
              : 'stopping: what is under way is finished first (Ctrl-C again ends at once)',
          );
      },
      () => {
        reporter?.stop();
        if (this.onlyReads && !output.json) return;
        const words = 'ended at once, and what AWS was asked for last may or may not have been done';
        tellFailure(aftermath.interrupted(undefined, words), output, invocation, { ...present({ demo }), warnings });
      },
    );
    try {
      const flagNames = Object.keys(this.ctor.flags ?? {});
      const given = await this.flagsOf(flagNames);
      const flags = { ...filledIn(this.unasked(), process.env), ...given };
      output = outputFrom(flags, process.env);
      const settings = settingsFrom(flags, process.env, flagNames, this.steps);
      invocation = this.invocationOf(targetOf(flags, process.env, flagNames), settings.profile);
      if (flagNames.includes('name')) {
        demo = {
          name: settings.demo,
          target: settings.local ? 'local' : 'aws',
          region: settings.region ?? null,
          account: settings.account ?? null,
        };
      }
      if (reportsAsked(flags, process.env, flagNames)) {
        const { openReports } = await import('./reports.ts');
        reports = openReports(flags, process.env, this.commandName, settings.demo, invocation);
      }
      const talking = await createReporter({
        stream: process.stderr,
        env: process.env,
        paint: paintFor(process.stderr, process.env, output.colour),
        quiet: output.quiet || (output.json && !output.verbose),
        verbose: output.verbose,
        checks: this.tellsChecks,
      });
      reporter = talking;
      const talk: Talk = {
        output,
        report(event) {
          aftermath.take(event);
          // With --quiet they are shown only where they are the command's data.
          if (event.type === 'check' && !(output.quiet && tellsChecks)) checks.push(checkText(event.check));
          if (event.type === 'warning') warnings.push(warningText(event));
          reports?.take(event);
          talking.report(event);
        },
        traced: reports?.traced,
        say: (text) => talking.say(text),
        signal: interrupts.signal,
        invocation,
        commandText: (command, words = {}, without = []) =>
          suggestionText({ command, flags: words, without }, invocation),
        settle: () => talking.settle(),
        identify: (identity) => {
          demo = identity;
        },
        atEnd: (work) => atEnd.push(work),
        atFailure: (work) => atFailure.push(work),
      };
      const everyFlag = Object.values(EcsdemoCommand.all).flatMap((command) => Object.keys(command.flags));
      for (const message of variableWarnings(process.env, flagNames, everyFlag))
        talk.report({ type: 'warning', message });
      const work = this.act(settings, talk);
      ending = await (this.cleansUp ? work : Promise.race([work, interrupts.overdue]));
    } catch (thrown) {
      ending = { error: unexpected(thrown) };
    }
    reporter?.stop();
    interrupts.stop();
    for (const work of atEnd) work();
    const error = ending.error && this.endingError(ending.error, interrupts.signal.aborted, aftermath, ending.data);
    if (error !== undefined) for (const work of atFailure) await work(error);
    const lost = reports?.end({ demo: ending.demo ?? demo, error, remarks: ending.remarks ?? [] }) ?? [];
    const told = [...new Set([...warnings, ...(ending.warnings ?? []), ...lost])];
    const known = { ...present({ demo: ending.demo ?? demo }), data: ending.data, warnings: told };
    if (!output.json) ending.show?.(viewOf(output));
    if (!output.json) for (const each of lost) process.stderr.write(`! ${each}\n`);
    if (error === undefined) {
      if (output.json) process.stdout.write(envelopeText({ ...known, command: this.commandName, invocation }));
      return;
    }
    if (error.code === 'interrupted' && this.onlyReads && !output.json) process.exitCode = error.exitCode;
    else {
      const words = error.code === 'interrupted' || this.onlyReads ? undefined : aftermath.left(ending.data);
      const cleanUp = suggestionText({ command: 'destroy' }, invocation);
      const left = words === undefined ? undefined : { words, cleanUp };
      tellFailure(error, output, invocation, known, { left, told: checks });
    }
  }

  /** What people and scripts are told of a failure: after Ctrl-C, that it was that, and what it left behind. */
  private endingError(error: EcsdemoError, isStopped: boolean, aftermath: Aftermath, data: unknown): EcsdemoError {
    if ((error.code === 'interrupted' || isStopped) && !this.cleansUp) return aftermath.interrupted(data);
    if (error.exitCode === exitCodes.usage && error.suggestions.length === 0)
      error.suggestions = [helpOf(this.commandName)];
    return error;
  }

  private async flagsOf(names: readonly string[]): Promise<GivenFlags> {
    refuseOddFlags(
      this.argv,
      this.id ?? '',
      new Map(names.map((name) => [name, this.ctor.flags[name]?.type === 'option'])),
    );
    try {
      const { flags } = await this.parse(this.ctor);
      return flags;
    } catch (error) {
      const elsewhere = (flag: string): string[] =>
        Object.entries(EcsdemoCommand.all).flatMap(([id, each]) =>
          Object.hasOwn(each.flags, flag) ? [spoken(id)] : [],
        );
      throw usageErrorOf(error, this.id ?? '', names, elsewhere) ?? error;
    }
  }
}

/** True when the run has anybody to report to: reports are loaded only then. */
function reportsAsked(flags: GivenFlags, env: Environment, accepted: readonly string[]): boolean {
  const asked = reportKinds.filter((kind) => accepted.includes(kind));
  if (asked.length === 0) return false;
  const given = asked.some((kind) => valueOf(flags, env, kind, () => true) === true);
  return given || env['GITHUB_ACTIONS'] === 'true';
}

/** Those whose variable says nothing. */
function filledIn(unasked: GivenFlags, env: Environment): GivenFlags {
  return Object.fromEntries(Object.entries(unasked).filter(([flag]) => (env[variableOf(flag)] ?? '') === ''));
}

/** The flags, by flag or environment, that make another command work on the same demo. The sandbox has its own region. */
function targetOf(flags: GivenFlags, env: Environment, accepted: readonly string[]): SuggestedFlags {
  const given = (flag: string): string | undefined =>
    accepted.includes(flag) ? valueOf(flags, env, flag, (text) => text) : undefined;
  if (accepted.includes('local') && valueOf(flags, env, 'local', flagOnOff) === true)
    return present({ name: given('name'), local: true as const });
  return present({ name: given('name'), region: given('region'), profile: given('profile') });
}
