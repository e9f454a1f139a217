// A session: who works where, and the clients that reach AWS, for one action or several in a row. Refuses the wrong account
// before anything is changed. Knows no chapter in particular, and nothing of what the actions are for.
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { partition } from '@aws-sdk/core/client';
import { type CallCounts, type CallRecorder, callsSince, noCalls, recordCalls } from '../aws/calls.ts';
import { limitCalls } from '../aws/call-limits.ts';
import { type Clients, createClients, type Target } from '../aws/clients.ts';
import type { Traced } from '../aws/exchange.ts';
import { explain } from '../aws/faults.ts';
import { demoTags } from '../aws/ownership.ts';
import { systemClock } from '../base/clock.ts';
import { EcsdemoError, exitCodes } from '../base/errors.ts';
import { towardsAws } from '../aws/network-faults.ts';
import { present } from '../base/present.ts';
import type { Settings } from '../base/settings.ts';
import type { Chapter, ChapterContext } from '../chapters/chapter.ts';
import type { RunOptions } from '../engine/run.ts';
import { createTimeline, type Timeline } from '../engine/timings.ts';
import type { Report } from '../engine/types.ts';
import type { Demo, Outcome, Spent } from './results.ts';

export interface Session {
  readonly chapter: Chapter;
  readonly settings: Settings;
  /** Where its actions tell of what happens. */
  readonly report: Report;
  /** Ctrl-C and SIGTERM: ends its actions where they are. */
  readonly signal: AbortSignal;
  /** How it reaches AWS: for what is to be known before an action can begin. */
  readonly aws: Clients;
  /** All calls so far. */
  calls(): CallCounts;
  /** Who works where, asked once. @throws EcsdemoError `wrong-account`, or what credentials can fail with */
  demo(): Promise<Demo>;
  /** Starts an action. `asked`: settings that are otherwise than the session's. @throws EcsdemoError as `prepare` of the chapter */
  begin(asked?: Partial<Settings>): Promise<Run>;
  /** The same connections for one of several demos, whose events say which one they are of. */
  of(demo: string, chapter: Chapter): Session;
  /** One like it, with connections of its own, that goes on when `signal` has ended this one: to clean up. */
  undisturbed(): Session;
  /** Closes the connections. */
  close(): void;
}

/** One action at work: what it has found out, how it tells of it, when it must end. */
export interface Run {
  settings: Settings;
  context: ChapterContext;
  options: Omit<RunOptions<ChapterContext>, 'steps'> & { timeline: Timeline };
  /** Milliseconds since the epoch. */
  startedAt: number;
  warnings: string[];
  spent(): Spent;
}

/**
 * Opens a session, without a call. Who runs it is asked beside the first reads; nothing is changed before that is known,
 * and nothing is read either when --account guards.
 * @param traced told of all that goes over the wire. Absent: nobody wants to know
 */
export function openSession(
  chapter: Chapter,
  settings: Settings,
  report: Report,
  signal: AbortSignal,
  traced?: Traced,
): Session {
  return sessionOn(connect(settings, report, signal, traced), { chapter, settings });
}

/** What the actions of a session share. */
interface Connection {
  aws: Clients;
  calls: CallRecorder;
  /** Asks who works where, once. */
  identify(): Promise<Demo>;
  isIdentified(): boolean;
  report: Report;
  signal: AbortSignal;
  traced: Traced | undefined;
  /** No call goes on after it; milliseconds since the epoch. */
  deadline: number;
  /** When it was opened, as long as no action has begun: what opening took belongs to the first. */
  openedAt: number | undefined;
}

function connect(settings: Settings, report: Report, signal: AbortSignal, traced?: Traced): Connection {
  const openedAt = systemClock.now();
  const calls = recordCalls(
    (call) => report({ type: 'call', ...call }),
    () => identify(),
    limitCalls({ deadline: () => connection.deadline, signal }),
  );
  const reasons = new Set<string>();
  const retried = (reason: string): void => {
    // Each reason once: what repeats it is the very thing that is being waited out.
    if (reasons.has(reason)) return;
    reasons.add(reason);
    report({ type: 'retrying', step: 'aws', what: 'waiting for AWS to answer', reason });
  };
  const aws = createClients(targetOf(settings), calls, retried, () => connection.deadline, traced);
  let identity: Promise<Demo> | undefined;
  let identified = false;
  const ask = async (): Promise<Demo> => {
    const demo = await identityOf(settings, aws);
    // Changes that wait for this have been past every look at Ctrl-C.
    if (signal.aborted) throw new EcsdemoError('interrupted', 'interrupted');
    identified = true;
    report({ type: 'identified', account: demo.account, region: demo.region });
    return demo;
  };
  const identify = (): Promise<Demo> => (identity ??= ask());
  const connection: Connection = {
    aws,
    calls,
    identify,
    isIdentified: () => identified,
    report,
    signal,
    traced,
    deadline: openedAt + settings.timeoutMs,
    openedAt,
  };
  return connection;
}

/** @param of the demo whose events say so */
function sessionOn(connection: Connection, at: Pick<Session, 'chapter' | 'settings'>, of?: string): Session {
  const { chapter, settings } = at;
  return {
    ...at,
    report: connection.report,
    signal: connection.signal,
    aws: connection.aws,
    calls: () => connection.calls.counts(),
    async demo() {
      // Somebody wants to think about it first: no action is charged for that.
      connection.openedAt = undefined;
      return { ...(await connection.identify()), name: settings.demo };
    },
    begin: (asked) => begin(connection, chapter, { ...settings, ...asked }, of),
    of: (demo, its) => sessionOn(connection, { chapter: its, settings: { ...settings, demo } }, demo),
    undisturbed: () =>
      openSession(chapter, settings, connection.report, new AbortController().signal, connection.traced),
    close: () => connection.aws.destroy(),
  };
}

async function begin(connection: Connection, chapter: Chapter, settings: Settings, of?: string): Promise<Run> {
  const { aws, calls, signal, openedAt } = connection;
  // Bad files and names are found before the first call.
  const inContext = await chapter.prepare(settings);
  const identity = connection.identify();
  // It is awaited later, but maybe not before it fails.
  identity.catch(() => undefined);
  const startedAt = openedAt ?? systemClock.now();
  const before = openedAt === undefined ? calls.counts() : noCalls;
  const deadline = startedAt + settings.timeoutMs;
  connection.openedAt = undefined;
  connection.deadline = Math.max(connection.deadline, deadline);
  const region = settings.account === undefined ? await aws.sts.config.region() : (await identity).region;
  const warnings: string[] = [];
  const timeline = createTimeline(systemClock);
  const report: Report = (event) => {
    if (event.type === 'warning') warnings.push(event.message);
    const named = of === undefined ? event : { ...event, of };
    // Without credentials every step fails, each in its own words: then one error is told, and that is enough.
    if (event.type === 'step-failed' && !connection.isIdentified()) {
      identity.then(
        () => connection.report(named),
        () => undefined,
      );
    } else connection.report(named);
  };
  const context = inContext({
    aws,
    demo: settings.demo,
    tags: demoTags(settings.demo, new Date(startedAt), settings.ttlMs),
    partition: partition(region).name,
    region,
    adopt: settings.adopt,
    changes: () => calls.counts().mutating,
    looking: false,
  });
  return {
    settings,
    context,
    options: {
      context,
      report,
      clock: systemClock,
      signal,
      deadline,
      explain,
      timeline,
      ...present({ timeScale: settings.timeScale }),
    },
    startedAt,
    warnings,
    spent: () => ({
      calls: callsSince(before, calls.counts()),
      durationMs: systemClock.now() - startedAt,
      timings: timeline.summary(startedAt),
    }),
  };
}

/**
 * One action from begin to end.
 * @param work throws what it fails with; `known` is told what gives the data then
 */
export async function perform<Data>(
  session: Session,
  asked: Partial<Settings> | undefined,
  work: (run: Run, known: (data: () => Data) => void) => Promise<Data>,
): Promise<Outcome<Data>> {
  let run: Run | undefined;
  let data: (() => Data) | undefined;
  try {
    run = await session.begin(asked);
    const done = await work(run, (known) => {
      data = known;
    });
    return { demo: await session.demo(), data: done, warnings: run.warnings };
  } catch (thrown) {
    const error = explain(thrown);
    const warnings = run?.warnings ?? [];
    const known = present({ data: data?.() });
    if (error.exitCode === exitCodes.usage) return { ...known, warnings, error };
    // Without credentials all calls fail alike; of those errors people always get the same.
    return session.demo().then(
      (demo) => ({ demo, ...known, warnings, error }),
      (refused: unknown) => ({ warnings, error: explain(refused) }),
    );
  }
}

function targetOf(settings: Settings): Target {
  const { endpoint, profile } = settings;
  // The JavaScript SDK does not read AWS_DEFAULT_REGION, which the CLI's users set.
  const region = settings.region ?? endpoint?.region ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'];
  return present({
    region: region === '' ? undefined : region,
    profile,
    endpoint: endpoint && { url: endpoint.url, credentials: endpoint.credentials },
  });
}

async function identityOf(settings: Settings, aws: Clients): Promise<Demo> {
  const [region, caller] = await Promise.all([aws.sts.config.region(), aws.sts.send(new GetCallerIdentityCommand({}))]);
  const account = caller.Account;
  if (account === undefined) {
    throw new EcsdemoError(
      'endpoint-not-aws',
      'sts:GetCallerIdentity names no account, so it is not AWS that answers',
      {
        suggestions: [towardsAws],
      },
    );
  }
  if (settings.account !== undefined && settings.account !== account) {
    throw new EcsdemoError(
      'wrong-account',
      `these credentials belong to account ${account}, not to --account ${settings.account}`,
      {
        suggestions: [{ flags: { profile: '…' }, onAws: true, note: 'the profile of that account' }],
      },
    );
  }
  return { name: settings.demo, target: settings.local ? 'local' : 'aws', region, account };
}
