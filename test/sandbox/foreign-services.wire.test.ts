// What is not offered, asked for by clients that speak other protocols: each reads an error with a sentence that helps.
import { expect, onTestFinished, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { sign } from '../../src/sandbox/sigv4.ts';
import { fastPace } from './in-process.ts';

interface Asked {
  service: string;
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string;
}

async function ask(sandbox: Sandbox, { service, method = 'POST', path = '/', headers = {}, body = '' }: Asked) {
  const unsigned = {
    method,
    target: path,
    headers: { host: `127.0.0.1:${sandbox.port}`, ...headers },
    body: Buffer.from(body),
  };
  const signed = sign(unsigned, sandbox.credentials, { region: sandbox.region, service }, Date.now());
  const sent = method === 'GET' ? {} : { body };
  const answer = await fetch(`${sandbox.endpoint}${path}`, { method, headers: { ...headers, ...signed }, ...sent });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
}

const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

test.each<Asked & { type: string; starts: RegExp; says: string }>([
  {
    service: 's3',
    method: 'GET',
    path: '/my-bucket/a%20b',
    type: 'text/xml',
    starts: /^<\?xml[^>]*>\s*<Error><Code>\w+<\/Code><Message>/,
    says: 'the ecsdemo sandbox has no service s3. It offers ec2, ecs, elasticloadbalancing, iam, logs, ssm, sts',
  },
  {
    service: 'route53',
    method: 'GET',
    path: '/2013-04-01/hostedzone',
    type: 'text/xml',
    starts: /<ErrorResponse><Error><Type>Sender<\/Type><Code>/,
    says: 'no service route53',
  },
  {
    service: 'lambda',
    method: 'GET',
    path: '/2015-03-31/functions/',
    type: 'application/json',
    starts: /^\{"__type":"UnknownOperationException"/,
    says: 'no service lambda',
  },
  {
    service: 'ecr',
    headers: { 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.DescribeRepositories' },
    body: '{}',
    type: 'application/x-amz-json',
    starts: /^\{"__type":"UnknownOperationException"/,
    says: 'no service ecr: images are stand-ins here',
  },
  {
    service: 'autoscaling',
    headers: form,
    body: 'Action=CreateAutoScalingGroup&Version=2011-01-01',
    type: 'text/xml',
    starts: /<ErrorResponse><Error>/,
    says: 'no service autoscaling: launch container instances with RunInstances',
  },
  {
    service: 'elasticloadbalancing',
    headers: form,
    body: 'Action=DescribeLoadBalancers&Version=2012-06-01',
    type: 'text/xml',
    starts: /<Code>InvalidAction<\/Code>/,
    says: 'Could not find operation DescribeLoadBalancers for version 2012-06-01: the classic load balancer is not offered',
  },
  {
    service: 'ec2',
    headers: form,
    body: 'Action=CreateVpc&Version=2016-11-15',
    type: 'text/xml',
    starts: /<Response><Errors><Error><Code>InvalidAction/,
    says: 'does not offer ec2:CreateVpc; there is one network, the default VPC with its subnets',
  },
  {
    service: 'ecs',
    headers: { 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.CreateCapacityProvider' },
    body: '{}',
    type: 'application/x-amz-json',
    starts: /^\{"__type":"UnknownOperationException"/,
    says: 'does not offer ecs:CreateCapacityProvider; launch container instances with RunInstances',
  },
])('$service is told in its own protocol: $says', async ({ type, starts, says, ...asked }) => {
  const sandbox = await startSandbox({ pace: fastPace() });
  onTestFinished(() => sandbox.close());
  const answer = await ask(sandbox, asked);
  expect(answer.status).toBe(400);
  expect(answer.type).toContain(type);
  expect(answer.text).toMatch(starts);
  expect(answer.text).toContain(says);
});

test('a control character is refused in a tag, and nothing that is answered is malformed XML', async () => {
  const sandbox = await startSandbox({ pace: fastPace() });
  onTestFinished(() => sandbox.close());
  const tagged = `Action=CreateSecurityGroup&Version=2016-11-15&GroupName=g&GroupDescription=d&TagSpecification.1.ResourceType=security-group&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=${encodeURIComponent('\u001b]0;x\u0007')}`;
  const refused = await ask(sandbox, { service: 'ec2', headers: form, body: tagged });
  expect(refused.text).toContain('<Code>InvalidParameterValue</Code>');
  // The name of an image that is none comes back in the error: with it whatever was sent.
  const body = `Action=DescribeImages&Version=2016-11-15&ImageId.1=${encodeURIComponent('ami-\u0001\u001b\uffff')}`;
  const echoed = await ask(sandbox, { service: 'ec2', headers: form, body });
  expect(echoed.text).toContain('InvalidAMIID');
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  expect(echoed.text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
});
