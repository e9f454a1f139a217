// Run Command as the API shows it: SendCommand, GetCommandInvocation and the lists. run-commands.ts carries the commands out.
import type {
  Command as ApiCommand,
  CommandFilter,
  CommandInvocation,
  CommandInvocationStatus,
  CommandStatus,
  GetCommandInvocationRequest,
  GetCommandInvocationResult,
  ListCommandInvocationsRequest,
  ListCommandInvocationsResult,
  ListCommandsRequest,
  ListCommandsResult,
  SendCommandRequest,
  SendCommandResult,
} from '@aws-sdk/client-ssm';
import { AwsError } from '../aws-error.ts';
import type { Context } from '../handler.ts';
import type { Command } from './records.ts';
import type { Instance } from '../ec2/records.ts';
import type { World } from '../world.ts';
import { isOnline } from './managed-instances.ts';
import { ssmPage } from './paging.ts';

type Invocation = Command['invocations'][string];

const documentName = 'AWS-RunShellScript';
const pluginName = 'aws:runShellScript';
const knownParameters = ['commands', 'workingDirectory', 'executionTimeout'];

function invalid(member: string, value: string, constraint: string): AwsError {
  return new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}

/** @throws AwsError `InvalidParameters`. */
function checkParameters(parameters: Record<string, string[]>): Record<string, string[]> {
  for (const [name, values] of Object.entries(parameters)) {
    if (!knownParameters.includes(name))
      throw new AwsError('InvalidParameters', `Document ${documentName} has no parameter ${name}`);
    if (!Array.isArray(values)) throw new AwsError('InvalidParameters', `Parameter ${name} must be a list of strings`);
  }
  if ((parameters['commands'] ?? []).length === 0) {
    throw new AwsError('InvalidParameters', `Parameter commands is required by document ${documentName}`);
  }
  const timeout = Number(parameters['executionTimeout']?.[0] ?? 3600);
  if (!Number.isInteger(timeout) || timeout < 1 || timeout > 172_800) {
    throw new AwsError('InvalidParameters', 'Parameter executionTimeout must be a whole number from 1 to 172800');
  }
  return parameters;
}

/** The instances addressed, by id or by `Targets`. @throws AwsError `InvalidInstanceId`, `ValidationException`. */
function addressed(context: Context, input: SendCommandRequest): string[] {
  const { world, now, pace } = context;
  const reachable = (instance: Instance): boolean => isOnline(world, instance, now, pace);
  const named = [
    ...(input.InstanceIds ?? []),
    ...(input.Targets ?? [])
      .filter((target) => target.Key?.toLowerCase() === 'instanceids')
      .flatMap((target) => target.Values ?? []),
  ];
  if (named.length > 50)
    throw invalid('instanceIds', `[${named.join(', ')}]`, 'Member must have length less than or equal to 50');
  const bad = named.filter((id) => {
    const instance = world.instances[id];
    return instance === undefined || !reachable(instance);
  });
  if (bad.length > 0) {
    throw new AwsError(
      'InvalidInstanceId',
      `Instances [[${bad.join(', ')}]] not in a valid state for account ${world.account}`,
    );
  }
  const tagged = (input.Targets ?? []).filter((target) => target.Key?.startsWith('tag:'));
  const byTag =
    tagged.length === 0
      ? []
      : Object.values(world.instances).filter(
          (instance) =>
            reachable(instance) &&
            tagged.every(({ Key: key = '', Values: values = [] }) =>
              instance.tags.some((tag) => `tag:${tag.key}` === key && values.includes(tag.value)),
            ),
        );
  if (named.length === 0 && tagged.length === 0)
    throw new AwsError('InvalidInstanceId', 'InstanceIds or Targets must be given');
  return [...new Set([...named, ...byTag.map((instance) => instance.instanceId)])];
}

/** No idempotency token: a repeat runs again. @throws AwsError `InvalidDocument`, `InvalidInstanceId`, `InvalidParameters`. */
export function SendCommand(context: Context, input: SendCommandRequest): SendCommandResult {
  const { world, ids, now } = context;
  if (input.DocumentName !== documentName && !input.DocumentName?.endsWith(`:document/${documentName}`)) {
    throw new AwsError('InvalidDocument', `Document with name ${input.DocumentName ?? ''} does not exist.`);
  }
  const { TimeoutSeconds: timeoutSeconds } = input;
  if (timeoutSeconds !== undefined && (timeoutSeconds < 30 || timeoutSeconds > 2_592_000)) {
    throw invalid('timeoutSeconds', String(timeoutSeconds), 'Member must have value greater than or equal to 30');
  }
  if ((input.Comment ?? '').length > 100)
    throw invalid('comment', input.Comment ?? '', 'Member must have length less than or equal to 100');
  const parameters = checkParameters(input.Parameters ?? {});
  const instanceIds = addressed(context, input);
  const commandId = ids.uuid();
  const command: Command = {
    commandId,
    documentName,
    parameters,
    comment: input.Comment ?? '',
    requestedAt: now,
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    invocations: Object.fromEntries(
      instanceIds.map((id) => [
        id,
        { status: 'Pending', responseCode: -1, stdout: '', stderr: '' } satisfies Invocation,
      ]),
    ),
  };
  world.commands[commandId] = command;
  return { Command: { ...toApiCommand(command), InstanceIds: input.InstanceIds ?? [], Targets: input.Targets ?? [] } };
}

function statusOf(command: Command): CommandStatus {
  const statuses = Object.values(command.invocations).map((one) => one.status);
  if (statuses.some((status) => status === 'InProgress')) return 'InProgress';
  if (statuses.some((status) => status === 'Pending')) return 'Pending';
  for (const status of ['Failed', 'TimedOut', 'Cancelled'] as const) if (statuses.includes(status)) return status;
  return 'Success';
}

const isOver = (one: Invocation): boolean => one.status !== 'Pending' && one.status !== 'InProgress';

function toApiCommand(command: Command): ApiCommand {
  const all = Object.values(command.invocations);
  const timeoutSeconds = command.timeoutSeconds ?? 3600;
  const status = statusOf(command);
  return {
    CommandId: command.commandId,
    DocumentName: command.documentName,
    DocumentVersion: '$DEFAULT',
    Comment: command.comment,
    Parameters: command.parameters,
    InstanceIds: Object.keys(command.invocations),
    Targets: [],
    RequestedDateTime: new Date(command.requestedAt),
    ExpiresAfter: new Date(command.requestedAt + (timeoutSeconds + 3600) * 1000),
    Status: status,
    StatusDetails: status,
    MaxConcurrency: '50',
    MaxErrors: '0',
    TargetCount: all.length,
    CompletedCount: all.filter(isOver).length,
    ErrorCount: all.filter((one) => one.status === 'Failed').length,
    DeliveryTimedOutCount: all.filter((one) => one.status === 'TimedOut' && one.startedAt === undefined).length,
    TimeoutSeconds: timeoutSeconds,
  };
}

function describeCommand(world: World, commandId: string | undefined): Command {
  if (commandId === undefined || commandId.length !== 36)
    throw invalid('commandId', commandId ?? 'null', 'Member must have length equal to 36');
  const command = world.commands[commandId];
  if (command === undefined)
    throw new AwsError('InvalidCommandId', `The specified command ID isn't valid: ${commandId}`);
  return command;
}

/** Delivery timed out and execution timed out are one status with two details. */
function detailsOf(one: Invocation): string {
  if (one.status !== 'TimedOut') return one.status;
  return one.startedAt === undefined ? 'Delivery Timed Out' : 'Execution Timed Out';
}

/** Right after SendCommand the invocation does not exist yet, as on AWS. @throws AwsError `InvocationDoesNotExist`. */
export function GetCommandInvocation(
  { world, now, pace }: Context,
  input: GetCommandInvocationRequest,
): GetCommandInvocationResult {
  const command = world.commands[input.CommandId ?? ''];
  const one = command?.invocations[input.InstanceId ?? ''];
  const recordedAt = (command?.requestedAt ?? 0) + pace.of('commandDelivery') / 5;
  if (command === undefined || one === undefined || (one.status === 'Pending' && now < recordedAt)) {
    throw new AwsError(
      'InvocationDoesNotExist',
      'An error occurred: the command ID and instance ID you specified did not match any invocations.',
    );
  }
  if (input.PluginName !== undefined && input.PluginName !== pluginName && input.PluginName !== 'runShellScript') {
    throw new AwsError('InvalidPluginName', `The plugin name isn't valid: ${input.PluginName}`);
  }
  const iso = (at: number | undefined): string => (at === undefined ? '' : new Date(at).toISOString());
  return {
    CommandId: command.commandId,
    InstanceId: input.InstanceId,
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: '$DEFAULT',
    PluginName: pluginName,
    ResponseCode: one.responseCode,
    ExecutionStartDateTime: iso(one.startedAt),
    ExecutionElapsedTime:
      one.startedAt === undefined || one.endedAt === undefined
        ? ''
        : `PT${((one.endedAt - one.startedAt) / 1000).toFixed(3)}S`,
    ExecutionEndDateTime: iso(one.endedAt),
    Status: one.status,
    StatusDetails: detailsOf(one),
    StandardOutputContent: one.stdout,
    StandardOutputUrl: '',
    StandardErrorContent: one.stderr,
    StandardErrorUrl: '',
  };
}

const newestFirst = (a: Command, b: Command): number => b.requestedAt - a.requestedAt;

/** @throws AwsError `InvalidFilterKey`. */
function matchesFilters(command: Command, status: string, filters: readonly CommandFilter[] | undefined): boolean {
  return (filters ?? []).every(({ key, value = '' }) => {
    switch (key) {
      case 'InvokedAfter':
        return command.requestedAt >= Date.parse(value);
      case 'InvokedBefore':
        return command.requestedAt <= Date.parse(value);
      case 'Status':
        return status === value;
      case 'DocumentName':
        return command.documentName === value;
      default:
        throw new AwsError('InvalidFilterKey', `The specified key isn't valid: ${String(key)}`);
    }
  });
}

function commandsOf(world: World, commandId: string | undefined): Command[] {
  return commandId === undefined
    ? Object.values(world.commands).toSorted(newestFirst)
    : [describeCommand(world, commandId)];
}

export function ListCommands({ world }: Context, input: ListCommandsRequest): ListCommandsResult {
  const matching = commandsOf(world, input.CommandId).filter(
    (command) =>
      (input.InstanceId === undefined || command.invocations[input.InstanceId] !== undefined) &&
      matchesFilters(command, statusOf(command), input.Filters),
  );
  const page = ssmPage(matching, input, { key: ({ commandId }) => commandId, min: 1, max: 50, fallback: 50 });
  return { Commands: page.items.map(toApiCommand), NextToken: page.nextToken };
}

export function ListCommandInvocations(
  { world }: Context,
  input: ListCommandInvocationsRequest,
): ListCommandInvocationsResult {
  const all = commandsOf(world, input.CommandId).flatMap((command) =>
    Object.entries(command.invocations).map(([instanceId, one]) => ({ command, instanceId, one })),
  );
  const matching = all.filter(
    ({ command, instanceId, one }) =>
      (input.InstanceId === undefined || input.InstanceId === instanceId) &&
      matchesFilters(command, one.status, input.Filters),
  );
  const page = ssmPage(matching, input, {
    key: ({ command, instanceId }) => `${command.commandId}/${instanceId}`,
    min: 1,
    max: 50,
    fallback: 50,
  });
  return {
    CommandInvocations: page.items.map(({ command, instanceId, one }): CommandInvocation => {
      const status: CommandInvocationStatus = one.status;
      return {
        CommandId: command.commandId,
        InstanceId: instanceId,
        InstanceName: '',
        Comment: command.comment,
        DocumentName: command.documentName,
        DocumentVersion: '$DEFAULT',
        RequestedDateTime: new Date(command.requestedAt),
        Status: status,
        StatusDetails: detailsOf(one),
        StandardOutputUrl: '',
        StandardErrorUrl: '',
        CommandPlugins:
          input.Details !== true
            ? []
            : [
                {
                  Name: pluginName,
                  Status: one.status,
                  StatusDetails: detailsOf(one),
                  ResponseCode: one.responseCode,
                  ...(one.startedAt !== undefined && { ResponseStartDateTime: new Date(one.startedAt) }),
                  ...(one.endedAt !== undefined && { ResponseFinishDateTime: new Date(one.endedAt) }),
                  // The list cuts the output at 2,500 characters; GetCommandInvocation gives more (SDK).
                  Output: (one.stdout + (one.stderr === '' ? '' : `\n----------ERROR-------\n${one.stderr}`)).slice(
                    0,
                    2500,
                  ),
                },
              ],
      };
    }),
    NextToken: page.nextToken,
  };
}
