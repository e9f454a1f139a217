// Puts the sandbox together: world, loop, schedules, runtimes, store and server; and takes it apart in the right order.
// Knows no process, no command line and no file of its own but the state directory's layout.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '../base/clock.ts';
import { EcsdemoError } from '../base/errors.ts';
import type { Allowed } from './authorization/enforce.ts';
import type { Policy } from './authorization/policy.ts';
import { createEventLog } from './control/event-log.ts';
import { createFollowers, type FollowersOptions } from './control/followers.ts';
import { controlRoutes } from './control/routes.ts';
import { createCallLog, type CallLog } from './call-log.ts';
import { scheduleFaults } from './faults/afflictions.ts';
import { interceptFaults } from './faults/call-faults.ts';
import { createIdentity, loadIdentity, saveIdentity, type Identity } from './identity.ts';
import { randomIds, type Ids } from './ids.ts';
import { createKept } from './kept.ts';
import { createLoop, type Loop } from './loop.ts';
import { takeLock } from './owner-lock.ts';
import { changeable, defaultPace, parsePace, type Pace } from './pace.ts';
import { createPortPool } from './port-pool.ts';
import { startServer, type Intercept, type Limits, type RunningServer, type ServerOptions } from './server.ts';
import { tableNames, tablesOf, type Service } from './service.ts';
import { services as allServices } from './services.ts';
import type { Credentials } from './sigv4.ts';
import { createStore, loadWorld, memoryStore, type SaveError } from './store.ts';
import { emptyWorld, withTables, type World } from './world.ts';
import { trackChanges } from './world-changes.ts';

export interface SandboxOptions {
  /** State directory, made when missing. Absent: nothing is kept, and task logs go to a temporary directory. */
  dir?: string;
  /** Port of the endpoint; 0: the one it had last if that is free, otherwise any. @default 0 */
  port?: number;
  /** Absent: what it was last told to run at. @default `defaultPace` */
  pace?: Pace;
  /** Which services it offers. @default all there are */
  services?: readonly Service[];
  /** @default systemClock */
  clock?: Clock;
  /** Of a new world; one loaded from `dir` keeps its own. @default 'us-east-1' */
  region?: string;
  /** Source of identifiers. @default random */
  ids?: Ids;
  /** False: a new world has no default VPC. @default true */
  seed?: boolean;
  intercept?: Intercept;
  /**
   * What whoever calls may do, and who hears of what is allowed. Looked at anew for each call. Absent: the credentials are
   * good for everything.
   */
  policy?: { readonly current: Policy; allowed?: Allowed };
  /** Added to every call, in milliseconds, as a round trip to AWS would; real time, whatever the pace. @default 0 */
  latencyMs?: number;
  /** @default those of the server */
  limits?: Partial<Limits>;
  /** How many may follow the events, and how long one may be silent. @default those of followers.ts */
  followers?: Omit<FollowersOptions, 'events'>;
  /** Told once about anything odd that did not stop the sandbox: a damaged state file, a defect. @default stderr */
  warn?: (message: string) => void;
}

export interface Sandbox {
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  port: number;
  credentials: Credentials;
  region: string;
  account: string;
  /** What it runs at now. */
  pace: Pace;
  /** For tests and status; change it only through `loop.change`. */
  world: World;
  loop: Loop;
  log: CallLog;
  /** Stops accepting, stops reconciling, ends every process and socket, saves, gives the directory back. */
  close(): Promise<void>;
}

/**
 * @throws EcsdemoError `port-in-use`, `sandbox-state-damaged`, or `sandbox-failed` when another process owns `dir`.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const {
    dir,
    services = allServices,
    clock = systemClock,
    ids = randomIds,
    warn = (message) => process.stderr.write(`${message}\n`),
  } = options;
  // What was opened so far, newest last: closed in reverse, also when a later part fails to start.
  const opened: (() => unknown)[] = [];
  const closeAll = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const close of opened.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    if (dir !== undefined) opened.push(ownDirectory(dir));
    const identity = (dir === undefined ? undefined : loadIdentity(dir)) ?? createIdentity();
    const loaded = dir === undefined ? {} : await loadWorld(dir);
    if (loaded.notice !== undefined) warn(loaded.notice);
    const world =
      loaded.world === undefined
        ? newWorld(services, identity, options, ids)
        : withTables(loaded.world, tableNames(services));
    const pace = changeable(options.pace ?? keptPace(world));
    const changes = trackChanges(world);
    const store =
      dir === undefined
        ? memoryStore(changes)
        : createStore({ dir, changes, onTrouble: (trouble) => warn(savingWords(trouble)) });
    opened.push(() => store.close());
    const log = createCallLog(dir);
    opened.push(() => log.close());
    const ports = await createPortPool(portsOf(services, world));
    opened.push(() => ports.close());
    const beside = createKept({ dir, warn });
    opened.push(() => beside.close());
    const events = createEventLog();
    const followers = createFollowers({ events, ...options.followers });
    const loop = createLoop({
      changes,
      clock,
      ids,
      pace,
      reservePort: ports.reserve,
      kept: beside.kept,
      schedules: [scheduleFaults, ...services.flatMap(({ schedule }) => schedule ?? [])],
      happened: ({ kind, subject }, at) => events.add({ type: 'effect', kind, subject }, at),
      changed: store.changed,
    });
    opened.push(() => loop.close());
    const logDir = dir === undefined ? temporaryDirectory(opened) : join(dir, 'tasks');
    for (const { runtime } of services) {
      if (runtime !== undefined) loop.attach(runtime({ change: loop.change, clock, pace, logDir }));
    }
    const { policy } = options;
    const enforce =
      policy && (await (await import('./authorization/enforce.ts')).enforcer(policy, services, policy.allowed));
    const server = await listen(options.port ?? 0, identity.port, {
      loop,
      services,
      credentials: identity.credentials,
      session: (accessKeyId) =>
        loop.read(({ world: { sessions } }) =>
          // Where STS is not offered there is no such table.
          Object.hasOwn(Object(sessions), accessKeyId) ? sessions[accessKeyId] : undefined,
        ),
      log,
      saved: store.saved,
      trouble: store.trouble,
      ...(options.latencyMs === undefined ? {} : { latencyMs: options.latencyMs }),
      happened: events.add,
      onDefect: (error, call) =>
        warn(
          `${new Date().toISOString()} ${call}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        ),
      control: controlRoutes({
        loop,
        services,
        pace,
        events,
        followers,
        trouble: () => store.trouble()?.message,
      }),
      ...(enforce && { enforce }),
      intercept: interceptFaults({ services, loop, clock, pace, further: options.intercept }),
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
    opened.push(() => server.close());
    // First of all: those who follow hear that it ends.
    opened.push(() => followers.close());
    if (dir !== undefined) saveIdentity(dir, { ...identity, port: server.port });
    // What the loaded world holds becomes real again: tasks start, load balancers listen.
    loop.change((context) => {
      if (pace.name !== (context.world.pace ?? defaultPace)) context.world.pace = pace.name;
    });
    return {
      endpoint: `http://127.0.0.1:${server.port}`,
      port: server.port,
      credentials: identity.credentials,
      region: world.region,
      account: world.account,
      pace,
      world,
      loop,
      log,
      close: closeAll,
    };
  } catch (error) {
    // What failed first is what the person must hear of.
    await closeAll().catch(() => undefined);
    throw error;
  }
}

/** The pace of a world that was stopped. */
function keptPace({ pace = defaultPace }: World): Pace {
  const kept = parsePace(pace) ?? parsePace(defaultPace);
  if (kept === undefined) throw new Error(`there is no pace ${defaultPace}`);
  return kept;
}

function savingWords(trouble: SaveError | undefined): string {
  const what =
    trouble === undefined ? 'the state is saved again' : `${trouble.message}; changes are refused until it can`;
  return `${new Date().toISOString()} ${what}`;
}

/** Makes the directory private and ours. @throws EcsdemoError `sandbox-failed` when it is somebody else's, or no directory. */
function ownDirectory(dir: string): () => void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const { uid } = statSync(dir);
    // What another user owns he can change under us, whatever its mode says.
    if (process.getuid !== undefined && uid !== process.getuid()) throw new Error(`it belongs to the user ${uid}`);
    chmodSync(dir, 0o700);
  } catch (error) {
    throw new EcsdemoError('sandbox-failed', `cannot keep the sandbox's state in ${dir}: ${(error as Error).message}`, {
      suggestions: [{ text: 'export ECSDEMO_SANDBOX_DIR=/tmp/ecsdemo', note: 'another directory for it' }],
      cause: error,
    });
  }
  const lock = takeLock(dir);
  if ('owner' in lock) {
    throw new EcsdemoError('sandbox-failed', `a sandbox with process id ${lock.owner.pid} already uses ${dir}`, {
      suggestions: [{ command: 'sandbox status' }, { command: 'sandbox stop' }],
    });
  }
  return lock.release;
}

function temporaryDirectory(opened: (() => unknown)[]): string {
  const made = mkdtempSync(join(tmpdir(), 'ecsdemo-sandbox-'));
  // Beneath the loop: the processes that write there end first.
  opened.unshift(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function newWorld(services: readonly Service[], identity: Identity, options: SandboxOptions, ids: Ids): World {
  const world = emptyWorld(identity.account, options.region ?? 'us-east-1', tableNames(services));
  if (options.seed !== false) for (const { seed } of services) seed?.(world, ids);
  return world;
}

/** Ports whose owners will listen on them again after a restart. */
function portsOf(services: readonly Service[], world: World): number[] {
  return tablesOf(services, world).flatMap(({ facts: { ports }, records }) =>
    ports === undefined ? [] : Object.values(records).flatMap((record) => ports(record)),
  );
}

async function listen(asked: number, liked: number | undefined, options: ServerOptions): Promise<RunningServer> {
  try {
    return await startServer(asked === 0 ? (liked ?? 0) : asked, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (asked === 0) return startServer(0, options);
    throw new EcsdemoError('port-in-use', `port ${asked} is taken by another program`, {
      suggestions: [{ flags: {}, without: ['port'], note: 'takes a free port' }],
      cause: error,
    });
  }
}
