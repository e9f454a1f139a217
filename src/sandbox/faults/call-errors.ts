// The errors that faults answer with: each service's own code, text and status (aws-facts §0, §1, §14, §18).
// Pure; knows nothing of when.
import { AwsError } from '../aws-error.ts';
import { zonesOffering, findInstanceType } from '../ec2/instance-types.ts';
import type { Call } from '../server.ts';
import type { Service } from '../service.ts';
import { callerArn } from '../sts/caller-identity.ts';
import { wordsOf, type ErrorWords } from '../wire/error-words.ts';
import type { World } from '../world.ts';

/** `service`: the one that is called. */
type Maker = (call: Call, world: World, zone: string, service: Service) => AwsError;

/** An error that every service has, in its own words. */
function inItsWords(choose: (words: ErrorWords, call: Call, world: World) => AwsError): Maker {
  return (call, world, _zone, service) => choose(wordsOf(service), call, world);
}

function denial(call: Call, world: World): string {
  const action = `${call.service}:${call.operation}`;
  const caller = callerArn(world.account, world.region);
  return `User: ${caller} is not authorized to perform: ${action} on resource: * because no identity-based policy allows the ${action} action`;
}

function textOf(input: unknown): string | undefined {
  return typeof input === 'string' && input !== '' ? input : undefined;
}

/** The first security group that the call names, wherever it does. */
function groupOf({ input }: Call): string {
  const interfaces = input['NetworkInterfaces'] as { Groups?: string[] }[] | undefined;
  const lists = [input['SecurityGroupIds'], input['SecurityGroups'], interfaces?.[0]?.Groups];
  const listed = lists.flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []))[0];
  return textOf(input['GroupId']) ?? textOf(listed) ?? 'sg-00000000000000000';
}

function profileOf({ input }: Call): string {
  const profile = input['IamInstanceProfile'] as { Name?: string; Arn?: string } | undefined;
  return profile?.Arn === undefined
    ? `Value (${profile?.Name ?? ''}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`
    : `Value (${profile.Arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN`;
}

function typeOf({ input }: Call): string {
  return textOf(input['InstanceType']) ?? 'm1.small';
}

/** The zones that the text offers in place of the one that is refused. */
function others(call: Call, world: World, zone: string): string {
  const type = findInstanceType(typeOf(call));
  const zones = type === undefined ? [] : zonesOffering(world.region, type);
  return zones.filter((each) => each !== zone).join(', ');
}

/** By scenario; those that are no error of AWS are not here. */
export const callErrors: Partial<Record<string, Maker>> = {
  throttling: inItsWords((words) => words.throttled()),
  'server-error': inItsWords((words) => words.serverError()),
  'expired-token': inItsWords((words) => words.expiredToken()),
  'access-denied': inItsWords((words, call, world) =>
    words.accessDenied(denial(call, world), JSON.stringify({ allowed: false, explicitDeny: false })),
  ),
  'new-instance-profile-invisible': (call) => new AwsError('InvalidParameterValue', profileOf(call)),
  'service-linked-role-race': () =>
    new AwsError(
      'InvalidParameterException',
      'Unable to assume the service linked role. Please verify that the ECS service linked role exists.',
    ),
  'security-group-not-found': (call, _world, _zone, { protocol }) => {
    const group = groupOf(call);
    if (protocol === 'ec2')
      return new AwsError('InvalidGroup.NotFound', `The security group '${group}' does not exist`);
    const code = protocol === 'json' ? 'InvalidParameterException' : 'InvalidSecurityGroup';
    return new AwsError(code, `Security group '${group}' does not exist`);
  },
  'task-definition-conflict': () =>
    new AwsError('ClientException', 'Too many concurrent attempts to create a new revision of the specified family.'),
  // EC2 counts it among its server errors, with their status: SDKs take it for one that passes.
  'insufficient-capacity': (call, world, zone) =>
    new AwsError(
      'InsufficientInstanceCapacity',
      `We currently do not have sufficient ${typeOf(call)} capacity in the Availability Zone you requested (${zone}).` +
        ' Our system will be working on provisioning additional capacity.' +
        ` You can currently get ${typeOf(call)} capacity by not specifying an Availability Zone in your request or choosing ${others(call, world, zone)}.`,
      500,
    ),
  'type-not-offered': (call, world, zone) =>
    new AwsError(
      'Unsupported',
      `Your requested instance type (${typeOf(call)}) is not supported in your requested Availability Zone (${zone}).` +
        ` Please retry your request by not specifying an Availability Zone or choosing ${others(call, world, zone)}.`,
    ),
};
