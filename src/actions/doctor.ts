// Looks before anybody leaps: how this machine reaches AWS, as whom, whether the demo's names are free, and what its chapter
// needs of the account. Reads only, but for EC2's DryRun. What is wrong is a failed check, never the end of the others.
import { watchAnswers, type Answering } from '../aws/answering.ts';
import { credentialsSource } from '../aws/credentials.ts';
import { explain } from '../aws/faults.ts';
import { proxyFor, shownProxy } from '../aws/proxies.ts';
import { systemClock } from '../base/clock.ts';
import { counted } from '../base/counted.ts';
import { type EcsdemoError, exitCodes } from '../base/errors.ts';
import { checksFailure } from '../base/failed-checks.ts';
import { packageJson } from '../base/package-root.ts';
import { quoted } from '../base/quoted.ts';
import type { Suggestion } from '../base/suggestion.ts';
import { runInspect } from '../engine/run.ts';
import type { CheckResult, CheckSpec, Inspection } from '../engine/types.ts';
import { runChecksTogether } from '../engine/verify.ts';
import { stepRun } from '../engine/wait.ts';
import { isExclusive } from '../resources/resource.ts';
import { forLooking } from './demo-data.ts';
import type { Demo, DoctorData, Outcome } from './results.ts';
import type { Run, Session } from './session.ts';

const step = 'doctor';
/** Without these nothing of the account can be looked at, or nothing of it may. */
const reaching = ['region', 'credentials', 'endpoint', 'account'];
/** Signatures are good for so long (aws-facts §0). */
const clockToleranceMs = 300_000;

const pass = (detail: string): CheckResult => ({ status: 'pass', detail });
const skip = (detail: string): CheckResult => ({ status: 'skip', detail });
const fail = (detail: string, suggestion?: Suggestion): CheckResult => ({
  status: 'fail',
  detail,
  ...(suggestion && { suggestion }),
});

/** What a check comes to that throws. @throws EcsdemoError `interrupted` */
function failed(thrown: unknown): CheckResult {
  const error = explain(thrown);
  if (error.code === 'interrupted') throw error;
  const policy = { command: 'policy', args: ['up', step], note: 'prints a policy that allows it' };
  return fail(error.message, error.code === 'access-denied' ? policy : error.suggestions[0]);
}

/** How a promise ended. */
type Ended<Value> = { value: Value; error?: undefined } | { value?: undefined; error: EcsdemoError };

function ended<Value>(promise: Promise<Value>): Promise<Ended<Value>> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error: explain(error) }),
  );
}

/** @param more checks of who runs it: of the sandbox, for one. Error `check-failed` comes with the checks as data. */
export async function doctor(session: Session, more: readonly CheckSpec[] = []): Promise<Outcome<DoctorData>> {
  const startedAt = systemClock.now();
  const answering = watchAnswers(session.aws.sts);
  const begun = await ended(session.begin());
  if (begun.error?.exitCode === exitCodes.usage && begun.error.code !== 'region-missing')
    return { warnings: [], error: begun.error };
  const caller = await ended(session.demo());
  try {
    const specs = [
      ...ownChecks(session, caller, answering),
      ...(begun.value === undefined ? blockedChecks(session) : demoChecks(session, begun.value)),
      ...more,
    ];
    const checks = await runChecksTogether(specs, step, session.report, failed);
    const { calls } = session;
    const data = { checks, calls: calls(), durationMs: systemClock.now() - startedAt };
    const error = checksFailure(checks);
    const warnings = begun.value?.warnings ?? [];
    const known = { ...(caller.value && { demo: caller.value }), data, warnings };
    if (error !== undefined) return { ...known, error };
    return { demo: await session.demo(), data, warnings };
  } catch (thrown) {
    return { warnings: begun.value?.warnings ?? [], error: explain(thrown) };
  }
}

/** Of this machine, and of how and as whom it reaches AWS. */
function ownChecks(session: Session, caller: Ended<Demo>, answering: Answering): CheckSpec[] {
  const { aws, settings } = session;
  return [
    { id: 'node', run: async () => node(process.versions.node, packageJson().engines.node) },
    {
      id: 'region',
      run: async () => pass(`${await aws.sts.config.region()}, from ${regionSource(session)}`),
    },
    { id: 'credentials', run: () => credentials(session, caller) },
    { id: 'endpoint', after: ['region'], run: async () => endpoint(session, caller, answering) },
    {
      id: 'account',
      after: ['region', 'credentials', 'endpoint'],
      run: async () => {
        if (caller.error !== undefined) return failed(caller.error);
        return pass(`${caller.value.account}${settings.account === undefined ? '' : ', as --account says'}`);
      },
    },
    { id: 'clock', after: ['region'], run: async () => clock(answering) },
  ];
}

/** @param range as package.json has it: '>=20.19' */
export function node(version: string, range: string): CheckResult {
  const numbers = (text: string): number[] => text.replace(/^\D+/, '').split('.').map(Number);
  const [major = 0, minor = 0] = numbers(version);
  const [leastMajor = 0, leastMinor = 0] = numbers(range);
  const seen = `Node ${version} on ${process.platform} ${process.arch}`;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return pass(seen);
  return fail(`${seen}, and it takes ${range}`, { text: 'nvm install --lts', note: 'or from nodejs.org' });
}

function regionSource({ settings }: Session): string {
  if (settings.endpoint !== undefined) return 'the sandbox';
  if (settings.region !== undefined) return '--region';
  const variable = ['AWS_REGION', 'AWS_DEFAULT_REGION'].find((name) => process.env[name]);
  return variable ?? 'the profile';
}

async function credentials({ aws, settings }: Session, { error }: Ended<Demo>): Promise<CheckResult> {
  if (settings.endpoint !== undefined) return pass("the sandbox's own");
  const profile = quoted(settings.profile ?? (process.env['AWS_PROFILE'] || 'default'));
  const found = await aws.sts.config.credentials();
  const from = credentialsSource(found, profile) ?? 'a source that does not say which it is';
  if (error?.code.startsWith('credentials-') === true)
    return { ...failed(error), detail: `${error.message}; from ${from}` };
  const { expiration } = found;
  return pass(`from ${from}${expiration === undefined ? '' : `, good until ${expiration.toISOString()}`}`);
}

/** What answers and through what; whether it likes the credentials is another check's. */
function endpoint({ settings }: Session, { error }: Ended<Demo>, { url, aheadMs }: Answering): CheckResult {
  const proxy = url === undefined || settings.endpoint !== undefined ? undefined : proxyFor(url, process.env);
  const via = proxy === undefined ? '' : `, through the proxy ${shownProxy(proxy)}`;
  const where = `${url?.origin ?? ''}${via}`;
  const isOwn = error !== undefined && !/^(credentials-|wrong-account)/.test(error.code);
  if (isOwn) return { ...failed(error), detail: url === undefined ? error.message : `${where}: ${error.message}` };
  if (url === undefined || (error !== undefined && aheadMs === undefined && error.code !== 'wrong-account'))
    return skip('not asked for anything, without credentials');
  return pass(`${where} answers`);
}

/** @param answering what an answer said of the time there */
export function clock({ aheadMs }: Answering): CheckResult {
  if (aheadMs === undefined) return skip('nobody answered who names the time');
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const off = `${counted(seconds, 'second')} ${aheadMs > 0 ? 'behind' : 'ahead of'} AWS's`;
  if (Math.abs(aheadMs) <= clockToleranceMs) return pass(seconds <= 2 ? "as AWS's" : off);
  const set: Partial<Record<NodeJS.Platform, string>> = {
    darwin: 'sudo sntp -sS time.apple.com',
    win32: 'w32tm /resync',
  };
  return fail(`this machine's clock is ${off}`, { text: set[process.platform] ?? 'sudo timedatectl set-ntp true' });
}

/** The same where no action can begin, for want of what other checks tell of. */
function blockedChecks({ chapter }: Session): CheckSpec[] {
  const ids = ['names', ...(chapter.preconditions?.checks ?? []).map(({ id }) => id)];
  return ids.map((id) => ({ id, after: reaching, run: async () => skip('not looked at') }));
}

/** Of the demo and of what its chapter needs. */
function demoChecks({ chapter }: Session, run: Run): CheckSpec[] {
  const { context, options } = run;
  let looking: Promise<Inspection> | undefined;
  const look = (): Promise<Inspection> =>
    (looking ??= runInspect({
      ...options,
      // A step that fails is a check that fails.
      report: (event) => (event.type === 'step-failed' ? undefined : options.report(event)),
      context: forLooking(context),
      steps: chapter.resources,
    }));
  const looked = () => look().catch(() => undefined);
  const needed = chapter.preconditions?.checks ?? [];
  return [
    { id: 'names', after: reaching, run: async () => names(chapter, run, await look()) },
    ...needed.map((check) => ({
      id: check.id,
      after: [...reaching, ...(check.after ?? [])],
      run: () => check.run(context, looked),
    })),
  ];
}

/** Whether somebody else has what is to have the demo's names, and who. */
async function names(
  { resources: steps, names: namesOf }: Session['chapter'],
  { context, options }: Run,
  { resources }: Inspection,
): Promise<CheckResult> {
  const own = namesOf(context.demo);
  const taken = resources.filter(
    ({ type, name, id, owned }) =>
      id !== undefined && !owned && isExclusive(type) && own[type]?.includes(name) === true,
  );
  const [first, ...others] = taken;
  if (first === undefined) {
    const there = resources.filter(({ owned }) => owned).length;
    return pass(`free, or the demo's own (${counted(there, 'resource')} of it are there)`);
  }
  const more = others.length === 0 ? '' : `, and so are ${others.map(({ name }) => quoted(name)).join(', ')}`;
  // Looking forgives that it is somebody else's; making says whose it is.
  const itsStep = steps.find(({ id }) => id === first.step);
  const refused = await ended(Promise.resolve(itsStep?.inspect(context, stepRun({ ...options, step: first.step }))));
  if (refused.error?.code === 'not-ours') {
    const { message, suggestions } = refused.error;
    return fail(`${message}${more === '' ? '' : `; taken${more.replace(', and so are', ' too:')}`}`, suggestions[0]);
  }
  return fail(`${first.type} ${quoted(first.name)} (${first.id}) is somebody else's${more}`, {
    command: 'up',
    flags: { name: 'mine' },
    note: 'a demo of another name',
  });
}
