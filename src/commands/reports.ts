// The files that a run reports into, opened before it begins, so that nothing is made when one of them cannot be written.
// A report that is lost on the way is a warning and never the result of the run.
import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Exchange, type Traced, withoutSecrets } from '../aws/exchange.ts';
import { EcsdemoError } from '../base/errors.ts';
import { packageJson } from '../base/package-root.ts';
import { escapedJson, quoted } from '../base/quoted.ts';
import { valueOf, variableOf, type Environment, type GivenFlags } from '../base/settings.ts';
import type { Invocation } from '../base/suggestion.ts';
import type { EngineEvent } from '../engine/types.ts';
import { eventLine, type RunEvent } from '../reports/events.ts';
import { junitText } from '../reports/junit.ts';
import { recordRun } from '../reports/record.ts';
import { summaryText } from '../reports/summary.ts';
import { errorCommand } from '../reports/workflow-command.ts';
import type { DemoIdentity } from '../ui/envelope.ts';
import { reportKinds } from './flags.ts';

type Kind = (typeof reportKinds)[number];

export interface RunEnd {
  demo: DemoIdentity | undefined;
  error: EcsdemoError | undefined;
  /** What was found out about what stands or is left. */
  remarks: readonly string[];
}

export interface Reports {
  take(event: EngineEvent): void;
  /** Undefined: nobody wants to know what goes over the wire. */
  traced: Traced | undefined;
  /** Writes what is written at the end. @returns warnings: reports that were lost */
  end(how: RunEnd): string[];
}

interface Opened {
  kind: Kind;
  path: string;
  descriptor: number;
  isLost: boolean;
}

/**
 * @param command as people type it
 * @param demo its name
 * @throws EcsdemoError `usage` for a file that cannot be written, and for two reports in one
 */
export function openReports(
  flags: GivenFlags,
  env: Environment,
  command: string,
  demo: string,
  invocation: Invocation,
): Reports {
  const files = openAll(flags, env);
  const startedAt = Date.now();
  const recorder = recordRun(command, startedAt);
  const warnings: string[] = [];
  let number = 0;

  const write = (kind: Kind, text: () => string): void => {
    const opened = files.find((each) => each.kind === kind && !each.isLost);
    if (opened === undefined) return;
    try {
      writeSync(opened.descriptor, text());
    } catch (error) {
      opened.isLost = true;
      warnings.push(`--${kind} ${quoted(opened.path)} could not be written: ${(error as Error).message}`);
    }
  };
  const tell = (event: EngineEvent | RunEvent, at: number): void =>
    write('events', () => eventLine(event, ++number, at, invocation));

  tell({ type: 'run-started', command, version: packageJson().version, demo }, startedAt);
  const isTraced = files.some(({ kind }) => kind === 'trace');
  return {
    traced: isTraced ? (exchange) => write('trace', () => traceLine(exchange)) : undefined,
    take(event) {
      const at = Date.now();
      recorder.take(event, at);
      tell(event, at);
    },
    end({ demo, error, remarks }) {
      const at = Date.now();
      const durationMs = at - startedAt;
      const record = recorder.end(at, error);
      tell({ type: 'run-finished', command, durationMs, exitCode: error?.exitCode ?? 0, ...(error && { error }) }, at);
      write('junit', () => junitText(record, invocation));
      if (demo !== undefined)
        write('summary', () => summaryText({ command, demo, durationMs, record, error, remarks, invocation }));
      if (error !== undefined && env['GITHUB_ACTIONS'] === 'true')
        process.stderr.write(`${errorCommand(command, error)}\n`);
      for (const { descriptor } of files) closeSync(descriptor);
      return warnings;
    },
  };
}

function openAll(flags: GivenFlags, env: Environment): Opened[] {
  const asked = reportKinds.flatMap((kind) => {
    const path = valueOf(flags, env, kind, (text) => text);
    const source = flags[kind] === undefined ? variableOf(kind) : `--${kind}`;
    if (path !== undefined) return [{ kind, path, source }];
    const page = kind === 'summary' ? env['GITHUB_STEP_SUMMARY'] : undefined;
    return page ? [{ kind, path: page, source: 'GITHUB_STEP_SUMMARY' }] : [];
  });
  const opened: Opened[] = [];
  for (const { kind, path, source } of asked) {
    const other = opened.find((each) => resolve(each.path) === resolve(path));
    try {
      if (other !== undefined) throw new Error(`--${other.kind} goes there too`);
      // A summary page may have other parts; a report that is run again is a new one.
      opened.push({ kind, path, descriptor: openSync(path, kind === 'summary' ? 'a' : 'w'), isLost: false });
    } catch (error) {
      for (const { descriptor } of opened) closeSync(descriptor);
      throw new EcsdemoError('usage', `${source} ${quoted(path)} cannot be written: ${wordsOf(error, path)}`, {
        suggestions: [{ flags: { [kind]: `./${kind}.${endings[kind]}` } }],
      });
    }
  }
  return opened;
}

/** One request and its answer, with the newline. */
function traceLine(exchange: Exchange): string {
  const line = { time: new Date(Date.now() - exchange.durationMs).toISOString(), ...withoutSecrets(exchange) };
  return `${escapedJson(JSON.stringify(line))}\n`;
}

const endings: Record<Kind, string> = { junit: 'xml', summary: 'md', events: 'jsonl', trace: 'jsonl' };

function wordsOf(error: unknown, path: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (path === '') return 'it is no name of a file';
  if (code === 'ENOENT') return 'its directory does not exist';
  if (code === 'EISDIR') return 'it is a directory';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'it may not be written';
  return message;
}
