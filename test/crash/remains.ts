// What a destroyed demo may not leave on the machine: processes of its tasks and the ports of its load balancers.
// Read from /proc, so only on Linux; elsewhere nothing is found. Must not trust the world's own account of either.
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { get } from 'node:http';
import type { World } from '../../src/sandbox/world.ts';

/**
 * @param ports loopback ports that its load balancers had.
 * @param others ports of the load balancers of other sandboxes of this process: one of ours may have become one of theirs.
 * @returns a line for each process and port that is still there.
 */
export async function remainsOf(
  world: World,
  ports: ReadonlySet<number>,
  others: ReadonlySet<number>,
): Promise<string[]> {
  if (!existsSync('/proc/self/fd')) return [];
  const ids = Object.keys(world.tasks).map((arn) => arn.slice(arn.lastIndexOf('/') + 1));
  const processes = childrenOf(process.pid).filter((pid) => ids.some((id) => outputOf(pid).includes(id)));
  const lines = processes.map((pid) => `too much: process ${pid} of a task`);
  const listening = listeningHere();
  for (const port of ports) {
    if (!listening.has(port) || others.has(port)) continue;
    // A sandbox that merely keeps the port for later listens, too, but says nothing.
    const answers = await answersHttp(port);
    if (answers) lines.push(`too much: port ${port} of a load balancer`);
  }
  return lines;
}

const answerMs = 2000;

function answersHttp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => asking.destroy(new Error('no answer')), answerMs);
    const done = (answers: boolean): void => {
      clearTimeout(timer);
      asking.destroy();
      resolve(answers);
    };
    const asking = get({ host: '127.0.0.1', port, agent: false }, () => done(true));
    asking.on('error', () => done(false));
  });
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statOf(pid)?.[1] === String(parent));
}

/** State, parent and so on: the fields behind the name, which may hold blanks. Undefined: it is gone meanwhile. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** The file that a process writes its output to; a task's is named for the task. */
function outputOf(pid: number): string {
  return linkOf(`/proc/${pid}/fd/1`);
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

const listenState = '0A';

/** Ports that this very process listens on. */
function listeningHere(): Set<number> {
  const ours = new Set(readdirSync('/proc/self/fd').map((fd) => linkOf(`/proc/self/fd/${fd}`)));
  const rows = ['/proc/net/tcp', '/proc/net/tcp6']
    .filter((path) => existsSync(path))
    .flatMap((path) => readFileSync(path, 'utf8').trim().split('\n').slice(1));
  const ports = rows
    .map((row) => row.trim().split(/\s+/))
    .flatMap((fields) => {
      const [, local = '', , state, , , , , , inode] = fields;
      return state === listenState && ours.has(`socket:[${inode}]`)
        ? [Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16)]
        : [];
    });
  return new Set(ports);
}
