// `docker ps` on a container instance: the containers that the world says run there, printed exactly as Docker prints them.
// Pure: world in, text out.
import { createHash } from 'node:crypto';
import { mappedBy } from '../ecs/container-network.ts';
import { definitionsOf } from '../ecs/container-program.ts';
import { argumentsOf } from '../ecs/image-commands.ts';
import { imageIn } from '../ecs/registered-images.ts';
import { isPlayed } from '../ecs/health-checks.ts';
import type { ContainerInstance, Task, TaskContainer } from '../ecs/records.ts';
import type { Instance } from '../ec2/records.ts';
import type { World } from '../world.ts';
import type { Output } from '../shell/output.ts';
import { failure, success } from '../shell/output.ts';

interface DockerContainer {
  id: string;
  image: string;
  command: string;
  createdAt: number;
  running: boolean;
  exitCode: number;
  stoppedAt?: number;
  startedAt: number;
  /** As Docker puts it in brackets; absent: no health check. */
  health?: 'healthy' | 'unhealthy' | 'health: starting';
  ports: string;
  name: string;
}

const hexOf = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length);

/** The instance's registration with a cluster; undefined when its agent never registered or is gone. */
export function findContainerInstance(world: World, instance: Instance): ContainerInstance | undefined {
  return Object.values(world.containerInstances).find(
    (one) => one.ec2InstanceId === instance.instanceId && one.status !== 'INACTIVE',
  );
}

/** The tasks whose containers live on the instance. */
export function tasksOn(world: World, instance: Instance): Task[] {
  const arns = new Set(
    Object.values(world.containerInstances)
      .filter((one) => one.ec2InstanceId === instance.instanceId)
      .map((one) => one.containerInstanceArn),
  );
  return Object.values(world.tasks).filter((task) => arns.has(task.containerInstanceArn));
}

/** `ecs-sinatra-hi-1-web-a0b1c2…`: the agent's name for the container of a task. */
export function dockerNameOf(task: Task, container: TaskContainer): string {
  const [family = '', revision = ''] = (task.taskDefinitionArn.split('/').at(-1) ?? '').split(':');
  return `ecs-${family}-${revision}-${container.name}-${hexOf(`${task.taskArn}/${container.name}`, 20)}`;
}

/** Entry point and command as Docker joins them: the definition's, or else the image's own. */
function commandOf(world: World, task: Task, container: TaskContainer): string {
  const definition = definitionsOf(world, task).find(({ name }) => name === container.name);
  const image = imageIn(world, container.image, 'x86_64');
  if ('failure' in image) return '';
  const { entryPoint, command } = { ...definition, ...(container.command && { command: container.command }) };
  return argumentsOf(image, { entryPoint, command }).join(' ');
}

function portsOf(task: Task, container: TaskContainer): string {
  return mappedBy(task, container)
    .map((one) => `0.0.0.0:${one.hostPort}->${one.containerPort}/${one.protocol}`)
    .join(', ');
}

function healthOf(world: World, task: Task, container: TaskContainer): Pick<DockerContainer, 'health'> {
  const { healthCheck } = definitionsOf(world, task).find(({ name }) => name === container.name) ?? {};
  if (!isPlayed(healthCheck)) return {};
  if (container.healthStatus === undefined) return { health: 'health: starting' };
  return { health: container.healthStatus === 'HEALTHY' ? 'healthy' : 'unhealthy' };
}

/** What holds the network of a task with an interface of its own: the agent starts it first and ends it last. */
function pauseOf(task: Task): DockerContainer[] {
  const startedAt = task.pullStartedAt;
  if (task.attachment === undefined || startedAt === undefined || task.lastStatus === 'STOPPED') return [];
  const [family = '', revision = ''] = (task.taskDefinitionArn.split('/').at(-1) ?? '').split(':');
  return [
    {
      id: hexOf(`${task.taskArn}/pause`, 64),
      image: 'amazon/amazon-ecs-pause:0.1.0',
      command: '/pause',
      createdAt: startedAt,
      startedAt,
      running: true,
      exitCode: 0,
      ports: '',
      name: `ecs-${family}-${revision}-internalecspause-${hexOf(`${task.taskArn}/pause`, 20)}`,
    },
  ];
}

function containersOn(world: World, instance: Instance): DockerContainer[] {
  const own = tasksOn(world, instance).flatMap((task) =>
    task.containers.flatMap((container): DockerContainer[] => {
      const startedAt = container.startedAt ?? task.startedAt;
      if (container.runtimeId === undefined || container.lastStatus === 'PENDING' || startedAt === undefined) return [];
      const createdAt = task.pullStoppedAt ?? task.createdAt;
      return [
        {
          id: container.runtimeId,
          image: container.image,
          command: commandOf(world, task, container),
          createdAt: container.createdAt ?? createdAt,
          startedAt,
          running: container.lastStatus === 'RUNNING',
          exitCode: container.exitCode ?? 0,
          ...(container.stoppedAt !== undefined && { stoppedAt: container.stoppedAt }),
          ...healthOf(world, task, container),
          ports: portsOf(task, container),
          name: dockerNameOf(task, container),
        },
      ];
    }),
  );
  const registration = findContainerInstance(world, instance);
  const startedAt = registration?.registeredAt ?? instance.bootedAt ?? instance.launchedAt;
  const agent: DockerContainer = {
    id: hexOf(`${instance.instanceId}/ecs-agent`, 64),
    image: 'amazon/amazon-ecs-agent:latest',
    command: '/agent',
    createdAt: startedAt,
    startedAt,
    running: true,
    exitCode: 0,
    ...(registration?.agentConnected && { health: 'healthy' as const }),
    ports: '',
    name: 'ecs-agent',
  };
  const pauses = tasksOn(world, instance).flatMap(pauseOf);
  return [...[...own, ...pauses].toSorted((a, b) => b.createdAt - a.createdAt), agent];
}

/** Docker's own words for how long something is (units.HumanDuration). */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.round(seconds / 3600);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(hours / 24 / 365)} years`;
}

function statusOf(one: DockerContainer, now: number): string {
  if (!one.running) return `Exited (${one.exitCode}) ${humanDuration(now - (one.stoppedAt ?? now))} ago`;
  return `Up ${humanDuration(now - one.startedAt)}${one.health === undefined ? '' : ` (${one.health})`}`;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

type Column = 'ID' | 'Image' | 'Command' | 'CreatedAt' | 'RunningFor' | 'Ports' | 'Status' | 'State' | 'Names';

const titles: Record<Column, string> = {
  ID: 'CONTAINER ID',
  Image: 'IMAGE',
  Command: 'COMMAND',
  CreatedAt: 'CREATED AT',
  RunningFor: 'CREATED',
  Ports: 'PORTS',
  Status: 'STATUS',
  State: 'STATE',
  Names: 'NAMES',
};

function rowOf(one: DockerContainer, now: number, whole: boolean): Record<Column, string> {
  return {
    ID: whole ? one.id : one.id.slice(0, 12),
    Image: one.image,
    Command: `"${whole ? one.command : cut(one.command, 20)}"`,
    CreatedAt: `${new Date(one.createdAt).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`,
    RunningFor: `${humanDuration(now - one.createdAt)} ago`,
    Ports: one.ports,
    Status: statusOf(one, now),
    State: one.running ? 'running' : 'exited',
    Names: one.name,
  };
}

/** Columns as Go's tabwriter sets them: three spaces between, none after the last. */
function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length + 3), 10));
  return rows
    .map(
      (row) =>
        row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('') +
        '\n',
    )
    .join('');
}

const standard: Column[] = ['ID', 'Image', 'Command', 'RunningFor', 'Status', 'Ports', 'Names'];

function isColumn(name: string): name is Column {
  return Object.hasOwn(titles, name);
}

/** A Go template of fields, `{{.Names}}\t{{.Ports}}`; undefined when it uses anything else. */
function parseFormat(format: string): ((values: Record<Column, string>) => string) | undefined {
  for (const [, name] of format.matchAll(/\{\{([^}]*)\}\}/g)) {
    const field = (name ?? '').trim();
    if (field !== 'json .' && !(field.startsWith('.') && isColumn(field.slice(1)))) return undefined;
  }
  const text = format.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
  return (values) =>
    text.replace(/\{\{([^}]*)\}\}/g, (_, name: string) => {
      const field = name.trim().slice(1);
      return isColumn(field) ? values[field] : JSON.stringify(values);
    });
}

interface Options {
  all: boolean;
  quiet: boolean;
  whole: boolean;
  last?: number;
  format?: string;
  filters: [string, string][];
}

function parseOptions(words: readonly string[]): Options | { refused: string } {
  const options: Options = { all: false, quiet: false, whole: false, filters: [] };
  const rest = words.flatMap((word) =>
    /^-[aqnl]{2,}$/.test(word)
      ? word
          .slice(1)
          .split('')
          .map((letter) => `-${letter}`)
      : [word],
  );
  for (let at = 0; at < rest.length; at++) {
    const [name = '', inline] = (rest[at] ?? '').startsWith('--') ? splitOnce(rest[at] ?? '', '=') : [rest[at]];
    const value = (): string => inline ?? rest[++at] ?? '';
    if (name === '-a' || name === '--all') options.all = true;
    else if (name === '-q' || name === '--quiet') options.quiet = true;
    else if (name === '--no-trunc') options.whole = true;
    else if (name === '-l' || name === '--latest') Object.assign(options, { all: true, last: 1 });
    else if (name === '-n' || name === '--last') Object.assign(options, { all: true, last: Number(value()) });
    else if (name === '--format') options.format = value();
    else if (name === '-f' || name === '--filter') {
      const [key, wanted = ''] = splitOnce(value(), '=');
      if (!['name', 'status', 'ancestor', 'id'].includes(key)) return { refused: `invalid filter '${key}'` };
      options.filters.push([key, wanted]);
    } else return { refused: `unknown flag: ${name}` };
  }
  return options;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function matchesFilter(one: DockerContainer, [key, wanted]: [string, string]): boolean {
  switch (key) {
    case 'name':
      return one.name.includes(wanted.replace(/^\^?\/?|\$$/g, ''));
    case 'id':
      return one.id.startsWith(wanted);
    case 'status':
      return (one.running ? 'running' : 'exited') === wanted;
    default:
      return one.image === wanted || one.image.replace(/:[^/]*$/, '') === wanted;
  }
}

/** What `docker ps <words>` prints on the instance at `now`. Options: -a -q -l -n --no-trunc --format --filter. */
export function dockerPs(world: World, instance: Instance, now: number, words: readonly string[]): Output {
  const options = parseOptions(words);
  if ('refused' in options) return failure(125, `${options.refused}\nSee 'docker ps --help'.\n`);
  const wantsStopped = options.all || options.filters.some(([key]) => key === 'status');
  const containers = containersOn(world, instance)
    .filter((one) => wantsStopped || one.running)
    .filter((one) => options.filters.every((filter) => matchesFilter(one, filter)))
    .slice(0, options.last ?? Infinity);
  const rows = containers.map((one) => rowOf(one, now, options.whole));
  if (options.quiet) return success(rows.map((row) => `${row.ID}\n`).join(''));
  const tabular = /^table\s+/.exec(options.format ?? '');
  const template = (options.format ?? '').slice(tabular?.[0].length ?? 0);
  if (options.format === undefined || (tabular === null && options.format === 'table')) {
    return success(
      table([standard.map((column) => titles[column]), ...rows.map((row) => standard.map((column) => row[column]))]),
    );
  }
  const render = parseFormat(options.format === 'json' ? '{{json .}}' : template);
  if (render === undefined)
    return failure(
      64,
      `Template parsing error: the sandbox knows the fields ${Object.keys(titles)
        .map((name) => `.${name}`)
        .join(' ')}\n`,
    );
  if (tabular === null) return success(rows.map((row) => `${render(row)}\n`).join(''));
  return success(table([titles, ...rows].map((row) => render(row).split('\t'))));
}
