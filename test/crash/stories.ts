// The commands that the walks break, each with what stands before it.
import { fileURLToPath } from 'node:url';
import { ModifyInstanceAttribute } from '../../src/sandbox/ec2/instance-attributes.ts';
import {
  DescribeIamInstanceProfileAssociations,
  DisassociateIamInstanceProfile,
} from '../../src/sandbox/ec2/profile-associations.ts';
import { AuthorizeSecurityGroupIngress } from '../../src/sandbox/ec2/security-group-rules.ts';
import type { Story } from './cases.ts';
import type { Typed } from './demo-world.ts';

export const up: Typed = { command: 'up', flags: {} };
export const destroy: Typed = { command: 'destroy', flags: {} };
const scale = (flags: Typed['flags']): Typed => ({ command: 'scale', flags });

export const upFresh: Story = { given: [], command: up };
/** Each of its tasks has a network interface of its own, in a target group of another type. */
export const upAddressed: Story = {
  given: [],
  command: {
    command: 'up',
    flags: { 'task-definition': fileURLToPath(new URL('awsvpc.json', import.meta.url)), expect: 'nginx' },
  },
};
/**
 * Its instance was put into another security group, and its profile was taken away. That group lets the load balancer
 * in, so that no health depends on when the group was changed back.
 */
export const upDrifted: Story = {
  given: [up],
  byHand: (context) => {
    const { securityGroups, instances } = context.world;
    const other = Object.values(securityGroups).find(({ groupName }) => groupName === 'default')?.groupId ?? '';
    AuthorizeSecurityGroupIngress(context, { GroupId: other, IpProtocol: '-1', CidrIp: '0.0.0.0/0' });
    for (const InstanceId of Object.keys(instances)) ModifyInstanceAttribute(context, { InstanceId, Groups: [other] });
    const found = DescribeIamInstanceProfileAssociations(context, {}).IamInstanceProfileAssociations ?? [];
    for (const { AssociationId } of found) DisassociateIamInstanceProfile(context, { AssociationId });
  },
  command: up,
};
export const scaleTasks: Story = { given: [up], command: scale({ count: '4' }), back: scale({ count: '1' }) };
export const moreInstances: Story = {
  given: [up],
  command: scale({ instances: '2' }),
  back: scale({ instances: '1' }),
};
export const fewerInstances: Story = {
  given: [{ command: 'up', flags: { instances: '2' } }],
  command: scale({ instances: '1' }),
  back: scale({ instances: '2' }),
};
export const destroyAll: Story = { given: [up], command: destroy };
