// The sandbox of this state directory, for the commands that need one to be running.
import { EcsdemoError } from '../../base/errors.ts';
import { findSandbox, sandboxDir } from '../../sandbox/control.ts';

export type Connection = NonNullable<Awaited<ReturnType<typeof findSandbox>>>;

/** @throws EcsdemoError `sandbox-not-running` */
export async function runningSandbox(): Promise<Connection> {
  const dir = sandboxDir(process.env);
  const connection = await findSandbox(dir);
  if (connection === undefined) {
    throw new EcsdemoError('sandbox-not-running', `no sandbox is running in ${dir}`, {
      suggestions: [{ command: 'sandbox start' }, { command: 'up', flags: { local: true } }],
    });
  }
  return connection;
}

/** What other programs may know of it; the credentials are `sandbox env`'s to give. */
export function publicPart(connection: Connection): Record<string, unknown> {
  const { endpoint, pid, region, account, pace, startedAt, policy = null } = connection;
  return { endpoint, pid, region, account, pace, startedAt, policy };
}
