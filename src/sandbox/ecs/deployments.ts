// Deployments of a service: opened, completed, failed by the circuit breaker, rolled back, and taken off the list.
// Knows nothing of placement; the counting of tasks per deployment is here because the API shows it.
import type { Context } from '../handler.ts';
import type { Effect } from '../agenda.ts';
import type { Deployment, Service, Task } from './records.ts';
import type { World } from '../world.ts';
import { isLive } from './lookups.ts';
import { addEvent } from './service-events.ts';
import { breakerThreshold } from './service-plan.ts';

export function primaryOf(service: Service): Deployment | undefined {
  return service.deployments.find(({ status }) => status === 'PRIMARY');
}

/** A random 19-digit id, as in `ecs-svc/1234567890123456789`. */
function deploymentId(context: Context): string {
  const digits = BigInt(`0x${context.ids.hex(16)}`)
    .toString()
    .padStart(19, '0')
    .slice(-19);
  return `ecs-svc/${digits}`;
}

/** Makes a new PRIMARY; the one before becomes ACTIVE and will be drained. Pauses between starts are forgotten. */
export function openDeployment(context: Context, service: Service, taskDefinitionArn: string): Deployment {
  const id = deploymentId(context);
  for (const deployment of service.deployments) deployment.status = 'ACTIVE';
  const deployment: Deployment = {
    id,
    status: 'PRIMARY',
    taskDefinitionArn,
    desiredCount: service.desiredCount,
    failedTasks: 0,
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    createdAt: context.now,
    updatedAt: context.now,
  };
  service.deployments.unshift(deployment);
  service.taskDefinitionArn = taskDefinitionArn;
  service.failedStarts = 0;
  delete service.throttledUntil;
  delete service.steadyAt;
  return deployment;
}

/** The completed deployment of that task definition, PRIMARY again with the tasks it still has; undefined when it is gone. */
function reopenDeployment({ now }: Context, service: Service, taskDefinitionArn: string): Deployment | undefined {
  const previous = service.deployments.find(
    (one) => one.taskDefinitionArn === taskDefinitionArn && one.rolloutState === 'COMPLETED',
  );
  if (!previous) return undefined;
  for (const deployment of service.deployments) deployment.status = deployment === previous ? 'PRIMARY' : 'ACTIVE';
  service.deployments.sort((a, b) => Number(b === previous) - Number(a === previous));
  service.taskDefinitionArn = taskDefinitionArn;
  service.failedStarts = 0;
  delete service.throttledUntil;
  Object.assign(previous, { rolloutState: 'IN_PROGRESS', failedTasks: 0, updatedAt: now });
  return previous;
}

/** True while a task still serves or may: it is neither stopping nor stopped. */
export function isServing(task: Task): boolean {
  return !['STOPPING', 'DEPROVISIONING', 'STOPPED'].includes(task.lastStatus);
}

/** What DescribeServices counts for a deployment or service. Draining tasks count as neither. */
export function countTasks(tasks: Task[]): { running: number; pending: number } {
  return {
    running: tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').length,
    pending: tasks.filter(({ lastStatus }) => ['PROVISIONING', 'PENDING', 'ACTIVATING'].includes(lastStatus)).length,
  };
}

/** Takes old deployments off the list once their last task stops serving. */
export function reapDeployments(service: Service, tasks: Task[]): Effect | undefined {
  const over = service.deployments.filter(
    ({ id, status }) => status === 'ACTIVE' && !tasks.some((task) => task.deploymentId === id && isServing(task)),
  );
  if (over.length === 0) return undefined;
  return {
    kind: 'deployments-over',
    subject: service.serviceArn,
    apply() {
      service.deployments = service.deployments.filter((deployment) => !over.includes(deployment));
    },
  };
}

export function completeDeployment(service: Service, primary: Deployment): Effect {
  return {
    kind: 'deployment-completed',
    subject: primary.id,
    apply(context) {
      primary.rolloutState = 'COMPLETED';
      primary.rolloutStateReason = `ECS deployment ${primary.id} completed.`;
      primary.updatedAt = context.now;
      primary.failedTasks = 0;
      service.completedTaskDefinitionArn = primary.taskDefinitionArn;
      addEvent(context, service, `(deployment ${primary.id}) deployment completed.`);
    },
  };
}

/** The circuit breaker, when enough tasks of a deployment in progress have failed; undefined when not. */
export function breakCircuit(world: World, service: Service): Effect | undefined {
  const primary = primaryOf(service);
  const { circuitBreaker } = service.deploymentConfiguration;
  if (!primary || primary.rolloutState !== 'IN_PROGRESS' || !circuitBreaker.enable) return undefined;
  if (primary.failedTasks < breakerThreshold(service.desiredCount, circuitBreaker.threshold)) return undefined;
  return {
    kind: 'deployment-failed',
    subject: primary.id,
    apply(context) {
      primary.rolloutState = 'FAILED';
      primary.rolloutStateReason = 'ECS deployment circuit breaker: tasks failed to start.';
      primary.updatedAt = context.now;
      addEvent(context, service, `(deployment ${primary.id}) deployment failed: tasks failed to start.`);
      const previous = service.completedTaskDefinitionArn;
      // The first deployment has nothing to return to, and a rollback that fails is not rolled back again.
      if (!circuitBreaker.rollback || previous === undefined || primary.isRollback || !world.taskDefinitions[previous])
        return;
      const rollback = reopenDeployment(context, service, previous) ?? openDeployment(context, service, previous);
      rollback.isRollback = true;
      rollback.rolloutStateReason = `ECS deployment circuit breaker: rolling back to deploymentId ${rollback.id}.`;
      addEvent(context, service, `rolling back to (deployment ${rollback.id}).`);
    },
  };
}

const failures = new Set(['EssentialContainerExited', 'TaskFailedToStart']);

/** Texts of ECS's own stops that count as a failure of the task. */
export const failedHealthChecks = 'Task failed ELB health checks';
export const failedContainerChecks = 'Task failed container health checks';

/**
 * Books the tasks that ended by their own failing: circuit breaker, pause before the next start, start throttle.
 * Only starts that fail before RUNNING make the pause grow (aws-facts §11).
 */
export function countFailures(service: Service, tasks: Task[]): Effect | undefined {
  const failed = tasks.filter(
    ({ counted, stopCode = '', stoppedReason = '' }) =>
      !counted &&
      (failures.has(stopCode) ||
        stoppedReason.startsWith(failedHealthChecks) ||
        stoppedReason === failedContainerChecks),
  );
  if (failed.length === 0) return undefined;
  return {
    kind: 'failures-counted',
    subject: service.serviceArn,
    apply(context) {
      const { now, pace } = context;
      const primary = primaryOf(service);
      let pause = pace.of('serviceRestart');
      for (const task of failed) {
        task.counted = true;
        if (primary?.rolloutState === 'IN_PROGRESS' && task.deploymentId === primary.id) primary.failedTasks++;
        if (task.startedAt === undefined) service.failedStarts = (service.failedStarts ?? 0) + 1;
      }
      const starts = service.failedStarts ?? 0;
      if (starts >= 3) {
        pause = Math.min(pace.of('startThrottle') * 2 ** Math.min(starts - 3, 20), pace.of('startThrottleMax'));
        if (starts - failed.length < 3)
          addEvent(
            context,
            service,
            'is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.',
          );
      }
      service.throttledUntil = Math.max(service.throttledUntil ?? 0, now + pause);
    },
  };
}

/** Deleting a service waits for this: every task of it is at least stopping. */
export function servesNobody(tasks: Task[]): boolean {
  return !tasks.some((task) => isLive(task) && isServing(task));
}
