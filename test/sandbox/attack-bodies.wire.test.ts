// Hostile bodies against a whole sandbox: malformed, deep, wide, and with names that are JavaScript's own. None makes a
// handler fall over, and memory stays bounded.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { attacked, createCluster } from './attacked.ts';
import { call, callJson, callQuery, exchange } from './raw-client.ts';

describe('bodies', () => {
  test('malformed JSON, wrong types and content types', async () => {
    const sandbox = await attacked();
    const bodies = [
      '{',
      '[]',
      '"x"',
      '1',
      'null',
      '{"clusterName":{}}',
      '{"clusterName":["a"]}',
      '{"tags":"x"}',
      '{"tags":{"length":1e9}}',
      '\uFEFF{}x',
      '{"clusterName":"a"}{"clusterName":"b"}',
      '{"clusterName":"\\ud800"}',
      '<xml/>',
      '\0',
    ];
    for (const body of bodies) {
      const reply = await callJson(sandbox, 'ecs', 'CreateCluster', body);
      expect({ sent: body, ...reply }).toMatchObject({
        status: 400,
        code: expect.stringMatching(/^(SerializationException|InvalidParameterException|ClientException)$/),
      });
    }
    // The body decides, not what a header calls it; a query to a JSON service names no operation.
    expect(
      (
        await call(sandbox, {
          service: 'ecs',
          body: 'Action=CreateCluster&Version=2014-11-13',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        })
      ).code,
    ).toBe('UnknownOperationException');
    expect(
      (
        await call(sandbox, {
          service: 'ec2',
          body: '{"Action":"DescribeVpcs"}',
          headers: { 'content-type': 'application/json' },
        })
      ).code,
    ).toBe('MissingAction');
    expect(sandbox.world.clusters).toEqual({});
  });

  test('nesting: deep JSON and deep query members', async () => {
    const sandbox = await attacked();
    const depth = 150_000;
    for (const body of [
      `{"tags":${'['.repeat(depth)}${']'.repeat(depth)}}`,
      `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
    ]) {
      const reply = await callJson(sandbox, 'ecs', 'DescribeClusters', body);
      expect([200, 400]).toContain(reply.status);
    }
    const member = `Filter${'.member.1'.repeat(5000)}=x`;
    expect(await callQuery(sandbox, 'ec2', 'DescribeVpcs', member)).toMatchObject({
      status: 400,
      code: 'InvalidRequest',
    });
    expect(await callQuery(sandbox, 'iam', 'CreateRole', `Tags${'.member.1'.repeat(5000)}=x`)).toMatchObject({
      status: 400,
      code: 'MalformedInput',
    });
    expect(sandbox.warnings).toEqual([]);
  });

  test('a hundred thousand query members cost well under a second each, and nothing else waits for long', async () => {
    const sandbox = await attacked();
    const many = (name: (index: number) => string): string =>
      Array.from({ length: 60_000 }, (_, index) => `${name(index)}=1`).join('&');
    for (const parameters of [
      many((i) => `F.${i}`),
      many((i) => `InstanceId.${i + 1}`),
      many(() => 'Filter.1.Name'),
      many((i) => `Filter.1.Value.${9_999_999 - i}`),
      '&'.repeat(900_000),
      '%'.repeat(900_000),
      'a=b;'.repeat(200_000),
    ]) {
      const before = process.cpuUsage();
      const reply = await callQuery(sandbox, 'ec2', 'DescribeInstances', parameters);
      expect(reply.status).toBeGreaterThanOrEqual(200);
      expect(reply.status).toBeLessThan(500);
      // Of the processor, since a busy machine may let it wait.
      expect(process.cpuUsage(before).user).toBeLessThan(5_000_000);
    }
    expect(sandbox.warnings).toEqual([]);
  });

  test("keys that are JavaScript's own are names like any other", async () => {
    const sandbox = await attacked();
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'valueOf']) {
      expect((await callQuery(sandbox, 'iam', 'GetRole', `RoleName=${name}`)).code).toBe('NoSuchEntity');
      expect(
        (
          await callQuery(
            sandbox,
            'iam',
            'CreateRole',
            `RoleName=${name}&AssumeRolePolicyDocument=${encodeURIComponent('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}')}`,
          )
        ).status,
      ).toBe(200);
      expect((await callQuery(sandbox, 'iam', 'CreateInstanceProfile', `InstanceProfileName=${name}`)).status).toBe(
        200,
      );
      expect((await callQuery(sandbox, 'iam', 'GetRole', `RoleName=${name}`)).body).toContain(
        `<RoleName>${name}</RoleName>`,
      );
      expect((await callJson(sandbox, 'ecs', 'CreateCluster', { clusterName: name })).status).toBe(200);
      const family = await callJson(
        sandbox,
        'ecs',
        'RegisterTaskDefinition',
        `{"family":"${name}","containerDefinitions":[{"name":"${name}","image":"nginx","memory":64,"dockerLabels":{"${name}":"x"},"environment":[{"name":"${name}","value":"1"}]}],"__proto__":{"polluted":true}}`,
      );
      expect(family).toMatchObject({ status: 200 });
      expect(JSON.parse(family.body)).toMatchObject({ taskDefinition: { family: name, revision: 1 } });
      expect((await callQuery(sandbox, 'ec2', 'DescribeInstances', `InstanceId.1=${name}`)).status).toBe(400);
      expect(
        (await callQuery(sandbox, 'elasticloadbalancing', 'DescribeLoadBalancers', `LoadBalancerArns.member.1=${name}`))
          .status,
      ).toBe(400);
      expect((await callJson(sandbox, 'ecs', name, {})).code).toBe('UnknownOperationException');
      expect((await callQuery(sandbox, 'ec2', name)).code).toBe('InvalidAction');
      expect((await call(sandbox, { service: name, body: '' })).status).toBeGreaterThanOrEqual(400);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(sandbox.warnings).toEqual([]);
  });

  test('memory stays bounded over thousands of attacks', async () => {
    const sandbox = await attacked();
    const big = 'x'.repeat(900_000);
    const round = async (): Promise<void> => {
      await Promise.all([
        ...Array.from({ length: 8 }, () => callJson(sandbox, 'ecs', 'CreateCluster', `{"clusterName":"${big}"}`)),
        ...Array.from({ length: 40 }, (_, index) =>
          call(sandbox, { ...createCluster, credentials: { accessKeyId: `AKIA${index}`, secretAccessKey: 'x' } }),
        ),
        ...Array.from({ length: 20 }, () => exchange(sandbox.port, `GARBAGE ${'y'.repeat(2000)}\r\n\r\n`)),
        ...Array.from({ length: 20 }, () => callQuery(sandbox, 'ec2', `X${'z'.repeat(2000)}`)),
      ]);
    };
    for (let warm = 0; warm < 3; warm++) await round();
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = used();
    for (let again = 0; again < 25; again++) await round();
    // What is on its way out goes within moments; what leaks would stay.
    await expect.poll(() => used() - before).toBeLessThan(20_000_000);
    expect(sandbox.world.clusters).toEqual({});
    expect(sandbox.warnings).toEqual([]);
  }, 60_000);
});
