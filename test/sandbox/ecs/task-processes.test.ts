// Containers as real processes: they serve, end politely or by force, and never outlive the one who started them.
import { createKept } from '../../../src/sandbox/kept.ts';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { imagesDirectory } from '../../../src/base/package-root.ts';
import { createTaskProcesses } from '../../../src/sandbox/ecs/task-processes.ts';
import type { Context } from '../../../src/sandbox/handler.ts';
import { randomIds } from '../../../src/sandbox/ids.ts';
import { parsePace, type Pace } from '../../../src/sandbox/pace.ts';
import type { World } from '../../../src/sandbox/world.ts';
import { emptyWorld } from '../empty-world.ts';
import type { Task } from '../../../src/sandbox/ecs/records.ts';

function fast(): Pace {
  const found = parsePace('fast');
  if (!found) throw new Error('no fast pace');
  return found;
}
const pace = fast();

async function eventually(done: () => boolean): Promise<void> {
  for (let left = 1500; !done(); left--) {
    if (left === 0) throw new Error('did not come to pass within half a minute');
    await pause(20);
  }
}

interface Begin {
  image?: string;
  command?: string[];
  /** @default long enough for a process on a busy machine to end by itself: 20 s at this pace. */
  stopTimeoutSeconds?: number;
}

/** A world with one task whose pull is over, and processes that follow it. */
function begin({ image = 'ecsdemo/hello', command, stopTimeoutSeconds = 1000 }: Begin = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'ecsdemo-tasks-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const world = emptyWorld('123456789012', 'us-east-1');
  world.taskDefinitions['td'] = {
    taskDefinitionArn: 'td',
    family: 'f',
    revision: 1,
    status: 'ACTIVE',
    registeredAt: 0,
    document: {
      networkMode: 'bridge',
      containerDefinitions: [
        {
          name: 'web',
          image,
          cpu: 0,
          essential: true,
          portMappings: [{ containerPort: 8080, hostPort: 0 }],
          ...(command ? { command } : {}),
        },
      ],
    },
    tags: [],
  };
  const task: Task = {
    taskArn: 'arn:aws:ecs:us-east-1:123456789012:task/c/0123456789abcdef',
    clusterArn: 'c',
    containerInstanceArn: 'ci',
    taskDefinitionArn: 'td',
    group: 'family:f',
    lastStatus: 'PENDING',
    desiredStatus: 'RUNNING',
    containers: [
      {
        name: 'web',
        containerArn: 'container',
        image,
        lastStatus: 'PENDING',
        createdAt: 0,
        essential: true,
        cpu: 0,
        networkBindings: [],
        stopTimeoutSeconds,
      },
    ],
    cpu: 0,
    memory: 128,
    createdAt: 0,
    pullStoppedAt: 0,
    version: 1,
    tags: [],
  };
  world.tasks[task.taskArn] = task;
  const reopen = () => {
    const change = <Result>(fn: (context: Context) => Result): Result => {
      const result = fn({
        world,
        now: Date.now(),
        ids: randomIds,
        pace,
        reservePort: () => 1,
        kept: createKept().kept,
      });
      queueMicrotask(() => processes.sync(world));
      return result;
    };
    const processes = createTaskProcesses({ change, clock: systemClock, pace, logDir: folder });
    onTestFinished(() => processes.close());
    processes.sync(world);
    return processes;
  };
  return { world, task, folder, processes: reopen(), reopen };
}

function containerOf(task: Task) {
  const container = task.containers[0];
  if (!container) throw new Error('no container');
  return container;
}

function stop(world: World, task: Task, processes: { sync(world: World): void }): void {
  Object.assign(task, { desiredStatus: 'STOPPED', lastStatus: 'STOPPING' });
  processes.sync(world);
}

it('serves on a port of the loopback that it tells, and ends with 0 on SIGTERM', async () => {
  const { world, task, processes, folder } = begin();
  await eventually(() => task.lastStatus === 'ACTIVATING');
  const [binding] = containerOf(task).networkBindings;
  expect(binding).toMatchObject({ containerPort: 8080, hostPort: binding?.localPort });
  const response = await fetch(`http://127.0.0.1:${binding?.localPort}/`);
  expect(await response.text()).toBe('Hello from ecsdemo\n');
  stop(world, task, processes);
  await eventually(() => containerOf(task).lastStatus === 'STOPPED');
  expect(containerOf(task).exitCode).toBe(0);
  expect(task.lastStatus).toBe('DEPROVISIONING');
  const log = readFileSync(path.join(folder, readdirSync(folder)[0] ?? ''), 'utf8');
  expect(log).toContain('hello: listening on 8080');
});

it('kills what does not end within its stop timeout', async () => {
  const { world, task, processes } = begin({
    image: 'busybox',
    command: ['sleep', 'infinity'],
    stopTimeoutSeconds: 10,
  });
  await eventually(() => containerOf(task).lastStatus === 'RUNNING');
  const asked = Date.now();
  stop(world, task, processes);
  await eventually(() => containerOf(task).lastStatus === 'STOPPED');
  expect(containerOf(task).exitCode).toBe(137);
  // A timer may fire a fraction of a millisecond early.
  expect(Date.now() - asked).toBeGreaterThanOrEqual(199);
});

it('answers pipelined requests in order and keeps the connection', async () => {
  const { task } = begin();
  await eventually(() => task.lastStatus === 'ACTIVATING');
  const port = containerOf(task).networkBindings[0]?.localPort ?? 0;
  const answers = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let data = '';
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      data += chunk.toString();
    });
    socket.on('close', () => resolve(data));
    socket.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n');
    socket.write(
      'abcPOST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nHEAD /d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
  });
  expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(4);
  expect(answers.match(/Hello from ecsdemo/g)).toHaveLength(3);
  expect(answers.match(/Connection: keep-alive/g)).toHaveLength(3);
});

it('starts RUNNING tasks again on their ports after a restart', async () => {
  const { task, processes, reopen } = begin();
  await eventually(() => task.lastStatus === 'ACTIVATING');
  task.lastStatus = 'RUNNING';
  const before = structuredClone(containerOf(task).networkBindings);
  await processes.close();
  expect(task.lastStatus).toBe('RUNNING');
  reopen();
  const url = `http://127.0.0.1:${before[0]?.localPort}/`;
  let body = '';
  void (async () => {
    while (body === '') {
      body = await fetch(url).then(
        (response) => response.text(),
        () => '',
      );
      await pause(20);
    }
  })();
  await eventually(() => body !== '');
  expect(containerOf(task).networkBindings).toEqual(before);
});

it('reports the exit of a stopping task whose process is gone', async () => {
  const { world, task, processes, folder } = begin();
  await eventually(() => task.lastStatus === 'ACTIVATING');
  await processes.close();
  Object.assign(task, { desiredStatus: 'STOPPED', lastStatus: 'STOPPING' });
  const change = <Result>(fn: (context: Context) => Result): Result =>
    fn({ world, now: 0, ids: randomIds, pace, reservePort: () => 1, kept: createKept().kept });
  const again = createTaskProcesses({ change, clock: systemClock, pace, logDir: folder });
  onTestFinished(() => again.close());
  again.sync(world);
  await eventually(() => containerOf(task).exitCode === 137);
  expect(task.lastStatus).toBe('DEPROVISIONING');
});

it('dies with the process that started it, however that ends', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ecsdemo-parent-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const script = path.join(folder, 'parent.cjs');
  const web = JSON.stringify(path.join(imagesDirectory(), 'web.cjs'));
  writeFileSync(
    script,
    `const child = require('node:child_process').spawn(process.execPath, [${web}, '{"listen":0,"body":"x"}'], { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
     child.stdio[3].on('data', (line) => console.log(child.pid + ' ' + line));`,
  );
  const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const line = await new Promise<string>((resolve) =>
    parent.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
  );
  const pid = Number(line.split(' ')[0]);
  onTestFinished(() => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone, as it should be.
    }
  });
  const isAlive = (): boolean => {
    try {
      process.kill(pid, 0);
      // An orphan nobody reaps stays a zombie in some containers: it holds nothing any more.
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  };
  expect(isAlive()).toBe(true);
  parent.kill('SIGKILL');
  await eventually(() => !isAlive());
});
