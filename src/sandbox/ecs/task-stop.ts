// How a task is brought to its end, whoever asks for it: targets out first, then SIGTERM, then the books.
// Sets the record; processes follow it (task-processes.ts), and time moves it on (task-lifecycle.ts).
import type { Context } from '../handler.ts';
import type { Task } from './records.ts';
import { deregisterTargetsOf } from './task-targets.ts';

export type StopCode =
  | 'EssentialContainerExited'
  | 'ServiceSchedulerInitiated'
  | 'TaskFailedToStart'
  | 'TerminationNotice'
  | 'UserInitiated';

export interface Stop {
  code: StopCode;
  reason: string;
  /** True: connections may finish for the deregistration delay before SIGTERM. False: there is nothing left to serve them. */
  drain: boolean;
}

/**
 * Asks for the end of a task. One that is ending already is only hurried when it need not drain any more.
 * @returns the target groups it was just taken out of.
 */
export function stopTask(context: Context, task: Task, { code, reason, drain }: Stop): string[] {
  if (task.desiredStatus === 'STOPPED') {
    if (!drain && task.lastStatus === 'DEACTIVATING') beginStopping(context, task);
    return [];
  }
  task.desiredStatus = 'STOPPED';
  task.stopCode = code;
  task.stoppedReason = reason;
  task.stoppingAt = context.now;
  task.version++;
  const { targetGroupArns, drainsUntil } = deregisterTargetsOf(context, task);
  if (drain && task.lastStatus === 'RUNNING' && drainsUntil !== undefined) {
    task.lastStatus = 'DEACTIVATING';
    task.statusEndsAt = drainsUntil;
  } else {
    beginStopping(context, task);
  }
  return targetGroupArns;
}

/** From here on the processes get SIGTERM; a task that has none goes straight on. */
export function beginStopping(context: Context, task: Task): void {
  for (const container of task.containers) {
    // What was never made needs no stopping.
    if (container.lastStatus === 'PENDING' && container.createdAt === undefined) container.lastStatus = 'STOPPED';
  }
  task.lastStatus = 'STOPPING';
  delete task.statusEndsAt;
  task.version++;
  finishStopping(context, task);
}

/** Once no container of a STOPPING task is left, it is DEPROVISIONING. */
export function finishStopping(context: Context, task: Task): void {
  if (task.lastStatus !== 'STOPPING' || task.containers.some(({ lastStatus }) => lastStatus !== 'STOPPED')) return;
  task.lastStatus = 'DEPROVISIONING';
  task.statusEndsAt =
    context.now + context.pace.of(task.attachment === undefined ? 'taskDeprovisioning' : 'interfaceDetachment');
  task.version++;
}
