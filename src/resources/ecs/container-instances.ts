// The container instances of a cluster: who is registered, what state they are in, and taking them out of it.
// Knows nothing of the EC2 instances they are.
import {
  type ContainerInstance,
  DeregisterContainerInstanceCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  paginateListContainerInstances,
  UpdateContainerInstancesStateCommand,
} from '@aws-sdk/client-ecs';
import { ignoreAbsent, isNotFound } from '../../aws/faults.ts';
import type { Scope } from '../resource.ts';

/** All of the cluster, others' included; none when there is no such cluster. */
export async function describeMembers({ aws }: Pick<Scope, 'aws'>, cluster: string): Promise<ContainerInstance[]> {
  const members: ContainerInstance[] = [];
  try {
    for await (const page of paginateListContainerInstances({ client: aws.ecs, pageSize: 100 }, { cluster })) {
      const containerInstances = page.containerInstanceArns ?? [];
      if (containerInstances.length === 0) continue;
      const described = await aws.ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances }));
      members.push(...(described.containerInstances ?? []));
    }
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  return members;
}

/** Whether there is anything to register with: a deleted cluster is INACTIVE. */
export async function isClusterThere({ aws }: Scope, cluster: string): Promise<boolean> {
  const found = await aws.ecs.send(new DescribeClustersCommand({ clusters: [cluster] }));
  return found.clusters?.some(({ status }) => status !== 'INACTIVE') === true;
}

/** Only a connected agent receives tasks (aws-facts §1.11). */
export function isReady(registered: ContainerInstance | undefined): boolean {
  return registered?.status === 'ACTIVE' && registered.agentConnected === true;
}

/** Ten at a time is the most the call takes. */
export async function setStatus(
  { aws }: Scope,
  cluster: string,
  members: readonly ContainerInstance[],
  status: 'ACTIVE' | 'DRAINING',
): Promise<void> {
  const arns = members.map(({ containerInstanceArn }) => containerInstanceArn ?? '');
  for (let at = 0; at < arns.length; at += 10) {
    await aws.ecs.send(
      new UpdateContainerInstancesStateCommand({ cluster, containerInstances: arns.slice(at, at + 10), status }),
    );
  }
}

/** Also with tasks on it. Absent is success. */
export async function deregister({ aws }: Scope, cluster: string, containerInstance: string): Promise<void> {
  await aws.ecs
    .send(new DeregisterContainerInstanceCommand({ cluster, containerInstance, force: true }))
    .catch(ignoreAbsent);
}
