import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  type Listener,
  type LoadBalancer,
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
  type Tag,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import type { GivenFlags } from '../../../src/base/settings.ts';
import { loadBalancer } from '../../../src/chapters/tutorial/load-balancer.ts';
import { untilActive } from '../../../src/resources/elbv2/load-balancer.ts';
import { targetGroup } from '../../../src/resources/elbv2/target-group.ts';
import { working } from '../../../src/resources/resource.ts';
import { aContext, fault, ourTags } from '../../helpers/a-context.ts';

const active: LoadBalancer = {
  LoadBalancerArn: 'arn:lb',
  LoadBalancerName: 'my-elb',
  State: { Code: 'active' },
  SecurityGroups: ['sg-elb'],
  AvailabilityZones: [{ SubnetId: 'subnet-b' }, { SubnetId: 'subnet-a' }],
};
const group: TargetGroup = {
  TargetGroupArn: 'arn:tg',
  TargetGroupName: 'my-target-group',
  VpcId: 'vpc-1',
  HealthCheckProtocol: 'HTTP',
  HealthCheckPort: 'traffic-port',
  HealthCheckPath: '/',
  HealthCheckIntervalSeconds: 5,
  HealthCheckTimeoutSeconds: 4,
  HealthyThresholdCount: 2,
  UnhealthyThresholdCount: 2,
  Matcher: { HttpCode: '200' },
  LoadBalancerArns: ['arn:lb'],
};
const listener: Listener = {
  ListenerArn: 'arn:listener',
  Port: 80,
  Protocol: 'HTTP',
  DefaultActions: [{ Type: 'forward', TargetGroupArn: 'arn:tg' }],
};

interface There {
  balancer?: LoadBalancer;
  group?: TargetGroup;
  listener?: Listener;
  delay?: string;
  tags?: Record<string, Tag[]>;
  flags?: GivenFlags;
}
const all: There = { balancer: active, group, listener };

/** ELBv2 with what is there; what is created is there at the next look. */
function anAccount(there: There) {
  const made = aContext(there.flags, {
    network: {
      vpcId: 'vpc-1',
      subnets: [
        { SubnetId: 'subnet-a', AvailabilityZone: 'us-east-1a' },
        { SubnetId: 'subnet-b', AvailabilityZone: 'us-east-1b' },
      ],
      elbSecurityGroup: { GroupId: 'sg-elb' },
    },
  });
  const world: There = { ...there };
  const { elbv2 } = made;
  elbv2.on(DescribeLoadBalancersCommand).callsFake(async () => {
    if (world.balancer === undefined) throw fault('LoadBalancerNotFoundException');
    return { LoadBalancers: [world.balancer] };
  });
  elbv2.on(DescribeTargetGroupsCommand).callsFake(async () => {
    if (world.group === undefined) throw fault('TargetGroupNotFoundException');
    return { TargetGroups: [world.group] };
  });
  elbv2
    .on(DescribeListenersCommand)
    .callsFake(async () => ({ Listeners: world.listener === undefined ? [] : [world.listener] }));
  elbv2.on(DescribeTagsCommand).callsFake(async ({ ResourceArns }: { ResourceArns: string[] }) => ({
    TagDescriptions: ResourceArns.map((ResourceArn) => ({ ResourceArn, Tags: world.tags?.[ResourceArn] ?? ourTags })),
  }));
  elbv2.on(DescribeTargetGroupAttributesCommand).callsFake(async () => ({
    Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: world.delay ?? '5' }],
  }));
  elbv2.on(CreateTargetGroupCommand).callsFake(async () => ({ TargetGroups: [(world.group = group)] }));
  elbv2.on(CreateLoadBalancerCommand).callsFake(async () => {
    world.balancer = active;
    return { LoadBalancers: [{ ...active, State: { Code: 'provisioning' } }] };
  });
  elbv2.on(CreateListenerCommand).callsFake(async () => ({ Listeners: [(world.listener = listener)] }));
  elbv2.on(DeleteLoadBalancerCommand).callsFake(async () => {
    delete world.balancer;
    return {};
  });
  for (const command of [
    ModifyTargetGroupCommand,
    ModifyTargetGroupAttributesCommand,
    ModifyListenerCommand,
    SetSubnetsCommand,
    SetSecurityGroupsCommand,
    AddTagsCommand,
    DeleteTargetGroupCommand,
  ]) {
    elbv2.on(command as typeof AddTagsCommand).resolves({});
  }
  return { ...made, world };
}

describe('ensure', () => {
  it.each([false, true])(
    'waits for one that is not listed yet while its security group is there: %s',
    async (there) => {
      const { context, run, clock, ec2, elbv2 } = anAccount({ group, listener });
      elbv2.on(DescribeLoadBalancersCommand).rejects(fault('LoadBalancerNotFoundException'));
      ec2
        .on(DescribeSecurityGroupsCommand)
        .callsFake(async () => ({ SecurityGroups: there ? [{ GroupId: 'sg-elb' }] : [] }));
      const wanted = { name: 'my-elb', subnets: [], subnetsNamed: false, securityGroups: ['sg-elb'] };
      const provisioning = {
        ...active,
        LoadBalancerArn: 'arn:lb',
        State: { Code: 'provisioning' as const },
        tags: [],
        listeners: [],
      };
      const started = clock.elapsed();
      if (there) {
        // It may come: it is waited for as a new one.
        elbv2.on(DescribeLoadBalancersCommand).callsFake(async () => {
          if (clock.elapsed() - started < 20_000) throw fault('LoadBalancerNotFoundException');
          return { LoadBalancers: [active] };
        });
        await expect(untilActive(working(context, run, 'x'), wanted, provisioning)).resolves.toMatchObject({
          State: { Code: 'active' },
        });
        return;
      }
      await expect(untilActive(working(context, run, 'x'), wanted, provisioning)).rejects.toMatchObject({
        code: 'demo-absent',
      });
      expect(clock.elapsed()).toBeLessThan(5000);
    },
  );

  it('with everything there makes five reads and no change', async () => {
    const { context, run, operations, handedOver } = anAccount(all);
    const resources = await loadBalancer.ensure(context, run);
    expect(operations()).toHaveLength(5);
    expect(resources.map(({ id, owned }) => [id, owned])).toEqual([
      ['arn:tg', true],
      ['arn:lb', true],
      ['arn:listener', true],
    ]);
    expect(handedOver()).toBe(true);
  });

  it('makes all three, and hands over before the load balancer is active', async () => {
    const { context, run, elbv2, mutating, events } = anAccount({});
    await loadBalancer.ensure(context, run);
    expect(mutating().toSorted()).toEqual([
      'CreateListener',
      'CreateLoadBalancer',
      'CreateTargetGroup',
      'ModifyTargetGroupAttributes',
    ]);
    expect(elbv2.commandCalls(CreateLoadBalancerCommand)[0]?.args[0].input).toMatchObject({
      Name: 'my-elb',
      Scheme: 'internet-facing',
      Subnets: ['subnet-a', 'subnet-b'],
      SecurityGroups: ['sg-elb'],
      Tags: ourTags,
    });
    expect(elbv2.commandCalls(CreateTargetGroupCommand)[0]?.args[0].input).toMatchObject({
      TargetType: 'instance',
      Port: 80,
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 4,
    });
    expect(events.filter(({ type }) => type === 'changed')).toHaveLength(3);
  });

  it.each<[string, There, string[]]>([
    ['target group without load balancer', { group }, ['CreateLoadBalancer', 'CreateListener']],
    [
      'load balancer without target group',
      { balancer: active },
      ['CreateTargetGroup', 'ModifyTargetGroupAttributes', 'CreateListener'],
    ],
    ['no listener', { balancer: active, group }, ['CreateListener']],
    ['target group without its delay', { ...all, delay: '300' }, ['ModifyTargetGroupAttributes']],
    [
      'listener that forwards elsewhere',
      { ...all, listener: { ...listener, DefaultActions: [{ Type: 'forward', TargetGroupArn: 'arn:other' }] } },
      ['ModifyListener'],
    ],
    [
      'other subnets',
      { ...all, balancer: { ...active, AvailabilityZones: [{ SubnetId: 'subnet-a' }] } },
      ['SetSubnets'],
    ],
    [
      'other security groups',
      { ...all, balancer: { ...active, SecurityGroups: ['sg-elb', 'sg-other'] } },
      ['SetSecurityGroups'],
    ],
    ['another health check', { ...all, group: { ...group, HealthCheckIntervalSeconds: 30 } }, ['ModifyTargetGroup']],
  ])('completes or repairs: %s', async (_, there, expected) => {
    const { context, run, mutating } = anAccount(there);
    await loadBalancer.ensure(context, run);
    expect(mutating().toSorted()).toEqual(expected.toSorted());
  });

  it.each<[string, Record<string, Tag[]>]>([
    ['load balancer', { 'arn:lb': [] }],
    ['target group', { 'arn:tg': [{ Key: 'ecsdemo:demo', Value: 'other' }] }],
  ])('changes nothing of either when the %s is not ours', async (_, tags) => {
    const { context, run, mutating } = anAccount({
      ...all,
      balancer: { ...active, SecurityGroups: [] },
      delay: '300',
      tags,
    });
    await expect(loadBalancer.ensure(context, run)).rejects.toMatchObject({ code: 'not-ours', exitCode: 4 });
    expect(mutating()).toEqual([]);
  });

  it('tags what it takes over', async () => {
    const { context, run, elbv2 } = anAccount({ ...all, tags: { 'arn:lb': [], 'arn:tg': [] }, flags: { adopt: true } });
    await loadBalancer.ensure(context, run);
    expect(
      elbv2
        .commandCalls(AddTagsCommand)
        .flatMap(({ args }) => args[0].input.ResourceArns)
        .toSorted(),
    ).toEqual(['arn:lb', 'arn:tg']);
  });

  it('looks again when another run was faster', async () => {
    const { context, run, elbv2, world, mutating } = anAccount({});
    elbv2.on(CreateLoadBalancerCommand).callsFake(async () => {
      Object.assign(world, all);
      throw fault('DuplicateLoadBalancerNameException');
    });
    await loadBalancer.ensure(context, run);
    expect(mutating().filter((operation) => operation === 'CreateLoadBalancer')).toHaveLength(1);
    expect(context.facts.listener).toMatchObject(listener);
  });

  it('rides out that the new security group, target group and load balancer are not seen everywhere', async () => {
    const { context, run, elbv2, events } = anAccount({});
    elbv2
      .on(CreateLoadBalancerCommand)
      .rejectsOnce(fault('InvalidSecurityGroupException'))
      .resolves({ LoadBalancers: [active] });
    elbv2.on(ModifyTargetGroupAttributesCommand).rejectsOnce(fault('TargetGroupNotFoundException')).resolves({});
    elbv2
      .on(CreateListenerCommand)
      .rejectsOnce(fault('LoadBalancerNotFoundException'))
      .resolves({ Listeners: [listener] });
    await loadBalancer.ensure(context, run);
    expect(events.filter(({ type }) => type === 'retrying')).toHaveLength(3);
  });

  it('says that provisioning failed, with AWS’s reason', async () => {
    const { context, run } = anAccount({
      ...all,
      balancer: { ...active, State: { Code: 'failed', Reason: 'no addresses' } },
    });
    await expect(loadBalancer.ensure(context, run)).rejects.toMatchObject({
      code: 'load-balancer-failed',
      exitCode: 3,
      message: expect.stringContaining('no addresses'),
    });
  });

  it('refuses a target group in another VPC: it cannot be moved', async () => {
    const { context, run } = anAccount({ ...all, group: { ...group, VpcId: 'vpc-2' } });
    await expect(loadBalancer.ensure(context, run)).rejects.toMatchObject({ code: 'subnets-unsuitable' });
  });
});

describe('differences of the target group', () => {
  it('sees what differs and nothing else', () => {
    const { context, run } = anAccount({});
    const wanted = {
      name: 'my-target-group',
      vpcId: 'vpc-1',
      targetType: 'instance' as const,
      path: '/health',
      expect: '42',
    };
    const words = (more: Partial<TargetGroup>) => {
      const seen = { ...group, ...more, TargetGroupArn: 'arn:tg', tags: ourTags, deregistrationDelay: '5' };
      const differences = targetGroup.differences?.(working(context, run, 'test'), wanted, seen) ?? [];
      return differences.flatMap((difference) => difference.words ?? []);
    };
    expect(words({})).toEqual(['HealthCheckPath / → /health']);
    expect(words({ HealthCheckPath: '/health', Matcher: { HttpCode: '200', GrpcCode: '' } })).toEqual([]);
    expect(words({ HealthCheckPath: '/health', Matcher: { HttpCode: '200-299' } })).toEqual(['Matcher 200-299 → 200']);
  });
});

describe('remove', () => {
  it('takes the load balancer away, hands over, and rides out that the target group is still in use', async () => {
    const { context, run, elbv2, mutating } = anAccount(all);
    elbv2.on(DeleteTargetGroupCommand).rejectsOnce(fault('ResourceInUseException')).resolves({});
    const { removed } = await loadBalancer.remove(context, run);
    expect(removed.map(({ id }) => id)).toEqual(['arn:lb', 'arn:listener', 'arn:tg']);
    expect(mutating()).toEqual(['DeleteLoadBalancer', 'DeleteTargetGroup', 'DeleteTargetGroup']);
  });

  it('keeps our target group at once while somebody else’s load balancer forwards to it', async () => {
    const { context, run, mutating, clock } = anAccount({ ...all, tags: { 'arn:lb': [] } });
    const { kept } = await loadBalancer.remove(context, run);
    expect(kept.map(({ id, owned }) => [id, owned]).toSorted()).toEqual([
      ['arn:lb', false],
      ['arn:tg', true],
    ]);
    expect(mutating()).toEqual([]);
    expect(clock.elapsed()).toBe(0);
  });

  it('passes on that deletion protection is on', async () => {
    const { context, run, elbv2 } = anAccount(all);
    elbv2.on(DeleteLoadBalancerCommand).rejects(fault('OperationNotPermittedException'));
    await expect(loadBalancer.remove(context, run)).rejects.toMatchObject({ name: 'OperationNotPermittedException' });
  });

  it('of nothing is nothing', async () => {
    const { context, run, mutating } = anAccount({});
    expect(await loadBalancer.remove(context, run)).toEqual({ removed: [], kept: [] });
    expect(mutating()).toEqual([]);
  });
});
