// What a person can change by hand: seen by `status` and `up --dry-run`, repaired by `up` with exactly the calls it
// takes and no other, and settled after that. One row per change; each has a sandbox of its own.
import { AuthorizeSecurityGroupIngressCommand, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import {
  DeleteServiceCommand,
  DeregisterTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import { describe, expect, test } from 'vitest';
import type { Pace } from '../../../src/sandbox/pace.ts';
import {
  balancer,
  groupNamed,
  listener,
  profile,
  RoleName,
  serviceOf,
  targetGroup,
} from '../../helpers/my-resources.ts';
import { startRunningDemo } from '../../helpers/running-demo.ts';
import { fastPace } from '../../sandbox/in-process.ts';
import type { Row, Seen } from './drift-row.ts';
import { instanceRows } from './drift-of-instances.ts';

const inMyCluster = { cluster: 'my-cluster', service: 'my-service' };

const rows: Row[] = [
  {
    what: 'the rule for HTTP is removed',
    change: async (clients) => {
      const { GroupId, IpPermissions } = await groupNamed(clients, 'my-elb-sg');
      await clients.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    },
    seen: [['create AWS::EC2::SecurityGroupIngress', 'tcp 80 from 0.0.0.0/0']],
    repaired: ['AuthorizeSecurityGroupIngress'],
  },
  {
    what: 'the rule from the load balancer to the instance is removed',
    change: async (clients) => {
      const [ecs, elb] = await Promise.all([groupNamed(clients, 'my-ecs-sg'), groupNamed(clients, 'my-elb-sg')]);
      const permission = {
        IpProtocol: 'tcp',
        FromPort: 1,
        ToPort: 65_535,
        UserIdGroupPairs: [{ GroupId: elb.GroupId }],
      };
      await clients.ec2.send(
        new RevokeSecurityGroupIngressCommand({ GroupId: ecs.GroupId, IpPermissions: [permission] }),
      );
    },
    seen: [['create AWS::EC2::SecurityGroupIngress', 'tcp 1-65535 from my-elb-sg']],
    repaired: ['AuthorizeSecurityGroupIngress'],
  },
  {
    what: 'a rule of a person is added',
    change: async (clients) => {
      const { GroupId } = await groupNamed(clients, 'my-ecs-sg');
      await clients.ec2.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId,
          IpProtocol: 'tcp',
          FromPort: 22,
          ToPort: 22,
          CidrIp: '203.0.113.7/32',
        }),
      );
    },
    seen: [],
    repaired: [],
  },
  {
    what: 'the listener is deleted',
    change: async (clients) => clients.elbv2.send(new DeleteListenerCommand({ ListenerArn: await listener(clients) })),
    seen: [['create AWS::ElasticLoadBalancingV2::Listener']],
    repaired: ['CreateListener'],
  },
  {
    what: 'the listener answers by itself',
    change: async (clients) =>
      clients.elbv2.send(
        new ModifyListenerCommand({
          ListenerArn: await listener(clients),
          DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }],
        }),
      ),
    seen: [['update AWS::ElasticLoadBalancingV2::Listener', 'does not forward']],
    repaired: ['ModifyListener'],
  },
  {
    what: 'the listener sends half of it elsewhere',
    change: async (clients) => {
      const { VpcId } = await balancer(clients);
      const other = await clients.elbv2.send(
        new CreateTargetGroupCommand({ Name: 'other', Protocol: 'HTTP', Port: 80, VpcId }),
      );
      const TargetGroups = [await targetGroup(clients), other.TargetGroups?.[0]?.TargetGroupArn].map(
        (TargetGroupArn) => ({ TargetGroupArn, Weight: 1 }),
      );
      await clients.elbv2.send(
        new ModifyListenerCommand({
          ListenerArn: await listener(clients),
          DefaultActions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
        }),
      );
    },
    seen: [['update AWS::ElasticLoadBalancingV2::Listener', 'does not forward']],
    repaired: ['ModifyListener'],
  },
  {
    what: 'the health check is changed',
    change: async (clients) =>
      clients.elbv2.send(
        new ModifyTargetGroupCommand({
          TargetGroupArn: await targetGroup(clients),
          HealthCheckIntervalSeconds: 30,
          UnhealthyThresholdCount: 5,
        }),
      ),
    seen: [
      ['update AWS::ElasticLoadBalancingV2::TargetGroup', 'HealthCheckIntervalSeconds 30 → 5'],
      ['update AWS::ElasticLoadBalancingV2::TargetGroup', 'UnhealthyThresholdCount 5 → 2'],
    ],
    repaired: ['ModifyTargetGroup'],
  },
  {
    what: 'the path of the health check is changed',
    change: async (clients) =>
      clients.elbv2.send(
        new ModifyTargetGroupCommand({ TargetGroupArn: await targetGroup(clients), HealthCheckPath: '/nowhere' }),
      ),
    seen: [['update AWS::ElasticLoadBalancingV2::TargetGroup', 'HealthCheckPath /nowhere → /']],
    repaired: ['ModifyTargetGroup'],
  },
  {
    what: 'an attribute of the target group is changed',
    change: async (clients) =>
      clients.elbv2.send(
        new ModifyTargetGroupAttributesCommand({
          TargetGroupArn: await targetGroup(clients),
          Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '300' }],
        }),
      ),
    seen: [['update AWS::ElasticLoadBalancingV2::TargetGroup', '300 → 5']],
    repaired: ['ModifyTargetGroupAttributes'],
  },
  {
    what: 'the load balancer is deleted',
    change: async (clients) => {
      const { LoadBalancerArn } = await balancer(clients);
      await clients.elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    },
    seen: [['create AWS::ElasticLoadBalancingV2::LoadBalancer'], ['create AWS::ElasticLoadBalancingV2::Listener']],
    repaired: ['CreateLoadBalancer', 'CreateListener'],
  },
  {
    what: 'listener and target group are deleted',
    change: async (clients) => {
      const TargetGroupArn = await targetGroup(clients);
      await clients.elbv2.send(new DeleteListenerCommand({ ListenerArn: await listener(clients) }));
      await clients.elbv2.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
    },
    seen: [
      ['create AWS::ElasticLoadBalancingV2::TargetGroup'],
      ['create AWS::ElasticLoadBalancingV2::Listener'],
      ['update AWS::ECS::Service', 'target group'],
    ],
    repaired: ['CreateTargetGroup', 'ModifyTargetGroupAttributes', 'CreateListener', 'UpdateService'],
  },
  {
    what: 'the security groups of the load balancer are changed',
    change: async (clients) => {
      const [{ LoadBalancerArn }, { GroupId = '' }] = await Promise.all([
        balancer(clients),
        groupNamed(clients, 'default'),
      ]);
      await clients.elbv2.send(new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups: [GroupId] }));
    },
    seen: [['update AWS::ElasticLoadBalancingV2::LoadBalancer', 'security groups']],
    repaired: ['SetSecurityGroups'],
  },
  {
    what: 'the subnets of the load balancer are changed',
    change: async (clients, demo) => {
      const { LoadBalancerArn, AvailabilityZones = [] } = await balancer(clients);
      const used = AvailabilityZones.map(({ SubnetId }) => SubnetId ?? '');
      const free = Object.values(demo.sandbox.world.subnets)
        .map(({ subnetId }) => subnetId)
        .filter((id) => !used.includes(id));
      await clients.elbv2.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets: [used[0] ?? '', free[0] ?? ''] }));
    },
    seen: [['update AWS::ElasticLoadBalancingV2::LoadBalancer', 'subnets']],
    repaired: ['SetSubnets'],
  },
  ...instanceRows,
  {
    what: 'the service is deleted',
    change: ({ ecs }) => ecs.send(new DeleteServiceCommand({ ...inMyCluster, force: true })),
    seen: [['create AWS::ECS::Service']],
    repaired: ['CreateService'],
  },
  {
    what: 'the task definition is deregistered',
    change: async (clients) => {
      const service = await serviceOf(clients);
      await clients.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: service?.taskDefinition }));
    },
    seen: [['create AWS::ECS::TaskDefinition'], ['update AWS::ECS::Service', 'task definition sinatra-hi:1 →']],
    repaired: ['RegisterTaskDefinition', 'UpdateService'],
  },
  {
    what: 'the service runs another task definition',
    change: async (clients) => {
      const { ecs } = clients;
      const containerDefinitions = [
        { name: 'web', image: 'nginx', memory: 64, portMappings: [{ containerPort: 80, hostPort: 0 }] },
      ];
      await ecs.send(new RegisterTaskDefinitionCommand({ family: 'theirs', containerDefinitions }));
      const loadBalancers = (await serviceOf(clients))?.loadBalancers?.map((one) => ({ ...one, containerPort: 80 }));
      await ecs.send(new UpdateServiceCommand({ ...inMyCluster, taskDefinition: 'theirs', loadBalancers }));
    },
    seen: [
      ['update AWS::ECS::Service', 'task definition theirs:1 → sinatra-hi:1'],
      ['update AWS::ECS::Service', 'container or port', true],
    ],
    repaired: ['UpdateService'],
  },
  {
    what: 'the deployment configuration is changed',
    change: ({ ecs }) =>
      ecs.send(
        new UpdateServiceCommand({
          ...inMyCluster,
          deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
        }),
      ),
    seen: [['update AWS::ECS::Service', 'deployment configuration']],
    repaired: ['UpdateService'],
  },
  {
    what: 'the grace period of the service is changed',
    change: ({ ecs }) => ecs.send(new UpdateServiceCommand({ ...inMyCluster, healthCheckGracePeriodSeconds: 7 })),
    seen: [['update AWS::ECS::Service', 'grace period 7 s']],
    repaired: ['UpdateService'],
  },
  {
    what: 'the desired count is changed, which scale does too',
    change: ({ ecs }) => ecs.send(new UpdateServiceCommand({ ...inMyCluster, desiredCount: 3 })),
    seen: [],
    repaired: [],
  },
  {
    what: 'a policy is detached from the role',
    change: ({ iam }) =>
      iam.send(
        new DetachRolePolicyCommand({
          RoleName,
          PolicyArn: 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role',
        }),
      ),
    seen: [['update AWS::IAM::Role', 'attach AmazonEC2ContainerServiceforEC2Role']],
    repaired: ['AttachRolePolicy'],
  },
  {
    what: 'the role is taken out of its profile',
    change: ({ iam }) => iam.send(new RemoveRoleFromInstanceProfileCommand({ ...profile, RoleName })),
    seen: [['update AWS::IAM::InstanceProfile', 'put the role']],
    repaired: ['AddRoleToInstanceProfile'],
  },
  {
    what: 'the instance profile is deleted',
    change: async ({ iam }) => {
      await iam.send(new RemoveRoleFromInstanceProfileCommand({ ...profile, RoleName }));
      await iam.send(new DeleteInstanceProfileCommand(profile));
    },
    seen: [
      ['create AWS::IAM::InstanceProfile'],
      ['update AWS::IAM::InstanceProfile', 'put the role'],
      ['update AWS::EC2::Instance', 'instance profile of i-'],
    ],
    repaired: ['CreateInstanceProfile', 'AddRoleToInstanceProfile', 'ReplaceIamInstanceProfileAssociation'],
  },
  {
    what: 'role and profile are deleted',
    change: async ({ iam }) => {
      await iam.send(new RemoveRoleFromInstanceProfileCommand({ ...profile, RoleName }));
      await iam.send(new DeleteInstanceProfileCommand(profile));
      for (const name of ['service-role/AmazonEC2ContainerServiceforEC2Role', 'AmazonSSMManagedInstanceCore'])
        await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: `arn:aws:iam::aws:policy/${name}` }));
      await iam.send(new DeleteRoleCommand({ RoleName }));
    },
    seen: [
      ['create AWS::IAM::Role'],
      ['update AWS::IAM::Role', 'attach AmazonEC2ContainerServiceforEC2Role'],
      ['update AWS::IAM::Role', 'attach AmazonSSMManagedInstanceCore'],
      ['create AWS::IAM::InstanceProfile'],
      ['update AWS::IAM::InstanceProfile', 'put the role'],
      ['update AWS::EC2::Instance', 'instance profile of i-'],
    ],
    repaired: [
      'CreateRole',
      'CreateInstanceProfile',
      'AttachRolePolicy',
      'AttachRolePolicy',
      'AddRoleToInstanceProfile',
      'ReplaceIamInstanceProfileAssociation',
    ],
  },
];

/** EC2 sees a new profile at once: a call that it refuses until then would be one more or not, as time goes. */
function seeingProfiles(): Pace {
  const fast = fastPace();
  return { ...fast, of: (phase) => (phase === 'instanceProfileVisible' ? 0 : fast.of(phase)) };
}

describe.concurrent('changed by hand', { timeout: 60_000 }, () => {
  test.for(rows)('$what', async ({ change, seen, repaired, flags = {} }, { expect: expected, onTestFinished }) => {
    const demo = await startRunningDemo({ pace: seeingProfiles() }, onTestFinished);
    await demo.run('up', flags);
    await change(demo.clients, demo);
    const [told, planned] = [await demo.run('status'), await demo.run('up', { 'dry-run': true })];
    const looks = [
      ['status', told.result.data.changes, seen.filter(([, , onlyPlanned]) => onlyPlanned !== true)],
      ['up --dry-run', planned.result.data.plan ?? [], seen],
    ] as const;
    for (const [who, changes, all] of looks) {
      const words = changes.map(({ action, type, detail }) => `${action} ${type}: ${detail ?? ''}`);
      const fits = (word: string, [what, detail = '']: Seen): boolean => word.startsWith(what) && word.includes(detail);
      expected(
        words.filter((word) => !all.some((each) => fits(word, each))),
        `${who} says too much`,
      ).toEqual([]);
      expected(
        all.filter((each) => !words.some((word) => fits(word, each))),
        `${who} misses something`,
      ).toEqual([]);
    }
    expected([...told.mutating, ...planned.mutating], 'looking changes nothing').toEqual([]);
    const repair = await demo.run('up');
    expected(repair.mutating.toSorted()).toEqual(repaired.toSorted());
    const settled = await demo.run('up');
    expected(settled.mutating, 'a second up has nothing to do').toEqual([]);
    expected(settled.result.data.checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expected((await demo.run('status')).result.data.changes).toEqual([]);
  });
});

test('what up was told is no difference to status: path, image, instances, subnets', async () => {
  const demo = await startRunningDemo();
  const chosen = Object.values(demo.sandbox.world.subnets).slice(2, 4);
  const flags = {
    path: '/fine',
    image: 'tongueroo/sinatra:latest',
    instances: '2',
    'vpc-id': chosen[0]?.vpcId ?? '',
    'subnet-ids': chosen.map(({ subnetId }) => subnetId).join(','),
  };
  await demo.run('up', flags);
  expect((await demo.run('status')).result.data.changes).toEqual([]);
  expect((await demo.run('up', flags)).mutating).toEqual([]);
});

test('a number of tasks set by scale survives up, until up is told another', async () => {
  const demo = await startRunningDemo();
  await demo.run('up');
  await demo.run('scale', { count: '4' });
  const kept = await demo.run('up');
  expect([kept.mutating, kept.result.data.desired]).toEqual([[], 4]);
  const told = await demo.run('up', { count: '1' });
  expect([told.mutating, told.result.data.desired]).toEqual([['UpdateService'], 1]);
});
