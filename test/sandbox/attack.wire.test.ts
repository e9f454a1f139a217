// Hostile requests against a whole sandbox: each is refused with AWS's own error, changes nothing, and costs bounded memory.
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { attacked, createCluster } from './attacked.ts';
import { call, callQuery, exchange, repliesIn, signedBytes } from './raw-client.ts';

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
    const sandbox = await attacked({ limits: { headersMs: 1000, requestMs: 1500, checkMs: 25 } });
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
