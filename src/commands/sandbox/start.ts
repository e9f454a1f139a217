// `ecsdemo sandbox start`: one sandbox per state directory; starting it twice is the same as once.
import { Flags } from '@oclif/core';
import { integer } from '../../base/flag-values.ts';
import { variableOf, type Settings } from '../../base/settings.ts';
import { findSandbox, sandboxDir, setFault, startDetached } from '../../sandbox/control.ts';
import { EcsdemoCommand, type Outcome, type Session } from '../ecsdemo-command.ts';
import { outputFlags, pace } from '../flags.ts';
import { sandboxEntry } from '../package-root.ts';
import { faultNamed } from './fault-text.ts';
import { publicPart } from './running.ts';

export class SandboxStart extends EcsdemoCommand {
  static override summary = 'Start the local sandbox, a small AWS in a process of its own';
  static override examples = [
    { description: 'As fast as it can', command: 'ecsdemo sandbox start' },
    { description: "With AWS's own durations", command: 'ecsdemo sandbox start --pace real' },
    { description: 'With something broken from the start', command: 'ecsdemo sandbox start --fault throttling' },
  ];
  static override flags = {
    ...pace,
    port: Flags.string({
      description: 'Port of the AWS endpoint on 127.0.0.1 [default: any that is free]',
      helpValue: 'PORT',
    }),
    latency: Flags.string({
      description: 'Hold every AWS call for so many milliseconds, as a network would',
      helpValue: 'MS',
      hidden: true,
    }),
    fault: Flags.string({
      description: 'Switch this fault on from the start; may be given several times (ecsdemo sandbox fault list)',
      helpValue: 'NAME',
      multiple: true,
    }),
    ...outputFlags,
  };

  protected override async act(settings: Settings, session: Session): Promise<Outcome> {
    const { flags } = await this.parse(SandboxStart);
    const fromEnv = process.env[variableOf('port')] ?? '';
    const port =
      flags.port === undefined
        ? fromEnv === ''
          ? 0
          : integer(0, 65_535)(fromEnv, variableOf('port'))
        : integer(0, 65_535)(flags.port, '--port');
    // For the bench: real time, whatever the pace.
    const latencyMs = flags.latency === undefined ? 0 : integer(0, 10_000)(flags.latency, '--latency');
    const faults = (flags.fault ?? []).map((name) => faultNamed(name));
    const dir = sandboxDir(process.env);
    const found = await findSandbox(dir);
    if (found === undefined) session.say('starting the local sandbox …');
    const connection = found ?? (await startDetached({ dir, pace: settings.pace, port, latencyMs, entry: sandboxEntry() }));
    for (const name of faults) await setFault(connection, { name });
    const warnings: string[] = [];
    if (found !== undefined && settings.given.includes('pace') && found.pace !== settings.pace) {
      warnings.push(`it was already running, at pace ${found.pace}; ecsdemo sandbox stop first to change that`);
    }
    if (found !== undefined && port !== 0 && new URL(found.endpoint).port !== String(port)) {
      warnings.push(`it was already running, at ${found.endpoint}; ecsdemo sandbox stop first to change that`);
    }
    return {
      data: { ...publicPart(connection), alreadyRunning: found !== undefined, faults },
      warnings,
      show({ out, talk }) {
        for (const warning of warnings) talk(`! ${warning}`);
        talk(
          `sandbox ${found === undefined ? 'started' : 'already running'} (pid ${connection.pid}, pace ${connection.pace})`,
        );
        out(connection.endpoint);
        talk('Next: ecsdemo up --local   With the AWS CLI: eval "$(ecsdemo sandbox env)"');
      },
    };
  }
}
