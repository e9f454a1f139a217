// What is behind a host name and port as a container sees them: itself, what it is linked to, its container instance.
// Everything is on loopback here; that a container reaches nothing else is decided by this table alone. Pure.
import { privateDnsName } from '../ec2/regions.ts';
import { allowsIngress } from '../ec2/security-path.ts';
import type { Reach } from '../shell/fetch.ts';
import type { NetworkBinding, Task, TaskContainer } from './records.ts';
import type { World } from '../world.ts';
import { definitionsOf, sharesPorts } from './container-program.ts';

/** What Docker maps to ports of the container instance: nothing on the host's own network, nor on the task's own. */
export function mappedBy(task: Task, { networkBindings }: TaskContainer): NetworkBinding[] {
  // The agent reports none then (amazon-ecs-agent, ecsclient: "host network mode tasks").
  return sharesPorts(task) ? [] : networkBindings;
}

function listenerOf(task: Task, port: number): number | undefined {
  for (const { lastStatus, networkBindings } of task.containers) {
    const binding = networkBindings.find(({ hostPort, protocol }) => hostPort === port && protocol === 'tcp');
    if (lastStatus === 'RUNNING' && binding) return binding.localPort;
  }
  return undefined;
}

/** The loopback port behind a port of the EC2 instance; undefined when no running container has bound it. */
export function localPortOn(world: World, ec2InstanceId: string, hostPort: number): number | undefined {
  for (const task of Object.values(world.tasks)) {
    if (world.containerInstances[task.containerInstanceArn]?.ec2InstanceId !== ec2InstanceId) continue;
    const localPort = task.attachment === undefined ? listenerOf(task, hostPort) : undefined;
    if (localPort !== undefined) return localPort;
  }
  return undefined;
}

/**
 * The task of network mode `awsvpc` whose interface has the address, as somebody in other security groups reaches it.
 * @returns 'unknown host' when no task has the address; undefined when its groups, or nobody, let them in
 */
export function reachTaskAt(
  world: World,
  address: string,
  port: number,
  from: { groupIds: string[]; address: string },
): ReturnType<Reach> {
  const task = Object.values(world.tasks).find(
    ({ attachment, lastStatus }) => attachment?.privateIpAddress === address && lastStatus !== 'STOPPED',
  );
  if (task?.attachment === undefined) return 'unknown host';
  const { groupIds = [] } = world.networkInterfaces[task.attachment.networkInterfaceId] ?? {};
  const asked = { protocol: 'tcp', port, fromGroupIds: from.groupIds, fromCidr: `${from.address}/32` } as const;
  const localPort = allowsIngress(world, groupIds, asked) ? listenerOf(task, port) : undefined;
  return localPort === undefined ? undefined : { localPort };
}

const ownNames = ['localhost', '127.0.0.1', '[::1]'];

/** Name → container of the same task, from `links`: `db`, or `db:alias` under both names. */
function linkedTo(world: World, task: Task, container: TaskContainer, hostname: string): TaskContainer | undefined {
  const definition = definitionsOf(world, task).find(({ name }) => name === container.name);
  const link = definition?.links?.find((one) => one.split(':').includes(hostname));
  return link === undefined ? undefined : task.containers.find(({ name }) => name === link.split(':')[0]);
}

/**
 * In bridge mode each container has a localhost of its own; in host mode it is the container instance's; in awsvpc mode
 * the containers of a task have one together, and go out by the task's interface.
 */
export function reachFromContainer(world: World, task: Task, container: TaskContainer): Reach {
  const id = world.containerInstances[task.containerInstanceArn]?.ec2InstanceId ?? '';
  const address = world.instances[id]?.privateIpAddress;
  const hostNames = address === undefined ? [] : [address, privateDnsName(world.region, address)];
  const inside = (one: TaskContainer | undefined, port: number): { localPort: number } | undefined =>
    one?.lastStatus === 'RUNNING' && one.listening?.containerPort === port
      ? { localPort: one.listening.localPort }
      : undefined;
  const { attachment } = task;
  if (attachment !== undefined) {
    const { privateIpAddress } = attachment;
    const names = [...ownNames, privateIpAddress, privateDnsName(world.region, privateIpAddress)];
    const { groupIds = [] } = world.networkInterfaces[attachment.networkInterfaceId] ?? {};
    return (hostname, port) => {
      if (!names.includes(hostname)) return reachTaskAt(world, hostname, port, { groupIds, address: privateIpAddress });
      const localPort = listenerOf(task, port);
      return localPort === undefined ? undefined : { localPort };
    };
  }
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
