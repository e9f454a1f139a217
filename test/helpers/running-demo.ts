// A sandbox in this process and the program's own functions on it: what a command does, without a terminal.
// Every test has its own sandbox; it is closed when the test ends.
import { onTestFinished } from 'vitest';
import { isReadOnly } from '../../src/aws/calls.ts';
import { settingsFrom, type GivenFlags, type Settings } from '../../src/base/settings.ts';
import type { EngineEvent, Report } from '../../src/engine/types.ts';
import { destroy, doctor, scale, status, up, verify } from './one-action.ts';
import { parsePace, timesFaster } from '../../src/sandbox/pace.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { type AtEnd, clientsFor } from '../sandbox/tiny-server.ts';

const commands = { up, status, scale, verify, destroy, doctor };

type Command = keyof typeof commands;

export interface Told<Name extends Command> {
  result: Awaited<ReturnType<(typeof commands)[Name]>>;
  /** Operations that change something, in the order in which they ended: 'CreateCluster'. */
  mutating: string[];
  events: EngineEvent[];
}

export interface RunningDemo {
  sandbox: Sandbox;
  clients: ReturnType<typeof clientsFor>;
  /** Runs a command with these flags, as `--local` would. `seen` is told of each event. Rejects as the command fails. */
  run<Name extends Command>(command: Name, flags?: GivenFlags, seen?: Report): Promise<Told<Name>>;
  settings(flags?: GivenFlags): Settings;
}

/** An empty sandbox; call `run('up')` for a demo in it. */
export async function startRunningDemo(
  options: Partial<SandboxOptions> = {},
  finished: AtEnd = onTestFinished,
): Promise<RunningDemo> {
  const pace = parsePace('fast');
  if (pace === undefined) throw new Error('no pace');
  const sandbox = await startSandbox({ pace, ...options });
  finished(() => sandbox.close());
  const { endpoint, region, credentials } = sandbox;
  const settings = (flags: GivenFlags = {}): Settings => ({
    ...settingsFrom({ timeout: '60s', local: true, ...flags }, {}, Object.keys(flags)),
    region,
    endpoint: { url: endpoint, region, credentials },
    timeScale: timesFaster(sandbox.pace.name),
  });
  return {
    sandbox,
    clients: clientsFor(endpoint, credentials, { region }, finished),
    settings,
    async run(command, flags, seen = () => undefined) {
      const mutating: string[] = [];
      const events: EngineEvent[] = [];
      const result = await commands[command](
        settings(flags),
        (event) => {
          events.push(event);
          seen(event);
          if (event.type === 'call' && !isReadOnly(event.operation)) mutating.push(event.operation);
        },
        new AbortController().signal,
      );
      return { result: result as Awaited<ReturnType<(typeof commands)[typeof command]>>, mutating, events };
    },
  };
}
