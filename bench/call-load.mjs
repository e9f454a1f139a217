// AWS calls as fast as the sandbox answers, from a process of its own that costs next to nothing: every request is signed
// and put into bytes beforehand, kept connections have one under way each, every answer's status is read.
// Run with the sandbox's environment: node call-load.mjs OPERATION SECONDS [CONNECTIONS]; prints one JSON line.
import { createHash, createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { cpuMsOf } from './processes.mjs';

const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, BENCH_ACCOUNT, BENCH_PID } =
  process.env;
const pid = Number(BENCH_PID);
const [operation, seconds, connections] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4] ?? 64)];
const { host, hostname, port } = new URL(AWS_ENDPOINT_URL);

/** Rounds of requests that each connection has ready, and begins again after: a write must be another than the one before. */
const rounds = 500;
/** Not counted: until the code that answers is compiled. */
const warmUpSeconds = 1;
const silenceMs = 5_000;

const arn = (kind, name) => `arn:aws:ecs:${AWS_REGION}:${BENCH_ACCOUNT}:${kind}/${name}`;
const ecs = (name, body) => ({
  service: 'ecs',
  target: `AmazonEC2ContainerServiceV20141113.${name}`,
  type: 'application/x-amz-json-1.1',
  body: JSON.stringify(body),
});
const ec2 = (name, parameters) => ({
  service: 'ec2',
  type: 'application/x-www-form-urlencoded',
  body: new URLSearchParams({ Action: name, Version: '2016-11-15', ...parameters }).toString(),
});
const run = process.pid;
/** What each connection sends, in turns; `at` is the number of the round. */
const operations = {
  DescribeClusters: () => [ecs('DescribeClusters', { clusters: ['my-cluster'] })],
  DescribeServices: () => [ecs('DescribeServices', { cluster: 'my-cluster', services: ['my-service'] })],
  TagResource: (connection, at) => [
    ecs('TagResource', {
      resourceArn: arn('cluster', 'my-cluster'),
      tags: [{ key: 'bench', value: `${run}-${connection}-${at}` }],
    }),
  ],
  // What is made is deleted again, so that the world stays the standing demo that is measured.
  SecurityGroup: (connection) => {
    const group = { GroupName: `bench-${run}-${connection}` };
    return [
      ec2('CreateSecurityGroup', { ...group, GroupDescription: 'of the bench' }),
      ec2('DeleteSecurityGroup', group),
    ];
  },
  Cluster: (connection) => [
    ecs('CreateCluster', { clusterName: `bench-${run}-${connection}` }),
    ecs('DeleteCluster', { cluster: `bench-${run}-${connection}` }),
  ],
  // These stay, as on AWS.
  RegisterTaskDefinition: () => [
    ecs('RegisterTaskDefinition', {
      family: `bench-${run}`,
      containerDefinitions: [{ name: 'web', image: 'nginx', memory: 32, essential: true }],
    }),
  ],
  'mix of writes': (...which) =>
    ['TagResource', 'SecurityGroup', 'Cluster', 'TagResource', 'RegisterTaskDefinition'].flatMap((name) =>
      operations[name](...which),
    ),
};

const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const at = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
const date = at.slice(0, 8);
const keys = {};

/** SigV4 of a POST to `/`, whole and ready to be sent. */
function bytesOf({ service, target, type, body }) {
  const key = (keys[service] ??= [date, AWS_REGION, service, 'aws4_request'].reduce(
    hmac,
    `AWS4${AWS_SECRET_ACCESS_KEY}`,
  ));
  const headers = { 'content-type': type, host, 'x-amz-date': at, ...(target && { 'x-amz-target': target }) };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}`);
  const canonical = ['POST', '/', '', ...lines, '', names, sha256(body)].join('\n');
  const scope = `${date}/${AWS_REGION}/${service}/aws4_request`;
  const signature = hmac(key, ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n')).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${AWS_ACCESS_KEY_ID}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  const head = [...lines, `authorization:${authorization}`, `content-length:${Buffer.byteLength(body)}`].join('\r\n');
  return Buffer.from(`POST / HTTP/1.1\r\n${head}\r\n\r\n${body}`);
}

const make = operations[operation];
/** The requests of one connection; where each round is the same, one round is enough. */
function conversation(connection) {
  const same = JSON.stringify(make(connection, 0)) === JSON.stringify(make(connection, 1));
  return Array.from({ length: same ? 1 : rounds }, (_, at) => make(connection, at))
    .flat()
    .map(bytesOf);
}
const ready = Array.from({ length: connections }, (_, connection) => conversation(connection));

let failures = 0;
let firstFailure;
let stopping = false;
let counting = false;
const tookUs = [];

/** Bytes of one whole answer at the start of `data`; 0: not whole yet. */
function answerLength(data) {
  const end = data.indexOf('\r\n\r\n');
  if (end < 0) return 0;
  const length = Number(/^content-length: *(\d+)/im.exec(data.latin1Slice(0, end))?.[1] ?? 0);
  return data.length >= end + 4 + length ? end + 4 + length : 0;
}

function converse(requests) {
  let next = 0;
  return new Promise((resolve) => {
    const socket = connect({ port, host: hostname, noDelay: true });
    let sentAt = 0;
    let data = Buffer.alloc(0);
    const end = (failed) => {
      if (failed) failures++;
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.destroy();
      resolve();
    };
    const send = () => {
      sentAt = performance.now();
      socket.write(requests[next++ % requests.length]);
    };
    socket.setTimeout(silenceMs, () => end(true));
    socket.on('connect', send);
    socket.on('error', () => end(true));
    socket.on('close', () => end(true));
    socket.on('data', (chunk) => {
      data = data.length === 0 ? chunk : Buffer.concat([data, chunk]);
      const length = answerLength(data);
      if (length === 0) return;
      if (data.latin1Slice(9, 12) === '200') {
        if (counting) tookUs.push(Math.round((performance.now() - sentAt) * 1000));
      } else {
        failures++;
        firstFailure ??= data.subarray(0, length).toString();
      }
      data = data.subarray(length);
      if (stopping) end(false);
      else send();
    });
  });
}

const pause = (duration) => new Promise((resolve) => setTimeout(resolve, duration * 1000));
const conversations = Promise.all(ready.map(converse));
await pause(warmUpSeconds);
counting = true;
const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
const serverBefore = cpuMsOf(pid);
await pause(seconds);
const took = (performance.now() - startedAt) / 1000;
const cpu = process.cpuUsage(cpuBefore);
const serverMs = cpuMsOf(pid) - serverBefore;
counting = false;
stopping = true;
await conversations;
tookUs.sort((one, other) => one - other);
const quantile = (share) => (tookUs[Math.min(tookUs.length - 1, Math.floor(tookUs.length * share))] ?? 0) / 1000;
process.stdout.write(
  `${JSON.stringify({
    calls: tookUs.length,
    failures,
    ...(firstFailure && { firstFailure }),
    perSecond: Math.round(tookUs.length / took),
    perCpuSecond: Math.round((tookUs.length / serverMs) * 1000),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    // Of one processor, taken by this client: near 1 it is itself the limit.
    clientBusy: Math.round(((cpu.user + cpu.system) / 1e6 / took) * 100) / 100,
  })}\n`,
);
