import { describe, expect, test } from 'vitest';
import type { CreateTargetGroupInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeAccountLimits } from '../../../src/sandbox/elbv2/account-limits.ts';
import {
  CreateListener,
  DeleteListener,
  DescribeListenerAttributes,
  DescribeListeners,
  ModifyListener,
} from '../../../src/sandbox/elbv2/listeners.ts';
import { DescribeRules } from '../../../src/sandbox/elbv2/rules.ts';
import {
  CreateLoadBalancer,
  DeleteLoadBalancer,
  DescribeLoadBalancerAttributes,
  DescribeLoadBalancers,
  ModifyLoadBalancerAttributes,
  SetSecurityGroups,
  SetSubnets,
} from '../../../src/sandbox/elbv2/load-balancers.ts';
import { AddTags, DescribeTags, RemoveTags } from '../../../src/sandbox/elbv2/tags.ts';
import {
  CreateTargetGroup,
  DeleteTargetGroup,
  DescribeTargetGroupAttributes,
  DescribeTargetGroups,
  ModifyTargetGroup,
  ModifyTargetGroupAttributes,
} from '../../../src/sandbox/elbv2/target-groups.ts';
import { DeregisterTargets, DescribeTargetHealth, RegisterTargets } from '../../../src/sandbox/elbv2/target-health.ts';
import type { Context } from '../../../src/sandbox/handler.ts';
import {
  aContext,
  anInstance,
  aTutorial,
  ecsGroup,
  elbGroup,
  instanceId,
  loadBalancerInput,
  subnetId,
  targetGroupInput,
  vpcId,
} from './factories.ts';

/** What a call is refused with: `Code: message`. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  return 'not refused';
}

const unknown = (kind: string): string =>
  `arn:aws:elasticloadbalancing:us-east-1:123456789012:${kind}/app/x/0123456789abcdef`;

function aTarget(context: Context): ReturnType<typeof aTutorial> {
  const made = aTutorial(context);
  RegisterTargets(context, { TargetGroupArn: made.targetGroupArn, Targets: [{ Id: instanceId, Port: 32_768 }] });
  return made;
}

describe('CreateLoadBalancer', () => {
  test('makes one that is provisioning, with a DNS name that is a loopback address, and an interface per subnet', () => {
    const context = aContext();
    const [made] =
      CreateLoadBalancer(context, { ...loadBalancerInput, Tags: [{ Key: 'a', Value: 'b' }] }).LoadBalancers ?? [];
    expect(made).toMatchObject({
      DNSName: '127.0.0.1:40000',
      Scheme: 'internet-facing',
      Type: 'application',
      IpAddressType: 'ipv4',
      State: { Code: 'provisioning' },
      VpcId: vpcId,
      SecurityGroups: [elbGroup],
      AvailabilityZones: [{ ZoneName: 'us-east-1a' }, { ZoneName: 'us-east-1b' }],
    });
    expect(made?.LoadBalancerArn).toMatch(
      /^arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer\/app\/my-elb\/[0-9a-f]{16}$/,
    );
    expect(Object.values(context.world.networkInterfaces).map((one) => one.description)).toEqual([
      expect.stringMatching(/^ELB app\/my-elb\//),
      expect.stringMatching(/^ELB app\/my-elb\//),
    ]);
  });

  test('again with the same settings, in any order and with other tags, gives the same one', () => {
    const context = aContext();
    const [first] = CreateLoadBalancer(context, loadBalancerInput).LoadBalancers ?? [];
    const [second] =
      CreateLoadBalancer(context, {
        ...loadBalancerInput,
        Subnets: loadBalancerInput.Subnets.toReversed(),
        Tags: [{ Key: 'x', Value: 'y' }],
      }).LoadBalancers ?? [];
    expect(second?.LoadBalancerArn).toBe(first?.LoadBalancerArn);
    expect(Object.keys(context.world.loadBalancers)).toHaveLength(1);
  });

  test('refuses with AWS its errors', () => {
    const context = aContext();
    CreateLoadBalancer(context, loadBalancerInput);
    const twin = { ...anInstance(), ...context.world.subnets[subnetId('a')], subnetId: 'subnet-twin' };
    context.world.subnets['subnet-twin'] = {
      ...twin,
      cidrBlock: '172.31.96.0/20',
      defaultForAz: false,
      mapPublicIpOnLaunch: true,
      availabilityZoneId: 'use1-az1',
    };
    context.world.securityGroups['sg-elsewhere'] = {
      groupId: 'sg-elsewhere',
      groupName: 'x',
      description: 'x',
      vpcId: 'vpc-2',
      tags: [],
      rules: [],
    };
    const create = (fields: Partial<Parameters<typeof CreateLoadBalancer>[1]>): string =>
      refusal(() => CreateLoadBalancer(context, { ...loadBalancerInput, Name: 'other', ...fields }));
    expect(create({ Name: 'my-elb', Scheme: 'internal' })).toBe(
      "DuplicateLoadBalancerName: A load balancer with the same name 'my-elb' exists, but with different settings",
    );
    expect(create({ Subnets: [subnetId('a')] })).toBe(
      'ValidationError: At least two subnets in two different Availability Zones must be specified',
    );
    expect(create({ Subnets: [subnetId('a'), 'subnet-twin'] })).toBe(
      'InvalidConfigurationRequest: A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    );
    expect(create({ Subnets: [subnetId('a'), 'subnet-no'] })).toBe(
      "SubnetNotFound: The subnet ID 'subnet-no' does not exist",
    );
    expect(create({ SecurityGroups: ['sg-no'] })).toBe("InvalidSecurityGroup: Security group 'sg-no' does not exist");
    expect(create({ SecurityGroups: ['sg-elsewhere'] })).toBe(
      'InvalidConfigurationRequest: One or more security groups are invalid',
    );
    expect(create({ Name: 'x'.repeat(33) })).toMatch(/^ValidationError: .*cannot be longer than '32' characters$/);
    expect(create({ Name: 'a_b' })).toMatch(/^ValidationError: .*can only contain characters that are alphanumeric/);
    expect(create({ Name: '-a' })).toMatch(/^ValidationError: .*cannot begin or end with '-'$/);
    expect(create({ Name: 'a--b' })).toMatch(/^ValidationError: .*cannot contain '--'$/);
    expect(create({ Name: 'internal-a' })).toMatch(/^ValidationError: .*cannot start with 'internal-'$/);
    expect(create({ Type: 'network' })).toMatch(/^ValidationError: .*application load balancers only$/);
    expect(
      create({
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'a', Value: '2' },
        ],
      }),
    ).toMatch(/^DuplicateTagKeys: /);
    expect(create({ Tags: [{ Key: 'aws:a', Value: '1' }] })).toMatch(/^ValidationError: .*reserved prefix/);
    expect(create({ Tags: Array.from({ length: 51 }, (_value, index) => ({ Key: `k${index}`, Value: '' })) })).toMatch(
      /^TooManyTags: /,
    );
    expect(Object.keys(context.world.loadBalancers)).toHaveLength(1);
  });

  test("without a security group uses the VPC's default one, and stops at the quota", () => {
    const context = aContext();
    const [made] =
      CreateLoadBalancer(context, { Name: 'plain', Subnets: loadBalancerInput.Subnets }).LoadBalancers ?? [];
    expect(made?.SecurityGroups).toEqual(['sg-0000000000000000d']);
    for (let index = 1; index < 50; index++) CreateLoadBalancer(context, { ...loadBalancerInput, Name: `lb-${index}` });
    expect(refusal(() => CreateLoadBalancer(context, { ...loadBalancerInput, Name: 'one-more' }))).toMatch(
      /^TooManyLoadBalancers: /,
    );
  });
});

describe('load balancers', () => {
  test('are found by name, ARN and in pages; a miss throws', () => {
    const context = aContext();
    for (const name of ['c', 'a', 'b']) CreateLoadBalancer(context, { ...loadBalancerInput, Name: name });
    const first = DescribeLoadBalancers(context, { PageSize: 2 });
    expect(first.LoadBalancers?.map((one) => one.LoadBalancerName)).toEqual(['a', 'b']);
    const marker = first.NextMarker ?? '';
    DeleteLoadBalancer(context, { LoadBalancerArn: first.LoadBalancers?.[1]?.LoadBalancerArn });
    const second = DescribeLoadBalancers(context, { PageSize: 2, Marker: marker });
    expect(second.LoadBalancers?.map((one) => one.LoadBalancerName)).toEqual(['c']);
    expect(second.NextMarker).toBeUndefined();
    expect(DescribeLoadBalancers(context, { Names: ['a'] }).LoadBalancers).toHaveLength(1);
    expect(refusal(() => DescribeLoadBalancers(context, { Names: ['no'] }))).toBe(
      "LoadBalancerNotFound: Load balancers '[no]' not found",
    );
    expect(refusal(() => DescribeLoadBalancers(context, { LoadBalancerArns: [unknown('loadbalancer')] }))).toMatch(
      /^LoadBalancerNotFound: /,
    );
    expect(refusal(() => DescribeLoadBalancers(context, { LoadBalancerArns: ['x'] }))).toBe(
      "ValidationError: 'x' is not a valid load balancer ARN",
    );
    expect(
      refusal(() =>
        DescribeLoadBalancers(context, { LoadBalancerArns: Array(21).fill(unknown('loadbalancer')) as string[] }),
      ),
    ).toMatch(/^ValidationError: .*more than 20/);
    expect(refusal(() => DescribeLoadBalancers(context, { PageSize: 401 }))).toMatch(
      /^ValidationError: 1 validation error detected: Value '401' at 'pageSize'/,
    );
    expect(refusal(() => DescribeLoadBalancers(context, { Marker: '!' }))).toMatch(
      /^ValidationError: .*not a valid marker$/,
    );
  });

  test('are deleted with their listeners, again without error, and never while protected', () => {
    const context = aContext();
    const { loadBalancerArn } = aTutorial(context);
    ModifyLoadBalancerAttributes(context, {
      LoadBalancerArn: loadBalancerArn,
      Attributes: [{ Key: 'deletion_protection.enabled', Value: 'true' }],
    });
    expect(refusal(() => DeleteLoadBalancer(context, { LoadBalancerArn: loadBalancerArn }))).toMatch(
      /^OperationNotPermitted: Load balancer '.*' cannot be deleted because deletion protection is enabled$/,
    );
    ModifyLoadBalancerAttributes(context, {
      LoadBalancerArn: loadBalancerArn,
      Attributes: [{ Key: 'deletion_protection.enabled', Value: 'false' }],
    });
    DeleteLoadBalancer(context, { LoadBalancerArn: loadBalancerArn });
    expect(DeleteLoadBalancer(context, { LoadBalancerArn: loadBalancerArn })).toEqual({});
    expect(context.world.listeners).toEqual({});
    expect(
      Object.values(context.world.networkInterfaces).every(
        (one) => one.releaseAt === context.now + context.pace.of('loadBalancerInterfacesLinger'),
      ),
    ).toBe(true);
  });

  test('have attributes with ranges', () => {
    const context = aContext();
    const { loadBalancerArn: LoadBalancerArn } = aTutorial(context);
    const modify = (Key: string, Value: string): string =>
      refusal(() => ModifyLoadBalancerAttributes(context, { LoadBalancerArn, Attributes: [{ Key, Value }] }));
    expect(modify('idle_timeout.timeout_seconds', '4001')).toMatch(
      /^ValidationError: .*between '1' and '4000' inclusive$/,
    );
    expect(modify('deletion_protection.enabled', 'yes')).toMatch(/^ValidationError: .*one of 'false', 'true'$/);
    expect(modify('constructor', '1')).toBe(
      "ValidationError: Load balancer attribute key 'constructor' is not recognized",
    );
    expect(modify('access_logs.s3.enabled', 'true')).toMatch(/^ValidationError: .*'access_logs.s3.bucket' is required/);
    expect(modify('idle_timeout.timeout_seconds', '30')).toBe('not refused');
    expect(DescribeLoadBalancerAttributes(context, { LoadBalancerArn }).Attributes).toContainEqual({
      Key: 'idle_timeout.timeout_seconds',
      Value: '30',
    });
    expect(
      refusal(() => DescribeLoadBalancerAttributes(context, { LoadBalancerArn: unknown('loadbalancer') })),
    ).toMatch(/^LoadBalancerNotFound: /);
  });

  test('change subnets and security groups, interfaces following', () => {
    const context = aContext();
    const { loadBalancerArn: LoadBalancerArn } = aTutorial(context);
    expect(
      SetSubnets(context, { LoadBalancerArn, Subnets: [subnetId('b'), subnetId('c')] }).AvailabilityZones?.map(
        (zone) => zone.ZoneName,
      ),
    ).toEqual(['us-east-1b', 'us-east-1c']);
    expect(SetSecurityGroups(context, { LoadBalancerArn, SecurityGroups: [ecsGroup] }).SecurityGroupIds).toEqual([
      ecsGroup,
    ]);
    const current = Object.values(context.world.networkInterfaces).filter((one) => one.releaseAt === undefined);
    expect(current.map((one) => [one.subnetId, one.groupIds])).toEqual([
      [subnetId('b'), [ecsGroup]],
      [subnetId('c'), [ecsGroup]],
    ]);
    expect(refusal(() => SetSecurityGroups(context, { LoadBalancerArn, SecurityGroups: ['sg-no'] }))).toMatch(
      /^InvalidSecurityGroup: /,
    );
    expect(refusal(() => SetSubnets(context, { LoadBalancerArn, Subnets: [subnetId('b')] }))).toMatch(
      /^ValidationError: /,
    );
  });
});

describe('target groups', () => {
  const create = (context: Context, fields: Partial<CreateTargetGroupInput>): string =>
    refusal(() => CreateTargetGroup(context, { ...targetGroupInput, Name: 'other', ...fields }));

  test('are made with the defaults of AWS, and given back for the same request', () => {
    const context = aContext();
    const input = { Name: 'g', Protocol: 'HTTP' as const, Port: 80, VpcId: vpcId };
    const [made] = CreateTargetGroup(context, input).TargetGroups ?? [];
    expect(made).toMatchObject({
      HealthCheckIntervalSeconds: 30,
      HealthCheckTimeoutSeconds: 6,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 2,
      HealthCheckPath: '/',
      HealthCheckPort: 'traffic-port',
      Matcher: { HttpCode: '200' },
      TargetType: 'instance',
      LoadBalancerArns: [],
    });
    expect(made?.TargetGroupArn).toMatch(/:targetgroup\/g\/[0-9a-f]{16}$/);
    expect(
      CreateTargetGroup(context, { ...input, Tags: [{ Key: 'a', Value: 'b' }] }).TargetGroups?.[0]?.TargetGroupArn,
    ).toBe(made?.TargetGroupArn);
    expect(refusal(() => CreateTargetGroup(context, { ...input, Port: 81 }))).toBe(
      "DuplicateTargetGroupName: A target group with the same name 'g' exists, but with different settings",
    );
  });

  test('refuse wrong parameters as AWS does', () => {
    const context = aContext();
    expect(create(context, { Name: 'a--b' })).toMatch(/^ValidationError: /);
    expect(create(context, { HealthCheckIntervalSeconds: 4 })).toBe(
      "ValidationError: 1 validation error detected: Value '4' at 'healthCheckIntervalSeconds' failed to satisfy constraint: Member must have value greater than or equal to 5",
    );
    expect(create(context, { HealthCheckIntervalSeconds: 301 })).toMatch(/less than or equal to 300$/);
    expect(create(context, { HealthCheckTimeoutSeconds: 1 })).toMatch(/^ValidationError: .*healthCheckTimeoutSeconds/);
    expect(create(context, { HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 5 })).toBe(
      'ValidationError: Health check interval must be greater than the timeout.',
    );
    expect(create(context, { HealthyThresholdCount: 1 })).toMatch(/^ValidationError: /);
    expect(create(context, { UnhealthyThresholdCount: 11 })).toMatch(/^ValidationError: /);
    expect(create(context, { Matcher: { HttpCode: '600' } })).toMatch(/^ValidationError: .*'200-499'/);
    expect(create(context, { HealthCheckPath: 'no-slash' })).toMatch(/^ValidationError: .*must begin with a '\/'/);
    expect(create(context, { HealthCheckPort: '0' })).toMatch(/^ValidationError: /);
    expect(create(context, { HealthCheckEnabled: false })).toMatch(/^ValidationError: .*cannot be disabled/);
    expect(create(context, { Port: 0 })).toMatch(/^ValidationError: /);
    expect(create(context, { VpcId: undefined })).toBe('ValidationError: A VPC ID must be specified');
    expect(create(context, { VpcId: 'vpc-no' })).toBe("ValidationError: The VPC ID 'vpc-no' is not found");
    expect(create(context, { Protocol: undefined })).toBe('ValidationError: A protocol must be specified');
    expect(create(context, { TargetType: 'lambda' })).toMatch(/^ValidationError: .*'instance' and 'ip' only$/);
  });

  test('are found by name, ARN and load balancer; a miss throws', () => {
    const context = aContext();
    const { loadBalancerArn, targetGroupArn } = aTutorial(context);
    CreateTargetGroup(context, { ...targetGroupInput, Name: 'unused' });
    expect(DescribeTargetGroups(context, {}).TargetGroups).toHaveLength(2);
    expect(DescribeTargetGroups(context, { LoadBalancerArn: loadBalancerArn }).TargetGroups).toMatchObject([
      { TargetGroupArn: targetGroupArn, LoadBalancerArns: [loadBalancerArn] },
    ]);
    expect(refusal(() => DescribeTargetGroups(context, { Names: ['no'] }))).toBe(
      'TargetGroupNotFound: One or more target groups not found',
    );
    expect(refusal(() => DescribeTargetGroups(context, { TargetGroupArns: [unknown('targetgroup')] }))).toMatch(
      /^TargetGroupNotFound: /,
    );
    expect(refusal(() => DescribeTargetGroups(context, { LoadBalancerArn: unknown('loadbalancer') }))).toMatch(
      /^LoadBalancerNotFound: /,
    );
    expect(
      refusal(() => DescribeTargetGroups(context, { Names: ['unused'], TargetGroupArns: [targetGroupArn] })),
    ).toMatch(/^ValidationError: /);
  });

  test('are deleted only when no listener uses them; a second time succeeds', () => {
    const context = aContext();
    const { targetGroupArn, listenerArn } = aTarget(context);
    expect(refusal(() => DeleteTargetGroup(context, { TargetGroupArn: targetGroupArn }))).toBe(
      `ResourceInUse: Target group '${targetGroupArn}' is currently in use by a listener or a rule`,
    );
    DeleteListener(context, { ListenerArn: listenerArn });
    DeleteTargetGroup(context, { TargetGroupArn: targetGroupArn });
    expect(DeleteTargetGroup(context, { TargetGroupArn: targetGroupArn })).toEqual({});
    expect(refusal(() => DeleteTargetGroup(context, { TargetGroupArn: 'x' }))).toBe(
      "ValidationError: 'x' is not a valid target group ARN",
    );
  });

  test('change health check settings and attributes', () => {
    const context = aContext();
    const { targetGroupArn: TargetGroupArn } = aTutorial(context);
    expect(
      ModifyTargetGroup(context, { TargetGroupArn, HealthCheckPath: '/health', Matcher: { HttpCode: '200-299' } })
        .TargetGroups,
    ).toMatchObject([{ HealthCheckPath: '/health', Matcher: { HttpCode: '200-299' }, HealthCheckIntervalSeconds: 5 }]);
    expect(refusal(() => ModifyTargetGroup(context, { TargetGroupArn, HealthCheckTimeoutSeconds: 5 }))).toMatch(
      /greater than the timeout/,
    );
    const modify = (Key: string, Value: string): string =>
      refusal(() => ModifyTargetGroupAttributes(context, { TargetGroupArn, Attributes: [{ Key, Value }] }));
    expect(modify('deregistration_delay.timeout_seconds', '3601')).toMatch(
      /^ValidationError: .*between '0' and '3600' inclusive$/,
    );
    expect(modify('slow_start.duration_seconds', '10')).toMatch(/^ValidationError: /);
    expect(modify('nonsense', '1')).toMatch(/is not recognized$/);
    expect(modify('deregistration_delay.timeout_seconds', '5')).toBe('not refused');
    expect(DescribeTargetGroupAttributes(context, { TargetGroupArn }).Attributes).toContainEqual({
      Key: 'deregistration_delay.timeout_seconds',
      Value: '5',
    });
    expect(refusal(() => ModifyTargetGroup(context, { TargetGroupArn: unknown('targetgroup') }))).toMatch(
      /^TargetGroupNotFound: Target groups '/,
    );
  });
});

describe('listeners', () => {
  test('are made once per port; the same again is given back', () => {
    const context = aContext();
    const { loadBalancerArn: LoadBalancerArn, targetGroupArn, listenerArn } = aTutorial(context);
    const input = {
      LoadBalancerArn,
      Protocol: 'HTTP' as const,
      Port: 80,
      DefaultActions: [{ Type: 'forward' as const, TargetGroupArn: targetGroupArn }],
    };
    expect(CreateListener(context, input).Listeners?.[0]).toMatchObject({
      ListenerArn: listenerArn,
      DefaultActions: [
        {
          Type: 'forward',
          TargetGroupArn: targetGroupArn,
          ForwardConfig: { TargetGroups: [{ TargetGroupArn: targetGroupArn, Weight: 1 }] },
        },
      ],
    });
    const other = CreateTargetGroup(context, { ...targetGroupInput, Name: 'other' }).TargetGroups?.[0]?.TargetGroupArn;
    expect(
      refusal(() =>
        CreateListener(context, { ...input, DefaultActions: [{ Type: 'forward', TargetGroupArn: other }] }),
      ),
    ).toBe(`DuplicateListener: A listener already exists on this port for this load balancer '${LoadBalancerArn}'`);
    expect(listenerArn).toMatch(/:listener\/app\/my-elb\/[0-9a-f]{16}\/[0-9a-f]{16}$/);
  });

  test('refuse with AWS its errors', () => {
    const context = aContext();
    const { loadBalancerArn: LoadBalancerArn, targetGroupArn } = aTutorial(context);
    const second = CreateLoadBalancer(context, { ...loadBalancerInput, Name: 'second' }).LoadBalancers?.[0]
      ?.LoadBalancerArn;
    const create = (fields: Partial<Parameters<typeof CreateListener>[1]>): string =>
      refusal(() =>
        CreateListener(context, {
          LoadBalancerArn,
          Protocol: 'HTTP',
          Port: 81,
          DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
          ...fields,
        }),
      );
    expect(create({ LoadBalancerArn: second })).toBe(
      `TargetGroupAssociationLimit: The following target groups cannot be associated with more than one load balancer: ${targetGroupArn}`,
    );
    expect(create({ LoadBalancerArn: unknown('loadbalancer') })).toMatch(/^LoadBalancerNotFound: /);
    expect(create({ DefaultActions: [{ Type: 'forward', TargetGroupArn: unknown('targetgroup') }] })).toMatch(
      /^TargetGroupNotFound: /,
    );
    expect(create({ DefaultActions: [] })).toMatch(/^ValidationError: /);
    expect(create({ Protocol: 'HTTPS' })).toMatch(/^ValidationError: /);
    expect(create({ Protocol: 'TCP' })).toMatch(/^ValidationError: Listener protocol 'TCP'/);
    expect(create({ Port: 65_536 })).toMatch(/^ValidationError: /);
    expect(create({ DefaultActions: [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301' } }] })).toMatch(
      /^InvalidLoadBalancerAction: .*loop$/,
    );
    expect(
      create({ DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '301' } }] }),
    ).toMatch(/^ValidationError: /);
    expect(create({})).toBe('not refused');
  });

  test('are found by load balancer and ARN, with their default rule', () => {
    const context = aContext();
    const { loadBalancerArn, listenerArn } = aTutorial(context);
    expect(DescribeListeners(context, { LoadBalancerArn: loadBalancerArn }).Listeners).toMatchObject([
      { ListenerArn: listenerArn, Port: 80 },
    ]);
    expect(DescribeListeners(context, { ListenerArns: [listenerArn] }).Listeners).toHaveLength(1);
    expect(refusal(() => DescribeListeners(context, { ListenerArns: [unknown('listener')] }))).toBe(
      'ListenerNotFound: One or more listeners not found',
    );
    expect(refusal(() => DescribeListeners(context, { LoadBalancerArn: unknown('loadbalancer') }))).toMatch(
      /^LoadBalancerNotFound: /,
    );
    expect(refusal(() => DescribeListeners(context, {}))).toMatch(/^ValidationError: /);
    const [rule] = DescribeRules(context, { ListenerArn: listenerArn }).Rules ?? [];
    expect(rule).toMatchObject({ IsDefault: true, Priority: 'default' });
    expect(DescribeRules(context, { RuleArns: [rule?.RuleArn ?? ''] }).Rules).toEqual([rule]);
    expect(refusal(() => DescribeRules(context, { RuleArns: ['x'] }))).toMatch(/^RuleNotFound: /);
    expect(DescribeListenerAttributes(context, { ListenerArn: listenerArn }).Attributes).toHaveLength(1);
  });

  test('change port and action, and are deleted once', () => {
    const context = aContext();
    const { listenerArn: ListenerArn, loadBalancerArn, targetGroupArn } = aTutorial(context);
    CreateListener(context, {
      LoadBalancerArn: loadBalancerArn,
      Protocol: 'HTTP',
      Port: 81,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    });
    expect(refusal(() => ModifyListener(context, { ListenerArn, Port: 81 }))).toMatch(/^DuplicateListener: /);
    const [changed] =
      ModifyListener(context, {
        ListenerArn,
        Port: 8080,
        DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200', MessageBody: 'closed' } }],
      }).Listeners ?? [];
    expect(changed).toMatchObject({ Port: 8080, DefaultActions: [{ Type: 'fixed-response' }] });
    expect(context.world.listeners[ListenerArn]).toMatchObject({ localPort: expect.any(Number) });
    expect(context.world.listeners[ListenerArn]?.targetGroupArn).toBeUndefined();
    DeleteListener(context, { ListenerArn });
    expect(refusal(() => DeleteListener(context, { ListenerArn }))).toMatch(/^ListenerNotFound: /);
  });
});

describe('targets', () => {
  test('are described with state and reason; one that was asked for and is not there is not registered', () => {
    const context = aContext();
    const { targetGroupArn: TargetGroupArn } = aTarget(context);
    expect(DescribeTargetHealth(context, { TargetGroupArn }).TargetHealthDescriptions).toEqual([
      {
        Target: { Id: instanceId, Port: 32_768 },
        HealthCheckPort: '32768',
        TargetHealth: {
          State: 'initial',
          Reason: 'Elb.RegistrationInProgress',
          Description: 'Target registration is in progress',
        },
      },
    ]);
    expect(
      DescribeTargetHealth(context, { TargetGroupArn, Targets: [{ Id: instanceId }] }).TargetHealthDescriptions,
    ).toMatchObject([
      {
        Target: { Port: 80 },
        TargetHealth: {
          State: 'unused',
          Reason: 'Target.NotRegistered',
          Description: 'Target is not registered to the target group',
        },
      },
    ]);
    expect(refusal(() => DescribeTargetHealth(context, { TargetGroupArn: unknown('targetgroup') }))).toMatch(
      /^TargetGroupNotFound: /,
    );
  });

  test('drain when deregistered; what is not registered is passed over', () => {
    const context = aContext();
    const { targetGroupArn: TargetGroupArn } = aTarget(context);
    DeregisterTargets(context, {
      TargetGroupArn,
      Targets: [
        { Id: instanceId, Port: 32_768 },
        { Id: instanceId, Port: 1 },
      ],
    });
    expect(DescribeTargetHealth(context, { TargetGroupArn }).TargetHealthDescriptions).toMatchObject([
      {
        TargetHealth: {
          State: 'draining',
          Reason: 'Target.DeregistrationInProgress',
          Description: 'Target deregistration is in progress',
        },
      },
    ]);
  });

  test('must be running instances of the VPC', () => {
    const context = aContext();
    const { targetGroupArn: TargetGroupArn } = aTutorial(context);
    const stopped = 'i-00000000000000002';
    const foreign = 'i-00000000000000003';
    context.world.instances[stopped] = anInstance({ instanceId: stopped, state: 'stopped' });
    context.world.instances[foreign] = anInstance({ instanceId: foreign, vpcId: 'vpc-2' });
    const register = (Id: string, Port = 80): string =>
      refusal(() => RegisterTargets(context, { TargetGroupArn, Targets: [{ Id, Port }] }));
    expect(register(stopped)).toBe(
      `InvalidTarget: The following targets are not in a running state and cannot be registered: '${stopped}'`,
    );
    expect(register(foreign)).toBe(
      `InvalidTarget: The following targets are not in the target group VPC '${vpcId}': '${foreign}'`,
    );
    expect(register('i-00000000000000009')).toMatch(/^InvalidTarget: /);
    expect(register('10.0.0.1')).toBe("ValidationError: Instance ID '10.0.0.1' is not valid");
    expect(register(instanceId, 0)).toMatch(/^ValidationError: /);
    for (let port = 1; port <= 1000; port++) register(instanceId, port);
    expect(register(instanceId, 1001)).toMatch(/^TooManyTargets: /);
  });
});

describe('tags', () => {
  test('are added, replaced, removed and described on every kind of resource', () => {
    const context = aContext();
    const { loadBalancerArn, targetGroupArn, listenerArn } = aTutorial(context);
    const ResourceArns = [loadBalancerArn, targetGroupArn, listenerArn];
    AddTags(context, {
      ResourceArns,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    });
    AddTags(context, { ResourceArns, Tags: [{ Key: 'a', Value: '3' }] });
    RemoveTags(context, { ResourceArns, TagKeys: ['b', 'never-there'] });
    expect(DescribeTags(context, { ResourceArns }).TagDescriptions).toEqual(
      ResourceArns.map((ResourceArn) => ({ ResourceArn, Tags: [{ Key: 'a', Value: '3' }] })),
    );
  });

  test('of what is not there are refused by its kind, and nothing is changed', () => {
    const context = aContext();
    const { loadBalancerArn } = aTutorial(context);
    const add = (arn: string): string =>
      refusal(() => AddTags(context, { ResourceArns: [loadBalancerArn, arn], Tags: [{ Key: 'a', Value: '1' }] }));
    expect(add(unknown('loadbalancer'))).toMatch(/^LoadBalancerNotFound: /);
    expect(add(unknown('targetgroup'))).toMatch(/^TargetGroupNotFound: /);
    expect(add(unknown('listener'))).toMatch(/^ListenerNotFound: /);
    expect(add('x')).toMatch(/^ValidationError: /);
    const many = (prefix: string): { Key: string; Value: string }[] =>
      Array.from({ length: 26 }, (_value, index) => ({ Key: `${prefix}${index}`, Value: '' }));
    const other =
      CreateLoadBalancer(context, { ...loadBalancerInput, Name: 'tagged', Tags: many('a') }).LoadBalancers?.[0]
        ?.LoadBalancerArn ?? '';
    expect(refusal(() => AddTags(context, { ResourceArns: [loadBalancerArn, other], Tags: many('b') }))).toMatch(
      /^TooManyTags: /,
    );
    expect(refusal(() => DescribeTags(context, { ResourceArns: Array(21).fill(loadBalancerArn) as string[] }))).toMatch(
      /^ValidationError: /,
    );
    expect(context.world.loadBalancers[loadBalancerArn]?.tags).toEqual([]);
  });
});

test('DescribeAccountLimits gives the quotas in pages', () => {
  const context = aContext();
  const first = DescribeAccountLimits(context, { PageSize: 4 });
  const rest = DescribeAccountLimits(context, { Marker: first.NextMarker });
  expect([...(first.Limits ?? []), ...(rest.Limits ?? [])]).toContainEqual({
    Name: 'application-load-balancers',
    Max: '50',
  });
  expect(rest.NextMarker).toBeUndefined();
});
