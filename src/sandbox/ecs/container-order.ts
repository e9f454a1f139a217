// In which order the containers of a task start and stop: dependsOn and links, decided as the agent's dependency graph
// does (amazon-ecs-agent, agent/engine/dependencygraph/graph.go). Pure; knows no process.
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { Pace } from '../pace.ts';
import type { Task, TaskContainer } from './records.ts';

export interface Dependency {
  containerName: string;
  condition: 'START' | 'COMPLETE' | 'SUCCESS' | 'HEALTHY';
}

/** What `dependsOn` says, and START for each link and volumesFrom, as the agent adds it. */
export function dependenciesOf(definition: ContainerDefinition): Dependency[] {
  const implied = [
    ...(definition.links ?? []).map((link) => link.split(':')[0] ?? ''),
    ...(definition.volumesFrom ?? []).map(({ sourceContainer = '' }) => sourceContainer),
  ];
  return [
    ...(definition.dependsOn ?? []).map(({ containerName = '', condition = 'START' }) => ({
      containerName,
      condition,
    })),
    ...implied.map((containerName) => ({ containerName, condition: 'START' as const })),
  ];
}

/** `waits`: for as long as it takes, or until the time at which a dependency's startTimeout is over. */
export type Readiness = { state: 'ready' } | { state: 'waits'; until?: number } | { state: 'never'; reason: string };

/** As the agent prints a container into its errors: name(image) (known->desired) - Exit: code. */
function print({ name, image }: TaskContainer, known: string, exitCode?: number): string {
  const exit = exitCode === undefined ? '' : ` - Exit: ${exitCode}`;
  return `${name}(${image}) (${known}->RUNNING)${exit}`;
}

function isMet(dependency: TaskContainer, condition: Dependency['condition']): boolean {
  switch (condition) {
    case 'START':
      // One that has ended did start (amazon-ecs-agent#3927).
      return dependency.startedAt !== undefined;
    case 'COMPLETE':
      return dependency.lastStatus === 'STOPPED' && dependency.exitCode !== undefined;
    case 'SUCCESS':
      return dependency.lastStatus === 'STOPPED' && dependency.exitCode === 0;
    case 'HEALTHY':
      return dependency.healthStatus === 'HEALTHY';
  }
}

/** Why the dependency will never be what the container waits for, in the agent's words (amazon-ecs-agent#3218). */
function defeat(
  container: TaskContainer,
  dependency: TaskContainer,
  condition: Dependency['condition'],
): string | undefined {
  const { startedAt, lastStatus, exitCode } = dependency;
  const between = `[${print(dependency, lastStatus === 'PENDING' ? 'NONE' : lastStatus, exitCode)}] for target [${print(container, 'NONE')}]`;
  if (lastStatus !== 'STOPPED') return undefined;
  if (condition === 'SUCCESS' && exitCode !== 0)
    return `dependency graph: failed to resolve container ordering dependency ${between} as dependency did not exit successfully.`;
  if (startedAt === undefined)
    return `dependency graph: failed to resolve container ordering dependency ${between} because dependency will never start`;
  return undefined;
}

/** However fast the pace, a real process gets this long before its dependents are given up. */
const leastStartTimeoutMs = 2_000;

/**
 * Whether a container that has not been created may be now.
 * A dependency's startTimeout counts from its own start, and not for START; without one the container waits for ever,
 * whatever the documented default of three minutes says: `hasDependencyTimedOut` takes 0 for no limit.
 */
export function readinessOf(
  task: Task,
  definitions: ContainerDefinition[],
  container: TaskContainer,
  now: number,
  pace: Pace,
): Readiness {
  const definition = definitions.find(({ name }) => name === container.name);
  let waits = false;
  let until: number | undefined;
  for (const { containerName, condition } of definition ? dependenciesOf(definition) : []) {
    const dependency = task.containers.find(({ name }) => name === containerName);
    if (!dependency) continue;
    const { startedAt, lastStatus } = dependency;
    const startTimeout = definitions.find(({ name }) => name === containerName)?.startTimeout ?? 0;
    const reason = defeat(container, dependency, condition);
    if (reason !== undefined) return { state: 'never', reason };
    if (isMet(dependency, condition)) continue;
    waits = true;
    if (condition === 'START' || startTimeout === 0 || startedAt === undefined || lastStatus === 'STOPPED') continue;
    const overAt = startedAt + Math.max(leastStartTimeoutMs, pace.scale(startTimeout * 1000));
    if (overAt <= now) {
      return {
        state: 'never',
        reason: `dependency graph: container ordering dependency [${print(dependency, lastStatus)}] for target [${print(container, 'NONE')}] has timed out.`,
      };
    }
    until = Math.min(until ?? overAt, overAt);
  }
  if (!waits) return { state: 'ready' };
  return { state: 'waits', ...(until === undefined ? {} : { until }) };
}

/** Whether a container of a stopping task may get its SIGTERM: every one that depends on it is over. */
export function mayStop(task: Task, definitions: ContainerDefinition[], container: TaskContainer): boolean {
  return definitions.every(
    (definition) =>
      !dependenciesOf(definition).some(({ containerName }) => containerName === container.name) ||
      task.containers.find(({ name }) => name === definition.name)?.lastStatus === 'STOPPED',
  );
}
