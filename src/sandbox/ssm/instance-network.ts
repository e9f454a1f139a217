// What is behind the ports of an instance, seen from the instance itself: what its tasks have bound, and the ECS agent.
import type { Reach } from '../shell/fetch.ts';
import type { Instance, World } from '../world.ts';
import { introspect, introspectionPort } from './agent-introspection.ts';
import { findContainerInstance, tasksOn } from './docker-ps.ts';

/** The loopback port behind a host port of the instance; undefined when no running container has bound it. */
function localPortOf(world: World, instance: Instance, hostPort: number): number | undefined {
  for (const task of tasksOn(world, instance)) {
    for (const container of task.containers) {
      const binding = container.networkBindings.find((one) => one.hostPort === hostPort && one.protocol === 'tcp');
      if (container.lastStatus === 'RUNNING' && binding !== undefined) return binding.localPort;
    }
  }
  return undefined;
}

export function reachFrom(world: World, instance: Instance): Reach {
  return (hostname, port) => {
    if (!['127.0.0.1', 'localhost', '[::1]', instance.privateIpAddress].includes(hostname)) return 'unknown host';
    if (port === introspectionPort && findContainerInstance(world, instance) !== undefined)
      return { documentAt: (path) => introspect(world, instance, path) };
    const localPort = localPortOf(world, instance, port);
    return localPort === undefined ? undefined : { localPort };
  };
}
