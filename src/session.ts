// One run of a command: who works where, the clients that reach AWS, and when it must end. Refuses the wrong account
// before anything is changed. Knows no step and nothing of what the run is for.
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { partition } from '@aws-sdk/core/client';
import { type CallCounts, recordCalls } from './aws/calls.ts';
import { type Clients, createClients, type Target } from './aws/clients.ts';
import { explain } from './aws/faults.ts';
import { demoTags } from './aws/ownership.ts';
import { systemClock } from './base/clock.ts';
import { EcsdemoError } from './base/errors.ts';
import { namesOf } from './base/names.ts';
import type { Settings } from './base/settings.ts';
import type { RunOptions } from './engine/run.ts';
import { createTimeline, type Timeline } from './engine/timings.ts';
import type { Report } from './engine/types.ts';
import type { StepContext } from './steps/context.ts';
import { loadTaskDefinition } from './document/task-definition-document.ts';

export interface Demo {
  name: string;
  target: 'aws' | 'local';
  region: string;
  account: string;
}

export interface Result<Data> {
  demo: Demo;
  data: Data;
  warnings: string[];
}

/** One run of a command: how it reaches AWS, what it has found out, when it must end. */
export interface Session {
  context: StepContext;
  options: Omit<RunOptions<StepContext>, 'steps'> & { timeline: Timeline };
  counts(): CallCounts;
  startedAt: number;
}

/**
 * Opens a session, runs `work`, and closes the connections whatever happens. Who runs it is asked beside the first reads;
 * nothing is changed before that is known, and nothing is read either when --account guards.
 */
export async function inSession<Data>(
  settings: Settings,
  report: Report,
  signal: AbortSignal,
  work: (session: Session) => Promise<Data>,
): Promise<Result<Data>> {
  const startedAt = systemClock.now();
  const names = namesOf(settings.demo);
  // Bad files are found before the first call.
  const document = loadTaskDefinition(settings, names.family);
  const calls = recordCalls(
    (call) => report({ type: 'call', ...call }),
    () => identity,
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
    startedAt + settings.timeoutMs,
  );
  const warnings: string[] = [];
  const told: Report = (event) => {
    if (event.type === 'warning') warnings.push(event.message);
    // Without credentials every step fails, each in its own words: then one error is told, and that is enough.
    if (event.type === 'step-failed' && !identified) {
      identity.then(
        () => report(event),
        () => undefined,
      );
    } else report(event);
  };
  let identified = false;
  const identity = identityOf(settings, aws).then((demo) => {
    // Changes that wait for this have been past every look at Ctrl-C.
    if (signal.aborted) throw new EcsdemoError('interrupted', 'interrupted');
    identified = true;
    report({ type: 'identified', account: demo.account, region: demo.region });
    return demo;
  });
  // It is awaited below, but maybe not before it fails.
  identity.catch(() => undefined);
  try {
    const region = settings.account === undefined ? await aws.sts.config.region() : (await identity).region;
    const context: StepContext = {
      settings,
      names,
      demo: names.demo,
      adopt: settings.adopt,
      looking: false,
      tags: demoTags(names.demo, new Date(startedAt), settings.ttlMs),
      partition: partition(region).name,
      region,
      aws,
      document,
      facts: {},
    };
    const timeline = createTimeline(systemClock);
    const options = {
      context,
      report: told,
      clock: systemClock,
      signal,
      deadline: startedAt + settings.timeoutMs,
      explain,
      timeline,
    };
    const data = await work({ context, options, counts: () => calls.counts(), startedAt }).catch(
      async (error: unknown) => {
        // Without credentials all calls fail alike; of those errors people always get the same.
        await identity;
        throw error;
      },
    );
    return { demo: await identity, data, warnings };
  } catch (error) {
    throw explain(error);
  } finally {
    aws.destroy();
  }
}

function targetOf(settings: Settings): Target {
  const { endpoint, profile } = settings;
  // The JavaScript SDK does not read AWS_DEFAULT_REGION, which the CLI's users set.
  const region = settings.region ?? endpoint?.region ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'];
  return {
    ...(region === undefined || region === '' ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint: { url: endpoint.url, credentials: endpoint.credentials } }),
  };
}

async function identityOf(settings: Settings, aws: Clients): Promise<Demo> {
  const [region, caller] = await Promise.all([aws.sts.config.region(), aws.sts.send(new GetCallerIdentityCommand({}))]);
  const account = caller.Account ?? '';
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
