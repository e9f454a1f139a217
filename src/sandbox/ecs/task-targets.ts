// A service's task as targets of load balancers: which entries it has, and how they come and go.
// Health itself is set by the load balancer's probes; here it is only read.
import { deregisterTarget, registerTarget, targetKey } from '../elbv2/targets.ts';
import type { Context } from '../handler.ts';
import type { Target, TargetGroup } from '../elbv2/records.ts';
import type { Task } from './records.ts';
import type { World } from '../world.ts';

export interface TaskTarget {
  targetGroup: TargetGroup;
  /** EC2 instance id and host port; for a task with a network interface of its own, its address and the container's port. */
  id: string;
  port: number;
  /** Absent: not registered (yet, or any more). */
  target?: Target;
}

/** Where the task belongs: one entry per load balancer of its service whose container port is bound. */
function placesOf(world: World, task: Task): { targetGroupArn: string; port: number }[] {
  const service = task.serviceArn === undefined ? undefined : world.services[task.serviceArn];
  return (service?.loadBalancers ?? []).flatMap(({ targetGroupArn, containerName, containerPort }) => {
    const container = task.containers.find(({ name }) => name === containerName);
    const binding = container?.networkBindings.find((one) => one.containerPort === containerPort);
    return binding ? [{ targetGroupArn, port: binding.hostPort }] : [];
  });
}

/** The targets a task has, once it was registered, or should have. */
export function targetsOf(world: World, task: Task): TaskTarget[] {
  const id = task.attachment?.privateIpAddress ?? world.containerInstances[task.containerInstanceArn]?.ec2InstanceId;
  if (id === undefined) return [];
  return (task.registeredAs ?? placesOf(world, task)).flatMap(({ targetGroupArn, port }) => {
    const targetGroup = world.targetGroups[targetGroupArn];
    if (!targetGroup) return [];
    const target = targetGroup.targets[targetKey(id, port)];
    return [{ targetGroup, id, port, ...(target ? { target } : {}) }];
  });
}

/** Registers the task; returns the ARNs of the target groups it was registered in. */
export function registerTargetsOf(context: Context, task: Task): string[] {
  const targets = targetsOf(context.world, task);
  task.registeredAs = targets.map(({ targetGroup: { targetGroupArn }, port }) => ({ targetGroupArn, port }));
  return targets.map(({ targetGroup, id, port }) => {
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
