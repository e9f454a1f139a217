// EC2's own record of instances, by id. Changes nothing.
import { DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2';
import type { Scope } from '../resource.ts';

/** Ids that EC2 does not know (any more) are left out; none asked for is no call. */
export async function instancesById({ aws }: Scope, ids: readonly string[]): Promise<Map<string, Instance>> {
  if (ids.length === 0) return new Map();
  const found = await aws.ec2.send(
    new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [...ids] }] }),
  );
  const instances = (found.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
  return new Map(instances.map((instance) => [instance.InstanceId ?? '', instance]));
}
