// A session: who works where, and the clients that reach AWS, for one action or several in a row. Refuses the wrong account
// before anything is changed. Knows no chapter in particular, and nothing of what the actions are for.
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { partition } from '@aws-sdk/core/client';
import { callsSince, noCalls, recordCalls } from '../aws/calls.ts';
import { limitCalls } from '../aws/call-limits.ts';
import { type Clients, createClients, type Target } from '../aws/clients.ts';
import { explain } from '../aws/faults.ts';
import { demoTags } from '../aws/ownership.ts';
import { systemClock } from '../base/clock.ts';
import { EcsdemoError, exitCodes } from '../base/errors.ts';
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
  /** Who works where, asked once. @throws EcsdemoError `wrong-account`, or what credentials can fail with */
  demo(): Promise<Demo>;
  /** Starts an action. `asked`: settings that are otherwise than the session's. @throws EcsdemoError as `prepare` of the chapter */
  begin(asked?: Partial<Settings>): Promise<Run>;
  /** The same connections for one of several demos, whose events say which one they are of. */
  of(demo: string, chapter: Chapter): Session;
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
 * Opens a session. Who runs it is asked beside the first reads; nothing is changed before that is known, and nothing is
 * read either when --account guards.
 * @throws EcsdemoError for bad files and names, before the first call
 */
export function openSession(chapter: Chapter, settings: Settings, report: Report, signal: AbortSignal): Session {
  const openedAt = systemClock.now();
  const prepared = chapter.prepare(settings);
  let lastDeadline = openedAt + settings.timeoutMs;
  const calls = recordCalls(
    (call) => report({ type: 'call', ...call }),
    () => identity,
    limitCalls({ deadline: () => lastDeadline, signal }),
  );
  const reasons = new Set<string>();
  const aws = createClients(
    targetOf(settings),
    calls,
    (reason) => {
      // Each reason once: what repeats it is the very thing that is being waited out.
      if (reasons.has(reason)) return;
      reasons.add(reason);
      report({ type: 'retrying', step: 'aws', what: 'waiting for AWS to answer', reason });
    },
    () => lastDeadline,
  );
  let identified = false;
  const identity = identityOf(settings, aws).then((demo) => {
    // Changes that wait for this have been past every look at Ctrl-C.
    if (signal.aborted) throw new EcsdemoError('interrupted', 'interrupted');
    identified = true;
    report({ type: 'identified', account: demo.account, region: demo.region });
    return demo;
  });
  // It is awaited later, but maybe not before it fails.
  identity.catch(() => undefined);
  // What opening took belongs to the first action, unless somebody asked who it is and thought about it.
  let isFirst = true;

  const about = (at: Pick<Session, 'chapter' | 'settings'>, of?: string): Session => ({
    ...at,
    async demo() {
      isFirst = false;
      return { ...(await identity), name: at.settings.demo };
    },
    async begin(asked) {
      const wanted = { ...at.settings, ...asked };
      const inContext = at.settings === settings && asked === undefined ? prepared : at.chapter.prepare(wanted);
      const startedAt = isFirst ? openedAt : systemClock.now();
      const before = isFirst ? noCalls : calls.counts();
      isFirst = false;
      const deadline = startedAt + wanted.timeoutMs;
      lastDeadline = Math.max(lastDeadline, deadline);
      const region = wanted.account === undefined ? await aws.sts.config.region() : (await identity).region;
      const warnings: string[] = [];
      const timeline = createTimeline(systemClock);
      const told: Report = (event) => {
        if (event.type === 'warning') warnings.push(event.message);
        const named = of === undefined ? event : { ...event, of };
        // Without credentials every step fails, each in its own words: then one error is told, and that is enough.
        if (event.type === 'step-failed' && !identified) {
          identity.then(
            () => report(named),
            () => undefined,
          );
        } else report(named);
      };
      const context = inContext({
        aws,
        demo: wanted.demo,
        tags: demoTags(wanted.demo, new Date(startedAt), wanted.ttlMs),
        partition: partition(region).name,
        region,
        adopt: wanted.adopt,
        looking: false,
      });
      return {
        settings: wanted,
        context,
        options: { context, report: told, clock: systemClock, signal, deadline, explain, timeline },
        startedAt,
        warnings,
        spent: () => ({
          calls: callsSince(before, calls.counts()),
          durationMs: systemClock.now() - startedAt,
          timings: timeline.summary(startedAt),
        }),
      };
    },
    of: (demo, its) => about({ chapter: its, settings: { ...at.settings, demo } }, demo),
    close: () => aws.destroy(),
  });
  return about({ chapter, settings });
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
        suggestions: ['check AWS_ENDPOINT_URL'],
      },
    );
  }
  if (settings.account !== undefined && settings.account !== account) {
    throw new EcsdemoError(
      'wrong-account',
      `these credentials belong to account ${account}, not to --account ${settings.account}`,
      {
        suggestions: ['aws sts get-caller-identity', 'choose the right profile with --profile'],
      },
    );
  }
  return { name: settings.demo, target: settings.local ? 'local' : 'aws', region, account };
}
