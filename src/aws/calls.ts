// Counts every AWS call of a run, and tells of each as it ends. Knows no operation in particular.

/** One finished call; `error` is the name AWS gave it. */
export interface Call {
  service: string;
  operation: string;
  durationMs: number;
  error?: string;
}

export interface CallCounts {
  total: number;
  mutating: number;
  byOperation: Record<string, number>;
}

export const noCalls: CallCounts = { total: 0, mutating: 0, byOperation: {} };

/** What was called between the two. */
export function callsSince(before: CallCounts, now: CallCounts): CallCounts {
  const byOperation = Object.entries(now.byOperation)
    .map(([operation, count]) => [operation, count - (before.byOperation[operation] ?? 0)] as const)
    .filter(([, count]) => count > 0);
  return {
    total: now.total - before.total,
    mutating: now.mutating - before.mutating,
    byOperation: Object.fromEntries(byOperation),
  };
}

/** What all SDK clients have in common, as far as recording goes. */
interface Watchable {
  middlewareStack: {
    add(
      middleware: (
        next: (args: never) => Promise<unknown>,
        context: { commandName?: string },
      ) => (args: never) => Promise<unknown>,
      options: { step: 'initialize'; name: string; priority: 'high' },
    ): void;
  };
}

export interface CallRecorder {
  /** Records all that `client` sends from now on; returns the client. */
  watch<Client>(client: Client, service: string): Client;
  counts(): CallCounts;
}

/** An operation that reads: its name says so, in every one of the six services. */
export function isReadOnly(operation: string): boolean {
  return /^(Describe|List|Get|Decode)/.test(operation);
}

/**
 * @param told called after each call, for --verbose
 * @param beforeChange awaited by each call that changes something; when it rejects, the call is not made
 */
export function recordCalls(
  told: (call: Call) => void = () => undefined,
  beforeChange: () => Promise<unknown> = () => Promise.resolve(),
): CallRecorder {
  const byOperation: Record<string, number> = {};
  let total = 0;
  let mutating = 0;
  return {
    watch(client, service) {
      (client as unknown as Watchable).middlewareStack.add(
        (next, context) => async (args) => {
          const operation = (context.commandName ?? 'unknown').replace(/Command$/, '');
          const key = `${service}:${operation}`;
          if (!isReadOnly(operation)) {
            await beforeChange();
            mutating++;
          }
          total++;
          byOperation[key] = (byOperation[key] ?? 0) + 1;
          const startedAt = performance.now();
          try {
            const result = await next(args);
            told({ service, operation, durationMs: performance.now() - startedAt });
            return result;
          } catch (error) {
            told({ service, operation, durationMs: performance.now() - startedAt, error: (error as Error).name });
            // The service knows which call failed; explain() needs it for "not allowed to …".
            if (error instanceof Error) Object.assign(error, { awsAction: `${service}:${operation}` });
            throw error;
          }
        },
        { step: 'initialize', name: 'ecsdemoRecordCalls', priority: 'high' },
      );
      return client;
    },
    counts: () => ({ total, mutating, byOperation: { ...byOperation } }),
  };
}
