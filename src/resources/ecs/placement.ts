// Whether the tasks of a service can be placed at all: on the instances there are, in the order a deployment takes, with
// the room that others leave. What cannot is told with what helps. Pure; waiting cures none of it.
import type { Task } from '@aws-sdk/client-ecs';
import { costOf } from '../../base/cost.ts';
import { EcsdemoError, type ErrorCode } from '../../base/errors.ts';
import { defaults } from '../../base/settings.ts';
import { sameAgain, type SuggestedCommand, type Suggestion } from '../../base/suggestion.ts';
import { smallestType } from '../ec2/instance-types.ts';
import { fit, type Host, hostToBe, lacks, limitWords, type Shortage, without } from './capacity.ts';
import { subjectsOf } from './cluster-query.ts';
import type { TaskNeeds } from './task-needs.ts';

export interface Placing {
  cluster: string;
  service: string;
  /** How many container instances the demo has, or is to have. */
  instances: number;
  /** The command that asks. */
  by: 'up' | 'scale' | 'verify';
  needs: TaskNeeds;
  /** How many tasks the service is to have. */
  count: number;
  /** All that can take tasks, as they are now; those to be launched too. */
  hosts: readonly Host[];
  /** Running tasks of the service that are to stay. */
  staying: readonly Task[];
  /** Those that another revision is to replace. */
  replaced: readonly Task[];
  /** Of other services, or nobody's. */
  others: readonly Task[];
  /** How the service replaces its tasks; ECS's own defaults are 100 and 200. */
  percent: { minimumHealthy: number; maximum: number };
  /** False: tasks that are to be replaced may end by themselves, since their health is not known to be good. */
  replacedAreWell: boolean;
}

/** What cannot be placed, and why. */
type Verdict =
  | { kind: 'never'; shortage: Shortage; host: Host }
  /** `fits`: how many do. */
  | { kind: 'too-many'; fits: number; limit: Shortage | undefined }
  | { kind: 'deadlock'; limit: Shortage | undefined };

/** Undefined: nothing says that it cannot be. */
function judge(placing: Placing): Verdict | undefined {
  const { needs, count, hosts, staying, replaced, percent, replacedAreWell } = placing;
  const [first] = hosts;
  if (first === undefined || count === 0) return undefined;
  const missing = hosts.map((host) => lacks(host, needs));
  const [shortage] = missing;
  if (shortage !== undefined && missing.every((each) => each !== undefined))
    return { kind: 'never', shortage, host: first };
  const here = countOn(staying);
  const atLast = fit(without(hosts, replaced, needs.hostPorts), needs, here);
  if (staying.length + atLast.tasks < count)
    return { kind: 'too-many', fits: staying.length + atLast.tasks, limit: atLast.limit };
  if (replaced.length === 0 || !replacedAreWell || staying.length >= count) return undefined;
  const now = fit(hosts, needs, countOn([...staying, ...replaced]));
  const there = staying.length + replaced.length;
  const mayStart = Math.min(now.tasks, Math.floor((count * percent.maximum) / 100) - there);
  const mayStop = there - Math.ceil((count * percent.minimumHealthy) / 100);
  return mayStart > 0 || mayStop > 0 ? undefined : { kind: 'deadlock', limit: now.tasks > 0 ? undefined : now.limit };
}

function countOn(tasks: readonly Task[]): Map<string, number> {
  const here = new Map<string, number>();
  for (const { containerInstanceArn: arn = '' } of tasks) here.set(arn, (here.get(arn) ?? 0) + 1);
  return here;
}

/** The error for tasks that cannot be placed; undefined: nothing says that they cannot. */
export function unplaceable(placing: Placing, code: ErrorCode): EcsdemoError | undefined {
  const verdict = judge(placing);
  if (verdict === undefined) return undefined;
  const told = tell(verdict, placing);
  return new EcsdemoError(code, told.message, { diagnosis: told.lines ?? [], suggestions: told.suggestions });
}

interface Told {
  message: string;
  lines?: string[];
  suggestions: Suggestion[];
}

function tell(verdict: Verdict, placing: Placing): Told {
  switch (verdict.kind) {
    case 'never':
      return tellNever(verdict.shortage, verdict.host, placing);
    case 'too-many':
      return tellTooMany(verdict, placing);
    case 'deadlock':
      return tellDeadlock(verdict.limit, placing);
  }
}

/** Repeats the command with other numbers, where it is one that has them. */
function withNumbers(flags: { count?: number; instances?: number }, { by }: Placing, note?: string): Suggestion {
  const aside = note === undefined ? {} : { note };
  return by === 'verify' ? { command: 'scale', flags, ...aside } : { flags, ...aside };
}

/** More container instances, with what so many cost; none where that is more than `scale` makes. */
function withInstances(instances: number, placing: Placing): Suggestion[] {
  if (instances > defaults.instancesMax) return [];
  const type = placing.hosts.find((host) => host.type !== undefined)?.type ?? defaults.instanceType;
  const { perHour, unpriced } = costOf({
    instanceTypes: Array.from({ length: instances }, () => type),
    loadBalancerSubnets: [],
  });
  const price = unpriced.length > 0 ? undefined : `about ${perHour.toFixed(2)} USD per hour on AWS`;
  return [withNumbers({ instances }, placing, price)];
}

/** Registered instances stay: one of another type comes beside them. */
function ofType(type: string, { hosts, instances, by }: Placing): SuggestedCommand {
  const beside = hosts.some(({ arn }) => arn !== undefined) ? { instances: instances + 1 } : {};
  // An `up` that was not told its task definition takes the tutorial's.
  const note = by === 'up' ? {} : { note: 'with the other flags that it was made with' };
  return { command: 'up', flags: { ...beside, 'instance-type': type }, ...note };
}

function typeFor({ needs }: Placing): string | undefined {
  return smallestType(({ name, mib }) => {
    const host = hostToBe(name);
    // The smallest of all leave little to the agent.
    return (
      mib >= 1024 &&
      host !== undefined &&
      lacks({ ...host, all: { ...host.all, memory: leastOf(mib) } }, needs) === undefined
    );
  });
}

/** MiB that are surely left of a type for tasks. */
function leastOf(mib: number): number {
  return Math.floor(mib * 0.95 - 100);
}

function tellNever(shortage: Shortage, host: Host, placing: Placing): Told {
  const type = typeFor(placing);
  const another: Suggestion[] = type === undefined ? [] : [ofType(type, placing)];
  const named = host.arn === undefined || host.type === undefined ? host.name : `${host.name} (${host.type})`;
  switch (shortage.lacks) {
    case 'memory':
    case 'CPU': {
      const unit = shortage.lacks === 'memory' ? 'MiB of memory' : 'CPU units';
      const most = host.arn === undefined ? 'at most ' : '';
      const member = shortage.lacks === 'memory' ? '"memory" or "memoryReservation"' : '"cpu"';
      return {
        message: `one task reserves ${shortage.needs} ${unit}, more than ${named} holds: ${most}${shortage.has}`,
        suggestions: [...another, { ...sameAgain, note: `once the task definition reserves less: ${member}` }],
      };
    }
    case 'GPU':
      return {
        message: `one task needs ${shortage.needs} GPU, and ${named} has ${shortage.has === 0 ? 'none' : shortage.has}${type === undefined ? '' : `; a ${type} has it`}`,
        suggestions: [
          // The sandbox offers none.
          ...(type === undefined ? [] : [{ ...ofType(type, placing), onAws: true as const }]),
          {
            ...sameAgain,
            note: 'once "resourceRequirements" is out of the task definition, if the program runs without',
          },
        ],
      };
    case 'network interface':
      return {
        message: `one task needs a network interface of its own, and ${named} has none to give`,
        suggestions: another,
      };
    case 'architecture':
      return {
        message: `the task definition is for ${shortage.needs}, and ${named} is ${shortage.has}`,
        suggestions: [
          ...another,
          { ...sameAgain, note: 'once "runtimePlatform" of the task definition is another, if the image is for both' },
        ],
      };
    case 'os':
      return {
        message: `the task definition is for ${shortage.needs}, and the demo's container instances run ${shortage.has}`,
        suggestions: [{ ...sameAgain, note: 'once "runtimePlatform" of the task definition is LINUX' }],
      };
    case 'constraint':
      return tellConstraint(shortage.expression, host, placing, another);
    case 'attribute':
      return {
        message: `the task definition needs the attribute ${shortage.name}, which ${named} lacks`,
        suggestions: [
          {
            aws: `ecs list-attributes --cluster ${placing.cluster} --target-type container-instance`,
            note: 'shows which there are',
          },
        ],
      };
    case 'port':
      return {
        message: `host port ${portOf(shortage.port)} belongs to ${named} itself: no task gets it`,
        suggestions: [dynamic(placing)],
      };
    case 'another instance':
      return { message: `${named} takes no second task`, suggestions: [] };
  }
}

/** An attribute that only its owner gives: `attribute:stack == prod`. */
const given = /^\s*attribute:([\w.-]+)\s*(?:==|equals)\s*["']?([\w./-]+)["']?\s*$/;

function tellConstraint(expression: string, host: Host, { cluster }: Placing, another: Suggestion[]): Told {
  const values = subjectsOf(expression).flatMap((subject) => {
    const [value] = host.valuesOf(subject) ?? ['not known'];
    return `${subject.replace(/^attribute:/, '')} is ${value ?? 'not set'}`;
  });
  const [, name = '', value = ''] = given.exec(expression) ?? [];
  const own = name !== '' && !/^(ecs|com\.amazonaws)\./.test(name);
  const put: Suggestion = {
    aws: `ecs put-attributes --cluster ${cluster} --attributes name=${name},value=${value},targetId=${host.arn}`,
    next: sameAgain,
  };
  return {
    message: `no container instance meets the placement constraint "${expression}": of ${host.name} ${values.join(', ')}`,
    suggestions: [
      ...(own && host.arn !== undefined
        ? [put]
        : own
          ? [{ command: 'up', flags: { through: 'instance' }, note: 'then give the instance the attribute' }]
          : another),
      { ...sameAgain, note: 'once the constraint is out of "placementConstraints" of the task definition' },
    ],
  };
}

/** Ports of its own choosing ECS gives behind Docker's bridge only. */
function dynamic({ needs }: Placing): Suggestion {
  const change = needs.hostNetwork === true ? '"networkMode" is "bridge", without "hostPort",' : '"hostPort" is 0';
  return { ...sameAgain, note: `once ${change} in the task definition: ECS chooses a free port then` };
}

function portOf(port: string): string {
  return port.slice(port.indexOf('/') + 1);
}

/** Who has the port, as far as it is somebody else. */
function holderOf(port: string, { others }: Placing): string | undefined {
  const holder = others.find(({ containers = [] }) =>
    containers.some(({ networkBindings = [] }) =>
      networkBindings.some(({ hostPort, protocol = 'tcp' }) => `${protocol}/${hostPort}` === port),
    ),
  );
  if (holder === undefined) return undefined;
  const id = (holder.taskArn ?? '').split('/').at(-1);
  return `task ${id} of ${holder.group?.replace(':', ' ') ?? 'nobody'}`;
}

function tellTooMany({ fits, limit }: { fits: number; limit: Shortage | undefined }, placing: Placing): Told {
  const { hosts, count, instances: there } = placing;
  const on = hosts.length === 1 ? 'the container instance' : `the ${hosts.length} container instances`;
  const holder = limit?.lacks === 'port' ? holderOf(limit.port, placing) : undefined;
  const mine = fits > 0 || holder === undefined;
  const why =
    limit?.lacks === 'port' && !mine
      ? `host port ${portOf(limit.port)} is taken by ${holder}`
      : `there is room for ${fits}, and no ${limitWords(limit)} left for more`;
  const perInstance = Math.max(1, Math.floor(fits / hosts.length));
  const instances = Math.max(there + 1, Math.ceil(count / perInstance));
  return {
    message: `${count} ${count === 1 ? 'task does' : 'tasks do'} not fit ${on}: ${why}`,
    suggestions: [
      ...withInstances(instances, placing),
      ...(fits > 0 ? [withNumbers({ count: fits }, placing)] : []),
      ...(limit?.lacks === 'port' ? [dynamic(placing)] : []),
    ],
  };
}

function tellDeadlock(limit: Shortage | undefined, placing: Placing): Told {
  const { cluster, service, instances, replaced, percent } = placing;
  const [task] = replaced;
  const old = `${replaced.length === 1 ? 'the task' : `the ${replaced.length} tasks`} of ${(task?.taskDefinitionArn ?? '').split('/').at(-1)}`;
  const kept = `minimumHealthyPercent ${percent.minimumHealthy} keeps ${replaced.length === 1 ? 'it' : 'them'} until new ones are healthy`;
  const why =
    limit === undefined
      ? `maximumPercent ${percent.maximum} allows no task more beside ${old}, and ${kept}`
      : limit.lacks === 'port'
        ? `host port ${portOf(limit.port)} is taken by ${holderOf(limit.port, placing) ?? old}, and ${kept}`
        : `${limitWords(limit)} is used up by what runs, and ${kept}`;
  const configuration = 'minimumHealthyPercent=0,maximumPercent=100';
  return {
    message: `the new revision could never start: ${why}`,
    suggestions: [
      ...(limit === undefined ? [] : withInstances(instances + 1, placing)),
      ...(limit?.lacks === 'port' ? [dynamic(placing)] : []),
      {
        aws: `ecs update-service --cluster ${cluster} --service ${service} --deployment-configuration ${configuration}`,
        next: sameAgain,
        note: 'stops the old before the new starts',
      },
    ],
  };
}
