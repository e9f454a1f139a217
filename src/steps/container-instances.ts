// Reads of container instances that more than one step needs: who is registered with the cluster, and which EC2
// instances those are. Changes nothing.
import { DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2';
import { type ContainerInstance, DescribeContainerInstancesCommand, paginateListContainerInstances } from '@aws-sdk/client-ecs';
import { isNotFound } from '../aws/faults.ts';
import type { StepContext } from './context.ts';

/** All container instances of the cluster, others' included; none when there is no such cluster. */
export async function describeMembers({ aws, names }: StepContext): Promise<ContainerInstance[]> {
  const members: ContainerInstance[] = [];
  try {
    for await (const page of paginateListContainerInstances({ client: aws.ecs, pageSize: 100 }, { cluster: names.cluster })) {
      const containerInstances = page.containerInstanceArns ?? [];
      if (containerInstances.length === 0) continue;
      const described = await aws.ecs.send(new DescribeContainerInstancesCommand({ cluster: names.cluster, containerInstances }));
      members.push(...(described.containerInstances ?? []));
    }
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  return members;
}

/** EC2's own record of the instances, by id; ids that EC2 does not know (any more) are left out. */
export async function instancesById({ aws }: StepContext, ids: readonly string[]): Promise<Map<string, Instance>> {
  if (ids.length === 0) return new Map();
  const found = await aws.ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [...ids] }] }));
  const instances = (found.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
  return new Map(instances.map((instance) => [instance.InstanceId ?? '', instance]));
}

/** Only a connected agent receives tasks (aws-facts §1.11). */
export function isReady(registered: ContainerInstance | undefined): boolean {
  return registered?.status === 'ACTIVE' && registered.agentConnected === true;
}
