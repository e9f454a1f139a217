// The load balancer's part of the tutorial with the real SDK client over HTTP, waiters included.
import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  paginateDescribeTargetGroups,
  waitUntilLoadBalancerAvailable,
  waitUntilLoadBalancersDeleted,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { aPace } from './factories.ts';

interface Wired {
  sandbox: Sandbox;
  client: ElasticLoadBalancingV2Client;
  subnets: string[];
  vpcId: string;
}

async function wired(): Promise<Wired> {
  const sandbox = await startSandbox({ pace: aPace() });
  onTestFinished(() => sandbox.close());
  const { endpoint, region, credentials } = sandbox;
  const client = new ElasticLoadBalancingV2Client({ endpoint, region, credentials, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  const subnets = Object.values(sandbox.world.subnets).slice(0, 2);
  return { sandbox, client, subnets: subnets.map(({ subnetId }) => subnetId), vpcId: subnets[0]?.vpcId ?? '' };
}

async function tutorial({
  client,
  subnets,
  vpcId,
}: Wired): Promise<{ loadBalancerArn: string; targetGroupArn: string; listenerArn: string; dnsName: string }> {
  const { TargetGroups } = await client.send(
    new CreateTargetGroupCommand({
      Name: 'my-target-group',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: vpcId,
      Tags: [{ Key: 'ecsdemo:demo', Value: 'my' }],
    }),
  );
  const { LoadBalancers } = await client.send(new CreateLoadBalancerCommand({ Name: 'my-elb', Subnets: subnets }));
  const targetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  const loadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const { Listeners } = await client.send(
    new CreateListenerCommand({
      LoadBalancerArn: loadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  );
  return {
    loadBalancerArn,
    targetGroupArn,
    listenerArn: Listeners?.[0]?.ListenerArn ?? '',
    dnsName: LoadBalancers?.[0]?.DNSName ?? '',
  };
}

describe('ELBv2 over the wire', () => {
  test('makes, waits for, describes and removes the tutorial load balancer', async () => {
    const it = await wired();
    const { client, sandbox } = it;
    // The default group of a VPC lets nobody from outside in.
    for (const group of Object.values(sandbox.world.securityGroups)) {
      group.rules.push({
        securityGroupRuleId: 'sgr-1',
        isEgress: false,
        ipProtocol: 'tcp',
        fromPort: 80,
        toPort: 80,
        cidrIpv4: '0.0.0.0/0',
        tags: [],
      });
    }
    const { loadBalancerArn, targetGroupArn, listenerArn, dnsName } = await tutorial(it);
    expect(
      (
        await waitUntilLoadBalancerAvailable(
          { client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 },
          { Names: ['my-elb'] },
        )
      ).state,
    ).toBe('SUCCESS');
    expect((await fetch(`http://${dnsName}/`)).status).toBe(503);
    expect(
      (await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }))).TargetHealthDescriptions,
    ).toEqual([]);
    expect(
      (await client.send(new DescribeTagsCommand({ ResourceArns: [targetGroupArn] }))).TagDescriptions?.[0]?.Tags,
    ).toEqual([{ Key: 'ecsdemo:demo', Value: 'my' }]);
    await expect(client.send(new DeleteTargetGroupCommand({ TargetGroupArn: targetGroupArn }))).rejects.toMatchObject({
      name: 'ResourceInUseException',
      Code: 'ResourceInUse',
      message: `Target group '${targetGroupArn}' is currently in use by a listener or a rule`,
    });
    await client.send(new DeleteListenerCommand({ ListenerArn: listenerArn }));
    await client.send(new DeleteTargetGroupCommand({ TargetGroupArn: targetGroupArn }));
    await client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: loadBalancerArn }));
    expect(
      (
        await waitUntilLoadBalancersDeleted(
          { client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 },
          { LoadBalancerArns: [loadBalancerArn] },
        )
      ).state,
    ).toBe('SUCCESS');
    await client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: loadBalancerArn }));
  });

  test('throws the modelled errors by name', async () => {
    const it = await wired();
    const { client, subnets, vpcId } = it;
    const { loadBalancerArn, listenerArn } = await tutorial(it);
    await expect(client.send(new DescribeLoadBalancersCommand({ Names: ['no'] }))).rejects.toMatchObject({
      name: 'LoadBalancerNotFoundException',
      Code: 'LoadBalancerNotFound',
    });
    await expect(client.send(new DescribeTargetGroupsCommand({ Names: ['no'] }))).rejects.toMatchObject({
      name: 'TargetGroupNotFoundException',
    });
    await expect(
      client.send(new CreateLoadBalancerCommand({ Name: 'my-elb', Subnets: subnets, Scheme: 'internal' })),
    ).rejects.toMatchObject({ name: 'DuplicateLoadBalancerNameException' });
    await expect(
      client.send(new CreateTargetGroupCommand({ Name: 'my-target-group', Protocol: 'HTTP', Port: 81, VpcId: vpcId })),
    ).rejects.toMatchObject({ name: 'DuplicateTargetGroupNameException' });
    await expect(
      client.send(
        new CreateListenerCommand({
          LoadBalancerArn: loadBalancerArn,
          Protocol: 'HTTP',
          Port: 80,
          DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }],
        }),
      ),
    ).rejects.toMatchObject({ name: 'DuplicateListenerException' });
    await client.send(new DeleteListenerCommand({ ListenerArn: listenerArn }));
    await expect(client.send(new DeleteListenerCommand({ ListenerArn: listenerArn }))).rejects.toMatchObject({
      name: 'ListenerNotFoundException',
    });
    await expect(
      client.send(new CreateLoadBalancerCommand({ Name: 'b', Subnets: [subnets[0] ?? '', 'subnet-no'] })),
    ).rejects.toMatchObject({ name: 'SubnetNotFoundException' });
    await expect(
      client.send(new CreateLoadBalancerCommand({ Name: 'b', Subnets: subnets, SecurityGroups: ['sg-no'] })),
    ).rejects.toMatchObject({ name: 'InvalidSecurityGroupException' });
    await expect(
      client.send(new CreateLoadBalancerCommand({ Name: 'b', Subnets: subnets.slice(1) })),
    ).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(
      client.send(
        new AddTagsCommand({
          ResourceArns: [loadBalancerArn],
          Tags: [
            { Key: 'a', Value: '1' },
            { Key: 'a', Value: '2' },
          ],
        }),
      ),
    ).rejects.toMatchObject({ name: 'DuplicateTagKeysException' });
    await client.send(
      new ModifyLoadBalancerAttributesCommand({
        LoadBalancerArn: loadBalancerArn,
        Attributes: [{ Key: 'deletion_protection.enabled', Value: 'true' }],
      }),
    );
    await expect(
      client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: loadBalancerArn })),
    ).rejects.toMatchObject({ name: 'OperationNotPermittedException' });
  });

  test('pages and sets attributes', async () => {
    const it = await wired();
    const { client, vpcId } = it;
    for (let index = 0; index < 7; index++) {
      await client.send(
        new CreateTargetGroupCommand({ Name: `group-${index}`, Protocol: 'HTTP', Port: 80, VpcId: vpcId }),
      );
    }
    const names: (string | undefined)[] = [];
    for await (const { TargetGroups } of paginateDescribeTargetGroups({ client, pageSize: 3 }, {}))
      names.push(...(TargetGroups ?? []).map((group) => group.TargetGroupName));
    expect(names).toEqual(Array.from({ length: 7 }, (_value, index) => `group-${index}`));
    const { TargetGroups } = await client.send(new DescribeTargetGroupsCommand({ Names: ['group-0'] }));
    const { Attributes } = await client.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn: TargetGroups?.[0]?.TargetGroupArn,
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '5' }],
      }),
    );
    expect(Attributes).toContainEqual({ Key: 'deregistration_delay.timeout_seconds', Value: '5' });
  });
});
