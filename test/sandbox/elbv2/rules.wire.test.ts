// Rules of a listener, made with the real client, and requests that go where they say.
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  DeleteRuleCommand,
  DescribeCapacityReservationCommand,
  DescribeListenerCertificatesCommand,
  DescribeRulesCommand,
  DescribeSSLPoliciesCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
  SetRulePrioritiesCommand,
  waitUntilLoadBalancerAvailable,
  type RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { failureOf } from '../tiny-server.ts';
import { aPace, aRule } from './factories.ts';

const says = (MessageBody: string) => [
  { Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '200', MessageBody } },
];

async function aListener() {
  const sandbox = await startSandbox({ pace: aPace() });
  onTestFinished(() => sandbox.close());
  // The default group of a VPC lets nobody from outside in.
  for (const group of Object.values(sandbox.world.securityGroups)) group.rules.push(aRule({ cidrIpv4: '0.0.0.0/0' }));
  const { endpoint, region, credentials } = sandbox;
  const client = new ElasticLoadBalancingV2Client({ endpoint, region, credentials, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  const Subnets = Object.keys(sandbox.world.subnets).slice(0, 2);
  const { LoadBalancers } = await client.send(new CreateLoadBalancerCommand({ Name: 'my-elb', Subnets }));
  const { LoadBalancerArn, DNSName = '' } = LoadBalancers?.[0] ?? {};
  const { Listeners } = await client.send(
    new CreateListenerCommand({ LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions: says('default') }),
  );
  await waitUntilLoadBalancerAvailable({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 }, { Names: ['my-elb'] });
  const ListenerArn = Listeners?.[0]?.ListenerArn ?? '';
  const rule = async (Priority: number, Conditions: RuleCondition[]): Promise<string> => {
    const made = await client.send(
      new CreateRuleCommand({ ListenerArn, Priority, Conditions, Actions: says(`rule ${Priority}`) }),
    );
    return made.Rules?.[0]?.RuleArn ?? '';
  };
  const ask = (path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<string> =>
    new Promise((resolve, reject) => {
      request(`http://${DNSName}${path}`, { ...options, agent: false }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(text));
      })
        .on('error', reject)
        .end();
    });
  const order = async (): Promise<(string | undefined)[]> =>
    ((await client.send(new DescribeRulesCommand({ ListenerArn }))).Rules ?? []).map(({ Priority }) => Priority);
  return { client, LoadBalancerArn, ListenerArn, rule, ask, order };
}

test('requests go to the first rule that they fit, and the others to the default', async () => {
  const { rule, ask, order } = await aListener();
  await rule(20, [{ Field: 'path-pattern', Values: ['/api/*'] }]);
  await rule(10, [
    { Field: 'path-pattern', PathPatternConfig: { Values: ['/api/v?'] } },
    { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['DELETE'] } },
  ]);
  await rule(30, [{ Field: 'host-header', HostHeaderConfig: { Values: ['*.Example.com'] } }]);
  await rule(40, [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Team', Values: ['a*', 'b'] } }]);
  await rule(100, [{ Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: '2' }] } }]);
  await rule(200, [
    { Field: 'path-pattern', Values: ['/near'] },
    { Field: 'source-ip', SourceIpConfig: { Values: ['127.0.0.0/8'] } },
  ]);
  await rule(201, [
    { Field: 'path-pattern', Values: ['/far'] },
    { Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8'] } },
  ]);
  expect(await order()).toEqual(['10', '20', '30', '40', '100', '200', '201', 'default']);
  expect(await ask('/api/v1')).toBe('rule 20');
  expect(await ask('/api/v1', { method: 'DELETE' })).toBe('rule 10');
  expect(await ask('/API/v1')).toBe('default');
  expect(await ask('/', { headers: { host: 'www.example.COM' } })).toBe('rule 30');
  expect(await ask('/', { headers: { 'x-team': 'Abc' } })).toBe('rule 40');
  expect(await ask('/?v=2&w=1')).toBe('rule 100');
  expect(await ask('/near')).toBe('rule 200');
  expect(await ask('/far')).toBe('default');
});

test('rules are changed, put in order and deleted; the default one is not', async () => {
  const { client, ListenerArn, rule, ask, order } = await aListener();
  const one = await rule(1, [{ Field: 'path-pattern', Values: ['/a'] }]);
  const two = await rule(2, [{ Field: 'path-pattern', Values: ['/*'] }]);
  const taken = await failureOf(rule(2, [{ Field: 'path-pattern', Values: ['/b'] }]));
  expect(taken).toMatchObject({ name: 'PriorityInUseException', message: "Priority '2' is currently in use" });
  const RulePriorities = [
    { RuleArn: one, Priority: 2 },
    { RuleArn: two, Priority: 1 },
  ];
  await client.send(new SetRulePrioritiesCommand({ RulePriorities }));
  expect(await ask('/a')).toBe('rule 2');
  await client.send(new ModifyRuleCommand({ RuleArn: two, Conditions: [{ Field: 'path-pattern', Values: ['/b'] }] }));
  expect(await ask('/a')).toBe('rule 1');
  expect((await client.send(new DescribeTagsCommand({ ResourceArns: [one] }))).TagDescriptions).toHaveLength(1);
  await client.send(new DeleteRuleCommand({ RuleArn: one }));
  expect(await ask('/a')).toBe('default');
  expect(await order()).toEqual(['1', 'default']);
  const { Rules = [] } = await client.send(new DescribeRulesCommand({ ListenerArn }));
  const RuleArn = Rules.find(({ IsDefault }) => IsDefault)?.RuleArn;
  expect((await failureOf(client.send(new DeleteRuleCommand({ RuleArn })))).name).toBe(
    'OperationNotPermittedException',
  );
  expect((await failureOf(client.send(new DeleteRuleCommand({ RuleArn: one })))).name).toBe('RuleNotFoundException');
});

test('what Terraform reads beside: certificates, policies, capacity', async () => {
  const { client, ListenerArn, LoadBalancerArn } = await aListener();
  expect((await client.send(new DescribeListenerCertificatesCommand({ ListenerArn }))).Certificates).toEqual([]);
  const { SslPolicies = [] } = await client.send(new DescribeSSLPoliciesCommand({}));
  expect(SslPolicies.map(({ Name }) => Name)).toContain('ELBSecurityPolicy-2016-08');
  const reserved = await client.send(new DescribeCapacityReservationCommand({ LoadBalancerArn }));
  expect(reserved.CapacityReservationState).toEqual([]);
});
