// What the commands ask a running sandbox: faults switched on, listed and cleared, another pace, an image registered, one thing killed. Light: no inside of
// the sandbox is loaded; what it refuses comes back as a usage error in its own words.
import { EcsdemoError } from '../../base/errors.ts';
import type { Suggestion } from '../../base/suggestion.ts';
import { askControl, type Connection } from '../connection.ts';
import type { RegisteredImage } from '../ecs/records.ts';
import type { ActiveFault } from '../faults/records.ts';
import type { WorldView } from './world-view.ts';

export type { ActiveFault } from '../faults/records.ts';

/** What is absent is the scenario's own. */
export interface FaultOptions {
  name: string;
  after?: number;
  times?: number;
  operation?: string;
  zone?: string;
}

const timeoutMs = 5000;

/** @param better what to try when it is refused. @throws EcsdemoError `usage` for what the sandbox refuses, `sandbox-not-running` when it does not answer. */
async function ask<Answer>(
  connection: Connection,
  path: string,
  body?: object,
  better: Suggestion = { command: 'sandbox fault list' },
): Promise<Answer> {
  const reply = await askControl(connection, path, timeoutMs, body);
  if (reply === undefined) {
    throw new EcsdemoError('sandbox-not-running', `the sandbox at ${connection.endpoint} does not answer`, {
      suggestions: [{ command: 'sandbox start' }],
    });
  }
  const answer = parsed(reply.text);
  if (reply.status === 200) return answer as Answer;
  const said = (answer as { message?: unknown } | undefined)?.message;
  if (typeof said !== 'string') {
    throw new EcsdemoError(
      'sandbox-failed',
      `the sandbox answered ${path} with HTTP ${reply.status}; it may be of another version`,
      {
        suggestions: [{ command: 'sandbox stop', next: { command: 'sandbox start' } }],
      },
    );
  }
  throw reply.status === 404
    ? new EcsdemoError('demo-absent', said, {
        suggestions: [
          { command: 'up', flags: { local: true } },
          { command: 'status', flags: { local: true } },
        ],
      })
    : new EcsdemoError('usage', said, { suggestions: [better] });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is on, in the order it was switched on. */
export async function listFaults(connection: Connection): Promise<ActiveFault[]> {
  const { active } = await ask<{ active: ActiveFault[] }>(connection, '/_ecsdemo/faults');
  return active;
}

/** Switches one on. @returns it with every default filled in. */
export async function setFault(connection: Connection, fault: FaultOptions): Promise<ActiveFault> {
  const { set } = await ask<{ set: ActiveFault }>(connection, '/_ecsdemo/faults', fault);
  return set;
}

/** Switches one off, or all, and ends what they hold. @returns those that were on. */
export async function clearFaults(connection: Connection, name?: string): Promise<ActiveFault[]> {
  const body = name === undefined ? {} : { name };
  const { cleared } = await ask<{ cleared: ActiveFault[] }>(connection, '/_ecsdemo/faults/clear', body);
  return cleared;
}

/**
 * Kills a running task, or the EC2 instance of a container instance; any one when no id is given.
 * @throws EcsdemoError `demo-absent` when there is none to kill.
 */
export function killOne(
  connection: Connection,
  what: 'task' | 'instance',
  id?: string,
): Promise<{ what: string; id: string; tasks: string[] }> {
  return ask(connection, '/_ecsdemo/kill', { what, ...(id === undefined ? {} : { id }) });
}

/** Makes it run at another pace from now on, also after a restart. @returns what it runs at, and what it ran at before */
export function changePace(connection: Connection, pace: string): Promise<{ pace: string; before: string }> {
  return ask(connection, '/_ecsdemo/pace', { pace }, { command: 'sandbox pace', args: ['10'] });
}

/** What is in the sandbox, table by table, without anything secret. */
export function readWorld(connection: Connection): Promise<WorldView> {
  return ask(connection, '/_ecsdemo/world');
}

/** Registers the image, or changes it. */
export async function addImage(
  connection: Connection,
  image: { name: string; like?: string; answer?: string },
): Promise<RegisteredImage> {
  const better = { command: 'sandbox image add', args: ['own/app:v2'] };
  return (await ask<{ image: RegisteredImage }>(connection, '/_ecsdemo/images', image, better)).image;
}
