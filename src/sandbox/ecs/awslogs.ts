// Docker's log driver awslogs, as a container instance runs it: the log stream of a container, made before the container
// starts, and each line that it writes as an event. Options as ECS takes them; messages as Docker 25 has them.
import { globalArnOf } from '../arn.ts';
import type { Clock } from '../../base/clock.ts';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import { roleAllows, roleOfInstance } from '../iam/permissions.ts';
import { eventsOf } from '../logs/events.ts';
import { CreateLogGroup } from '../logs/groups.ts';
import { groupArn, noSuchGroup, streamArn } from '../logs/lookups.ts';
import { CreateLogStream } from '../logs/streams.ts';
import type { World } from '../world.ts';
import type { ContainerOutput } from './container-output.ts';
import { definitionsOf } from './container-program.ts';
import { idOf } from './lookups.ts';
import { dateOf, joinLines } from './multi-line.ts';
import type { Task, TaskContainer } from './records.ts';

interface Destination {
  logGroupName: string;
  logStreamName: string;
  region: string;
  createGroup: boolean;
  datetimeFormat: string | undefined;
}

/** Undefined for a container with another log driver, or none. */
function destinationOf(world: World, task: Task, container: TaskContainer): Destination | undefined {
  const definition = definitionsOf(world, task).find(({ name }) => name === container.name);
  if (definition?.logConfiguration?.logDriver !== 'awslogs') return undefined;
  const given = definition.logConfiguration.options ?? {};
  const prefix = given['awslogs-stream-prefix'];
  return {
    logGroupName: given['awslogs-group'] ?? '',
    // Docker's own default is the container's id.
    logStreamName:
      prefix === undefined ? (container.runtimeId ?? '') : `${prefix}/${container.name}/${idOf(task.taskArn)}`,
    region: given['awslogs-region'] ?? world.region,
    createGroup: given['awslogs-create-group'] === 'true',
    datetimeFormat: given['awslogs-datetime-format'],
  };
}

/**
 * Makes the container's log stream, and its group when that is asked for, with the rights of the container instance's role.
 * @returns why the container cannot start, as its `reason` says; undefined when it can.
 */
export function createLogStreamOf(context: Context, task: Task, container: TaskContainer): string | undefined {
  const destination = destinationOf(context.world, task, container);
  if (destination === undefined) return undefined;
  const createStream = (): string | undefined => call(context, task, destination, 'CreateLogStream');
  let refused = createStream();
  let what = 'stream';
  if (refused?.includes('ResourceNotFoundException') && destination.createGroup) {
    refused = call(context, task, destination, 'CreateLogGroup');
    if (refused === undefined) refused = createStream();
    else what = 'group';
  }
  return (
    refused &&
    'CannotStartContainerError: Error response from daemon: failed to create task for container: ' +
      `failed to initialize logging driver: failed to create Cloudwatch log ${what}: ${refused}`
  );
}

/** One call of the Docker daemon. @returns the error as the SDK for Go prints it; one that is there already is none. */
function call(
  context: Context,
  task: Task,
  destination: Destination,
  operation: 'CreateLogGroup' | 'CreateLogStream',
): string | undefined {
  const { logGroupName, logStreamName, region } = destination;
  const failed = `operation error CloudWatch Logs: ${operation}, `;
  const answered = `${failed}https response error StatusCode: 400, RequestID: ${context.ids.uuid()}, `;
  const denial = denialOf(context.world, task, destination, operation);
  if (denial === 'no role') {
    return `${failed}get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found`;
  }
  if (denial !== undefined) return `${answered}api error AccessDeniedException: ${denial}`;
  try {
    if (operation === 'CreateLogGroup') CreateLogGroup(context, { logGroupName });
    // Another region has its own groups, and this sandbox has one region.
    else if (region !== context.world.region) throw noSuchGroup();
    else CreateLogStream(context, { logGroupName, logStreamName });
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return error.code === 'ResourceAlreadyExistsException' ? undefined : `${answered}${error.code}: ${error.message}`;
  }
}

/** Who may not do what, in IAM's words; undefined when it may be done. */
function denialOf(
  world: World,
  task: Task,
  { logGroupName, logStreamName }: Destination,
  operation: 'CreateLogGroup' | 'CreateLogStream' | 'PutLogEvents',
): string | undefined {
  const instance = world.instances[world.containerInstances[task.containerInstanceArn]?.ec2InstanceId ?? ''];
  const role = instance && roleOfInstance(world, instance);
  if (role === undefined) return 'no role';
  const action = `logs:${operation}`;
  if (roleAllows(role, action)) return undefined;
  const caller = globalArnOf(world, 'sts', `assumed-role/${role.roleName}/${instance?.instanceId ?? ''}`);
  const resource =
    operation === 'CreateLogGroup'
      ? `${groupArn(world, logGroupName)}:log-stream:`
      : streamArn(world, logGroupName, logStreamName);
  return `User: ${caller} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
}

/**
 * Where the container's lines go beside its file; undefined for another log driver.
 * What cannot be sent is lost, as when Docker's calls fail: the stream deleted, the right withdrawn, the disk full.
 */
export function awslogsOutput(
  context: Context,
  task: Task,
  container: TaskContainer,
  clock: Clock,
): ContainerOutput | undefined {
  const { world } = context;
  const destination = destinationOf(world, task, container);
  if (destination === undefined || destination.region !== world.region) return undefined;
  const arn = streamArn(world, destination.logGroupName, destination.logStreamName);
  const events = eventsOf(context);
  const send = (added: { timestamp: number; message: string }[]): void => {
    const stream = world.logStreams[arn];
    if (added.length === 0 || stream === undefined) return;
    if (denialOf(world, task, destination, 'PutLogEvents') !== undefined) return;
    try {
      events.add(stream.eventsId, added, clock.now());
    } catch {
      // Said by whoever keeps the events.
    }
  };
  if (destination.datetimeFormat !== undefined) {
    const joined = joinLines(dateOf(destination.datetimeFormat), clock, (event) => send([event]));
    return { lines: (lines) => lines.forEach(joined.add), end: joined.end };
  }
  return {
    // Docker leaves empty lines out, which the API does not take.
    lines: (lines) => send(lines.filter((line) => line !== '').map((message) => ({ timestamp: clock.now(), message }))),
    end: () => undefined,
  };
}
