// What holds a security group that is to go, in words. Asked when AWS answers DependencyViolation, so that nobody waits a
// quarter of an hour for what will never happen. Changes nothing.
import {
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  type NetworkInterface,
} from '@aws-sdk/client-ec2';
import { isOurs } from '../../aws/ownership.ts';
import { describeBalancer } from '../elbv2/look.ts';
import type { Scope } from '../resource.ts';
import { instancesById } from './instances-by-id.ts';

/** That of an ECS task which has stopped: detached, and ECS takes it away in seconds (awsvpc; the instance goes first). */
function isReleased({ Description = '', Status }: NetworkInterface): boolean {
  return Status === 'available' && /^arn:[^:]+:ecs:[^:]*:[^:]*:attachment\//.test(Description);
}

/**
 * What will not go with this demo: an interface of somebody else's, another group's rule that names it, or what of the
 * demo's own is still there. Undefined: only what is on its way out.
 * @param balancers names of the demo's load balancers
 */
export async function groupUser(at: Scope, groupId: string, balancers: readonly string[]): Promise<string | undefined> {
  const { aws, demo } = at;
  const [{ NetworkInterfaces = [] }, naming] = await Promise.all([
    aws.ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'group-id', Values: [groupId] }] })),
    aws.ec2.send(
      new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'ip-permission.group-id', Values: [groupId] }] }),
    ),
  ]);
  const ofBalancer = (description = '') => balancers.find((name) => description.startsWith(`ELB app/${name}/`));
  const instances = await instancesById(
    at,
    NetworkInterfaces.flatMap(({ Attachment }) => Attachment?.InstanceId ?? []),
  );
  const foreign = NetworkInterfaces.find(
    (one) =>
      !isOurs(one.TagSet, demo) &&
      !isReleased(one) &&
      ofBalancer(one.Description) === undefined &&
      !isOurs(instances.get(one.Attachment?.InstanceId ?? '')?.Tags, demo),
  );
  if (foreign !== undefined) {
    const of = foreign.Attachment?.InstanceId ?? foreign.Description ?? '';
    return `network interface ${foreign.NetworkInterfaceId}${of === '' ? '' : ` (${of})`} uses it`;
  }
  // Destroy has taken away all instances and the load balancer before: what is there now came after, or would not go.
  const staying = [...instances].find(([, { State }]) => !['shutting-down', 'terminated'].includes(State?.Name ?? ''));
  if (staying !== undefined)
    return `instance ${staying[0]} of this demo is ${staying[1].State?.Name ?? 'there'} and uses it`;
  for (const name of new Set(NetworkInterfaces.flatMap(({ Description }) => ofBalancer(Description) ?? []))) {
    if ((await describeBalancer(at, name)) !== undefined)
      return `load balancer ${name} is still there, or there again, and uses it`;
  }
  const other = (naming.SecurityGroups ?? []).find(({ GroupId, Tags }) => GroupId !== groupId && !isOurs(Tags, demo));
  return other === undefined ? undefined : `a rule of ${other.GroupName} (${other.GroupId}) names it`;
}
