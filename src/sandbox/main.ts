// The sandbox's own process: starts one sandbox, tells whoever started it, and ends cleanly on SIGTERM and SIGINT.
// Run detached by control.ts as: node bin/sandbox.js --dir DIR --port PORT --latency MS [--pace PACE] [--policy FILE]
import { rmSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { EcsdemoError } from '../base/errors.ts';
import { connectionPath, type Connection, type StartMessage } from './connection.ts';
import { writePrivate } from './identity.ts';
import { parsePace } from './pace.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    pace: { type: 'string' },
    port: { type: 'string' },
    region: { type: 'string' },
    latency: { type: 'string' },
    policy: { type: 'string' },
  },
});

let sandbox: Sandbox | undefined;
let ending = false;

/** Once: a second signal must not cut short what the first began. */
async function end(exitCode: number): Promise<void> {
  if (ending) return;
  ending = true;
  try {
    if (values.dir !== undefined) rmSync(connectionPath(values.dir), { force: true });
    await sandbox?.close();
  } catch (error) {
    complain(error);
    exitCode = 1;
  }
  process.exit(exitCode);
}

function complain(error: unknown): void {
  say(`${new Date().toISOString()} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}

/** Into the log, if it takes it: a full disk is no reason to fail, least of all by complaining again. */
function say(message: string): void {
  try {
    writeSync(process.stderr.fd, `${message}\n`);
  } catch {
    // There is nowhere else to say it; `sandbox status` tells what is wrong.
  }
}

function tell(message: StartMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(message, () => resolve());
  });
}

// Whoever else writes there, Node's own warnings among them, would make each failure an uncaught exception.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
// Closing the terminal it was started from is no reason to end.
process.on('SIGHUP', () => undefined);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(0));
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    complain(error);
    void end(1);
  });
}

async function start(): Promise<Connection> {
  const { dir, port = '0', region, latency = '0' } = values;
  const pace = values.pace === undefined ? undefined : parsePace(values.pace);
  if (dir === undefined || (values.pace !== undefined && pace === undefined))
    throw new EcsdemoError('usage', `wrong arguments: --dir ${dir ?? '(missing)'} --pace ${values.pace ?? ''}`);
  const policy =
    values.policy === undefined
      ? undefined
      : await (await import('./authorization/policy-file.ts')).policyIn(values.policy);
  sandbox = await startSandbox({
    dir,
    port: Number(port),
    latencyMs: Number(latency),
    warn: say,
    ...(pace === undefined ? {} : { pace }),
    ...(region === undefined ? {} : { region }),
    ...(policy === undefined ? {} : { policy: { current: policy } }),
  });
  const { endpoint, credentials, account } = sandbox;
  const startedAt = new Date().toISOString();
  const connection = {
    endpoint,
    pid: process.pid,
    credentials,
    region: sandbox.region,
    account,
    pace: sandbox.pace.name,
    startedAt,
    ...(values.policy === undefined ? {} : { policy: values.policy }),
  };
  writePrivate(connectionPath(dir), connection);
  return connection;
}

/** Starts the sandbox that the arguments name; it runs until a signal ends it. */
export async function main(): Promise<void> {
  try {
    const connection = await start();
    // A signal may have come meanwhile; then the file just written must not outlive the process.
    if (ending) rmSync(connectionPath(values.dir ?? ''), { force: true });
    await tell({ type: 'listening', connection });
    if (process.connected) process.disconnect();
  } catch (error) {
    complain(error);
    const known =
      error instanceof EcsdemoError
        ? error
        : new EcsdemoError('sandbox-failed', `the sandbox could not start: ${String(error)}`);
    await tell({ type: 'failed', code: known.code, message: known.message, suggestions: known.suggestions });
    process.exit(1);
  }
}
