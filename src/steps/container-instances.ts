// What more than one step needs of container instances: who is registered with the cluster, which EC2 instances those
// are, and how many there shall be. Changes nothing but that note.
import { DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2';
import {
  type ContainerInstance,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  paginateListContainerInstances,
  TagResourceCommand,
} from '@aws-sdk/client-ecs';
import { isNotFound } from '../aws/faults.ts';
import { tagValue } from '../aws/ownership.ts';
import { tagKeys } from '../base/names.ts';
import type { StepContext } from './context.ts';

/** All container instances of the cluster, others' included; none when there is no such cluster. */
export async function describeMembers({ aws, names }: StepContext): Promise<ContainerInstance[]> {
  const members: ContainerInstance[] = [];
  try {
    for await (const page of paginateListContainerInstances(
      { client: aws.ecs, pageSize: 100 },
      { cluster: names.cluster },
    )) {
      const containerInstances = page.containerInstanceArns ?? [];
      if (containerInstances.length === 0) continue;
      const described = await aws.ecs.send(
        new DescribeContainerInstancesCommand({ cluster: names.cluster, containerInstances }),
      );
      members.push(...(described.containerInstances ?? []));
    }
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  return members;
}

/** Whether there is anything to register with: a deleted cluster is INACTIVE. */
export async function isClusterThere({ aws, names }: StepContext): Promise<boolean> {
  const found = await aws.ecs.send(new DescribeClustersCommand({ clusters: [names.cluster] }));
  return found.clusters?.some(({ status }) => status !== 'INACTIVE') === true;
}

/** EC2's own record of the instances, by id; ids that EC2 does not know (any more) are left out. */
export async function instancesById({ aws }: StepContext, ids: readonly string[]): Promise<Map<string, Instance>> {
  if (ids.length === 0) return new Map();
  const found = await aws.ec2.send(
    new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [...ids] }] }),
  );
  const instances = (found.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
  return new Map(instances.map((instance) => [instance.InstanceId ?? '', instance]));
}

/** How many container instances were last asked for; undefined: nobody asked, or the cluster does not exist. */
export function recordedCount({ facts }: StepContext): number | undefined {
  const count = Number(tagValue(facts.cluster?.tags, tagKeys.instances) ?? Number.NaN);
  return Number.isInteger(count) && count >= 0 ? count : undefined;
}

/** Notes on the cluster how many there shall be, so that a later `up` replaces what is lost. The same number again is no call. */
export async function recordCount(context: StepContext, count: number): Promise<void> {
  const { aws, facts } = context;
  const { cluster } = facts;
  if (cluster === undefined || (recordedCount(context) ?? 1) === count) return;
  const tag = { key: tagKeys.instances, value: String(count) };
  await aws.ecs.send(new TagResourceCommand({ resourceArn: cluster.clusterArn, tags: [tag] }));
  facts.cluster = { ...cluster, tags: [...(cluster.tags ?? []).filter(({ key }) => key !== tag.key), tag] };
}

/** Only a connected agent receives tasks (aws-facts §1.11). */
export function isReady(registered: ContainerInstance | undefined): boolean {
  return registered?.status === 'ACTIVE' && registered.agentConnected === true;
}
