// Who holds a security group that is to go: an interface that ECS takes away by itself is nobody.
import {
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  type Instance,
  type NetworkInterface,
} from '@aws-sdk/client-ec2';
import { expect, it } from 'vitest';
import { groupUser } from '../../../src/resources/ec2/group-user.ts';
import { aContext, ourTags } from '../../helpers/a-context.ts';

/** An interface of an ECS task, as ECS describes it. */
const ofTask: NetworkInterface = {
  NetworkInterfaceId: 'eni-1',
  Description: 'arn:aws:ecs:us-east-1:123456789012:attachment/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
};

it.each([
  ['detached, since its task has stopped', { ...ofTask, Status: 'available' as const }, undefined],
  [
    'attached to an instance of the demo that is gone',
    { ...ofTask, Status: 'in-use' as const, Attachment: { InstanceId: 'i-ours' } },
    undefined,
  ],
  [
    'of a task on Fargate, on nobody’s instance',
    { ...ofTask, Status: 'in-use' as const, Attachment: { InstanceOwnerId: 'amazon' } },
    /^network interface eni-1 .*uses it$/,
  ],
  [
    'of a task on somebody else’s instance',
    { ...ofTask, Status: 'in-use' as const, Attachment: { InstanceId: 'i-theirs' } },
    'network interface eni-1 (i-theirs) uses it',
  ],
  [
    'detached, and somebody’s own',
    { NetworkInterfaceId: 'eni-1', Status: 'available' as const },
    'network interface eni-1 uses it',
  ],
])('an interface of a task: %s', async (_, held: NetworkInterface, user) => {
  const { context, ec2 } = aContext();
  ec2.on(DescribeNetworkInterfacesCommand).resolves({ NetworkInterfaces: [held] });
  ec2.on(DescribeSecurityGroupsCommand).resolves({ SecurityGroups: [] });
  const instances: Instance[] = [
    { InstanceId: 'i-ours', State: { Name: 'terminated' }, Tags: ourTags },
    { InstanceId: 'i-theirs', State: { Name: 'running' }, Tags: [] },
  ];
  const Instances = instances.filter(({ InstanceId }) => InstanceId === held.Attachment?.InstanceId);
  ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances }] });
  const said = await groupUser(context, 'sg-1', []);
  if (user === undefined) expect(said).toBeUndefined();
  else expect(said).toMatch(user);
});
