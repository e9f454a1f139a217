// Whether a resource that is waited for is not listed yet, or was taken away meanwhile. Knows no AWS call.
import { EcsdemoError } from '../base/errors.ts';

/** How long a new resource may be missing from a list (aws-facts §18), and how many looks in a row one that was seen. */
const unlistedMs = 60_000;
const looksMissed = 4;

/**
 * Tells a resource that AWS does not list yet from one that somebody takes away while `up` waits for it.
 * `look` @throws EcsdemoError `demo-absent` once it is certainly gone.
 */
export function watchPresence(what: string): { look(listed: boolean): void } {
  const startedAt = Date.now();
  let seen = false;
  let missed = 0;
  return {
    look(listed) {
      seen ||= listed;
      missed = listed ? 0 : missed + 1;
      if (listed || (seen ? missed < looksMissed : Date.now() - startedAt < unlistedMs)) return;
      throw new EcsdemoError(
        'demo-absent',
        `${what} is gone: something took it away while it was being made, another ecsdemo destroy for one`,
        {
          suggestions: [{ command: 'up' }],
          retryable: true,
        },
      );
    },
  };
}
