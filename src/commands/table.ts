// All commands by oclif's id. Their classes are light: what is heavy is imported by the command when it runs.
import { Destroy } from './destroy.ts';
import { EcsdemoCommand } from './ecsdemo-command.ts';
import { SandboxEnv } from './sandbox/env.ts';
import { SandboxFaultClear } from './sandbox/fault-clear.ts';
import { SandboxFaultList } from './sandbox/fault-list.ts';
import { SandboxFault } from './sandbox/fault.ts';
import { SandboxKill } from './sandbox/kill.ts';
import { SandboxLogs } from './sandbox/logs.ts';
import { SandboxStart } from './sandbox/start.ts';
import { SandboxStatus } from './sandbox/status.ts';
import { SandboxStop } from './sandbox/stop.ts';
import { Scale } from './scale.ts';
import { Status } from './status.ts';
import { Sweep } from './sweep.ts';
import { Up } from './up.ts';
import { Verify } from './verify.ts';

export const commands = {
  up: Up,
  verify: Verify,
  scale: Scale,
  destroy: Destroy,
  status: Status,
  sweep: Sweep,
  'sandbox:start': SandboxStart,
  'sandbox:stop': SandboxStop,
  'sandbox:status': SandboxStatus,
  'sandbox:env': SandboxEnv,
  'sandbox:logs': SandboxLogs,
  'sandbox:fault': SandboxFault,
  'sandbox:fault:list': SandboxFaultList,
  'sandbox:fault:clear': SandboxFaultClear,
  'sandbox:kill': SandboxKill,
};

EcsdemoCommand.all = commands;
