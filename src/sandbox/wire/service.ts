// A service as the wire sees it: protocol, how requests name it, its operations and how it words its errors.
// Knows no service.
import type { OperationTable } from '../operation.ts';
import type { ErrorWords } from './error-words.ts';

/**
 * awsJson (1.0 and 1.1), awsQuery, ec2Query, and the two that are driven by the `http` traits of the SDK's schemas,
 * restJson1 and restXml.
 */
export type Protocol = 'json' | 'query' | 'ec2' | 'rest-json' | 'rest-xml';

export interface WireService {
  /** The service name in SigV4's credential scope. */
  readonly id: string;
  readonly protocol: Protocol;
  /** `Version` of a query request; the SDK and boto send it, AWS requires it. */
  readonly version?: string;
  /** Prefix of X-Amz-Target (JSON only). */
  readonly target?: string;
  /** Of awsJson. @default '1.1' */
  readonly jsonVersion?: '1.0' | '1.1';
  /** xmlns of answers in XML. */
  readonly xmlNamespace?: string;
  readonly operations: OperationTable;
  /** Of one request, in bytes. @default 1 MiB */
  readonly maxBodyBytes?: number;
  /** What to do without an operation that is not offered: the first pattern that its name matches has the sentence. */
  readonly instead?: readonly (readonly [operations: RegExp, sentence: string])[];
  /** What to do without an API of this service that has another `Version`, by that. */
  readonly insteadOfVersion?: Readonly<Record<string, string>>;
  /** Of restXml: an error stands alone, without `<ErrorResponse>` around it. S3's do. */
  readonly bareErrors?: true;
  /** Where it does not say what its protocol says. */
  readonly errors?: Partial<ErrorWords>;
}
