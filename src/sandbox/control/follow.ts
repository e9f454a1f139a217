// Follows what happens in a running sandbox, from outside. Light: no inside of the sandbox is loaded.
import { request, type IncomingMessage } from 'node:http';
import { EcsdemoError } from '../../base/errors.ts';
import { signedRequest, type Connection } from '../connection.ts';
import type { FollowedEvent } from './followers.ts';

export interface FollowOptions {
  /** The number of the event after which to begin, such as the `seq` of `readWorld`; absent: what happens from now on. */
  after?: number;
  /** Ends the following, quietly. */
  signal?: AbortSignal;
}

/**
 * What happens, in its order, until the sandbox ends, the signal ends it, or the caller leaves the loop. A caller that is
 * slow misses nothing until the sandbox keeps the events no more; then it gets one of type `missed`.
 * @throws EcsdemoError `sandbox-not-running` when it does not answer, `sandbox-failed` when it has too many followers.
 */
export async function* followEvents(
  connection: Connection,
  options: FollowOptions = {},
): AsyncGenerator<FollowedEvent> {
  const { after, signal } = options;
  const response = await open(connection, `/_ecsdemo/events${after === undefined ? '' : `?after=${after}`}`, signal);
  if (response === undefined) return;
  try {
    response.setEncoding('utf8');
    let rest = '';
    for await (const chunk of response as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield JSON.parse(line) as FollowedEvent;
    }
  } catch (error) {
    // A sandbox that is killed ends the following as one that stops does.
    const ended = ['ECONNRESET', 'ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE'];
    if (!ended.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    response.destroy();
  }
}

/** Undefined: the signal came first. */
function open(connection: Connection, path: string, signal?: AbortSignal): Promise<IncomingMessage | undefined> {
  return new Promise((resolve, reject) => {
    const asking = request({ ...signedRequest(connection, path), ...(signal && { signal }) }, (response) => {
      if (response.statusCode === 200) return resolve(response);
      response.resume();
      const why = response.statusCode === 503 ? 'has too many followers already' : `answered ${response.statusCode}`;
      reject(new EcsdemoError('sandbox-failed', `the sandbox at ${connection.endpoint} ${why}`));
    });
    asking.on('error', (cause) => {
      if (signal?.aborted === true) return resolve(undefined);
      const text = `the sandbox at ${connection.endpoint} does not answer`;
      reject(new EcsdemoError('sandbox-not-running', text, { suggestions: [{ command: 'sandbox start' }], cause }));
    });
    asking.end();
  });
}
