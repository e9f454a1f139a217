// Whether a resource that is waited for is not listed yet, or was taken away meanwhile. Knows no AWS call.
import { EcsdemoError } from '../base/errors.ts';

/** How long a new resource may be missing from a list (aws-facts §18), and how many looks in a row one that was seen. */
const unlistedMs = 60_000;
const looksMissed = 4;

/** What a retry relies on: it was there a moment ago. */
export interface Needed {
  /** 'security group "my-ecs-sg"' */
  what: string;
  isThere: () => Promise<boolean>;
  /** How long a list may miss it all the same. @default a second: it was listed before */
  lagMs?: number;
}

const shortLagMs = 1000;

/**
 * For the `recheck` of a retry, with the time that it has gone on.
 * It @throws EcsdemoError `demo-absent` once one of them is certainly gone.
 */
export function whileThere(...needed: readonly Needed[]): (elapsedMs: number) => Promise<void> {
  const looks = needed.map(({ what, isThere, lagMs = shortLagMs }) => {
    let missed = 0;
    let since = 0;
    return async (elapsedMs: number): Promise<void> => {
      if (await isThere()) missed = 0;
      else if (missed++ === 0) since = elapsedMs;
      if (missed >= looksMissed && elapsedMs - since >= lagMs) throw gone(what);
    };
  });
  return async (elapsedMs) => void (await Promise.all(looks.map((look) => look(elapsedMs))));
}

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
      throw gone(what);
    },
  };
}

function gone(what: string): EcsdemoError {
  return new EcsdemoError(
    'demo-absent',
    `${what} is gone: something took it away while it was being made, another ecsdemo destroy for one`,
    {
      suggestions: [{ command: 'up' }],
      retryable: true,
    },
  );
}
