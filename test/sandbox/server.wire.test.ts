// The server as real SDK clients and hostile callers see it.
import { request } from 'node:http';
import { CreateSecurityGroupCommand, DescribeVpcsCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeClustersCommand,
  ListClustersCommand,
} from '@aws-sdk/client-ecs';
import { CreateLoadBalancerCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateRoleCommand, DeleteRoleCommand } from '@aws-sdk/client-iam';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { AwsError } from '../../src/sandbox/aws-error.ts';
import { sign } from '../../src/sandbox/sigv4.ts';
import { clientsFor, credentials, failureOf, tinyServer } from './tiny-server.ts';

interface Plain {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

function send(port: number, headers: Record<string, string>, body = '', path = '/', method = 'POST'): Promise<Plain> {
  return new Promise((resolve, reject) => {
    const sending = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

describe('answers and errors', () => {
  test('each protocol answers a real client', async () => {
    const { endpoint, world } = await tinyServer();
    const { ecs, ec2, iam, sts } = clientsFor(endpoint);
    expect((await ecs.send(new CreateClusterCommand({ clusterName: 'a' }))).cluster).toEqual({
      clusterName: 'a',
      tags: [],
    });
    expect((await ec2.send(new DescribeVpcsCommand())).Vpcs).toEqual([]);
    expect((await sts.send(new GetCallerIdentityCommand())).Account).toBe(world.account);
    const deleted = await iam.send(new DeleteRoleCommand({ RoleName: 'r' }));
    expect(deleted.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('errors carry the names that the SDK gives on AWS', async () => {
    const { endpoint } = await tinyServer();
    const { ecs, ec2, elbv2, iam } = clientsFor(endpoint);
    const group = await failureOf(ec2.send(new CreateSecurityGroupCommand({ GroupName: 'g', Description: 'd' })));
    expect([group.name, group.Code, group.message]).toEqual([
      'InvalidGroup.Duplicate',
      'InvalidGroup.Duplicate',
      'it <exists> & is "yours"',
    ]);
    const balancer = await failureOf(elbv2.send(new CreateLoadBalancerCommand({ Name: 'x' })));
    expect([balancer.name, balancer.Code]).toEqual(['DuplicateLoadBalancerNameException', 'DuplicateLoadBalancerName']);
    const role = await failureOf(iam.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: '{}' })));
    expect([role.name, role.Code, role.$metadata?.httpStatusCode]).toEqual([
      'EntityAlreadyExistsException',
      'EntityAlreadyExists',
      409,
    ]);
    const service = await failureOf(ecs.send(new CreateServiceCommand({ serviceName: 's' })));
    expect([service.name, service.Code, service.message]).toEqual([
      'ClusterNotFoundException',
      undefined,
      'Cluster not found.',
    ]);
  });

  test('an operation that is not offered is an unknown action, and says whose fault it is', async () => {
    const { endpoint } = await tinyServer();
    const { ecs, ec2, ssm } = clientsFor(endpoint);
    expect((await failureOf(ecs.send(new ListClustersCommand()))).name).toBe('UnknownOperationException');
    expect((await failureOf(ssm.send(new GetParameterCommand({ Name: 'n' })))).name).toBe('UnknownOperationException');
    const ec2Error = await failureOf(ec2.send(new RunInstancesCommand({ MinCount: 1, MaxCount: 1 })));
    expect(ec2Error.name).toBe('InvalidAction');
    expect(ec2Error.message).toContain('the ecsdemo sandbox does not offer ec2:RunInstances');
  });

  test('what is missing or of the wrong type is refused as each service refuses it', async () => {
    const { endpoint } = await tinyServer();
    const { ecs, ec2, elbv2, iam } = clientsFor(endpoint);
    const nothing = undefined as unknown as string;
    const refused = [
      failureOf(ecs.send(new CreateServiceCommand({ serviceName: nothing }))),
      failureOf(ecs.send(new CreateClusterCommand({ clusterName: 7 as unknown as string }))),
      failureOf(ec2.send(new CreateSecurityGroupCommand({ GroupName: 'g', Description: nothing }))),
      failureOf(iam.send(new DeleteRoleCommand({ RoleName: nothing }))),
      failureOf(elbv2.send(new CreateLoadBalancerCommand({ Name: nothing }))),
    ];
    expect((await Promise.all(refused)).map(({ name }) => name)).toEqual([
      'InvalidParameterException',
      'SerializationException',
      'MissingParameter',
      'ValidationError',
      'ValidationError',
    ]);
  });

  test('a defect in a handler is a server error and is reported with its cause', async () => {
    const { endpoint, defects } = await tinyServer({
      intercept: {
        before: () => {
          throw new TypeError('bug');
        },
      },
    });
    const error = await failureOf(clientsFor(endpoint).ecs.send(new CreateClusterCommand({})));
    expect(error.$metadata?.httpStatusCode).toBe(500);
    expect(defects.map(String)).toEqual(['TypeError: bug']);
  });
});

describe('order of handling, saving and answering', () => {
  test('a change is answered only when it is saved, a read at once', async () => {
    let save = (): void => undefined;
    const saving = new Promise<void>((resolve) => (save = resolve));
    const { endpoint, world } = await tinyServer({ saved: () => saving });
    const { ecs, ec2 } = clientsFor(endpoint);
    let answered = false;
    const creating = ecs.send(new CreateClusterCommand({ clusterName: 'a' })).then(() => (answered = true));
    await expect.poll(() => world.counters['a']).toBe(1);
    await ec2.send(new DescribeVpcsCommand());
    expect(answered).toBe(false);
    save();
    await creating;
    expect(answered).toBe(true);
  });

  test('a change that cannot be saved is not called done', async () => {
    const { endpoint } = await tinyServer({ saved: () => Promise.reject(new Error('disk full')) });
    const error = await failureOf(clientsFor(endpoint).ecs.send(new CreateClusterCommand({ clusterName: 'a' })));
    expect(error.$metadata?.httpStatusCode).toBe(500);
  });

  test('an error injected before stops the deed, one after it only the answer', async () => {
    const throttle = (): never => {
      throw new AwsError('ThrottlingException', 'Rate exceeded');
    };
    const before = await tinyServer({ intercept: { before: throttle } });
    expect(
      (await failureOf(clientsFor(before.endpoint).ecs.send(new CreateClusterCommand({ clusterName: 'a' })))).name,
    ).toBe('ThrottlingException');
    expect(before.world.counters['a']).toBeUndefined();
    const after = await tinyServer({ intercept: { after: throttle } });
    expect(
      (await failureOf(clientsFor(after.endpoint).ecs.send(new CreateClusterCommand({ clusterName: 'a' })))).name,
    ).toBe('ThrottlingException');
    expect(after.world.counters['a']).toBe(1);
  });

  test('calls are logged with their outcome and nothing of their content', async () => {
    const { endpoint, log } = await tinyServer();
    const { ecs } = clientsFor(endpoint);
    await ecs.send(new CreateClusterCommand({ clusterName: 'secret-name' }));
    await failureOf(ecs.send(new DescribeClustersCommand({})));
    expect(log.recent().map(({ operation, error }) => [operation, error])).toEqual([
      ['CreateCluster', undefined],
      ['DescribeClusters', 'oops'],
    ]);
    expect(JSON.stringify(log.recent())).not.toContain('secret');
  });
});

describe('who may speak', () => {
  test("a wrong key, a wrong secret and an old signature are refused in each service's words", async () => {
    const { endpoint } = await tinyServer();
    const attempt = async (clients: ReturnType<typeof clientsFor>): Promise<string[]> => {
      const failed = [
        failureOf(clients.ecs.send(new CreateClusterCommand({}))),
        failureOf(clients.ec2.send(new DescribeVpcsCommand())),
        failureOf(clients.sts.send(new GetCallerIdentityCommand())),
      ];
      return (await Promise.all(failed)).map(({ name }) => name);
    };
    expect(await attempt(clientsFor(endpoint, { ...credentials, accessKeyId: 'AKIAOTHER' }))).toEqual([
      'UnrecognizedClientException',
      'AuthFailure',
      'InvalidClientTokenId',
    ]);
    expect(await attempt(clientsFor(endpoint, { ...credentials, secretAccessKey: 'other' }))).toEqual([
      'InvalidSignatureException',
      'AuthFailure',
      'SignatureDoesNotMatch',
    ]);
    expect(await attempt(clientsFor(endpoint, credentials, { systemClockOffset: -6 * 60_000 }))).toEqual([
      'InvalidSignatureException',
      'RequestExpired',
      'RequestExpired',
    ]);
  });

  test('no signature at all', async () => {
    const { port } = await tinyServer();
    const json = await send(port, { 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.CreateCluster' }, '{}');
    expect([json.status, JSON.parse(json.text)]).toEqual([
      400,
      { __type: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' },
    ]);
    const ec2 = await send(port, {}, 'Action=DescribeVpcs&Version=2016-11-15');
    expect(ec2.status).toBe(403);
    expect(ec2.text).toContain('<Response><Errors><Error><Code>MissingAuthenticationToken</Code>');
    const sts = await send(port, {}, 'Action=GetCallerIdentity&Version=2011-06-15');
    expect(sts.text).toContain('<Type>Sender</Type><Code>MissingAuthenticationToken</Code>');
  });

  test('a body other than the signed one', async () => {
    const { port, world } = await tinyServer();
    const host = `127.0.0.1:${port}`;
    const target = 'AmazonEC2ContainerServiceV20141113.CreateCluster';
    const signed = { method: 'POST', target: '/', headers: { host }, body: '{"clusterName":"mine"}' };
    const headers = {
      host,
      'x-amz-target': target,
      ...sign(signed, credentials, { region: 'us-east-1', service: 'ecs' }, Date.now()),
    };
    expect((await send(port, headers, '{"clusterName":"other"}')).text).toContain('InvalidSignatureException');
    expect(world.counters).toEqual({});
    expect((await send(port, headers, signed.body)).status).toBe(200);
  });

  test('a foreign host name and any origin are refused before anything is read', async () => {
    const { port, log } = await tinyServer();
    expect((await send(port, { host: `attacker.example:${port}` })).status).toBe(403);
    expect((await send(port, { host: '127.0.0.1:1' })).status).toBe(403);
    expect((await send(port, { origin: `http://127.0.0.1:${port}` })).status).toBe(403);
    expect(log.recent()).toEqual([]);
    expect((await send(port, { host: `localhost:${port}` })).text).toContain('MissingAuthenticationToken');
  });

  test('more than a mebibyte is refused, whether its length is said or not', async () => {
    const { port } = await tinyServer();
    const big = 'x'.repeat(1024 * 1024 + 1);
    expect((await send(port, { 'content-length': String(big.length) }, big)).status).toBe(413);
    expect((await send(port, { 'transfer-encoding': 'chunked' }, big)).status).toBe(413);
  });

  test('status is for those who hold the credentials', async () => {
    const { port } = await tinyServer();
    const host = `127.0.0.1:${port}`;
    const unsigned = { method: 'GET', target: '/_ecsdemo/status', headers: { host }, body: '' };
    const headers = { host, ...sign(unsigned, credentials, { region: 'us-east-1', service: 'ecsdemo' }, Date.now()) };
    expect((await send(port, headers, '', '/_ecsdemo/status', 'GET')).text).toBe(JSON.stringify({ pid: process.pid }));
    const wrong = {
      host,
      ...sign(
        unsigned,
        { ...credentials, secretAccessKey: 'x' },
        { region: 'us-east-1', service: 'ecsdemo' },
        Date.now(),
      ),
    };
    expect((await send(port, wrong, '', '/_ecsdemo/status', 'GET')).status).toBe(403);
    expect((await send(port, {}, '', '/_ecsdemo/status', 'GET')).status).toBe(403);
  });
});
