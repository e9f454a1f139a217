// What `sandbox status` shows of the world: how much there is of each thing, and the load balancers' URLs.
// Read only; the JSON is what `describeSandbox` returns.
import type { World } from './world.ts';

export interface Inventory {
  pid: number;
  account: string;
  region: string;
  pace: string;
  counts: {
    clusters: number;
    instances: number;
    containerInstances: number;
    services: number;
    tasks: number;
    loadBalancers: number;
    targetGroups: number;
  };
  loadBalancers: { name: string; state: string; url: string }[];
}

/** Counts what is alive: terminated instances, stopped tasks and INACTIVE clusters and services linger in the world only to be read. */
export function takeInventory(world: World, pace: string): Inventory {
  const count = <Record>(table: { [key: string]: Record }, alive: (record: Record) => boolean = () => true): number =>
    Object.values(table).filter(alive).length;
  return {
    pid: process.pid,
    account: world.account,
    region: world.region,
    pace,
    counts: {
      clusters: count(world.clusters, ({ status }) => status === 'ACTIVE'),
      instances: count(world.instances, ({ state }) => state !== 'terminated'),
      containerInstances: count(world.containerInstances, ({ status }) => status !== 'INACTIVE'),
      services: count(world.services, ({ status }) => status !== 'INACTIVE'),
      tasks: count(world.tasks, ({ lastStatus }) => lastStatus !== 'STOPPED'),
      loadBalancers: count(world.loadBalancers),
      targetGroups: count(world.targetGroups),
    },
    loadBalancers: Object.values(world.loadBalancers).map(({ loadBalancerName, state, dnsName }) => ({
      name: loadBalancerName,
      state,
      url: `http://${dnsName}/`,
    })),
  };
}
