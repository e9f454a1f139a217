// All commands by oclif's id. Their classes are light: what is heavy is imported by the command when it runs.
import { Destroy } from './destroy.ts';
import type { Config } from '@oclif/core/config';
import { chapters } from '../chapters/all.ts';
import type { Entry } from '../chapters/chapter.ts';
import { Completion } from './completion.ts';
import { Doctor } from './doctor.ts';
import { EcsdemoCommand } from './ecsdemo-command.ts';
import { Policy } from './policy.ts';
import { SandboxEnv } from './sandbox/env.ts';
import { SandboxFaultClear } from './sandbox/fault-clear.ts';
import { SandboxFaultList } from './sandbox/fault-list.ts';
import { SandboxFault } from './sandbox/fault.ts';
import { SandboxImageAdd } from './sandbox/image-add.ts';
import { SandboxKill } from './sandbox/kill.ts';
import { SandboxLogs } from './sandbox/logs.ts';
import { SandboxPace } from './sandbox/pace.ts';
import { SandboxStart } from './sandbox/start.ts';
import { SandboxStatus } from './sandbox/status.ts';
import { SandboxStop } from './sandbox/stop.ts';
import { Scale } from './scale.ts';
import { Smoke } from './smoke.ts';
import { Status } from './status.ts';
import { Sweep } from './sweep.ts';
import { Up } from './up.ts';
import { Verify } from './verify.ts';

/** What running a command and its help need. */
export type CommandClass = (new (argv: string[], config: Config) => EcsdemoCommand) &
  Pick<typeof EcsdemoCommand, 'id' | 'flags' | 'args' | 'examples'> & { summary: string };

/** The commands about a chapter. */
const verbs = {
  up: Up,
  verify: Verify,
  scale: Scale,
  destroy: Destroy,
  status: Status,
  smoke: Smoke,
  policy: Policy,
  doctor: Doctor,
};

/** Those of a chapter beside the first: `discovery:up`. */
export function commandsOf(entry: Entry): Record<string, CommandClass> {
  const ofChapter = Object.entries(verbs).map(([verb, Verb]): [string, CommandClass] => [
    `${entry.outline.id}:${verb}`,
    class extends (Verb as typeof Up) {
      static override entry = entry;
    },
  ]);
  return Object.fromEntries(ofChapter);
}

const [, ...others] = chapters;

export const commands: Readonly<Record<string, CommandClass>> = {
  ...verbs,
  sweep: Sweep,
  completion: Completion,
  ...Object.fromEntries(others.flatMap((entry) => Object.entries(commandsOf(entry)))),
  'sandbox:start': SandboxStart,
  'sandbox:stop': SandboxStop,
  'sandbox:status': SandboxStatus,
  'sandbox:env': SandboxEnv,
  'sandbox:logs': SandboxLogs,
  'sandbox:pace': SandboxPace,
  'sandbox:fault': SandboxFault,
  'sandbox:fault:list': SandboxFaultList,
  'sandbox:fault:clear': SandboxFaultClear,
  'sandbox:image:add': SandboxImageAdd,
  'sandbox:kill': SandboxKill,
};

EcsdemoCommand.all = commands;
