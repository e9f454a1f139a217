// The built program as a process that is killed with SIGKILL at one of its AWS calls: just before the server does what
// the call asks for, or just after it has, with the answer never sent.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DropConnection } from '../../src/sandbox/drop-connection.ts';
import type { Intercept } from '../../src/sandbox/server.ts';
import { argumentsOf, nameOf, type DemoWorld, type Typed } from './demo-world.ts';

export type Moment = 'before' | 'after';

export interface Killed {
  /** The call it died at, `service:Operation`; undefined: it ended by itself before that call. */
  at?: string;
  /** Of one that ended by itself. */
  exitCode: number | null;
  output: string;
}

export interface Program {
  killAt(world: DemoWorld, typed: Typed, call: number, moment: Moment): Promise<Killed>;
  remove(): void;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A copy of the built program, so that a build meanwhile does not change what is tested. */
export function copyProgram(): Program {
  const home = mkdtempSync(join(tmpdir(), 'ecsdemo-crash-'));
  for (const part of ['bin', 'dist', 'templates', 'package.json'])
    cpSync(join(root, part), join(home, part), { recursive: true });
  return {
    killAt: (world, typed, call, moment) => killAt(home, world, typed, call, moment),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

async function killAt(home: string, world: DemoWorld, typed: Typed, call: number, moment: Moment): Promise<Killed> {
  const { endpoint, region, credentials } = world.sandbox;
  const child = spawn(process.execPath, [join(home, 'bin', 'run.js'), ...argumentsOf(typed)], {
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  let at: string | undefined;
  let count = 0;
  let victim: string | undefined;
  let nextToo = false;
  const kill = (name: string): never => {
    at ??= name;
    child.kill('SIGKILL');
    throw new DropConnection();
  };
  const hook: Intercept = {
    before(each) {
      // What a dying process had not sent yet is never sent.
      if (at !== undefined) throw new DropConnection();
      count++;
      // The call to die after was answered with an error, which changes nothing: after it is before the next one.
      if (nextToo) kill(nameOf(each));
      if (count !== call) return;
      if (moment === 'before') kill(nameOf(each));
      victim = each.requestId;
      // A turn later its handler has run, well or not.
      setImmediate(() => (nextToo = true));
    },
    after(each) {
      if (each.requestId === victim) kill(nameOf(each));
      if (at !== undefined) throw new DropConnection();
    },
  };
  world.watch(hook);
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    return { exitCode, output, ...(at === undefined ? {} : { at }) };
  } finally {
    world.watch(undefined);
  }
}
