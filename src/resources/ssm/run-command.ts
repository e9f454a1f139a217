// Running shell commands on an instance through SSM Run Command: no key, no open port 22 (aws-facts §13.1).
import { transient } from '../../aws/faults.ts';
import { GetCommandInvocationCommand, SendCommandCommand } from '../../aws/ssm.ts';
import { EcsdemoError } from '../../base/errors.ts';
import type { Work } from '../resource.ts';

/** One word for a POSIX shell, whatever is in it: Run Command's shell is root's. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * @param comment for whoever looks at the commands in the console
 * @returns what they wrote on standard output
 * @throws EcsdemoError `check-failed` when a command fails, `timeout`
 */
export async function runCommand(
  { aws, run }: Work,
  instanceId: string,
  commands: string[],
  comment: string,
): Promise<string> {
  const ssm = await aws.ssm();
  const sent = await run.retry({
    what: `sending a command to ${instanceId}`,
    limitMs: 300_000,
    transient: transient.noAgentYet,
    attempt: () =>
      ssm.send(
        new SendCommandCommand({
          InstanceIds: [instanceId],
          DocumentName: 'AWS-RunShellScript',
          Comment: comment,
          TimeoutSeconds: 60,
          Parameters: { commands, executionTimeout: ['60'] },
        }),
      ),
  });
  const CommandId = sent.Command?.CommandId;
  return run.wait({
    what: `the command on ${instanceId}`,
    typicalMs: 3000,
    limitMs: 120_000,
    look: async () => {
      try {
        const seen = await ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: instanceId }));
        const status = seen.Status ?? 'Pending';
        if (status === 'Success') return { done: true, value: seen.StandardOutputContent ?? '' };
        if (['Failed', 'TimedOut', 'Cancelled', 'Cancelling'].includes(status)) {
          throw new EcsdemoError(
            'check-failed',
            `the command on ${instanceId} ended ${status}: ${seen.StandardErrorContent ?? ''}`.trim(),
            {
              suggestions: [
                {
                  aws: `ssm get-command-invocation --command-id ${CommandId} --instance-id ${instanceId}`,
                  note: 'shows all that it said',
                },
              ],
            },
          );
        }
        return { done: false, state: status };
      } catch (error) {
        if (transient.noInvocationYet(error) === undefined) throw error;
        return { done: false, state: 'sent' };
      }
    },
  });
}
