// Groups and streams by the names and ARNs under which they are asked for. Reads the world; changes nothing.
import { AwsError } from '../aws-error.ts';
import { arnOf } from '../arn.ts';
import type { World } from '../world.ts';
import { checkGroupNames, checkStreamNames, brokenConstraint, invalidParameter } from './checks.ts';
import type { LogGroup, LogStream } from './records.ts';

/** Without the `:*` that DescribeLogGroups adds in `arn` and leaves out in `logGroupArn`. */
export function groupArn({ region, account }: World, logGroupName: string): string {
  return arnOf({ region, account }, 'logs', `log-group:${logGroupName}`);
}

export function streamArn(world: World, logGroupName: string, logStreamName: string): string {
  return `${groupArn(world, logGroupName)}:log-stream:${logStreamName}`;
}

export function noSuchGroup(): AwsError {
  return new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
}

/** @throws InvalidParameterException, ResourceNotFoundException */
export function describeGroup(world: World, logGroupName: string): LogGroup {
  checkGroupNames({ logGroupName });
  const group = world.logGroups[logGroupName];
  if (group === undefined) throw noSuchGroup();
  return group;
}

/** By name or by identifier, of which a request has one. @throws InvalidParameterException, ResourceNotFoundException */
export function describeNamedGroup(
  world: World,
  { logGroupName, logGroupIdentifier }: { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined },
): LogGroup {
  // Worded by the sandbox.
  if ((logGroupName === undefined) === (logGroupIdentifier === undefined))
    throw invalidParameter('Exactly one of logGroupName and logGroupIdentifier must be specified.');
  return logGroupIdentifier === undefined
    ? describeGroup(world, logGroupName ?? '')
    : describeIdentifiedGroup(world, logGroupIdentifier);
}

/** @param identifier a name, or an ARN without `:*`. @throws InvalidParameterException, ResourceNotFoundException */
export function describeIdentifiedGroup(world: World, identifier: string): LogGroup {
  if (!/^[\w#+=/:,.@-]{1,2048}$/.test(identifier))
    throw brokenConstraint('logGroupIdentifier', identifier, 'satisfy regular expression pattern: [\\w#+=/:,.@-]*');
  if (!identifier.startsWith('arn:')) return describeGroup(world, identifier);
  return describeGroupOfArn(world, identifier);
}

/** @throws ResourceNotFoundException also for an ARN of another account, region or kind of thing. */
export function describeGroupOfArn(world: World, arn: string): LogGroup {
  const prefix = groupArn(world, '');
  const group = arn.startsWith(prefix) ? world.logGroups[arn.slice(prefix.length)] : undefined;
  if (group === undefined) throw noSuchGroup();
  return group;
}

/** @throws InvalidParameterException, ResourceNotFoundException */
export function describeStream(world: World, group: LogGroup, logStreamName: string): LogStream {
  checkStreamNames({ logStreamName });
  const stream = world.logStreams[streamArn(world, group.logGroupName, logStreamName)];
  if (stream === undefined) throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
  return stream;
}

/** In the order of their names. `prefix`: only those whose names begin so. */
export function streamsOf(world: World, group: LogGroup, prefix = ''): LogStream[] {
  return Object.values(world.logStreams)
    .filter((stream) => stream.logGroupName === group.logGroupName && stream.logStreamName.startsWith(prefix))
    .sort((a, b) => byName(a.logStreamName, b.logStreamName));
}

/** As AWS sorts: by code unit. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
