// What a person can do to the container instances by hand: rows of drift.wire.test.ts.
import {
  DeleteSecurityGroupCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  DisassociateIamInstanceProfileCommand,
  ModifyInstanceAttributeCommand,
  ReplaceIamInstanceProfileAssociationCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { DeregisterContainerInstanceCommand, UpdateContainerInstancesStateCommand } from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import { vi } from 'vitest';
import {
  type Clients,
  containerInstance,
  groupNamed,
  instanceId,
  profile,
  RoleName,
  targetGroup,
} from '../../helpers/my-resources.ts';
import type { Row } from './drift-row.ts';

async function association({ ec2 }: Clients): Promise<string> {
  const found = await ec2.send(new DescribeIamInstanceProfileAssociationsCommand({}));
  return found.IamInstanceProfileAssociations?.[0]?.AssociationId ?? '';
}

/** Until the load balancer has noticed: before that, its targets are healthy now and no longer a moment later. */
async function leaveGroup(clients: Clients): Promise<void> {
  const [InstanceId, { GroupId = '' }, TargetGroupArn] = await Promise.all([
    instanceId(clients),
    groupNamed(clients, 'default'),
    targetGroup(clients),
  ]);
  await clients.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, Groups: [GroupId] }));
  await vi.waitUntil(
    async () => {
      const health = await clients.elbv2.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      return health.TargetHealthDescriptions?.some(({ TargetHealth }) => TargetHealth?.Reason === 'Target.Timeout');
    },
    { timeout: 30_000 },
  );
}

export const instanceRows: Row[] = [
  {
    what: 'the container instance is terminated',
    change: async (clients) =>
      clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [await instanceId(clients)] })),
    seen: [['create AWS::EC2::Instance']],
    repaired: ['RunInstances'],
  },
  {
    what: 'the container instance is stopped',
    change: async (clients) => clients.ec2.send(new StopInstancesCommand({ InstanceIds: [await instanceId(clients)] })),
    seen: [['update AWS::EC2::Instance', 'start']],
    repaired: ['StartInstances'],
  },
  {
    what: 'one of two container instances is terminated',
    flags: { instances: '2' },
    change: async (clients) =>
      clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [await instanceId(clients)] })),
    seen: [['create AWS::EC2::Instance']],
    repaired: ['RunInstances'],
  },
  {
    what: 'the container instance is drained',
    change: async (clients) =>
      clients.ecs.send(
        new UpdateContainerInstancesStateCommand({
          cluster: 'my-cluster',
          containerInstances: [await containerInstance(clients)],
          status: 'DRAINING',
        }),
      ),
    seen: [['update AWS::EC2::Instance', 'take tasks again']],
    repaired: ['UpdateContainerInstancesState'],
  },
  {
    what: 'the container instance is deregistered',
    change: async (clients, { sandbox }) => {
      await clients.ecs.send(
        new DeregisterContainerInstanceCommand({
          cluster: 'my-cluster',
          containerInstance: await containerInstance(clients),
          force: true,
        }),
      );
      // Only what runs for long enough is known to be lost and not still booting.
      sandbox.loop.change(({ world }) => {
        for (const instance of Object.values(world.instances)) instance.launchedAt -= 3_600_000;
      });
    },
    seen: [['update AWS::EC2::Instance', 'not registered']],
    repaired: ['TerminateInstances', 'RunInstances'],
  },
  {
    what: 'the security group of the container instance is changed',
    change: leaveGroup,
    seen: [['update AWS::EC2::Instance', 'default → default, my-ecs-sg']],
    repaired: ['ModifyInstanceAttribute'],
  },
  {
    what: 'a person adds a security group to the container instance',
    change: async (clients) => {
      const [ours, theirs] = await Promise.all([groupNamed(clients, 'my-ecs-sg'), groupNamed(clients, 'default')]);
      const Groups = [theirs.GroupId ?? '', ours.GroupId ?? ''];
      await clients.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: await instanceId(clients), Groups }));
    },
    seen: [],
    repaired: [],
  },
  {
    what: 'the container instance is put into another security group and its own is deleted',
    change: async (clients) => {
      await leaveGroup(clients);
      const { GroupId } = await groupNamed(clients, 'my-ecs-sg');
      await clients.ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    },
    seen: [
      ['create AWS::EC2::SecurityGroup'],
      ['create AWS::EC2::SecurityGroupIngress'],
      ['update AWS::EC2::Instance', 'default → default, my-ecs-sg'],
    ],
    repaired: ['CreateSecurityGroup', 'AuthorizeSecurityGroupIngress', 'ModifyInstanceAttribute'],
  },
  {
    what: 'the instance profile is taken away from the container instance',
    change: async (clients) =>
      clients.ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId: await association(clients) })),
    seen: [['update AWS::EC2::Instance', 'none → ecsInstanceRole']],
    repaired: ['AssociateIamInstanceProfile'],
  },
  {
    what: 'the instance profile is deleted and made anew',
    change: async ({ iam }) => {
      await iam.send(new RemoveRoleFromInstanceProfileCommand({ ...profile, RoleName }));
      await iam.send(new DeleteInstanceProfileCommand(profile));
      await iam.send(new CreateInstanceProfileCommand(profile));
      await iam.send(new AddRoleToInstanceProfileCommand({ ...profile, RoleName }));
    },
    seen: [['update AWS::EC2::Instance', 'deleted → ecsInstanceRole']],
    repaired: ['ReplaceIamInstanceProfileAssociation'],
  },
  {
    what: 'a person gives the container instance another instance profile',
    change: async (clients) => {
      const { ec2, iam } = clients;
      const InstanceProfileName = 'theirs';
      await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
      await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
      const AssociationId = await association(clients);
      const IamInstanceProfile = { Name: InstanceProfileName };
      await ec2.send(new ReplaceIamInstanceProfileAssociationCommand({ AssociationId, IamInstanceProfile }));
    },
    seen: [],
    repaired: [],
  },
  {
    what: 'the container instance is stopped and loses its security group',
    change: async (clients) => {
      const [{ GroupId = '' }, InstanceId] = await Promise.all([groupNamed(clients, 'default'), instanceId(clients)]);
      await clients.ec2.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }));
      await clients.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, Groups: [GroupId] }));
    },
    seen: [
      ['update AWS::EC2::Instance', 'start'],
      ['update AWS::EC2::Instance', 'security groups of i-'],
    ],
    repaired: ['StartInstances', 'ModifyInstanceAttribute'],
  },
];
