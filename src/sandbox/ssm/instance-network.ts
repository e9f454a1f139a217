// What is behind the ports of an instance, seen from the instance itself: what its tasks have bound, the ECS agent, and
// the tasks that have an address of their own.
import { localPortOn, reachTaskAt } from '../ecs/container-network.ts';
import type { Reach } from '../shell/fetch.ts';
import type { Instance } from '../ec2/records.ts';
import type { World } from '../world.ts';
import { introspect, introspectionPort } from './agent-introspection.ts';
import { findContainerInstance } from './docker-ps.ts';

export function reachFrom(world: World, instance: Instance): Reach {
  return (hostname, port) => {
    if (!['127.0.0.1', 'localhost', '[::1]', instance.privateIpAddress].includes(hostname)) {
      const from = { groupIds: instance.securityGroupIds, address: instance.privateIpAddress };
      return reachTaskAt(world, hostname, port, from);
    }
    if (port === introspectionPort && findContainerInstance(world, instance) !== undefined)
      return { documentAt: (path) => introspect(world, instance, path) };
    const localPort = localPortOn(world, instance.instanceId, port);
    return localPort === undefined ? undefined : { localPort };
  };
}
