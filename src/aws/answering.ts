// Who answers a client, and what time it is there: what an answer says beside what was asked for. Knows no operation.

/** What was last sent where, and what came back. */
export interface Answering {
  /** The address that the last request went to, without its path; undefined: none was sent. */
  url?: URL;
  /** How far the clock there is ahead of this machine's, in milliseconds; undefined: nobody answered, or no time was named. */
  aheadMs?: number;
}

/** What all SDK clients have in common, as far as this goes. */
interface Watchable {
  middlewareStack: {
    add(
      middleware: (
        next: (args: never) => Promise<{ response: unknown }>,
      ) => (args: never) => Promise<{ output: unknown; response: unknown }>,
      options: { step: 'deserialize'; name: string; priority: 'low' },
    ): void;
  };
}

interface Sent {
  request: { protocol: string; hostname: string; port?: number };
}

/** Watches all that `client` sends from now on, also what is answered with an error. @returns filled in as it happens */
export function watchAnswers(client: object): Answering {
  const seen: Answering = {};
  (client as Watchable).middlewareStack.add(
    // Before the SDK has read the answer, and made an error of it.
    (next) => async (args) => {
      const { protocol, hostname, port } = (args as Sent).request;
      seen.url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`);
      const answered = await next(args);
      const { headers = {} } = answered.response as { headers?: Record<string, string | undefined> };
      const there = Date.parse(headers['date'] ?? '');
      if (!Number.isNaN(there)) seen.aheadMs = there - Date.now();
      return answered as Awaited<typeof answered> & { output: unknown };
    },
    { step: 'deserialize', name: 'ecsdemoWatchAnswers', priority: 'low' },
  );
  return seen;
}
