// A service's task as targets of load balancers: which entries it has, and how they come and go.
// Health itself is set by the load balancer's probes; here it is only read.
import { deregisterTarget, registerTarget, targetKey } from '../elbv2/targets.ts';
import type { Context } from '../handler.ts';
import type { Target, TargetGroup, Task, World } from '../world.ts';

export interface TaskTarget {
  targetGroup: TargetGroup;
  /** EC2 instance id and host port. */
  id: string;
  port: number;
  /** Absent: not registered (yet, or any more). */
  target?: Target;
}

/** The targets a task should have: one per load balancer of its service whose container port is bound. */
export function targetsOf(world: World, task: Task): TaskTarget[] {
  const service = task.serviceArn === undefined ? undefined : world.services[task.serviceArn];
  const instance = world.containerInstances[task.containerInstanceArn];
  if (!service || !instance) return [];
  return service.loadBalancers.flatMap(({ targetGroupArn, containerName, containerPort }) => {
    const targetGroup = world.targetGroups[targetGroupArn];
    const binding = task.containers
      .find(({ name }) => name === containerName)
      ?.networkBindings.find((one) => one.containerPort === containerPort);
    if (!targetGroup || !binding) return [];
    const target = targetGroup.targets[targetKey(instance.ec2InstanceId, binding.hostPort)];
    return [{ targetGroup, id: instance.ec2InstanceId, port: binding.hostPort, ...(target ? { target } : {}) }];
  });
}

/** Registers the task; returns the ARNs of the target groups it was registered in. */
export function registerTargetsOf(context: Context, task: Task): string[] {
  return targetsOf(context.world, task).map(({ targetGroup, id, port }) => {
    registerTarget(context, targetGroup, id, port);
    return targetGroup.targetGroupArn;
  });
}

/**
 * Takes the task out of its target groups.
 * `drainsUntil`: when the last of its entries will be gone; absent when there is nothing to wait for.
 */
export function deregisterTargetsOf(context: Context, task: Task): { targetGroupArns: string[]; drainsUntil?: number } {
  const targetGroupArns: string[] = [];
  let drainsUntil: number | undefined;
  for (const { targetGroup, id, port, target } of targetsOf(context.world, task)) {
    if (!target || target.drainsUntil !== undefined) continue;
    deregisterTarget(context, targetGroup, id, port);
    targetGroupArns.push(targetGroup.targetGroupArn);
    const until = targetGroup.targets[targetKey(id, port)]?.drainsUntil;
    if (until !== undefined && (drainsUntil === undefined || until > drainsUntil)) drainsUntil = until;
  }
  return { targetGroupArns, ...(drainsUntil === undefined ? {} : { drainsUntil }) };
}
