// What the wire needs to know of one operation: its schema from the SDK, the handler, and whether it changes the world.
// Each service folder exports a table of these; `operations.ts` joins the tables.
import type { GetCallerIdentity$ } from '@aws-sdk/client-sts';
import type { Context } from './handler.ts';

/** The SDK's type of every `…$` operation schema; `@smithy/types` itself is no dependency of ours. */
export type OperationSchema = typeof GetCallerIdentity$;

export interface Operation {
  /** `CreateCluster$` of the SDK package: `[9, namespace, name, traits, input, output]`. */
  schema: OperationSchema;
  /** Input and output have AWS's member names; timestamps are Date, blobs Uint8Array. Throws AwsError. */
  handler: (context: Context, input: never) => unknown;
  /** True: answered only after the schedules have run and the change is saved. */
  mutates: boolean;
}

/** Keyed by the operation's name as AWS writes it: `CreateCluster`. */
export type OperationTable = Record<string, Operation>;

/**
 * One row of a table: `CreateCluster: operation(CreateCluster$, CreateCluster, { mutates: true })`.
 * Handlers are synchronous; one that returns a promise does not compile.
 */
export function operation<Output extends object>(
  schema: OperationSchema,
  handler: (context: Context, input: never) => Output extends PromiseLike<unknown> ? never : Output,
  { mutates }: { mutates: boolean },
): Operation {
  return { schema, handler, mutates };
}
