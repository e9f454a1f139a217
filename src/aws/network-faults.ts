// What it means that AWS was not reached, or that what answered was not AWS or not well: by Node's error codes, TLS's, and
// the names that answers.ts gives. Knows no error of AWS.
import type { ErrorCode, ErrorDetails } from '../base/errors.ts';
import { againLater, sameAgain, type Suggestion } from '../base/suggestion.ts';

/** What answers is not AWS. */
export const towardsAws: Suggestion = { ...sameAgain, note: 'once AWS_ENDPOINT_URL and the proxy lead to AWS' };

/** What a name or code stands for. */
export type Meaning = [names: RegExp, code: ErrorCode, details: ErrorDetails];

export const networkMeanings: readonly Meaning[] = [
  [
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|TimeoutError|NetworkingError)$/,
    'endpoint-unreachable',
    {
      suggestions: [
        {
          ...sameAgain,
          onAws: true,
          note: 'once the network, the region, AWS_ENDPOINT_URL and HTTPS_PROXY lead there',
        },
        { command: 'sandbox status', onSandbox: true },
      ],
      retryable: true,
    },
  ],
  [/^(HTTP 5\d\d|HalfAnswer)$/, 'endpoint-unreachable', { suggestions: [againLater], retryable: true }],
  [/^HTTP 429$/, 'throttled', { suggestions: [againLater], retryable: true }],
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_\w+|CERT_\w+|ERR_TLS_CERT_ALTNAME_INVALID)$/,
    'endpoint-unreachable',
    {
      suggestions: [{ text: 'export AWS_CA_BUNDLE=…', note: 'the file with the certificates of your company' }],
    },
  ],
  [
    /^(EndpointError|ERR_INVALID_URL)$/,
    'usage',
    {
      suggestions: [
        {
          ...sameAgain,
          note: 'once endpoint_url, AWS_ENDPOINT_URL, AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT are right',
        },
      ],
    },
  ],
];

/** The SDK adds advice for programmers to the error of an answer that it cannot read. */
const forProgrammers = /\s*Deserialization error: to see the raw response[^]*$/;

export function isUnreadable(error: unknown): boolean {
  return error instanceof Error && forProgrammers.test(error.message);
}

/** What the error says to people. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(forProgrammers, '');
}

/** The status of the answer that the SDK made the error from; absent: there was none. */
export function httpStatus(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}

const unanswered = Symbol('unanswered');

/** Marks an error that leaves open whether AWS did what was asked: no answer, or one of the server's own failure. */
export function markUnanswered(error: unknown): unknown {
  const status = httpStatus(error);
  const refused = systemCode(error) === 'ECONNREFUSED' || (status !== undefined && status < 500);
  return error instanceof Error && !refused ? Object.assign(error, { [unanswered]: true }) : error;
}

/** AWS may have done it or not: look before asking again. */
export function isUnanswered(error: unknown): boolean {
  return (error as { [unanswered]?: boolean } | undefined)?.[unanswered] === true;
}

/** Nobody listens there, or the answer breaks off half-way. */
export function isBroken(error: unknown): boolean {
  return systemCode(error) === 'ECONNREFUSED' || (error as Error | undefined)?.name === 'HalfAnswer';
}

/** Node's code of a network failure: on the error, on its cause, or on the first of an AggregateError. */
export function systemCode(error: unknown): string {
  for (const candidate of [
    error,
    (error as { cause?: unknown })?.cause,
    (error as { errors?: unknown[] })?.errors?.[0],
  ]) {
    const code = (candidate as { code?: unknown } | undefined)?.code;
    if (typeof code === 'string') return code;
  }
  return '';
}
