// Which of a service's stopped tasks failed, which container of them did, and what that means by the table of stop-reasons.ts.
// Pure; knows neither services nor waiting.
import type { Container, ContainerDefinition, Task, TaskDefinition } from '@aws-sdk/client-ecs';
import type { ErrorCode } from '../base/errors.ts';
import type { Suggestion } from '../base/suggestion.ts';
import { inShort, named, stopReasons, type DefinitionSource, type Found } from './stop-reasons.ts';

export type { DefinitionSource } from './stop-reasons.ts';

export interface TaskFailure {
  code: ErrorCode;
  /** One sentence with the values in it. */
  message: string;
  suggestions: readonly Suggestion[];
  /** After so many of them no waiting helps. */
  hopelessAfter: number;
  /** The tasks that it was seen in. */
  tasks: Task[];
}

/** Everything AWS says of how the task ended. */
export function reasonOf({ stoppedReason, containers = [] }: Task): string {
  const said = containers.map(({ reason }) => reason ?? '').filter((reason) => reason !== stoppedReason);
  return [stoppedReason, ...new Set(said)].filter(Boolean).join(' ');
}

/** ECS stopped it for a reason of its own, other than that it was to go. */
function isFailure(task: Task): boolean {
  return (
    task.stopCode === 'EssentialContainerExited' ||
    task.stopCode === 'TaskFailedToStart' ||
    /failed container health checks/i.test(task.stoppedReason ?? '')
  );
}

/**
 * Which container brought the task down. DescribeTasks does not say when each ended; but ECS ends the others with SIGTERM,
 * and with SIGKILL where that does not help, so theirs is 143, 137, or 0 where the program heeds it.
 */
function culpritOf({ containers = [] }: Task, definitions: readonly ContainerDefinition[]): Container | undefined {
  const essential = (one: Container): boolean => definitions.find(({ name }) => name === one.name)?.essential !== false;
  const rank = (one: Container): number => {
    const ended = one.exitCode;
    const own =
      one.reason !== undefined
        ? 0
        : one.healthStatus === 'UNHEALTHY'
          ? 1
          : ended === undefined
            ? 6
            : ![0, 137, 143].includes(ended)
              ? 2
              : { 0: 3, 137: 4, 143: 5 }[ended];
    return (own ?? 6) + (essential(one) ? 0 : 10);
  };
  return containers.toSorted((one, other) => rank(one) - rank(other))[0];
}

/**
 * What the tasks that failed have in common with the newest of them. Undefined: none failed.
 * @param tasks stopped ones, newest first
 * @param taskDefinition of the newest; undefined: it could not be read
 */
export function findTaskFailure(
  tasks: readonly Task[],
  taskDefinition: TaskDefinition | undefined,
  from: DefinitionSource,
): TaskFailure | undefined {
  const failed = tasks.filter((task) => isFailure(task));
  const [newest] = failed;
  if (newest === undefined) return undefined;
  const definitions = taskDefinition?.containerDefinitions ?? [];
  const container = culpritOf(newest, definitions);
  const definition = definitions.find(({ name }) => name === container?.name);
  const said = reasonOf(newest);
  const lacks = /\(the ecsdemo sandbox ([^)]*)\)/.exec(said)?.[1];
  for (const row of stopReasons) {
    const match = row.says.exec(said);
    if (match === null) continue;
    const found: Found = { said, match, container, definition, from, lacks };
    return {
      code: row.code,
      message: row.message(found),
      suggestions: row.suggestions(found),
      hopelessAfter: row.hopelessAfter ?? 1,
      tasks: failed.filter((task) => row.says.test(reasonOf(task))),
    };
  }
  return {
    code: 'crash-loop',
    message: `${named(container)} stops as soon as it starts: ${said === '' ? 'no reason given' : inShort(said)}`,
    suggestions: [],
    hopelessAfter: 2,
    tasks: failed,
  };
}
