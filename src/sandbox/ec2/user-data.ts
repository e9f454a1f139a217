// What an ECS-optimized instance makes of its user data: the ecs.config its agent will read, and whether it boots through.
// Plays the boot, never runs anything; knows nothing of instances or clusters.
import { bootActions } from './boot/cloud-init.ts';
import { aMachine, playScript, writeFile } from './boot/machine.ts';

export interface ParsedUserData {
  /** What ends up in /etc/ecs/ecs.config: `ECS_CLUSTER` and so on. */
  ecsConfig: Readonly<Record<string, string>>;
  /**
   * True when the script starts ecs or docker and waits for it: ecs.service is ordered after cloud-final, which waits for
   * the script, so the agent never starts (amazon-ecs-agent issues 1707, 4818). `--no-block` is the escape.
   */
  deadlocks: boolean;
  /** What of it is not played here, in its own words: commands, cloud-config modules, kinds of parts. */
  unplayed: readonly string[];
}

const configPath = '/etc/ecs/ecs.config';

const none: ParsedUserData = { ecsConfig: {}, deadlocks: false, unplayed: [] };

/** What was played already: the agents' schedule asks at every change. */
const known = new Map<string, ParsedUserData>();
const maxKnown = 100;

/**
 * What the user data of an instance does to the ECS agent: scripts, boothooks, cloud-config (`write_files`, `bootcmd`,
 * `runcmd`), alone or in a MIME archive, packed by gzip or not. Text of no such kind does nothing, as cloud-init ignores
 * what it does not recognise.
 * @param userData base64 as RunInstances took it; absent means none.
 */
export function parseUserData(userData: string | undefined): ParsedUserData {
  if (userData === undefined) return none;
  let parsed = known.get(userData);
  if (parsed === undefined) {
    parsed = boot(userData);
    if (known.size >= maxKnown) known.clear();
    known.set(userData, parsed);
  }
  return parsed;
}

function boot(userData: string): ParsedUserData {
  // The image has the file, empty.
  const machine = aMachine([[configPath, '']]);
  for (const action of bootActions(userData)) {
    if (action.kind === 'unplayed') machine.unplayed.add(action.what);
    else if (action.kind === 'script') playScript(action.text, machine);
    else writeFile(machine, action.path, action.content, action.append);
  }
  return {
    ecsConfig: readAssignments(machine.files.get(configPath) ?? ''),
    deadlocks: machine.deadlocks,
    unplayed: [...machine.unplayed],
  };
}

/** Lines of an env file as the agent's unit reads it: comments and lines without `=` count for nothing. */
function readAssignments(text: string): Record<string, string> {
  const assignments = Object.create(null) as Record<string, string>;
  for (const line of text.split('\n')) {
    const [, key, value = ''] = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line) ?? [];
    if (key !== undefined) assignments[key] = unquote(value);
  }
  return assignments;
}

/** Removes one pair of quotes around `text`, and what stands escaped inside double quotes. */
function unquote(text: string): string {
  const trimmed = text.trim();
  const inner = (/^'([^']*)'$/.exec(trimmed) ?? /^"((?:[^"\\]|\\.)*)"$/.exec(trimmed))?.[1];
  if (inner === undefined) return trimmed;
  return trimmed.startsWith('"') ? inner.replaceAll(/\\(["\\$`])/g, '$1') : inner;
}

/** The file /etc/ecs/ecs.config as the instance sees it: one `K=V` a line, with a line end after each. */
export function formatEcsConfig(ecsConfig: Readonly<Record<string, string>>): string {
  return Object.entries(ecsConfig)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
