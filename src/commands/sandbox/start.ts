// `ecsdemo sandbox start`: one sandbox per state directory; starting it twice is the same as once.
import { resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { integer, refuse } from '../../base/flag-values.ts';
import { present } from '../../base/present.ts';
import { sameAgain } from '../../base/suggestion.ts';
import { valueOf, variableOf, type Settings } from '../../base/settings.ts';
import {
  changePace,
  checkPolicy,
  findSandbox,
  sandboxDir,
  scenarioOf,
  setFault,
  startDetached,
  type FaultName,
} from '../../sandbox/control.ts';
import { nextLines } from '../../ui/summary.ts';
import { EcsdemoCommand, type Ending, type Talk } from '../ecsdemo-command.ts';
import { outputFlags, pace } from '../flags.ts';
import { sandboxEntry } from '../../base/package-root.ts';
import { faultNamed } from './fault-text.ts';
import { publicPart } from './running.ts';

/** @throws EcsdemoError `usage`: before the sandbox starts, which would be there then without what was asked for. */
function faultsOf(given: readonly string[] | undefined): FaultName[] {
  const variable = variableOf('fault');
  const fromEnv = (process.env[variable] ?? '').split(',').filter((name) => name !== '');
  return (given ?? fromEnv).map((text) => {
    const source = given === undefined ? variable : '--fault';
    const name = faultNamed(text, source);
    if (scenarioOf(name).needsOperation === true) {
      refuse(source, name, 'needs an operation: start the sandbox, then switch it on', {
        command: 'sandbox start',
        without: ['fault'],
        next: { command: 'sandbox fault', args: [name], flags: { operation: 'ec2:RunInstances' } },
      });
    }
    return name;
  });
}

export class SandboxStart extends EcsdemoCommand {
  static override summary = 'Start the local sandbox, a small AWS in a process of its own';
  static override examples = [
    { description: 'As fast as it can', command: 'ecsdemo sandbox start' },
    { description: "With AWS's own durations", command: 'ecsdemo sandbox start --pace real' },
    {
      description: 'Where whoever calls may do no more than a policy allows',
      command: 'ecsdemo sandbox start --policy policy.json',
    },
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
    policy: Flags.string({
      description: 'Enforce this IAM policy on every call, with the denials of AWS (ecsdemo policy prints one)',
      helpValue: 'FILE',
    }),
    fault: Flags.string({
      description: 'Switch this fault on from the start; may be given several times (ecsdemo sandbox fault list)',
      helpValue: 'NAME',
      multiple: true,
    }),
    ...outputFlags,
  };

  protected override async act(settings: Settings, talk: Talk): Promise<Ending> {
    const { flags } = await this.parse(SandboxStart);
    const { fault: faultFlags, ...single } = flags;
    const port = valueOf(single, process.env, 'port', integer(0, 65_535)) ?? 0;
    // For the bench: real time, whatever the pace.
    const latencyMs = valueOf(single, process.env, 'latency', integer(0, 10_000)) ?? 0;
    const policyFile = valueOf(single, process.env, 'policy', (text) => text);
    const policy = policyFile === undefined ? undefined : resolve(policyFile);
    const faults = faultsOf(faultFlags);
    if (policy !== undefined && policyFile !== undefined) await checkPolicy(policy, policyFile);
    const dir = sandboxDir(process.env);
    const found = await findSandbox(dir);
    if (found !== undefined && policy !== undefined && found.policy !== policy) {
      // It would do what the policy forbids, and whoever asked for the policy would take that for allowed.
      refuse('--policy', policyFile ?? '', 'cannot be enforced by the sandbox that is already running', {
        command: 'sandbox stop',
        next: sameAgain,
      });
    }
    if (found === undefined) talk.say('starting the local sandbox …');
    const connection =
      found ??
      (await startDetached({
        dir,
        port,
        latencyMs,
        entry: sandboxEntry(),
        ...present({ pace: settings.pace, policy }),
      }));
    const { pace: wanted = connection.pace } = settings;
    const { pace: now, before } =
      wanted === connection.pace ? { pace: wanted, before: wanted } : await changePace(connection, wanted);
    for (const name of faults) await setFault(connection, { name });
    const warnings: string[] = [];
    if (found !== undefined && port !== 0 && new URL(found.endpoint).port !== String(port)) {
      warnings.push(`it was already running, at ${found.endpoint}; ecsdemo sandbox stop first to change that`);
    }
    return {
      data: { ...publicPart(connection), pace: now, alreadyRunning: found !== undefined, faults },
      warnings,
      show({ out, talk, whole }) {
        for (const warning of warnings) talk(`! ${warning}`);
        talk(
          `sandbox ${found === undefined ? 'started' : 'already running'} (pid ${connection.pid}, pace ${now}${now === before ? '' : `; before it was ${before}`})`,
        );
        if (connection.policy !== undefined) talk(`enforces ${connection.policy}`);
        out(connection.endpoint);
        for (const line of nextLines([
          ['Next', 'ecsdemo up --local'],
          ['With the AWS CLI', 'eval "$(ecsdemo sandbox env)"'],
        ]))
          whole(line);
      },
    };
  }
}
