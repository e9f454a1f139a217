// What is behind a host name and port as a container sees them: itself, what it is linked to, its container instance.
// Everything is on loopback here; that a container reaches nothing else is decided by this table alone. Pure.
import { privateDnsName } from '../ec2/regions.ts';
import type { Reach } from '../shell/fetch.ts';
import type { Task, TaskContainer } from './records.ts';
import type { World } from '../world.ts';
import { definitionsOf } from './container-program.ts';

/** The loopback port behind a port of the EC2 instance; undefined when no running container has bound it. */
export function localPortOn(world: World, ec2InstanceId: string, hostPort: number): number | undefined {
  for (const task of Object.values(world.tasks)) {
    if (world.containerInstances[task.containerInstanceArn]?.ec2InstanceId !== ec2InstanceId) continue;
    for (const { lastStatus, networkBindings } of task.containers) {
      const binding = networkBindings.find((one) => one.hostPort === hostPort && one.protocol === 'tcp');
      if (lastStatus === 'RUNNING' && binding) return binding.localPort;
    }
  }
  return undefined;
}

const ownNames = ['localhost', '127.0.0.1', '[::1]'];

/** Name → container of the same task, from `links`: `db`, or `db:alias` under both names. */
function linkedTo(world: World, task: Task, container: TaskContainer, hostname: string): TaskContainer | undefined {
  const definition = definitionsOf(world, task).find(({ name }) => name === container.name);
  const link = definition?.links?.find((one) => one.split(':').includes(hostname));
  return link === undefined ? undefined : task.containers.find(({ name }) => name === link.split(':')[0]);
}

/** In bridge mode each container has a localhost of its own; in host mode it is the container instance's. */
export function reachFromContainer(world: World, task: Task, container: TaskContainer): Reach {
  const id = world.containerInstances[task.containerInstanceArn]?.ec2InstanceId ?? '';
  const address = world.instances[id]?.privateIpAddress;
  const hostNames = address === undefined ? [] : [address, privateDnsName(world.region, address)];
  const inside = (one: TaskContainer | undefined, port: number): { localPort: number } | undefined =>
    one?.lastStatus === 'RUNNING' && one.listening?.containerPort === port
      ? { localPort: one.listening.localPort }
      : undefined;
  return (hostname, port) => {
    const own = ownNames.includes(hostname) || hostname === container.runtimeId?.slice(0, 12);
    if (own && !task.hostNetwork) return inside(container, port);
    if (own || hostNames.includes(hostname)) {
      const localPort = localPortOn(world, id, port);
      return localPort === undefined ? undefined : { localPort };
    }
    const linked = linkedTo(world, task, container, hostname);
    return linked ? inside(linked, port) : 'unknown host';
  };
}
