// What is in a cluster and holds it when it is to go: services and container instances of others, or of the demo's own.
import { type Cluster, DescribeServicesCommand, paginateListServices } from '@aws-sdk/client-ecs';
import { orAbsent } from '../../aws/faults.ts';
import { isOurs, isRemovable } from '../../aws/ownership.ts';
import { instancesById } from '../ec2/instances-by-id.ts';
import type { Named, Scope } from '../resource.ts';
import { deregister, describeMembers } from './container-instances.ts';

/** What finding out takes. */
export const contentCalls = [
  'ecs:ListServices',
  'ecs:DescribeServices',
  'ecs:ListContainerInstances',
  'ecs:DescribeContainerInstances',
  'ecs:DeregisterContainerInstance',
  'ec2:DescribeInstances',
] as const;

interface Holding extends Named {
  /** Names of the demo's own services in it. */
  services: readonly string[];
}

/** Services of the cluster without our tag; ListServices leaves DRAINING ones out, which go by themselves. */
async function foreignServices(
  { aws, demo, adopt }: Scope,
  { name: cluster, services: own }: Holding,
): Promise<string[]> {
  const arns: string[] = [];
  for await (const page of paginateListServices({ client: aws.ecs, pageSize: 100 }, { cluster })) {
    arns.push(...(page.serviceArns ?? []));
  }
  const foreign: string[] = [];
  // Ten at a time is the most the call takes.
  for (let at = 0; at < arns.length; at += 10) {
    const described = await aws.ecs.send(
      new DescribeServicesCommand({ cluster, services: arns.slice(at, at + 10), include: ['TAGS'] }),
    );
    for (const { serviceName = '', tags } of described.services ?? []) {
      const goes = own.includes(serviceName) && isRemovable(tags, demo, adopt);
      if (!goes && !isOurs(tags, demo)) foreign.push(serviceName);
    }
  }
  return foreign;
}

/**
 * EC2 instances that joined the cluster and are not this demo's: they would hold it for ever. A registration whose
 * instance EC2 does not know any more is nobody's, and is taken away.
 */
async function foreignInstances(at: Scope, { name }: Holding): Promise<string[]> {
  const members = await describeMembers(at, name);
  const byId = await instancesById(
    at,
    members.map(({ ec2InstanceId }) => ec2InstanceId ?? ''),
  );
  const foreign: string[] = [];
  for (const { ec2InstanceId = '', containerInstanceArn = '', agentConnected } of members) {
    const instance = byId.get(ec2InstanceId);
    if (isOurs(instance?.Tags, at.demo)) continue;
    if (instance === undefined && agentConnected !== true && ec2InstanceId.startsWith('i-')) {
      await deregister(at, name, containerInstanceArn);
    } else foreign.push(ec2InstanceId);
  }
  return foreign;
}

/** Why the cluster cannot go although it is ours; undefined: nothing of anybody else's is in it. */
export async function foreignContent(at: Scope, wanted: Holding, cluster: Cluster): Promise<string | undefined> {
  const services = (cluster.activeServicesCount ?? 0) > 0 ? await foreignServices(at, wanted) : [];
  if (services.length > 0) return `it holds services that are not this demo's: ${services.join(', ')}`;
  const instances = (cluster.registeredContainerInstancesCount ?? 0) > 0 ? await foreignInstances(at, wanted) : [];
  return instances.length === 0
    ? undefined
    : `it holds container instances that are not this demo's: ${instances.join(', ')}`;
}

/**
 * What of the demo's own is in the cluster and not on its way out, in words. Destroy has taken away services and
 * instances before: what is there now came after, or would not go, and waiting for it would take the whole time.
 */
export async function stayingContent(at: Scope, { name, services: own }: Holding): Promise<string | undefined> {
  const [described, members] = await Promise.all([
    orAbsent(at.aws.ecs.send(new DescribeServicesCommand({ cluster: name, services: [...own] }))),
    describeMembers(at, name),
  ]);
  const active = described?.services?.find(({ status }) => status === 'ACTIVE');
  if (active !== undefined) return `the service ${active.serviceName} is ACTIVE in it, or again`;
  const byId = await instancesById(
    at,
    members.map(({ ec2InstanceId }) => ec2InstanceId ?? ''),
  );
  const staying = [...byId].find(([, { State }]) => !['shutting-down', 'terminated'].includes(State?.Name ?? ''));
  return staying === undefined
    ? undefined
    : `the instance ${staying[0]} is ${staying[1].State?.Name ?? 'there'} and registered with it`;
}
