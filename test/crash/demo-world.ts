// One world to break: a sandbox in this process whose every call can be watched, and the program's own functions aimed
// at it. Knows nothing of what is broken; that is handed in as a hook.
import { EcsdemoError } from '../../src/base/errors.ts';
import { settingsFrom, type Settings } from '../../src/base/settings.ts';
import type { EngineEvent, Report } from '../../src/engine/types.ts';
import { destroy, scale, up } from '../helpers/one-action.ts';
import { parsePace, type Pace, type Phase } from '../../src/sandbox/pace.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import type { Call, Intercept } from '../../src/sandbox/server.ts';
import { remainsOf } from './remains.ts';

/** What a person types: the command and its flags without dashes. */
export interface Typed {
  command: 'up' | 'scale' | 'destroy';
  flags: Readonly<Record<string, string>>;
}

export interface Ran {
  /** Undefined: it succeeded. */
  error?: Error;
  events: EngineEvent[];
  /** In the order they arrived, as `service:Operation`. */
  calls: string[];
}

export interface DemoWorld {
  sandbox: Sandbox;
  /** Sees every call from now on; undefined: nobody does. */
  watch(hook: Intercept | undefined): void;
  /** Runs the command in this process. Never throws: how it ended is in the answer. */
  run(typed: Typed): Promise<Ran>;
  /** Defects that the sandbox told of; a case with any has failed. */
  defects: string[];
  /** Processes and ports of a destroyed demo that are still there. */
  remains(): Promise<string[]>;
  close(): Promise<void>;
}

/** No case may hang: far above what any takes, far below the suite's own limit. */
const caseTimeout = '60s';

/** As `fast`, but with boots and ends that outlast a run's first looks: what is half done must be seen half done. */
function quick(): Pace {
  const fast = parsePace('fast');
  if (fast === undefined) throw new Error('no pace');
  const longer: Partial<Record<Phase, number>> = { instanceBoot: 250, instanceShuttingDown: 150, serviceInactive: 100 };
  return { ...fast, of: (phase) => longer[phase] ?? fast.of(phase) };
}

const alive = new Set<Sandbox>();

const balancerPorts = ({ world }: Sandbox): number[] =>
  Object.values(world.loadBalancers).map(({ localPort }) => localPort);

export async function startWorld(): Promise<DemoWorld> {
  let hook: Intercept | undefined;
  const defects: string[] = [];
  const intercept: Intercept = {
    before: (call) => hook?.before?.(call),
    after: (call, output) => hook?.after?.(call, output),
  };
  const sandbox = await startSandbox({ pace: quick(), intercept, warn: (message) => defects.push(message) });
  alive.add(sandbox);
  const ports = new Set<number>();
  const world: DemoWorld = {
    sandbox,
    watch: (next) => {
      hook = next;
    },
    async run(typed) {
      for (const port of balancerPorts(sandbox)) ports.add(port);
      return runHere(world, typed);
    },
    defects,
    remains() {
      const others = [...alive].filter((other) => other !== sandbox).flatMap(balancerPorts);
      return remainsOf(sandbox.world, ports, new Set(others));
    },
    close() {
      alive.delete(sandbox);
      return sandbox.close();
    },
  };
  return world;
}

/** The name of a call as the program and AWS's policies write it. */
export const nameOf = ({ service, operation }: Call): string => `${service}:${operation}`;

/** Settings as the command would have them, aimed at the sandbox. */
export function settingsOf({ sandbox }: DemoWorld, { flags }: Typed): Settings {
  const { endpoint, region, credentials } = sandbox;
  const accepted = ['count', 'instances', 'timeout', 'yes'];
  const settings = settingsFrom({ timeout: caseTimeout, ...flags }, {}, accepted);
  return { ...settings, region, endpoint: { url: endpoint, region, credentials } };
}

async function runHere(world: DemoWorld, typed: Typed): Promise<Ran> {
  const events: EngineEvent[] = [];
  const calls: string[] = [];
  const report: Report = (event) => {
    events.push(event);
    if (event.type === 'call') calls.push(`${event.service}:${event.operation}`);
  };
  const settings = settingsOf(world, typed);
  const { signal } = new AbortController();
  try {
    await { up, scale, destroy }[typed.command](settings, report, signal);
    return { events, calls };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error('not an error', { cause: error }), events, calls };
  }
}

/** As a shell takes it: `--count 4`. */
export function argumentsOf({ command, flags }: Typed): string[] {
  const given = Object.entries({ timeout: caseTimeout, ...flags });
  const yes = command === 'scale' ? [] : ['--yes'];
  return [command, ...given.flatMap(([flag, value]) => [`--${flag}`, value]), ...yes, '--json'];
}

/** How the command ended, in a line; undefined: well. */
export function failureOf({ error }: Ran): string | undefined {
  if (error === undefined) return undefined;
  return error instanceof EcsdemoError
    ? [`${error.code}: ${error.message}`, ...error.diagnosis].join(' | ')
    : `${error.name}: ${error.message}`;
}
