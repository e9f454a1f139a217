// Hostile requests against a whole sandbox: each is refused with AWS's own error, changes nothing, and costs bounded memory.
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parsePace } from '../../src/sandbox/pace.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { call, callJson, callQuery, exchange, repliesIn, signedBytes } from './raw-client.ts';

interface Attacked extends Sandbox {
  warnings: string[];
}

/** What it warns of would be a defect: handlers must not fall over what they are sent. */
async function attacked(options: Partial<SandboxOptions> = {}): Promise<Attacked> {
  const pace = parsePace('fast');
  if (pace === undefined) throw new Error('no pace');
  const warnings: string[] = [];
  const sandbox = await startSandbox({ pace, warn: (message) => warnings.push(message), ...options });
  onTestFinished(() => sandbox.close());
  return Object.assign(sandbox, { warnings });
}

const createCluster = {
  service: 'ecs',
  target: 'AmazonEC2ContainerServiceV20141113.CreateCluster',
  body: '{"clusterName":"x"}',
} as const;
const createGroup = 'GroupName=g&GroupDescription=d';

/** The world less what a read may touch. */
const picture = ({ world }: Sandbox): string => JSON.stringify(world);

describe('who may speak', () => {
  test('requests signed too long ago or too far ahead: AWS gives five minutes either way', async () => {
    const sandbox = await attacked();
    const before = picture(sandbox);
    for (const skewMs of [-5 * 60_000 - 2000, 5 * 60_000 + 2000, -16 * 60_000, -86_400_000, 10 * 365 * 86_400_000]) {
      expect(await call(sandbox, { ...createCluster, skewMs })).toMatchObject({
        status: 400,
        code: 'InvalidSignatureException',
      });
      expect(await callQuery(sandbox, 'ec2', 'CreateSecurityGroup', createGroup, { skewMs })).toMatchObject({
        code: 'RequestExpired',
      });
      expect(
        await callQuery(sandbox, 'iam', 'CreateRole', 'RoleName=r&AssumeRolePolicyDocument=%7B%7D', { skewMs }),
      ).toMatchObject({ code: 'RequestExpired' });
    }
    expect(picture(sandbox)).toBe(before);
    for (const skewMs of [-4 * 60_000, 4 * 60_000])
      expect((await call(sandbox, { ...createCluster, skewMs })).status).toBe(200);
  });

  test('a request sent again within its time is taken again, as AWS takes it; with one byte changed it is not', async () => {
    const sandbox = await attacked();
    const bytes = signedBytes(sandbox, createCluster);
    const twice = [await exchange(sandbox.port, bytes), await exchange(sandbox.port, bytes)].flatMap(repliesIn);
    expect(twice.map(({ status }) => status)).toEqual([200, 200]);
    expect(Object.keys(sandbox.world.clusters)).toHaveLength(1);
    const before = picture(sandbox);
    const tampered = [
      bytes.replace('"clusterName":"x"', '"clusterName":"y"'),
      bytes.replace('CreateCluster', 'DeleteCluster').replace('"clusterName"', '    "cluster"'),
      bytes.replace('POST / ', 'POST /?a=b '),
      bytes.replace('POST / ', 'PUT / '),
      bytes.replace(/x-amz-date: \d{8}T\d{4}/, (found) => `${found.slice(0, -4)}0000`),
      bytes.replace(/Signature=../, 'Signature=00'),
      bytes.replace('us-east-1', 'us-west-2'),
      bytes.replace('/ecs/', '/iam/'),
    ];
    for (const [index, each] of tampered.entries()) {
      const [reply] = repliesIn(await exchange(sandbox.port, each));
      expect({ index, refused: [400, 403].includes(reply?.status ?? 0), code: reply?.code }).toEqual({
        index,
        refused: true,
        code: expect.stringMatching(
          /^(InvalidSignature|IncompleteSignature|SignatureDoesNotMatch|UnrecognizedClient|RequestExpired)/,
        ),
      });
    }
    expect(picture(sandbox)).toBe(before);
  });

  test('Authorization headers that are none', async () => {
    const sandbox = await attacked();
    const right = /authorization: (.*)\r\n/.exec(signedBytes(sandbox, createCluster))?.[1] ?? '';
    const wrong = [
      '',
      'Basic cm9vdDpyb290',
      'AWS4-HMAC-SHA256',
      'AWS4-HMAC-SHA256 Credential=,SignedHeaders=,Signature=',
      right.replace(/SignedHeaders=[^,]*/, 'SignedHeaders='),
      right.replace('host;', ''),
      right.replace('/aws4_request', '/aws5_request'),
      right.replace('/ecs/', '/../'),
      right.replace('/ecs/', '/__proto__/'),
      right.replace(/Signature=.*/, 'Signature='),
      right.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1'),
      `${right}, `.repeat(60),
    ];
    for (const authorization of wrong) {
      const reply = await call(sandbox, { ...createCluster, headers: { authorization } });
      expect({ authorization, ...reply }).toMatchObject({
        status: 400,
        code: expect.stringMatching(/^(MissingAuthenticationToken|IncompleteSignature|InvalidSignature)Exception$/),
      });
    }
    expect(sandbox.world.clusters).toEqual({});
  });

  test('the hash that a header states is not believed, nor is an unsigned payload', async () => {
    const sandbox = await attacked();
    const bytes = signedBytes(sandbox, createCluster);
    for (const stated of [
      'UNSIGNED-PAYLOAD',
      'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    ]) {
      const [reply] = repliesIn(
        await exchange(sandbox.port, bytes.replace(/x-amz-content-sha256: .*\r/, `x-amz-content-sha256: ${stated}\r`)),
      );
      expect(reply?.code).toBe('InvalidSignatureException');
    }
    expect(sandbox.world.clusters).toEqual({});
  });

  test('foreign hosts and origins, however spelled', async () => {
    const sandbox = await attacked();
    const { port } = sandbox;
    const hosts = [
      'evil.example',
      `evil.example:${port}`,
      `127.0.0.1.evil.example:${port}`,
      `localhost.evil.example:${port}`,
      '127.0.0.1',
      `127.0.0.1:${port}.evil`,
      `127.0.0.1:${port}@evil.example`,
      `0.0.0.0:${port}`,
      ' ',
    ];
    for (const host of hosts) {
      const [reply] = repliesIn(await exchange(port, signedBytes(sandbox, { ...createCluster, headers: { host } })));
      expect({ host, status: reply?.status }).toEqual({ host, status: 403 });
    }
    for (const origin of ['null', 'https://evil.example', `http://127.0.0.1:${port}`]) {
      expect((await call(sandbox, { ...createCluster, headers: { origin } })).status).toBe(403);
    }
    // A second Host header, an absolute form, a preflight.
    const doubled = signedBytes(sandbox, createCluster).replace('\r\n', '\r\nHost: evil.example\r\n');
    expect(repliesIn(await exchange(port, doubled))[0]?.status).toBe(403);
    const preflight = `OPTIONS / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n\r\n`;
    const answered = await exchange(port, preflight);
    expect(answered).toMatch(/^HTTP\/1\.1 403/);
    expect(answered.toLowerCase()).not.toContain('access-control-allow');
    expect(sandbox.world.clusters).toEqual({});
  });
});

describe('HTTP that is no HTTP', () => {
  test('smuggling: two lengths, a length and chunks, odd line ends', async () => {
    const sandbox = await attacked();
    const bytes = signedBytes(sandbox, createCluster);
    const hidden = signedBytes(sandbox, { ...createCluster, body: '{"clusterName":"hidden"}' });
    const smuggled = [
      bytes.replace('\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\n\r\n'),
      bytes.replace('\r\n\r\n', `\r\nContent-Length: ${bytes.length + hidden.length}\r\n\r\n`),
      bytes.replace('\r\n\r\n', '\r\nTransfer-Encoding: xchunked\r\n\r\n'),
      bytes.replace('\r\n\r\n', '\r\nTransfer-Encoding : chunked\r\n\r\n'),
      bytes.replace(/content-length: \d+/, 'content-length: +19'),
      bytes.replace(/content-length: \d+/, 'content-length: -1'),
      bytes.replace(/content-length: \d+/, 'content-length: 0x13'),
      bytes
        .replace(/content-length: \d+\r\n/, 'transfer-encoding: chunked\r\n')
        .replace(/\r\n\r\n.*/s, `\r\n\r\nzz\r\n${hidden}`),
      bytes.replaceAll('\r\n', '\n'),
      bytes.replace('HTTP/1.1', 'HTTP/9.9'),
      bytes.replace('\r\n\r\n', `\r\nx-null: a\0b\r\n\r\n`),
    ];
    for (const [index, each] of smuggled.entries()) {
      const replies = repliesIn(await exchange(sandbox.port, each, { answers: 2, limitMs: 400 }));
      const taken = replies.filter(({ status }) => status === 200).length;
      expect({ index, taken }).toEqual({ index, taken: 0 });
    }
    expect(sandbox.world.clusters).toEqual({});
  });

  test('requests sent in one go are answered in order, each by its own signature', async () => {
    const sandbox = await attacked();
    const good = (clusterName: string): string =>
      signedBytes(sandbox, { ...createCluster, body: JSON.stringify({ clusterName }) });
    const bad = signedBytes(sandbox, {
      ...createCluster,
      credentials: { ...sandbox.credentials, secretAccessKey: 'x' },
    });
    const replies = repliesIn(
      await exchange(sandbox.port, good('a') + bad + good('b') + bad + good('c'), { answers: 5 }),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 400, 200, 400, 200]);
    expect(
      replies
        .filter(({ status }) => status === 200)
        .map(({ body }) => (JSON.parse(body) as { cluster: { clusterName: string } }).cluster.clusterName),
    ).toEqual(['a', 'b', 'c']);
  });

  test('a client that closes its half still gets its answer; one that goes in the middle changes nothing', async () => {
    const sandbox = await attacked();
    const bytes = signedBytes(sandbox, createCluster);
    for (const part of [0.2, 0.5, 0.9]) {
      const cut = bytes.slice(0, Math.floor(bytes.length * part));
      expect(
        repliesIn(await exchange(sandbox.port, cut, { halfClose: true })).filter(({ status }) => status === 200),
      ).toEqual([]);
    }
    expect(sandbox.world.clusters).toEqual({});
    expect(repliesIn(await exchange(sandbox.port, bytes, { halfClose: true })).map(({ status }) => status)).toEqual([
      200,
    ]);
  });

  test('slow senders are cut off, and meanwhile everybody else is served', async () => {
    const sandbox = await attacked({ limits: { headersMs: 150, requestMs: 300, checkMs: 25 } });
    const bytes = signedBytes(sandbox, createCluster);
    const slow = ['POST / HT', bytes.slice(0, 60), bytes.slice(0, -3)].map(
      (start) =>
        new Promise<string>((resolve) => {
          const socket = connect({ port: sandbox.port, host: '127.0.0.1' });
          let text = '';
          socket.on('data', (chunk) => (text += chunk.toString()));
          socket.on('error', () => undefined);
          socket.on('close', () => resolve(text));
          socket.write(start);
        }),
    );
    expect((await callQuery(sandbox, 'ec2', 'DescribeVpcs')).status).toBe(200);
    for (const text of await Promise.all(slow)) expect(text).toMatch(/^(HTTP\/1\.1 408|$)/);
    expect(sandbox.world.clusters).toEqual({});
  });

  test('too many headers, too long ones, too long a path', async () => {
    const sandbox = await attacked();
    const bytes = signedBytes(sandbox, createCluster);
    const long = bytes.replace('\r\n\r\n', `\r\nx-long: ${'a'.repeat(100_000)}\r\n\r\n`);
    expect(await exchange(sandbox.port, long)).toMatch(/^(HTTP\/1\.1 431|$)/);
    expect(await exchange(sandbox.port, bytes.replace('POST / ', `POST /${'a'.repeat(100_000)} `))).toMatch(
      /^(HTTP\/1\.1 4\d\d|$)/,
    );
    const many = bytes.replace(
      '\r\n',
      `\r\n${Array.from({ length: 2000 }, (_, index) => `x-${index}: 1`).join('\r\n')}\r\n`,
    );
    expect(repliesIn(await exchange(sandbox.port, many)).filter(({ status }) => status === 200)).toEqual([]);
    expect(sandbox.world.clusters).toEqual({});
  });
});

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
      const started = performance.now();
      const reply = await callQuery(sandbox, 'ec2', 'DescribeInstances', parameters);
      expect(reply.status).toBeGreaterThanOrEqual(200);
      expect(reply.status).toBeLessThan(500);
      expect(performance.now() - started).toBeLessThan(5000);
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
    expect(used() - before).toBeLessThan(20_000_000);
    expect(sandbox.world.clusters).toEqual({});
    expect(sandbox.warnings).toEqual([]);
  }, 60_000);
});
