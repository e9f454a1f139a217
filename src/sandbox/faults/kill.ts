// Killing one task or one container instance on purpose, to watch ECS heal itself.
import type { Context } from '../handler.ts';
import type { Task } from '../ecs/records.ts';
import type { World } from '../world.ts';
import { instanceDies } from './afflictions.ts';

export type Victim = 'task' | 'instance';

/** What was killed: its id as ECS or EC2 shows it, and the ids of the tasks whose processes ended. */
export interface Killed {
  what: Victim;
  id: string;
  tasks: string[];
}

/** Nothing to kill: the message is for people. */
export class NoVictim extends Error {}

function idOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

function runningTasks(world: World): Task[] {
  return Object.values(world.tasks).filter(({ lastStatus }) => lastStatus === 'RUNNING');
}

function pick<Item>(items: readonly Item[], what: string, named: string | undefined, random: () => number): Item {
  const found = items[Math.floor(random() * items.length)];
  if (found === undefined)
    throw new NoVictim(named === undefined ? `no ${what} is running` : `no ${what} "${named}" is running`);
  return found;
}

/**
 * @param named id or ARN; absent: any one that runs.
 * @param killProcesses ends the processes of a task with SIGKILL.
 * @throws NoVictim when there is none, or none of that name.
 */
export function kill(
  context: Context,
  what: Victim,
  named: string | undefined,
  killProcesses: (taskArn: string) => void,
  random: () => number = Math.random,
): Killed {
  const { world } = context;
  const isNamed = (...ids: string[]): boolean => named === undefined || ids.includes(named);
  if (what === 'task') {
    const task = pick(
      runningTasks(world).filter(({ taskArn }) => isNamed(taskArn, idOf(taskArn))),
      'task',
      named,
      random,
    );
    killProcesses(task.taskArn);
    return { what, id: idOf(task.taskArn), tasks: [idOf(task.taskArn)] };
  }
  const members = Object.values(world.containerInstances).filter(
    ({ status, ec2InstanceId }) => status !== 'INACTIVE' && world.instances[ec2InstanceId]?.state === 'running',
  );
  const member = pick(
    members.filter(({ containerInstanceArn, ec2InstanceId }) =>
      isNamed(ec2InstanceId, containerInstanceArn, idOf(containerInstanceArn)),
    ),
    'container instance',
    named,
    random,
  );
  const host = world.instances[member.ec2InstanceId];
  const tasks = runningTasks(world).filter((task) => task.containerInstanceArn === member.containerInstanceArn);
  if (host !== undefined) instanceDies(context, host);
  for (const task of tasks) killProcesses(task.taskArn);
  return { what, id: member.ec2InstanceId, tasks: tasks.map(({ taskArn }) => idOf(taskArn)) };
}
