// Pastes a suggestion as it is printed, as a person would: the program's own commands in this process, those of the AWS CLI
// with the SDK. Only what is suggested is understood; an unknown line fails the test that pastes it.
import { PutAttributesCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { DeregisterTargetsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { GivenFlags } from '../../src/base/settings.ts';
import { type Suggestion, suggestionText } from '../../src/base/suggestion.ts';
import type { RunningDemo } from './running-demo.ts';

export type Command = 'up' | 'status' | 'scale' | 'verify' | 'destroy';

/** What was run, as it was typed. */
export interface Typed {
  command: Command;
  flags: GivenFlags;
}

/** As a terminal shows it to who typed that with --local. */
export function printed(suggestion: Suggestion, { command, flags }: Typed): string {
  const argv = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  return suggestionText(suggestion, { command, argv, target: { local: true }, flagsOf: () => ['name', 'local'] });
}

/** @returns how the last command of the line ends; rejects as it fails */
export async function paste(demo: RunningDemo, line: string): Promise<unknown> {
  let ended: unknown;
  for (const part of line.replace(/ {3}# .*$/, '').split(' && ')) {
    const words = part.replace(/^\(|\)$/g, '').split(' ');
    if (words[0] === 'eval') continue;
    ended = words[0] === 'aws' ? await callAws(demo, words.slice(1)) : await runOurs(demo, words);
  }
  return ended;
}

function runOurs(demo: RunningDemo, [program, command, ...rest]: readonly string[]): Promise<unknown> {
  if (program !== 'ecsdemo') throw new Error(`what is ${program}?`);
  const { local: _, ...flags } = flagsOf(rest);
  return demo.run(command as Command, flags);
}

function flagsOf(words: readonly string[]): Record<string, string> {
  const flags: Record<string, string> = {};
  for (const [index, word] of words.entries()) {
    if (!word.startsWith('--')) continue;
    const value = words[index + 1] ?? '';
    flags[word.slice(2)] = value.startsWith('--') ? '' : value.replace(/^'(.*)'$/, '$1');
  }
  return flags;
}

/** 'Id=i-1,Port=9' */
function shorthand(text = ''): Record<string, string> {
  return Object.fromEntries(text.split(',').map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]));
}

async function callAws({ clients }: RunningDemo, [service, operation, ...rest]: readonly string[]): Promise<unknown> {
  const flags = flagsOf(rest);
  switch (`${service} ${operation}`) {
    case 'elbv2 deregister-targets': {
      const { Id, Port } = shorthand(flags['targets']);
      const Targets = [{ Id, Port: Number(Port) }];
      return clients.elbv2.send(new DeregisterTargetsCommand({ TargetGroupArn: flags['target-group-arn'], Targets }));
    }
    case 'ecs put-attributes': {
      const { name, value, targetId } = shorthand(flags['attributes']);
      return clients.ecs.send(
        new PutAttributesCommand({ cluster: flags['cluster'], attributes: [{ name, value, targetId }] }),
      );
    }
    case 'ecs update-service': {
      const { minimumHealthyPercent, maximumPercent } = shorthand(flags['deployment-configuration']);
      const deploymentConfiguration = {
        minimumHealthyPercent: Number(minimumHealthyPercent),
        maximumPercent: Number(maximumPercent),
      };
      return clients.ecs.send(
        new UpdateServiceCommand({ cluster: flags['cluster'], service: flags['service'], deploymentConfiguration }),
      );
    }
    default:
      throw new Error(`nobody said how to paste: aws ${service} ${operation}`);
  }
}
