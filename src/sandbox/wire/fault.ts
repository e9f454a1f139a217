// How each service says that a request could not be read: a member missing, of the wrong type, or not parseable at all.
// Readers throw these; nothing here knows how an error is written.
import { AwsError } from '../aws-error.ts';
import type { Service } from './service.ts';

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** @param path the member's place in the request: `tags.1.key`. */
export function missingMember(service: Service, path: string): AwsError {
  switch (service.id) {
    case 'ec2':
      return new AwsError('MissingParameter', `The request must contain the parameter ${path}`);
    case 'ecs':
      return new AwsError('InvalidParameterException', `${path} must not be null.`);
    case 'ssm':
      return new AwsError('ValidationException', nullConstraint(path));
    default:
      return new AwsError('ValidationError', nullConstraint(path));
  }
}

function nullConstraint(path: string): string {
  return (
    `1 validation error detected: Value null at '${lowerFirst(path)}' failed to satisfy constraint: ` +
    'Member must not be null'
  );
}

/** @param found what was sent, in JSON's words for JSON services, as text for the others. */
export function wrongType(service: Service, path: string, found: string, wanted: string): AwsError {
  switch (service.protocol) {
    case 'json':
      return new AwsError('SerializationException', `${found} can not be converted to ${article(wanted)} (${path})`);
    case 'ec2':
      return new AwsError(
        'InvalidParameterValue',
        `Value (${found}) for parameter ${path} is invalid. Expected ${article(wanted)}.`,
      );
    case 'query':
      return new AwsError('ValidationError', `Value '${found}' at '${lowerFirst(path)}' is not ${article(wanted)}`);
  }
}

const article = (noun: string): string => (/^[aeiou]/i.test(noun) ? `an ${noun}` : `a ${noun}`);

export function unreadable(service: Service, why: string): AwsError {
  if (service.protocol === 'json') return new AwsError('SerializationException', why);
  return new AwsError(service.protocol === 'ec2' ? 'InvalidRequest' : 'MalformedInput', why);
}

/** What AWS answers when it does not know the action; the message adds that it is this sandbox that lacks it. */
export function unknownOperation(service: Service, operation: string): AwsError {
  const hint = `the ecsdemo sandbox does not offer ${service.id}:${operation}`;
  if (service.protocol === 'json') return new AwsError('UnknownOperationException', hint);
  return new AwsError('InvalidAction', `The action ${operation} is not valid for this web service: ${hint}`);
}
