// What the sandbox needs to know of one operation: its schema from the SDK, the handler, and whether it changes the world.
// Each service folder makes its table of rows.
import type { GetCallerIdentity$ } from '@aws-sdk/client-sts';
import type { Context } from './handler.ts';

/** The SDK's type of every `…$` operation schema; `@smithy/types` itself is no dependency of ours. */
export type OperationSchema = typeof GetCallerIdentity$;

export interface Operation {
  /** `CreateCluster$` of the SDK package: `[9, namespace, name, traits, input, output]`. */
  schema: OperationSchema;
  /** Input and output have AWS's member names; timestamps are Date, blobs Uint8Array. Throws AwsError. */
  handler: Handler;
  /** True: answered only after the schedules have run and the change is saved. */
  mutates: boolean;
}

/** Synchronous: one that returns a promise does not compile. */
export type Handler = (context: Context, input: never) => object & { then?: never };

/** Keyed by the operation's name as AWS writes it: `CreateCluster`. */
export type OperationTable = Readonly<Record<string, Operation>>;

/** `[CreateCluster$, CreateCluster]`; the third where the name lies about whether it changes anything. */
export type OperationRow = readonly [schema: OperationSchema, handler: Handler, effect?: 'reads' | 'changes'];

/** Does AWS's name of an operation say that it only looks? */
export function isRead(name: string): boolean {
  return /^(Describe|List|Get)/.test(name);
}

export function operationsOf(rows: readonly OperationRow[]): OperationTable {
  return Object.fromEntries(
    rows.map(([schema, handler, effect = isRead(schema[2]) ? 'reads' : 'changes']) => [
      schema[2],
      { schema, handler, mutates: effect === 'changes' },
    ]),
  );
}
