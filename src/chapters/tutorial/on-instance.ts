// The tutorial's look at the instance itself, `docker ps` and a curl of the dynamic port, through SSM Run Command:
// no key, no open port 22 (aws-facts §13.1).
import { transient } from '../../aws/faults.ts';
import { EcsdemoError } from '../../base/errors.ts';
import type { Suggestion } from '../../base/suggestion.ts';
import type { Check, StepRun } from '../../engine/types.ts';
import { addressOf } from '../../resources/ecs/tasks.ts';
import { working } from '../../resources/resource.ts';
import { quoted, runCommand } from '../../resources/ssm/run-command.ts';
import type { TutorialContext } from './context.ts';
import { verify } from './outline.ts';
import { wantedAnswer } from './wanted-answer.ts';
import { servedBy } from './wanted-service.ts';

const marker = '--- ecsdemo answer ---';

function counted(containers: number): string {
  return `${containers} ${containers === 1 ? 'container' : 'containers'}`;
}

/** Runs `docker ps` and a curl of each of the demo's dynamic ports on the first container instance. Fails, not throws, for what the instance does. */
export async function checkOnInstance(context: TutorialContext, run: StepRun): Promise<Omit<Check, 'id'>> {
  const { facts, names, document } = context;
  const wanted = wantedAnswer(context);
  const tasks = facts.tasks ?? [];
  const instance = (facts.containerInstances ?? []).find(({ containerInstanceArn }) =>
    tasks.some((task) => task.containerInstanceArn === containerInstanceArn),
  );
  const instanceId = instance?.ec2InstanceId;
  if (instanceId === undefined) return { status: 'skip', detail: 'no task is running on any container instance' };
  const here = tasks.filter(({ containerInstanceArn }) => containerInstanceArn === instance?.containerInstanceArn);
  // An address of a task's own is in the network, not on the instance, and its group lets in the load balancer alone.
  const addresses = here.flatMap((task) => addressOf(task) ?? []);
  const containerPort = servedBy(facts.service)?.containerPort ?? document.containerPort;
  const bindings = here.flatMap(({ containers }) =>
    (containers ?? []).flatMap(({ networkBindings }) => networkBindings ?? []),
  );
  const mapped = bindings.filter((binding) => binding.containerPort === containerPort);
  // On the host's own network Docker maps nothing: the container's port is the instance's.
  const onHost = bindings.length === 0 && addresses.length === 0;
  // A port may be listed twice, once for each version of IP.
  const ports = [...new Set(onHost ? [containerPort] : mapped.map(({ hostPort }) => hostPort ?? 0))];
  const suggestion: Suggestion = { aws: `ssm start-session --target ${instanceId}`, note: 'to look around there' };
  const visits = ports.flatMap((port) => [
    `echo ${quoted(marker)}`,
    `curl -s -m 10 ${quoted(`http://127.0.0.1:${port}${wanted.path}`)}`,
    'echo',
  ]);
  let output: string;
  try {
    output = await runCommand(
      working(context, run, verify.id),
      instanceId,
      ['docker ps', ...visits],
      'ecsdemo verify --on-instance',
    );
  } catch (error) {
    const said =
      error instanceof EcsdemoError && ['check-failed', 'timeout'].includes(error.code)
        ? error.message
        : transient.noAgentYet(error);
    if (said === undefined) throw error;
    return { status: 'fail', detail: said, suggestion };
  }
  const [table = '', ...answers] = output.split(marker);
  const containers = table
    .split('\n')
    // Not those in which the agent holds the network of tasks.
    .filter((line) => line.includes(`ecs-${names.family}-`) && !line.includes('-internalecspause-')).length;
  const good = answers.filter((answer) => answer.includes(wanted.text)).length;
  const least = Math.max(ports.length, addresses.length);
  if (containers < least)
    return {
      status: 'fail',
      detail: `docker ps on ${instanceId} shows ${containers} of ${least} containers`,
      suggestion,
    };
  if (addresses.length > 0) {
    return {
      status: 'pass',
      detail: `${counted(containers)} on ${instanceId}; ${addresses.join(', ')} not asked from there: ${names.ecsSecurityGroup} lets in the load balancer alone`,
    };
  }
  if (good < ports.length) {
    return {
      status: 'fail',
      detail: `${good} of ${ports.length} ports on ${instanceId} answer "${wanted.text}"`,
      suggestion,
    };
  }
  return {
    status: 'pass',
    detail: `${counted(containers)} on ${instanceId}; port${ports.length === 1 ? '' : 's'} ${ports.join(', ')} answer "${wanted.text}"`,
  };
}
