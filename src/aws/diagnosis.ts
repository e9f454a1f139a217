// Why a service does not become stable: service events, tasks, agents and target health joined into one named cause, lines
// to show, and a command to try. Pure; evidence.ts makes the calls.
import type { ContainerInstance, Service, Task, TaskDefinition } from '@aws-sdk/client-ecs';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { counted } from '../base/counted.ts';
import { type ErrorCode, EcsdemoError } from '../base/errors.ts';
import { pasteable } from '../base/quoted.ts';
import { sameAgain, type Suggestion } from '../base/suggestion.ts';
import { type DefinitionSource, findTaskFailure, reasonOf } from './task-failures.ts';
import { findWaitingContainer } from './waiting-containers.ts';

/** What the run itself was told and has made sure of, as far as advice depends on it. */
export interface Told {
  /** Where what the tasks run was said. */
  from?: DefinitionSource;
  /** What the load balancer's health check asks for. */
  probe?: {
    containerPort: number;
    path: string;
    /** Whether the rules let the load balancer reach the instances; undefined: nobody looked. */
    reachable?: boolean | undefined;
  };
}

export interface Evidence extends Told {
  service: Service;
  /** Of this service, newest first. */
  stoppedTasks: Task[];
  /** Of this service, on their way to run. Absent: nobody asked, or there are none. */
  startingTasks?: Task[];
  targets: TargetHealthDescription[];
  containerInstances: ContainerInstance[];
  /** Of the newest stopped task, or of one that is starting; absent: none stopped, or it could not be read. */
  taskDefinition?: TaskDefinition | undefined;
  /** Events older than this are history; milliseconds since the epoch. */
  since: number;
}

export interface Cause {
  code: ErrorCode;
  /** One sentence with the values in it. */
  message: string;
  lines: string[];
  suggestions: readonly Suggestion[];
  /** True when no amount of waiting will help. */
  final: boolean;
}

const shown = 3;

/** The id at the end of an ARN. */
function shortId(arn: string | undefined): string {
  return (arn ?? '').slice((arn ?? '').lastIndexOf('/') + 1);
}

/** Why tasks stopped, one line each; tasks that were stopped on purpose are no evidence. */
export function stoppedTaskLines(tasks: readonly Task[]): string[] {
  return tasks.map((task) => {
    const containers = (task.containers ?? [])
      .map(({ name, exitCode, reason }) =>
        [exitCode === undefined ? '' : `container ${name} exited with ${exitCode}`, reason ?? '']
          .filter((words) => words !== '' && words !== task.stoppedReason)
          .join(': '),
      )
      .filter(Boolean);
    return `task ${shortId(task.taskArn)} stopped: ${[task.stoppedReason ?? task.stopCode ?? 'no reason given', ...containers].join('; ')}`;
  });
}

/** Of tasks that ended in the same way one is enough. */
function unlike(tasks: readonly Task[]): Task[] {
  const ways = tasks.map((task) => stoppedTaskLines([{ ...task, taskArn: '' }])[0]?.replaceAll(/[0-9a-f-]{32,}/g, ''));
  return tasks.filter((_, index) => ways.indexOf(ways[index]) === index);
}

/** The cause that the evidence names, most telling first; undefined: nothing is known to be wrong. Pure. */
export function findCause(evidence: Evidence): Cause | undefined {
  return (
    taskFailure(evidence) ??
    waitingContainer(evidence) ??
    agentGone(evidence) ??
    placement(evidence) ??
    unhealthyTargets(evidence) ??
    failedDeployment(evidence)
  );
}

function taskFailure({ stoppedTasks, taskDefinition, from = {} }: Evidence): Cause | undefined {
  const failure = findTaskFailure(stoppedTasks, taskDefinition, from);
  if (failure === undefined) return undefined;
  const { code, message, suggestions, tasks, hopelessAfter } = failure;
  return {
    code,
    message,
    lines: stoppedTaskLines(unlike(tasks).slice(0, shown)),
    suggestions,
    final: tasks.length >= hopelessAfter,
  };
}

/** It may end any moment, or never: who wrote it knows. */
function waitingContainer({ startingTasks = [], taskDefinition, from = {} }: Evidence): Cause | undefined {
  const waiting = findWaitingContainer(startingTasks, taskDefinition);
  if (waiting === undefined) return undefined;
  const { name, on, condition, state } = waiting;
  const until = condition === 'HEALTHY' ? 'to be HEALTHY' : 'to end';
  const file = from.file === undefined ? 'the task definition' : pasteable(from.file);
  return {
    code: 'cannot-start',
    message: `container "${name}" waits for "${on}" ${until} (dependsOn ${condition}), and that is still ${state}`,
    lines: [],
    suggestions: [
      ...written,
      {
        ...sameAgain,
        note: `once "${on}" ${condition === 'HEALTHY' ? 'becomes healthy' : 'ends by itself'}, or "condition" is "START", in ${file}`,
      },
    ],
    final: false,
  };
}

function agentGone({ containerInstances, service }: Evidence): Cause | undefined {
  const [gone] = containerInstances.filter(({ agentConnected }) => agentConnected !== true);
  const short = (service.runningCount ?? 0) < (service.desiredCount ?? 0);
  if (gone === undefined || !short || containerInstances.some(({ agentConnected }) => agentConnected === true))
    return undefined;
  return {
    code: 'agent-disconnected',
    message: `the ECS agent of ${gone.ec2InstanceId} is not connected, so it starts no tasks`,
    lines: [],
    suggestions: [
      { aws: `ec2 reboot-instances --instance-ids ${gone.ec2InstanceId}`, next: sameAgain },
      { command: 'destroy', next: { command: 'up' } },
    ],
    final: false,
  };
}

function placement({ service, since, containerInstances }: Evidence): Cause | undefined {
  const running = service.runningCount ?? 0;
  const [event] = eventLines(service, since).filter((message) => message.includes('was unable to place a task'));
  if (event === undefined || (service.runningCount ?? 0) + (service.pendingCount ?? 0) >= (service.desiredCount ?? 0))
    return undefined;
  const [why] =
    /(insufficient (memory|CPU units) available|already using a port|missing an attribute|No Container Instances were found|encountered error "(AGENT|RESOURCE:ENI)")/i.exec(
      event,
    ) ?? [];
  // While an old deployment drains, its room comes free by itself.
  const alone = (service.deployments ?? []).length <= 1;
  return {
    code: 'cannot-place',
    message: `${service.runningCount ?? 0} of ${counted(service.desiredCount ?? 0, 'task')} ${service.desiredCount === 1 ? 'runs' : 'run'} and no container instance takes another${why === undefined ? '' : `: ${why}`}`,
    lines: [event],
    // What an instance is like more of the same will not change.
    suggestions: /attribute|constraint|GPU/i.test(event)
      ? []
      : [
          { command: 'scale', flags: { instances: containerInstances.length + 1 } },
          ...(running > 0 ? [{ command: 'scale', flags: { count: running } }] : []),
        ],
    final: alone && (service.pendingCount ?? 0) === 0 && !/No Container Instances|AGENT/.test(event),
  };
}

/** What makes targets unhealthy, by the load balancer's reason. */
const targetAdvice: Record<string, (told: Told) => [means: string, ...suggestions: Suggestion[]]> = {
  'Target.Timeout': ({ probe }) =>
    probe?.reachable === true
      ? [
          'no answer in time, although the rules let the load balancer in: the program is too slow, or hangs',
          ...written,
        ]
      : probe?.reachable === false
        ? [
            'no answer in time: the rule that lets the load balancer reach the container instance is missing',
            { command: 'up' },
          ]
        : [
            'no answer in time: the rule that lets the load balancer reach the container instance is missing, or the program is too slow',
            { command: 'verify', note: 'tells which' },
          ],
  'Target.FailedHealthChecks': ({ probe, from }) => [
    `the connection is refused: nothing listens on the container port${probe === undefined ? '' : ` ${probe.containerPort}`}`,
    from?.file === undefined
      ? { command: 'up', flags: { 'container-port': '…' }, note: 'the port that the program listens on' }
      : { ...sameAgain, note: `once containerPort in ${pasteable(from.file)} is the port that the program listens on` },
    ...written,
  ],
  'Target.ResponseCodeMismatch': ({ probe }) => [
    `the program answers ${probe?.path ?? 'the health check'} with another status than 200`,
    {
      command: 'up',
      flags: { path: probe === undefined || probe.path === '/' ? '/…' : '/' },
      note: 'a path that answers 200',
    },
    ...written,
  ],
  'Target.NotInUse': () => [
    "the instance's zone is not enabled on the load balancer, or no listener uses the target group",
    { command: 'up' },
  ],
};

/** Where what the program says of itself can be read. */
const written: Suggestion[] = [{ command: 'sandbox logs', onSandbox: true, note: 'shows what the program wrote' }];

/** Lines on the targets that are not healthy, without those that are on their way in or out. */
export function unhealthyTargetLines(targets: readonly TargetHealthDescription[]): string[] {
  return targets
    .filter(({ TargetHealth }) => !['healthy', 'draining', 'initial'].includes(TargetHealth?.State ?? ''))
    .map(({ Target, TargetHealth }) =>
      `target ${Target?.Id}:${Target?.Port} is ${TargetHealth?.State}: ${TargetHealth?.Reason} ${TargetHealth?.Description ?? ''}`.trim(),
    );
}

/** What ECS's events give as the reason, in the load balancer's code for it (aws-facts §11). */
function reasonInEvents(service: Service, since: number): string | undefined {
  const [said] = eventLines(service, since).flatMap(
    (line) => /is unhealthy in .*due to \(reason (.*?)\)/.exec(line)?.[1] ?? [],
  );
  if (said === undefined) return undefined;
  if (/timed out/i.test(said)) return 'Target.Timeout';
  if (/Availability Zone|not configured to receive/i.test(said)) return 'Target.NotInUse';
  return /codes/i.test(said) ? 'Target.ResponseCodeMismatch' : 'Target.FailedHealthChecks';
}

function unhealthyTargets({ targets, stoppedTasks, service, since, ...told }: Evidence): Cause | undefined {
  const failedChecks = stoppedTasks.filter((task) => /failed ELB health checks/i.test(reasonOf(task)));
  const bad = targets.filter(({ TargetHealth }) => ['unhealthy', 'unused'].includes(TargetHealth?.State ?? ''));
  // The target that failed may be on its way out already; ECS has written down why.
  const reason = bad[0]?.TargetHealth?.Reason ?? reasonInEvents(service, since);
  if (bad.length === 0 && failedChecks.length === 0) return undefined;
  const [means, ...suggestions] = targetAdvice[reason ?? '']?.(told) ?? [
    "the load balancer's health check fails",
    { command: 'verify' },
  ];
  return {
    code: 'target-unhealthy',
    message: `the load balancer finds ${bad.length === 0 ? 'its targets' : `${bad.length} of ${targets.length} targets`} unhealthy${reason === undefined ? '' : ` (${reason})`}: ${means}`,
    lines: [
      ...unhealthyTargetLines(targets).slice(0, shown),
      ...stoppedTaskLines(failedChecks.slice(0, shown)),
      ...eventLines(service, since)
        .filter((line) => line.includes('is unhealthy in'))
        .slice(0, 1),
    ],
    suggestions,
    final: failedChecks.length >= 2,
  };
}

function failedDeployment({ service }: Evidence): Cause | undefined {
  const failed = service.deployments?.find(
    ({ rolloutState, status }) => rolloutState === 'FAILED' && status === 'PRIMARY',
  );
  if (failed === undefined) return undefined;
  return {
    code: 'service-unstable',
    message: `the deployment of "${service.serviceName}" failed: ${failed.rolloutStateReason ?? 'no reason given'}`,
    lines: eventLines(service, 0).slice(0, shown),
    suggestions: [{ command: 'up' }],
    final: true,
  };
}

function eventLines(service: Service, since: number): string[] {
  return (service.events ?? [])
    .filter(({ createdAt }) => Number(createdAt ?? 0) >= since)
    .map(({ message }) => message ?? '');
}

/** The error for a cause, or for none: then the lines are all there is to go by. */
export function toError(cause: Cause | undefined, evidence: Evidence): EcsdemoError {
  const { service } = evidence;
  if (cause === undefined) {
    const counts = `${service.runningCount ?? 0} of ${counted(service.desiredCount ?? 0, 'task')} running`;
    return new EcsdemoError('service-unstable', `service "${service.serviceName}" is not stable: ${counts}`, {
      diagnosis: [
        ...stoppedTaskLines(evidence.stoppedTasks.slice(0, shown)),
        ...unhealthyTargetLines(evidence.targets),
        ...eventLines(service, 0).slice(0, shown),
      ],
      suggestions: [{ command: 'verify' }],
    });
  }
  return new EcsdemoError(cause.code, cause.message, { diagnosis: cause.lines, suggestions: cause.suggestions });
}
