// Step 5: the tutorial's checks, each with what was seen and, where it fails, a command to try.
// Reads the facts that the other steps left, asks AWS only for what nobody has asked yet, and talks HTTP like a visitor.
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { unhealthyTargetLines } from '../../aws/diagnosis.ts';
import { counted } from '../../base/counted.ts';
import { EcsdemoError } from '../../base/errors.ts';
import { checksFailure } from '../../base/failed-checks.ts';
import type { Suggestion } from '../../base/suggestion.ts';
import type { CheckResult, CheckSpec, StepRun } from '../../engine/types.ts';
import { grants, tcpFromCidr, tcpFromGroup } from '../../resources/ec2/security-group.ts';
import { strayWords, takeOut } from '../../resources/ecs/hopeless.ts';
import { presentOf, settleCalls, waitSettled } from '../../resources/ecs/settle.ts';
import { boundTargets, runningTasks, strayTarget, tasksUses } from '../../resources/ecs/tasks.ts';
import { working } from '../../resources/resource.ts';
import type { ChapterStep } from '../chapter.ts';
import { visit } from '../visit.ts';
import type { TutorialContext } from './context.ts';
import { instance, loadBalancer, network, service, verify as outline } from './outline.ts';
import { wantedAnswer } from './wanted-answer.ts';
import { wantedService } from './wanted-service.ts';

const pass = (detail: string): CheckResult => ({ status: 'pass', detail });
const fail = (detail: string, suggestion: Suggestion): CheckResult => ({ status: 'fail', detail, suggestion });

/** What sets right most of what can be wrong. */
const again = { command: 'up' };

/** How many answers in a row must be right; more tasks get more, so that each has its turn. */
function answersWanted(tasks: number): number {
  return Math.min(Math.max(5, tasks * 2), 20);
}

function serviceSettled({ facts, names }: TutorialContext): CheckResult {
  const { service } = facts;
  if (service === undefined) return fail(`service ${names.service} does not exist`, again);
  const { runningCount = 0, desiredCount = 0, pendingCount = 0, deployments = [] } = service;
  const rollout = deployments[0]?.rolloutState ?? 'COMPLETED';
  const seen = `${runningCount} of ${counted(desiredCount, 'task')} running, ${counted(deployments.length, 'deployment')}, rollout ${rollout}`;
  if (runningCount !== desiredCount || pendingCount > 0 || deployments.length !== 1 || rollout !== 'COMPLETED') {
    const [event] = service.events ?? [];
    return fail(`${seen}${event?.message === undefined ? '' : `; last event: ${event.message}`}`, again);
  }
  return pass(seen);
}

function healthyTargets({ facts }: TutorialContext): TargetHealthDescription[] {
  return (facts.targets ?? []).filter(({ TargetHealth }) => TargetHealth?.State === 'healthy');
}

/** A target behind which there is no running task; asks for the tasks. */
async function findStray(context: TutorialContext): Promise<TargetHealthDescription | undefined> {
  const { facts, names } = context;
  facts.tasks = await runningTasks(context, names.cluster, names.service);
  const [behind] = facts.service?.loadBalancers ?? [];
  return strayTarget(facts.targets ?? [], boundTargets(facts.tasks, facts.members ?? [], behind?.containerPort));
}

/**
 * The service has moved on since it was looked at: ECS gave a target up that had missed its probes, perhaps just before
 * `up` put right what they failed on.
 */
async function settleAgain(context: TutorialContext, run: StepRun): Promise<void> {
  const { service: now } = context.facts;
  const seen = new Set((now?.events ?? []).map((event) => event.id ?? ''));
  const at = working(context, run, outline.id);
  const options = {
    since: presentOf(now),
    seen,
    typicalMs: 40_000,
    by: 'verify' as const,
    limitMs: 120_000,
    agrees: () => true,
  };
  await waitSettled(at, wantedService(context), options).catch((error: unknown) => {
    // What is still wrong then is what the check finds.
    if (!(error instanceof EcsdemoError) || !['timeout', 'stray-target'].includes(error.code)) throw error;
  });
}

/** Which task is behind the first target in that state: '; that is task 1812caf0…', or nothing. */
function behindText({ facts }: TutorialContext, state: 'unhealthy' | 'initial'): string {
  const { targets = [], tasks = [], members = [], service } = facts;
  const target = targets.find(({ TargetHealth }) => TargetHealth?.State === state)?.Target;
  const port = service?.loadBalancers?.[0]?.containerPort;
  const task = tasks.find((each) => boundTargets([each], members, port).has(`${target?.Id}:${target?.Port}`));
  const id = task?.taskArn?.split('/').at(-1);
  if (id === undefined) return '';
  return state === 'initial' ? `; task ${id} has not passed its first health checks` : `; that is task ${id}`;
}

/** Every target healthy, none missing, and each one's port that of a running task. */
async function targetsHealthy(context: TutorialContext, run: StepRun): Promise<CheckResult> {
  let stray = await findStray(context);
  if (stray !== undefined && serviceSettled(context).status === 'pass') {
    await settleAgain(context, run);
    stray = await findStray(context);
  }
  const { targets = [], targetGroup, service } = context.facts;
  if (stray !== undefined) {
    const { Id = '', Port } = stray.Target ?? {};
    return fail(strayWords(stray), takeOut(targetGroup?.TargetGroupArn ?? '', Id, Port));
  }
  const [bad] = unhealthyTargetLines(targets);
  if (bad !== undefined) return fail(`${bad}${behindText(context, 'unhealthy')}`, again);
  const desired = service?.desiredCount ?? 0;
  const { length } = healthyTargets(context);
  if (length !== desired) {
    const still = behindText(context, 'initial');
    return fail(`${counted(length, 'healthy target')} for ${counted(desired, 'task')}${still}`, again);
  }
  const all = healthyTargets(context).map(({ Target }) => `${Target?.Id}:${Target?.Port}`);
  const where = all.slice(0, 4).join(', ');
  return pass(`${all.length} of ${all.length} healthy${where === '' ? '' : `: ${where}${all.length > 4 ? ' …' : ''}`}`);
}

/** The ports of a container instance that Docker gives to tasks without one of their own (aws-facts §13.4). */
const dynamicPorts = [32_768, 60_999] as const;

function rangeText([first, last]: readonly [number, number]): string {
  return first === last ? String(first) : `${first}-${last}`;
}

/** From the world to the load balancer on 80, and from the load balancer to every port of the instances. */
function securityGroupPath({ facts, names }: TutorialContext): CheckResult {
  const elb = facts.network?.elbSecurityGroup;
  const ecs = facts.network?.ecsSecurityGroup;
  if (elb?.GroupId === undefined) return fail(`${names.elbSecurityGroup} does not exist`, again);
  if (ecs?.GroupId === undefined) return fail(`${names.ecsSecurityGroup} does not exist`, again);
  if (!grants(elb, tcpFromCidr(80, '0.0.0.0/0').permission))
    return fail(`${names.elbSecurityGroup} does not let tcp 80 in from 0.0.0.0/0`, again);
  const own = facts.service?.networkConfiguration?.awsvpcConfiguration;
  if (own !== undefined && own.securityGroups?.includes(ecs.GroupId) !== true)
    return fail(`the network interfaces of the tasks are not in ${names.ecsSecurityGroup}`, again);
  const targetPorts = (facts.targets ?? []).map(({ Target }) => Target?.Port ?? 0);
  const from = { name: names.elbSecurityGroup, id: elb.GroupId };
  // Without targets: those that Docker gives to tasks.
  const ranges = targetPorts.length === 0 ? [dynamicPorts] : targetPorts.map((port) => [port, port] as const);
  const shut = ranges.find(([first, last]) => !grants(ecs, tcpFromGroup(first, last, from).permission));
  if (shut !== undefined)
    return fail(`${names.ecsSecurityGroup} does not let ${names.elbSecurityGroup} reach tcp ${rangeText(shut)}`, again);
  const reached = ranges.slice(0, 4).map(rangeText).join(', ');
  return pass(
    `world → ${names.elbSecurityGroup} :80 → ${names.ecsSecurityGroup} :${reached}${ranges.length > 4 ? ' …' : ''}`,
  );
}

function zonesCovered({ facts }: TutorialContext): CheckResult {
  const enabled = (facts.loadBalancer?.AvailabilityZones ?? []).map(({ ZoneName }) => ZoneName ?? '');
  const zones = [...new Set((facts.instances ?? []).map(({ Placement }) => Placement?.AvailabilityZone ?? ''))];
  const uncovered = zones.find((zone) => !enabled.includes(zone));
  if (zones.length === 0) return fail('no container instance is running', again);
  if (uncovered !== undefined) {
    return fail(
      `an instance is in ${uncovered}, where the load balancer is not enabled (${enabled.join(', ')})`,
      again,
    );
  }
  // A task's own interface is where its instance is: without a subnet there, none is placed on it.
  const zoneOf = new Map<string | undefined, string>([
    ...(facts.network?.subnets ?? []).map(({ SubnetId, AvailabilityZone }) => [SubnetId, AvailabilityZone] as const),
    ...(facts.loadBalancer?.AvailabilityZones ?? []).map(
      ({ SubnetId, ZoneName = '' }) => [SubnetId, ZoneName] as const,
    ),
  ]);
  const subnets = facts.service?.networkConfiguration?.awsvpcConfiguration?.subnets ?? [];
  const ofTasks = subnets.map((id) => zoneOf.get(id));
  const without = ofTasks.includes(undefined) ? undefined : zones.find((zone) => !ofTasks.includes(zone));
  if (subnets.length > 0 && without !== undefined)
    return fail(`an instance is in ${without}, where the service has no subnet for its tasks`, again);
  return pass(`instances in ${zones.join(', ')}; load balancer in ${enabled.join(', ')}`);
}

/** The URL of the demo; undefined when there is no load balancer. */
export function urlOf(context: TutorialContext): string | undefined {
  const name = context.facts.loadBalancer?.DNSName;
  return name === undefined ? undefined : `http://${name}${wantedAnswer(context).path}`;
}

/** Longer than a replaced task goes on answering. */
const wrongAnswersMs = 10_000;

async function http(context: TutorialContext, run: StepRun): Promise<CheckResult> {
  const { facts, names } = context;
  const { text } = wantedAnswer(context);
  const url = urlOf(context);
  if (url === undefined) return fail(`load balancer ${names.loadBalancer} does not exist`, again);
  if ((facts.service?.desiredCount ?? 0) === 0)
    return { status: 'skip', detail: 'the service is scaled to 0 tasks: there is nobody to answer' };
  const wanted = answersWanted(facts.service?.desiredCount ?? 1);
  const answered = new Set<string>();
  let count = 0;
  let wrongSince: number | undefined;
  let whole = true;
  try {
    // A new DNS name is not known everywhere at once, and a load balancer's first answers may be 503 (aws-facts §5).
    const wrong = await run.wait<string | undefined>({
      what: `${url} to answer "${text}"`,
      typicalMs: 30_000,
      limitMs: 180_000,
      look: async (elapsedMs) => {
        whole = true;
        for (count = 0; count < wanted; count++) {
          const answer = await visit(url, run.signal);
          if (!answer.ok) return { done: false, state: answer.words };
          if (!answer.body.includes(text)) {
            // A healthy answer without the text comes from the program itself; old tasks may give it for some seconds.
            wrongSince ??= elapsedMs;
            if (elapsedMs - wrongSince >= wrongAnswersMs) return { done: true, value: answer.words };
            return { done: false, state: answer.words };
          }
          whole &&= answer.body.trim() === text;
          if (answer.server !== undefined) answered.add(answer.server);
        }
        return { done: true, value: undefined };
      },
    });
    if (wrong !== undefined)
      return fail(`${wrong} does not contain "${text}"`, {
        text: `curl -i ${url}`,
        note: 'shows the answer',
      });
  } catch (error) {
    if (!(error instanceof EcsdemoError) || error.code !== 'timeout') throw error;
    return fail(error.message, { text: `curl -i ${url}`, note: 'shows the answer' });
  }
  facts.answer = { text, whole };
  const spread =
    answered.size === 0 ? '' : `, from ${answered.size} of ${counted(facts.service?.desiredCount ?? 0, 'task')}`;
  return pass(`"${text}" ${count} times in a row${spread}`);
}

/** Imported when it is asked for, as is the SSM client that it needs. */
async function onInstance(context: TutorialContext, run: StepRun): Promise<CheckResult> {
  const { checkOnInstance } = await import('./on-instance.ts');
  return checkOnInstance(context, run);
}

function specs(context: TutorialContext, run: StepRun): CheckSpec[] {
  const path = ['service-settled', 'targets-healthy', 'security-group-path', 'zones'] as const;
  return [
    { id: path[0], run: async () => serviceSettled(context) },
    { id: path[1], run: () => targetsHealthy(context, run) },
    { id: path[2], run: async () => securityGroupPath(context) },
    { id: path[3], run: async () => zonesCovered(context) },
    { id: 'http', after: path, run: () => http(context, run) },
    ...(context.settings.onInstance
      ? [{ id: 'on-instance', after: [path[0]], run: () => onInstance(context, run) }]
      : []),
  ];
}

/** Runs all checks and leaves them as a fact. @throws EcsdemoError `check-failed` when one failed. */
async function runAllChecks(context: TutorialContext, run: StepRun): Promise<void> {
  const checks = await run.check(specs(context, run));
  context.facts.checks = checks;
  const failure = checksFailure(checks);
  if (failure !== undefined) throw failure;
}

export const verify: ChapterStep<TutorialContext> = {
  ...outline,
  uses: { look: [...tasksUses.look, ...settleCalls], onInstance: ['ssm:SendCommand', 'ssm:GetCommandInvocation'] },
  needs: [network.id, instance.id, loadBalancer.id, service.id],
  // Nothing is proven before what it rests on is done: a load balancer answers before it is active.
  needsDone: true,
  inspect: async () => ({ resources: [], changes: [] }),
  ensure: async (context, run) => {
    await runAllChecks(context, run);
    return [];
  },
  remove: async () => ({ removed: [], kept: [] }),
};
