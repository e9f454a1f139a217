// The sandbox under load: AWS calls per second, time from `scale` to healthy, and its load balancer beside nginx as a plain
// reverse proxy for the same task.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withSandbox } from '../program.mjs';
import { has, run } from '../processes.mjs';
import { alternate, median, ms, ratio, table } from '../stats.mjs';

const generator = fileURLToPath(new URL('../load.mjs', import.meta.url));
const callGenerator = fileURLToPath(new URL('../call-load.mjs', import.meta.url));
/** Of call-load.mjs, on a standing demo: two reads, then writes, each acknowledged once it is saved. */
const operations = [
  'DescribeClusters',
  'DescribeServices',
  'TagResource',
  'SecurityGroup',
  'Cluster',
  'RegisterTaskDefinition',
  'mix of writes',
];

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** nginx, one worker, in front of one port. @returns its port and how to end it. */
async function startNginx(upstreamPort) {
  const dir = mkdtempSync(join(tmpdir(), 'ecsdemo-bench-nginx-'));
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${dir}/${kind};`)
    .join(' ');
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${dir}/pid; error_log ${dir}/error.log;
events { worker_connections 4096; }
http { access_log off; ${temporary} keepalive_requests 1000000;
  upstream task { server 127.0.0.1:${upstreamPort}; keepalive 256; }
  server { listen 127.0.0.1:${port} backlog=1024;
    location / { proxy_pass http://task; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; } } }`,
  );
  const child = spawn('nginx', ['-p', dir, '-c', join(dir, 'nginx.conf')], { stdio: 'ignore' });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const deadline = Date.now() + 5_000;
  const stop = async () => {
    child.kill('SIGTERM');
    await gone;
    rmSync(dir, { recursive: true, force: true });
  };
  while (
    !(await fetch(`http://127.0.0.1:${port}/`).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    if (Date.now() < deadline && child.exitCode === null) continue;
    await stop();
    throw new Error('nginx does not answer');
  }
  return { port, stop };
}

/** The tasks in the sandbox's state: a snapshot, and lines with what changed since. */
function tasksOf(dir) {
  const [, snapshot, ...lines] = readFileSync(join(dir, 'state.json'), 'utf8').trimEnd().split('\n');
  const { tasks } = JSON.parse(snapshot);
  for (const [table, key, value] of lines.flatMap((line) => JSON.parse(line.slice(line.indexOf(' ')))))
    if (table === 'tasks') tasks[key] = value ?? {};
  return Object.values(tasks);
}

async function proxies({ quick, tell }, sandbox, url) {
  // The port of the one task, which nginx is pointed at and which is also measured without anything between.
  const [task] = tasksOf(sandbox.dir).filter(({ lastStatus }) => lastStatus === 'RUNNING');
  const taskPort = task.containers[0].networkBindings[0].localPort;
  const nginx = has('nginx') ? await startNginx(taskPort) : undefined;
  if (nginx === undefined) tell('nginx is missing: the load balancer is measured alone');
  const seconds = quick ? 1 : 2;
  const rounds = quick ? 1 : 3;
  try {
    const data = {};
    for (const connections of [1, 32, 256]) {
      tell(`load balancer, ${connections} connections`);
      const load = (port) => async () =>
        JSON.parse((await run(process.execPath, [generator, String(port), String(connections), String(seconds)])).out);
      const values = await alternate(rounds, {
        'task alone': load(taskPort),
        ...(nginx === undefined ? {} : { nginx: load(nginx.port) }),
        'load balancer': load(Number(new URL(url).port)),
      });
      data[connections] = Object.fromEntries(
        Object.entries(values).map(([name, runs]) => [
          name,
          {
            perSecond: median(runs.map((each) => each.perSecond)),
            p50Ms: median(runs.map((each) => each.p50Ms)),
            p99Ms: median(runs.map((each) => each.p99Ms)),
            failures: runs.reduce((total, each) => total + each.failures, 0),
          },
        ]),
      );
    }
    return data;
  } finally {
    await nginx?.stop();
  }
}

export async function load(options) {
  const { quick, tell } = options;
  return withSandbox({}, async (sandbox) => {
    const { data: up } = await sandbox.json(['up']);
    tell('AWS calls per second');
    const calls = {};
    for (const operation of operations) {
      const seconds = quick ? '1' : '3';
      const { out } = await run(process.execPath, [callGenerator, operation, seconds], { env: sandbox.asAws() });
      calls[operation] = JSON.parse(out);
    }
    const balancer = await proxies(options, sandbox, up.url);
    tell('time from scale to healthy');
    const scales = {};
    for (const count of [2, 4, 6])
      scales[count] = (await sandbox.json(['scale', '--count', String(count)])).data.durationMs;
    const rows = Object.entries(balancer).flatMap(([connections, byName]) =>
      Object.entries(byName).map(([name, each]) => [
        `${name}, ${connections} connection${connections === '1' ? '' : 's'}`,
        each.perSecond,
        ratio(each.perSecond / (byName.nginx?.perSecond ?? Number.NaN)),
        ms(each.p50Ms - byName['task alone'].p50Ms),
        ms(each.p99Ms - byName['task alone'].p99Ms),
        each.failures,
      ]),
    );
    const text = [
      table(
        ['AWS calls of the sandbox', 'per second', 'per second of processor', 'p50', 'p99', 'failed', 'client busy'],
        Object.entries(calls).map(([name, each]) => [
          name,
          each.perSecond,
          each.perCpuSecond,
          ms(each.p50Ms),
          ms(each.p99Ms),
          each.failures,
          each.clientBusy,
        ]),
      ),
      table(['load balancer', 'requests/s', 'to nginx', 'added p50', 'added p99', 'failed'], rows),
      `scale to healthy: ${Object.entries(scales)
        .map(([count, took]) => `${count} tasks ${ms(took)}`)
        .join(', ')}`,
    ].join('\n\n');
    return { title: 'The sandbox', data: { calls, balancer, scales }, text };
  });
}
