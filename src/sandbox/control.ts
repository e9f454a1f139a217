// The sandbox from outside: where it keeps its state, starting it as a process of its own, finding, describing, stopping it.
// What the commands use. Light: loads neither the SDK nor any of the sandbox's inside.
import { spawn } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { lasting } from '../base/aws-environment.ts';
import { EcsdemoError, errorCodes, type ErrorCode } from '../base/errors.ts';
import { askStatus, connectionPath, readConnection, type Connection, type StartMessage } from './connection.ts';
import type { Inventory } from './inventory.ts';
import { findOwner, isRunning, type Owner } from './owner-lock.ts';

export type { Connection } from './connection.ts';
export type { Inventory } from './inventory.ts';
export type { FollowedEvent } from './control/followers.ts';
export type { WorldView } from './control/world-view.ts';
export { readLogs } from './logs.ts';
export { followEvents } from './control/follow.ts';
export { registeredLikes } from './ecs/records.ts';
export { addImage, changePace, clearFaults, killOne, listFaults, readWorld, setFault } from './control/requests.ts';
export type { ActiveFault } from './control/requests.ts';
export { timesFaster } from './pace.ts';
export { faultNames, isFaultName, scenarioOf, type FaultName } from './faults/scenarios.ts';

export const processLogFile = 'sandbox.log';
const maxProcessLogBytes = 1_000_000;
const statusTimeoutMs = 2000;
/** A sandbox that starts, and restores many tasks, on a busy machine. */
const startTimeoutMs = 20_000;
/** Ending lets requests and tasks finish; after that it is killed. */
const stopTimeoutMs = 20_000;
const killTimeoutMs = 3000;
const pollMs = 15;

/** Where this user's sandbox keeps its state, absolute. */
export function sandboxDir(env: Readonly<Record<string, string | undefined>>): string {
  const own = env['ECSDEMO_SANDBOX_DIR'];
  if (own) return resolve(own);
  const state = env['XDG_STATE_HOME'] || join(env['HOME'] || homedir(), '.local', 'state');
  return resolve(state, 'ecsdemo', 'sandbox');
}

/** The sandbox that runs in `dir` and answers; undefined when none does. */
export async function findSandbox(dir: string): Promise<Connection | undefined> {
  const connection = readConnection(dir);
  if (connection === undefined) return undefined;
  const inventory = await askStatus(connection, statusTimeoutMs);
  return inventory && { ...connection, pace: inventory.pace };
}

/**
 * What is in the sandbox: counts, and load balancers with their URLs.
 * @throws EcsdemoError `sandbox-not-running` when it does not answer any more.
 */
export async function describeSandbox(connection: Connection): Promise<Inventory> {
  const inventory = await askStatus(connection, statusTimeoutMs);
  if (inventory === undefined) {
    throw new EcsdemoError('sandbox-not-running', `the sandbox at ${connection.endpoint} does not answer`, {
      suggestions: [{ command: 'sandbox start' }],
    });
  }
  return inventory;
}

/** @param named as people gave it. @throws EcsdemoError `usage` for a policy that the sandbox could not enforce. */
export async function checkPolicy(path: string, named: string): Promise<void> {
  const { policyIn } = await import('./authorization/policy-file.ts');
  await policyIn(path, named);
}

export interface StartOptions {
  dir: string;
  /** 'fast', 'real' or a number. Absent: what it was last told to run at, and fast at first. */
  pace?: string;
  /** 0: any free one. @default 0 */
  port?: number;
  /** Added to every call, in milliseconds. @default 0 */
  latencyMs?: number;
  /** A policy document that is enforced; absolute. Absent: the credentials are good for everything. */
  policy?: string;
  /** The script to run: bin/sandbox.js. */
  entry: string;
}

/**
 * Starts the sandbox of `dir` as a process that outlives this one, and returns once it listens. One that runs already is
 * returned as it is; two callers at once make one sandbox, and both get it.
 * @throws EcsdemoError `port-in-use`, `sandbox-state-damaged`, `sandbox-failed`.
 */
export async function startDetached(options: StartOptions): Promise<Connection> {
  const dir = resolve(options.dir);
  const running = await findSandbox(dir);
  if (running !== undefined) return running;
  const told = await spawnSandbox(dir, options);
  if (told.type === 'listening') return told.connection;
  // Somebody else was faster: the lock is theirs, and soon they listen.
  if (told.code === 'sandbox-failed' && findOwner(dir) !== undefined) {
    const other = await untilFound(dir);
    if (other !== undefined) return other;
  }
  const code: ErrorCode = told.code in errorCodes ? (told.code as ErrorCode) : 'sandbox-failed';
  throw new EcsdemoError(code, told.message, { suggestions: told.suggestions });
}

async function untilFound(dir: string): Promise<Connection | undefined> {
  const deadline = Date.now() + startTimeoutMs;
  while (Date.now() < deadline && findOwner(dir) !== undefined) {
    const found = await findSandbox(dir);
    if (found !== undefined) return found;
    await pauseFor(pollMs);
  }
  return undefined;
}

/** Races "listening" against "failed", the end of the process, and time. */
function spawnSandbox(
  dir: string,
  { entry, pace, port = 0, latencyMs = 0, policy }: StartOptions,
): Promise<StartMessage> {
  const logPath = join(dir, processLogFile);
  const log = openStateDir(dir, logPath);
  const logStart = statSync(logPath).size;
  const child = spawn(
    process.execPath,
    [
      entry,
      '--dir',
      dir,
      '--port',
      String(port),
      '--latency',
      String(latencyMs),
      ...(pace === undefined ? [] : ['--pace', pace]),
      ...(policy === undefined ? [] : ['--policy', policy]),
    ],
    {
      detached: true,
      cwd: dir,
      // This Node may be older than the SDK wants; the sandbox uses only the SDK's schemas.
      env: { ...lasting(process.env), AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
      stdio: ['ignore', log, log, 'ipc'],
      windowsHide: true,
    },
  );
  closeSync(log);
  return new Promise((settle) => {
    const done = (message: StartMessage): void => {
      clearTimeout(timer);
      child.removeAllListeners();
      if (child.connected) child.disconnect();
      child.unref();
      settle(message);
    };
    const fail = (why: string): void => {
      const said = lastWords(readFileSync(logPath).subarray(logStart).toString('utf8'));
      const message = `the sandbox ${why}${said === '' ? '' : `:\n${said}`}`;
      done({ type: 'failed', code: 'sandbox-failed', message, suggestions: [{ command: 'sandbox logs' }] });
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(`did not listen within ${startTimeoutMs / 1000} s`);
    }, startTimeoutMs);
    child.once('message', (message) => done(message as StartMessage));
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) =>
      fail(`ended with ${signal ?? `exit code ${String(code)}`} before it listened`),
    );
  });
}

/** The line that names the error, where there is one; otherwise the last few. */
function lastWords(text: string): string {
  const lines = text.trim().split('\n');
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.slice(-5).join('\n');
}

/** @throws EcsdemoError `sandbox-failed` when nothing can be kept there. */
function openStateDir(dir: string, logPath: string): number {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    return openLog(logPath);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = {
      ENOTDIR: 'a part of that path is a file',
      EEXIST: 'that is a file',
      EACCES: 'permission denied',
      EROFS: 'the file system is read-only',
      ENOSPC: 'no space left',
      ENAMETOOLONG: 'a name in that path is too long',
    }[code ?? ''];
    throw new EcsdemoError('sandbox-failed', `the sandbox cannot keep its state in ${dir}: ${why ?? message}`, {
      suggestions: [{ text: 'export ECSDEMO_SANDBOX_DIR=/tmp/ecsdemo', note: 'another directory for it' }],
      cause,
    });
  }
}

function openLog(path: string): number {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > maxProcessLogBytes) renameSync(path, `${path}.1`);
  // Never through a link that somebody put there.
  return openSync(path, constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW, 0o600);
}

/**
 * Ends the sandbox of `dir` with its tasks and ports; its state stays. Returns when the process is gone.
 * @returns false when none was running.
 * @throws EcsdemoError `sandbox-failed` when it cannot be ended.
 */
export async function stopSandbox(dir: string): Promise<boolean> {
  const owner = findOwner(dir);
  if (owner === undefined) {
    forget(dir);
    return false;
  }
  for (const [signal, waitMs] of [
    ['SIGTERM', stopTimeoutMs],
    ['SIGKILL', killTimeoutMs],
  ] as const) {
    signalOwner(owner, signal);
    if (await untilGone(owner, waitMs)) {
      forget(dir);
      return true;
    }
  }
  throw new EcsdemoError('sandbox-failed', `the sandbox's process ${owner.pid} does not end`);
}

/** Nobody answers there any more. That there is no such directory is fine. */
function forget(dir: string): void {
  try {
    rmSync(connectionPath(dir), { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error;
  }
}

function signalOwner(owner: Owner, signal: NodeJS.Signals): void {
  try {
    if (isRunning(owner)) process.kill(owner.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function untilGone(owner: Owner, waitMs: number): Promise<boolean> {
  const deadline = Date.now() + waitMs;
  while (isRunning(owner)) {
    if (Date.now() > deadline) return false;
    await pauseFor(pollMs);
  }
  return true;
}

const pauseFor = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
