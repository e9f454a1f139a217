// Counts every AWS call of a run, tells of each as it ends, and ends what would go on for ever. Knows no operation in
// particular.
import { EcsdemoError } from '../base/errors.ts';
import { isGivenUp, type LimitCall } from './call-limits.ts';
import { watchPages } from './pages.ts';

/** One finished call; `error` is the name AWS gave it. */
export interface Call {
  service: string;
  operation: string;
  durationMs: number;
  error?: string;
  /** AWS's own, of the last attempt: what its support asks for. Absent: there was no answer. */
  requestId?: string;
  /** A change that was given up: whether it was made is not known. */
  unanswered?: true;
}

export interface CallCounts {
  total: number;
  /** Calls that changed something, or may have: those that AWS refused did not. */
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
        next: (args: never) => Promise<{ output: unknown }>,
        context: { commandName?: string },
      ) => (args: never) => Promise<{ output: unknown }>,
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
 * @param limit ends a call that does not end by itself
 */
export function recordCalls(
  told: (call: Call) => void = () => undefined,
  beforeChange: () => Promise<unknown> = () => Promise.resolve(),
  limit: LimitCall = (_action, _changes, send) => send(),
): CallRecorder {
  const byOperation: Record<string, number> = {};
  let total = 0;
  let mutating = 0;
  const watch = watchPages();
  return {
    watch(client, service) {
      (client as unknown as Watchable).middlewareStack.add(
        (next, context) => async (args) => {
          const operation = (context.commandName ?? 'unknown').replace(/Command$/, '');
          const key = `${service}:${operation}`;
          const changes = !isReadOnly(operation);
          if (changes) await beforeChange();
          total++;
          byOperation[key] = (byOperation[key] ?? 0) + 1;
          const startedAt = performance.now();
          try {
            const result = await limit(key, changes, () => next(args));
            if (changes) mutating++;
            watch(key, (args as { input?: unknown }).input, result.output);
            told({ service, operation, durationMs: performance.now() - startedAt, ...requestOf(result.output) });
            return result;
          } catch (error) {
            if (changes && !isRefusal(error)) mutating++;
            const durationMs = performance.now() - startedAt;
            const ended = { service, operation, durationMs, error: nameOf(error), ...requestOf(error) };
            told(isGivenUp(error) ? { ...ended, unanswered: true } : ended);
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

/** Of an answer or an error, which carry it alike. */
function requestOf(ended: unknown): { requestId?: string } {
  const { $metadata } = ended as { $metadata?: { requestId?: string } };
  return $metadata?.requestId === undefined ? {} : { requestId: $metadata.requestId };
}

/** AWS answered, and said no; without an answer a change may have been made. */
function isRefusal(error: unknown): boolean {
  const { httpStatusCode = 0 } = (error as { $metadata?: { httpStatusCode?: number } }).$metadata ?? {};
  return httpStatusCode >= 400 && httpStatusCode < 500;
}

/** AWS's name for it, or our own code. */
function nameOf(error: unknown): string {
  return error instanceof EcsdemoError ? error.code : (error as Error).name;
}
