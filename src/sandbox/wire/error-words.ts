// How the services of each protocol word the errors that are no operation's own: requests that cannot be read, calls that
// may not be made, and AWS itself failing. A service overrides what it words differently.
// Codes and texts of AWS's "Common Errors" (aws-facts §0). Knows no service, and nothing of how an error is written.
import { AwsError } from '../aws-error.ts';
import type { Refusal } from '../sigv4.ts';
import type { Protocol, WireService } from './service.ts';

export interface ErrorWords {
  /** @param path the member's place in the request: `tags.1.key`. */
  missingMember(path: string): AwsError;
  /** @param found what was sent, in JSON's words for JSON services, as text for the others. */
  wrongType(path: string, found: string, wanted: string): AwsError;
  /** The request cannot be parsed at all. */
  unreadable(why: string): AwsError;
  /** The request names no operation. */
  missingOperation(): AwsError;
  /** @param hint that it is this sandbox that lacks it. */
  unknownOperation(operation: string, hint: string): AwsError;
  /** The request is not, or not rightly, signed. */
  refused(refusal: Refusal): AwsError;
  throttled(): AwsError;
  /** AWS failed. */
  serverError(): AwsError;
  expiredToken(): AwsError;
  /**
   * @param denial who may not do what, in a sentence
   * @param details the same with what was known of the request, as JSON: EC2 tells it encoded
   */
  accessDenied(denial: string, details: string): AwsError;
}

/** The service's own words, and its protocol's where it has none. */
export function wordsOf(service: Pick<WireService, 'protocol' | 'errors'>): ErrorWords {
  return { ...words[service.protocol], ...service.errors };
}

const article = (noun: string): string => (/^[aeiou]/i.test(noun) ? `an ${noun}` : `a ${noun}`);
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const nullConstraint = (path: string): string =>
  `1 validation error detected: Value null at '${lowerFirst(path)}' failed to satisfy constraint: Member must not be null`;

const incomplete =
  'The Authorization header must be AWS4-HMAC-SHA256 with Credential, SignedHeaders and Signature, and X-Amz-Date must be signed.';
const invalidToken = 'The security token included in the request is invalid.';
const expiredToken = 'The security token included in the request is expired';
const mismatch =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

/** What JSON services say; `denied` is the status of what may not be done, 400 in awsJson and 403 in REST. */
function jsonWords(denied: 400 | 403): ErrorWords {
  const refusals: Record<Refusal, [code: string, message: string]> = {
    missing: ['MissingAuthenticationTokenException', 'Missing Authentication Token'],
    incomplete: ['IncompleteSignatureException', incomplete],
    'unknown-key': ['UnrecognizedClientException', invalidToken],
    expired: ['InvalidSignatureException', 'Signature expired: the clocks differ by more than 5 min.'],
    mismatch: ['InvalidSignatureException', mismatch],
  };
  return {
    missingMember: (path) => new AwsError('ValidationException', nullConstraint(path)),
    wrongType: (path, found, wanted) =>
      new AwsError('SerializationException', `${found} can not be converted to ${article(wanted)} (${path})`),
    unreadable: (why) => new AwsError('SerializationException', why),
    missingOperation: () =>
      new AwsError('UnknownOperationException', 'the X-Amz-Target header does not name an operation of this service'),
    unknownOperation: (_operation, hint) => new AwsError('UnknownOperationException', hint),
    refused: (refusal) => new AwsError(...refusals[refusal], denied),
    throttled: () => new AwsError('ThrottlingException', 'Rate exceeded'),
    serverError: () => new AwsError('InternalServerError', 'An error occurred on the server side.', 500),
    expiredToken: () => new AwsError('ExpiredTokenException', expiredToken, denied),
    accessDenied: (denial) => new AwsError('AccessDeniedException', denial, denied),
  };
}

const queryRefusals: Record<Refusal, [code: string, message: string, status: number]> = {
  missing: ['MissingAuthenticationToken', 'Request is missing Authentication Token', 403],
  incomplete: ['IncompleteSignature', incomplete, 400],
  'unknown-key': ['InvalidClientTokenId', invalidToken, 403],
  expired: ['RequestExpired', 'Request has expired.', 400],
  mismatch: ['SignatureDoesNotMatch', mismatch, 403],
};

const queryWords: ErrorWords = {
  missingMember: (path) => new AwsError('ValidationError', nullConstraint(path)),
  wrongType: (path, found, wanted) =>
    new AwsError('ValidationError', `Value '${found}' at '${lowerFirst(path)}' is not ${article(wanted)}`),
  unreadable: (why) => new AwsError('MalformedInput', why),
  missingOperation: () => new AwsError('MissingAction', 'The request is missing an action or a required parameter.'),
  unknownOperation: (operation, hint) =>
    new AwsError('InvalidAction', `The action ${operation} is not valid for this web service: ${hint}`),
  refused: (refusal) => new AwsError(...queryRefusals[refusal]),
  throttled: () => new AwsError('Throttling', 'Rate exceeded'),
  serverError: () =>
    new AwsError(
      'InternalFailure',
      'The request processing has failed because of an unknown error, exception or failure.',
      500,
    ),
  expiredToken: () => new AwsError('ExpiredToken', expiredToken, 403),
  accessDenied: (denial) => new AwsError('AccessDenied', denial, 403),
};

const authFailure: [code: string, message: string, status: number] = [
  'AuthFailure',
  'AWS was not able to validate the provided access credentials',
  401,
];
const ec2Refusals: typeof queryRefusals = { ...queryRefusals, 'unknown-key': authFailure, mismatch: authFailure };

const ec2Words: ErrorWords = {
  ...queryWords,
  missingMember: (path) => new AwsError('MissingParameter', `The request must contain the parameter ${path}`),
  wrongType: (path, found, wanted) =>
    new AwsError(
      'InvalidParameterValue',
      `Value (${found}) for parameter ${path} is invalid. Expected ${article(wanted)}.`,
    ),
  unreadable: (why) => new AwsError('InvalidRequest', why),
  refused: (refusal) => new AwsError(...ec2Refusals[refusal]),
  throttled: () => new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503),
  serverError: () => new AwsError('InternalError', 'An internal error has occurred', 500),
  expiredToken: () => new AwsError('RequestExpired', 'Request has expired.'),
  accessDenied: (denial, details) =>
    new AwsError(
      'UnauthorizedOperation',
      `You are not authorized to perform this operation. ${denial}. Encoded authorization failure message: ${Buffer.from(details).toString('base64url')}`,
      403,
    ),
};

/** In REST it is the path that names no operation. */
const noSuchPath: Pick<ErrorWords, 'missingOperation' | 'unknownOperation'> = {
  missingOperation: () =>
    new AwsError('UnknownOperationException', 'method and path name no operation of this service', 404),
  unknownOperation: (_operation, hint) => new AwsError('UnknownOperationException', hint, 404),
};

const words: Record<Protocol, ErrorWords> = {
  json: jsonWords(400),
  query: queryWords,
  ec2: ec2Words,
  'rest-json': {
    ...jsonWords(403),
    ...noSuchPath,
    throttled: () => new AwsError('ThrottlingException', 'Rate exceeded', 429),
  },
  'rest-xml': { ...queryWords, ...noSuchPath },
};
