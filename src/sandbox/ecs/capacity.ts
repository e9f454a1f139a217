// What a container instance has and what its tasks leave of it: CPU units, MiB, host ports and network interfaces. Pure.
// Limits are accounted, not enforced: a task that uses more than it reserved is not stopped here.
import type { ContainerInstance, Task } from './records.ts';
import type { World } from '../world.ts';
import { findInstanceType } from '../ec2/instance-types.ts';
import { isLive } from './lookups.ts';
import { documentOf, portMappingsOf } from './task-definition-document.ts';

export interface Resources {
  cpu: number;
  memory: number;
  portsTcp: number[];
  portsUdp: number[];
  /** Network interfaces that tasks may have of their own (`awsvpc`). The API does not list them. */
  interfaces: number;
}

/** Host ports the agent and the system keep for themselves (aws-facts §1.11). */
export const reservedPorts = [22, 2375, 2376, 51678, 51679];

/** The fixed host ports of a task, which exclude a second task with the same on one instance. Dynamic ones do not count. */
export function fixedPortsOf(world: World, taskDefinitionArn: string): { tcp: number[]; udp: number[] } {
  const taskDefinition = world.taskDefinitions[taskDefinitionArn];
  if (!taskDefinition) return { tcp: [], udp: [] };
  const document = documentOf(taskDefinition);
  // An interface of its own has all its ports to itself.
  if (document.networkMode === 'awsvpc') return { tcp: [], udp: [] };
  const fixed = document.containerDefinitions
    .flatMap((container) => portMappingsOf(container, document.networkMode))
    .filter(({ hostPort }) => hostPort > 0);
  return {
    tcp: fixed.filter(({ protocol }) => protocol === 'tcp').map(({ hostPort }) => hostPort),
    udp: fixed.filter(({ protocol }) => protocol === 'udp').map(({ hostPort }) => hostPort),
  };
}

export function tasksOn(world: World, containerInstanceArn: string): Task[] {
  return Object.values(world.tasks).filter(
    (task) => task.containerInstanceArn === containerInstanceArn && isLive(task),
  );
}

/** The instance's own is one of those that its type allows; without trunking every task of its own network takes another. */
function interfacesFor(world: World, { ec2InstanceId }: ContainerInstance): number {
  const type = findInstanceType(world.instances[ec2InstanceId]?.instanceType ?? '');
  return Math.max(0, (type?.networkInterfaces ?? 1) - 1);
}

/** CPU and memory left; the ports are those taken, as the API's `remainingResources` lists them. */
export function remainingOf(world: World, instance: ContainerInstance): Resources {
  const remaining: Resources = {
    cpu: instance.registered.cpu,
    memory: instance.registered.memory,
    portsTcp: [...instance.registered.portsTcp],
    portsUdp: [...instance.registered.portsUdp],
    interfaces: interfacesFor(world, instance),
  };
  for (const task of tasksOn(world, instance.containerInstanceArn)) {
    remaining.cpu -= task.cpu;
    remaining.memory -= task.memory;
    if (task.attachment !== undefined) remaining.interfaces--;
    const { tcp, udp } = fixedPortsOf(world, task.taskDefinitionArn);
    remaining.portsTcp.push(...tcp);
    remaining.portsUdp.push(...udp);
  }
  return remaining;
}
