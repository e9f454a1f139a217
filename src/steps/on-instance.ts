// The tutorial's look at the instance itself, `docker ps` and a curl of the dynamic port, through SSM Run Command:
// no key, no open port 22 (aws-facts §13.1).
import { GetCommandInvocationCommand, SendCommandCommand } from '../aws/ssm.ts';
import { transient } from '../aws/faults.ts';
import { EcsdemoError } from '../base/errors.ts';
import type { Check, StepRun } from '../engine/types.ts';
import type { StepContext } from './context.ts';

const marker = '--- ecsdemo answer ---';

/** One word for a POSIX shell, whatever is in it: Run Command's shell is root's. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Runs `docker ps` and a curl of each of the demo's dynamic ports on the first container instance. Fails, not throws, for what the instance does. */
export async function checkOnInstance(context: StepContext, run: StepRun): Promise<Omit<Check, 'id'>> {
  const { facts, settings, names, document } = context;
  const tasks = facts.tasks ?? [];
  const instance = (facts.containerInstances ?? []).find(({ containerInstanceArn }) =>
    tasks.some((task) => task.containerInstanceArn === containerInstanceArn),
  );
  const instanceId = instance?.ec2InstanceId;
  if (instanceId === undefined) return { status: 'skip', detail: 'no task is running on any container instance' };
  const bindings = tasks
    .filter(({ containerInstanceArn }) => containerInstanceArn === instance?.containerInstanceArn)
    .flatMap(({ containers }) => (containers ?? []).flatMap(({ networkBindings }) => networkBindings ?? []));
  // A port may be listed twice, once for each version of IP.
  const ports = [
    ...new Set(
      bindings
        .filter(({ containerPort }) => containerPort === document.containerPort)
        .map(({ hostPort }) => hostPort ?? 0),
    ),
  ];
  const suggestion = `aws ssm start-session --target ${instanceId}`;
  const visits = ports.flatMap((port) => [
    `echo ${quoted(marker)}`,
    `curl -s -m 10 ${quoted(`http://127.0.0.1:${port}${settings.path}`)}`,
    'echo',
  ]);
  let output: string;
  try {
    output = await runCommand(context, run, instanceId, ['docker ps', ...visits]);
  } catch (error) {
    const said =
      error instanceof EcsdemoError && ['check-failed', 'timeout'].includes(error.code)
        ? error.message
        : transient.noAgentYet(error);
    if (said === undefined) throw error;
    return { status: 'fail', detail: said, suggestion };
  }
  const [table = '', ...answers] = output.split(marker);
  const containers = table.split('\n').filter((line) => line.includes(`ecs-${names.family}-`)).length;
  const good = answers.filter((answer) => answer.includes(settings.expect)).length;
  if (containers < ports.length)
    return {
      status: 'fail',
      detail: `docker ps on ${instanceId} shows ${containers} of ${ports.length} containers`,
      suggestion,
    };
  if (good < ports.length) {
    return {
      status: 'fail',
      detail: `${good} of ${ports.length} ports on ${instanceId} answer "${settings.expect}"`,
      suggestion,
    };
  }
  return {
    status: 'pass',
    detail: `${containers} containers on ${instanceId}; port${ports.length === 1 ? '' : 's'} ${ports.join(', ')} answer "${settings.expect}"`,
  };
}

async function runCommand({ aws }: StepContext, run: StepRun, instanceId: string, commands: string[]): Promise<string> {
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
          Comment: 'ecsdemo verify --on-instance',
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
              suggestions: [`aws ssm get-command-invocation --command-id ${CommandId} --instance-id ${instanceId}`],
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
