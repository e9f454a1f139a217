// Health checks of containers: what results make of a container, and what a check finds inside one.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { judge, type Verdict } from '../../../src/sandbox/ecs/health-checks.ts';
import { playHealthCommand } from '../../../src/sandbox/ecs/health-command.ts';
import { healthStatusOf } from '../../../src/sandbox/ecs/task-health.ts';
import { emptyWorld } from '../empty-world.ts';
import type { Task, TaskContainer } from '../../../src/sandbox/ecs/records.ts';
import type { World } from '../../../src/sandbox/world.ts';

describe('results of a check', () => {
  const check = { command: ['CMD', 'x'], retries: 3, startPeriod: 10 };
  /** `+` a success, `-` a failure, one a second from the start on. */
  const after = (results: string): Verdict =>
    results.split('').reduce((verdict: Verdict, result, index) => judge(verdict, result === '+', check, index * 1000), {
      failures: 0,
      status: undefined,
    });

  it.each<[string, Verdict['status']]>([
    ['', undefined],
    ['+', 'HEALTHY'],
    ['----------', undefined],
    ['------------', undefined],
    ['-------------', 'UNHEALTHY'],
    ['+--', 'HEALTHY'],
    ['+---', 'UNHEALTHY'],
    ['+--+--', 'HEALTHY'],
    ['+---+', 'HEALTHY'],
  ])('%s → %s', (results, status) => {
    expect(after(results).status).toBe(status);
  });
});

/** A task on an instance whose containers listen where `ports` says: container port → what it answers with. */
async function taskOf(
  definitions: { name: string; image: string; links?: string[]; answers?: { port: number; status: number } }[],
  hostNetwork?: true,
): Promise<{ world: World; task: Task }> {
  const world = emptyWorld('123456789012', 'us-east-1');
  world.taskDefinitions['td'] = {
    taskDefinitionArn: 'td',
    family: 'f',
    revision: 1,
    status: 'ACTIVE',
    registeredAt: 0,
    document: {
      containerDefinitions: definitions.map(({ name, links }) => ({
        name,
        links,
        environment: [{ name: 'PORT', value: '80' }],
      })),
    },
    tags: [],
  };
  world.containerInstances['ci'] = { ec2InstanceId: 'i-1', attributes: [] } as never;
  world.instances['i-1'] = { instanceId: 'i-1', privateIpAddress: '172.31.0.10' } as never;
  const containers = await Promise.all(
    definitions.map(async ({ name, image, answers }): Promise<TaskContainer> => {
      const base: TaskContainer = {
        name,
        image,
        containerArn: name,
        lastStatus: 'RUNNING',
        essential: true,
        cpu: 0,
        networkBindings: [],
      };
      if (!answers) return base;
      const server = createServer((_, response) => {
        response.statusCode = answers.status;
        response.end(`this is ${name}\n`);
      }).listen(0, '127.0.0.1');
      onTestFinished(() => void server.close());
      await new Promise((resolve) => server.once('listening', resolve));
      const localPort = (server.address() as AddressInfo).port;
      const binding = { containerPort: answers.port, hostPort: answers.port, localPort, protocol: 'tcp' as const };
      return {
        ...base,
        listening: { containerPort: answers.port, localPort },
        networkBindings: hostNetwork ? [binding] : [],
      };
    }),
  );
  const task = {
    taskArn: 'arn:aws:ecs:us-east-1:123456789012:task/c/0123456789abcdef',
    containerInstanceArn: 'ci',
    taskDefinitionArn: 'td',
    containers,
    ...(hostNetwork && { hostNetwork }),
  } as Task;
  world.tasks[task.taskArn] = task;
  return { world, task };
}

/** The exit code of the check in the first container of the task. */
async function exitCodeOf({ world, task }: { world: World; task: Task }, ...command: string[]): Promise<number> {
  const [container] = task.containers;
  if (!container) throw new Error('no container');
  const { signal } = new AbortController();
  return (await playHealthCommand({ world, task, container, command, sleep: () => Promise.resolve(), signal }))
    .exitCode;
}

describe('a check inside a container', () => {
  const shell = (line: string): [string, string] => ['CMD-SHELL', line];

  it.each<[string, number]>([
    ['curl -f http://localhost/ || exit 1', 0],
    ['curl -f http://localhost:$PORT/', 0],
    ['curl -f http://127.0.0.1:81/ || exit 1', 1],
    ['curl -s localhost | grep -q "this is web"', 0],
    ['curl -s localhost | grep -q "this is db"', 1],
    ['[ "$(curl -s -o /dev/null -w \'%{http_code}\' http://localhost)" = 200 ] || exit 3', 0],
    ['if curl -fs localhost >/dev/null 2>&1; then exit 0; else exit 1; fi', 0],
    ['nginx -t', 0],
    ['test -f /usr/share/nginx/html/index.html && exit 0', 0],
    ['exit 7', 7],
    ['wget -q --spider http://localhost/', 127],
    ['pg_isready -U postgres', 127],
    ['curl http://example.com/', 6],
    ['while true; do :; done', 127],
  ])('nginx: %s → %i', async (line, exitCode) => {
    const nginx = await taskOf([{ name: 'web', image: 'nginx', answers: { port: 80, status: 200 } }]);
    expect(await exitCodeOf(nginx, ...shell(line))).toBe(exitCode);
  });

  it('finds the tools of its own image', async () => {
    const answers = { port: 80, status: 200 };
    const httpd = await taskOf([{ name: 'web', image: 'httpd', answers }]);
    expect(await exitCodeOf(httpd, ...shell('curl -f localhost || exit 1'))).toBe(1);
    const alpine = await taskOf([{ name: 'web', image: 'httpd:2.4-alpine', answers }]);
    expect(await exitCodeOf(alpine, 'CMD', 'wget', '-q', '--spider', 'http://localhost/')).toBe(0);
    expect(await exitCodeOf(alpine, ...shell('nc -z localhost 80 && ! nc -z localhost 81'))).toBe(0);
  });

  it('fails with what the program answers', async () => {
    const broken = await taskOf([{ name: 'web', image: 'nginx:alpine', answers: { port: 80, status: 500 } }]);
    expect(await exitCodeOf(broken, ...shell('curl -f localhost'))).toBe(22);
    expect(await exitCodeOf(broken, ...shell('wget -qO- localhost'))).toBe(1);
    expect(await exitCodeOf(broken, ...shell('curl -s localhost'))).toBe(0);
  });

  it('has a localhost of its own, and reaches what it is linked to', async () => {
    const bridge = await taskOf([
      { name: 'web', image: 'nginx', links: ['db:database'] },
      { name: 'db', image: 'nginx', answers: { port: 80, status: 200 } },
    ]);
    expect(await exitCodeOf(bridge, ...shell('curl -s localhost'))).toBe(7);
    expect(await exitCodeOf(bridge, ...shell('curl -s db && curl -s database:80'))).toBe(0);
    expect(await exitCodeOf(bridge, ...shell('curl -s 172.31.0.10'))).toBe(7);
  });

  it('shares the localhost of the host’s network', async () => {
    const host = await taskOf(
      [
        { name: 'web', image: 'nginx' },
        { name: 'db', image: 'nginx', answers: { port: 8080, status: 200 } },
      ],
      true,
    );
    expect(await exitCodeOf(host, ...shell('curl -s localhost:8080 && curl -s 172.31.0.10:8080'))).toBe(0);
    expect(await exitCodeOf(host, ...shell('curl -s localhost:80'))).toBe(7);
  });
});

it.each<[string, string | undefined]>([
  ['', undefined],
  ['h', 'HEALTHY'],
  ['hh', 'HEALTHY'],
  ['h?', 'UNKNOWN'],
  ['?u', 'UNHEALTHY'],
  // Not essential: counts neither way.
  ['hU', 'HEALTHY'],
  ['U', undefined],
])('the health of a task of %j is %s', (checks, expected) => {
  const world = emptyWorld('123456789012', 'us-east-1');
  const containers = checks.split('').map((check, index) => ({
    name: `c${index}`,
    essential: check !== 'U',
    ...(check === 'h' ? { healthStatus: 'HEALTHY' } : check === '?' ? {} : { healthStatus: 'UNHEALTHY' }),
  }));
  world.taskDefinitions['td'] = {
    document: {
      containerDefinitions: containers.map(({ name }) => ({ name, healthCheck: { command: ['CMD', 'x'] } })),
    },
  } as never;
  expect(healthStatusOf(world, { taskDefinitionArn: 'td', containers } as never)).toBe(expected);
});
