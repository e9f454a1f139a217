// A running container instance changed with the SDK as a person would with the AWS CLI, and what the rest sees of it.
import {
  AssociateIamInstanceProfileCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  DisassociateIamInstanceProfileCommand,
  ModifyInstanceAttributeCommand,
  ReplaceIamInstanceProfileAssociationCommand,
} from '@aws-sdk/client-ec2';
import { DescribeContainerInstancesCommand } from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, it, vi } from 'vitest';
import { containerInstance, groupNamed, instanceId, targetGroup } from '../../helpers/my-resources.ts';
import { startRunningDemo } from '../../helpers/running-demo.ts';
import { errorName } from '../in-process.ts';

it('is out of the load balancer’s reach without its security group, and back with it', async () => {
  const { run, clients } = await startRunningDemo();
  await run('up');
  const { ec2, elbv2 } = clients;
  const [InstanceId, TargetGroupArn, ours, theirs] = await Promise.all([
    instanceId(clients),
    targetGroup(clients),
    groupNamed(clients, 'my-ecs-sg'),
    groupNamed(clients, 'default'),
  ]);
  const give = (...ids: (string | undefined)[]) =>
    ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, Groups: ids.map((id) => id ?? '') }));
  const reasons = async (): Promise<(string | undefined)[]> => {
    const { TargetHealthDescriptions = [] } = await elbv2.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.Reason ?? TargetHealth?.State);
  };
  await give(theirs.GroupId);
  await vi.waitUntil(async () => (await reasons()).includes('Target.Timeout'), { timeout: 30_000 });
  await give(theirs.GroupId, ours.GroupId);
  await vi.waitUntil(async () => (await reasons()).includes('healthy'), { timeout: 30_000 });
  expect(await errorName(give('sg-0123456789abcdef0'))).toBe('InvalidGroup.NotFound');
});

it('has an agent only while it has its instance profile', async () => {
  const { run, clients } = await startRunningDemo();
  await run('up');
  const { ec2, ecs } = clients;
  const [InstanceId, one] = await Promise.all([instanceId(clients), containerInstance(clients)]);
  const connected = async (): Promise<boolean | undefined> => {
    const found = await ecs.send(
      new DescribeContainerInstancesCommand({ cluster: 'my-cluster', containerInstances: [one] }),
    );
    return found.containerInstances?.[0]?.agentConnected;
  };
  const associations = async () =>
    (await ec2.send(new DescribeIamInstanceProfileAssociationsCommand({}))).IamInstanceProfileAssociations ?? [];
  const AssociationId = (await associations())[0]?.AssociationId;
  const IamInstanceProfile = { Name: 'ecsInstanceRole' };
  const associate = () => ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId, IamInstanceProfile }));
  const disassociate = () => ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId }));
  expect([await connected(), await errorName(associate())]).toEqual([true, 'IncorrectState']);
  await disassociate();
  expect([await connected(), await associations()]).toEqual([false, []]);
  expect(await errorName(disassociate())).toBe('InvalidAssociationID.NotFound');
  const { IamInstanceProfileAssociation: given } = await associate();
  await vi.waitUntil(connected);
  const replaced = await ec2.send(
    new ReplaceIamInstanceProfileAssociationCommand({ AssociationId: given?.AssociationId, IamInstanceProfile }),
  );
  expect(replaced.IamInstanceProfileAssociation).toMatchObject({ InstanceId, State: 'associating' });
  expect(await associations()).toMatchObject([{ InstanceId, State: 'associated', Timestamp: expect.any(Date) }]);
});
