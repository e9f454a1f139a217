// What strings from the API could do outside the world: start something, write somewhere. And what a prepared state
// directory could make the sandbox do. Nothing is executed, no file is written but in the state directory.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DescribeClustersCommand } from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AwsError } from '../../src/sandbox/aws-error.ts';
import { parsePace } from '../../src/sandbox/pace.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { services } from '../../src/sandbox/services.ts';
import { shapeOf } from '../../src/sandbox/wire/shape.ts';
import { startRunningDemo } from '../helpers/running-demo.ts';
import { callJson } from './raw-client.ts';
import { temporaryDir } from './temporary-dir.ts';
import { clientsFor, failureOf } from './tiny-server.ts';
import { structOf } from './wire/arbitrary.ts';

async function start(dir: string): Promise<Sandbox & { warnings: string[] }> {
  const pace = parsePace('fast');
  if (pace === undefined) throw new Error('no pace');
  const warnings: string[] = [];
  const sandbox = await startSandbox({ pace, dir, warn: (message) => warnings.push(message) });
  onTestFinished(() => sandbox.close());
  return Object.assign(sandbox, { warnings });
}

function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name));
}

describe('strings that a shell or a path would take for more', () => {
  test('in commands, environments, images and names: nothing is run, nothing is written outside', async () => {
    const outside = temporaryDir();
    const marker = join(outside, 'executed');
    const dir = join(temporaryDir(), 'state');
    const demo = await startRunningDemo({ dir });
    await demo.run('up');
    const { sandbox } = demo;
    const shell = [
      `; touch ${marker}`,
      `$(touch ${marker})`,
      `\`touch ${marker}\``,
      `| touch ${marker}`,
      `\n touch ${marker}\n`,
      `& touch ${marker} &`,
      `require("fs").writeFileSync("${marker}","")`,
      `--eval=require("fs").writeFileSync("${marker}","")`,
      `../../../../${marker}`,
      'a\0b',
      '"}],"script":"/etc/passwd',
    ];
    const register = (container: object): ReturnType<typeof callJson> =>
      callJson(sandbox, 'ecs', 'RegisterTaskDefinition', {
        family: 'hostile',
        containerDefinitions: [{ name: 'web', image: 'busybox', memory: 32, ...container }],
      });
    const started: string[] = [];
    for (const text of shell) {
      const hostile: object[] = [
        { command: ['sh', '-c', text] },
        { command: [text] },
        { entryPoint: [text], command: [text, text] },
        { image: 'tongueroo/sinatra', command: ['ruby', 'hi.rb', '-p', text] },
        { image: 'tongueroo/sinatra', command: ['ruby', text] },
        { image: 'nginx', command: ['nginx', '-c', text] },
        {
          image: 'ecsdemo/hello',
          environment: [
            { name: 'NODE_OPTIONS', value: `--require ${text}` },
            { name: text, value: text },
          ],
        },
        { image: text },
        { image: `nginx:${text}` },
        { workingDirectory: text, user: text, hostname: text },
      ];
      for (const container of hostile) {
        const reply = await register(container);
        expect([200, 400]).toContain(reply.status);
        if (reply.status !== 200) continue;
        const run = await callJson(sandbox, 'ecs', 'RunTask', {
          cluster: 'my-cluster',
          taskDefinition: 'hostile',
          count: 1,
        });
        expect([200, 400]).toContain(run.status);
        started.push(
          ...((JSON.parse(run.body) as { tasks?: { taskArn: string }[] }).tasks?.map(({ taskArn }) => taskArn) ?? []),
        );
      }
      for (const name of [text, '../x', '.', '/etc/x', 'a/b']) expect((await register({ name })).status).toBe(400);
    }
    expect(started.length).toBeGreaterThan(20);
    const over = (): boolean =>
      started.every((arn) => ['STOPPED', 'RUNNING', undefined].includes(sandbox.world.tasks[arn]?.lastStatus));
    await expect.poll(over).toBe(true);
    expect(existsSync(marker)).toBe(false);
    expect(readdirSync(outside)).toEqual([]);
    const logs = readdirSync(join(dir, 'tasks'));
    expect(logs.length).toBeGreaterThan(0);
    expect(logs.filter((name) => !/^[0-9a-f]{32}-[A-Za-z0-9_-]{1,128}\.log$/.test(name))).toEqual([]);
    expect(Object.keys(readdirSync(join(dir, '..')))).toHaveLength(1);
  }, 60_000);

  test('a container name of 255 letters runs and has its log', async () => {
    const dir = join(temporaryDir(), 'state');
    const demo = await startRunningDemo({ dir });
    await demo.run('up', { through: 'instance' });
    const name = 'n'.repeat(255);
    await callJson(demo.sandbox, 'ecs', 'RegisterTaskDefinition', {
      family: 'long',
      containerDefinitions: [{ name, image: 'ecsdemo/hello', memory: 32 }],
    });
    await callJson(demo.sandbox, 'ecs', 'RunTask', { cluster: 'my-cluster', taskDefinition: 'long' });
    await expect
      .poll(() => Object.values(demo.sandbox.world.tasks).map(({ lastStatus }) => lastStatus))
      .toEqual(['RUNNING']);
    expect(readdirSync(join(dir, 'tasks'))).toHaveLength(1);
  });
});

describe('every operation, fed with anything its schema allows', () => {
  const cases = services.flatMap(({ id: service, operations }) =>
    Object.entries(operations).map(([name, operation]) => ({ service, name, operation })),
  );

  test('answers or refuses, and never falls over', async () => {
    const demo = await startRunningDemo();
    await demo.run('up', { through: 'load-balancer' });
    const { loop } = demo.sandbox;
    const hostile = fc.constantFrom(
      '__proto__',
      'constructor',
      'toString',
      'my-cluster',
      '*',
      '',
      ' ',
      'arn:aws:ecs:us-east-1:1:cluster/x',
      'arn:',
      'i-0',
      'sg-',
      '../..',
      '\0',
      '\u202e',
      '-1',
      '1e309',
      '{{}}',
      '(((((((((((((((((((((((((((((a+)+)+)+)+)+)+)+$',
    );
    const failures: string[] = [];
    for (const { service, name, operation } of cases) {
      const shape = shapeOf(operation.schema[4]);
      const plain = structOf(shape, 'json');
      const spiced = fc.tuple(plain, hostile, fc.boolean()).map(([input, text, all]) => spice(input, text, all));
      for (const input of fc.sample(fc.oneof(plain, spiced), { numRuns: 60, seed: 42 })) {
        try {
          const run = (context: never): unknown => operation.handler(context, structuredClone(input) as never);
          if (operation.mutates) loop.change(run as never);
          else loop.read(run as never);
        } catch (error) {
          if (!(error instanceof AwsError))
            failures.push(
              `${service}:${name} ${String((error as Error).stack)
                .split('\n')
                .slice(0, 3)
                .join(' ')} ${JSON.stringify(input).slice(0, 200)}`,
            );
        }
      }
    }
    expect([...new Set(failures.map((failure) => failure.slice(0, 600)))]).toEqual([]);
    expect(cases.length).toBeGreaterThan(60);
  }, 60_000);
});

/** Puts a hostile text where strings are: everywhere, or in the first place only. */
function spice(value: unknown, text: string, all: boolean): unknown {
  let done = false;
  const visit = (each: unknown): unknown => {
    if (typeof each === 'string') {
      if (done && !all) return each;
      done = true;
      return text;
    }
    if (Array.isArray(each)) return each.map(visit);
    if (each instanceof Date || each instanceof Uint8Array || typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, visit(inner)]));
  };
  return visit(value);
}

describe('a prepared state directory', () => {
  test('links in the place of its files are never written through', async () => {
    const victim = temporaryDir();
    const dir = join(temporaryDir(), 'state');
    mkdirSync(dir);
    const names = [
      'state.json',
      'state.json.new',
      'state.previous.json',
      `identity.json.${process.pid}`,
      'calls.log',
      'calls.log.1',
      'state.damaged.json',
    ];
    for (const name of names) {
      writeFileSync(join(victim, name), 'precious');
      symlinkSync(join(victim, name), join(dir, name));
    }
    // The state itself is damaged then, which is said, and set aside as a link, not followed.
    await failureOf(start(dir));
    const sandbox = await start(dir);
    expect((await callJson(sandbox, 'ecs', 'CreateCluster', { clusterName: 'a' })).status).toBe(200);
    await sandbox.close();
    for (const name of names)
      expect({ name, text: readFileSync(join(victim, name), 'utf8') }).toEqual({ name, text: 'precious' });
    expect(readdirSync(victim).toSorted()).toEqual(names.toSorted());
    expect(lstatSync(join(dir, 'state.json')).isFile()).toBe(true);
  });

  test('one that everybody may read becomes private, and so does all in it', async () => {
    const dir = join(temporaryDir(), 'state');
    mkdirSync(dir);
    chmodSync(dir, 0o777);
    const sandbox = await start(dir);
    await callJson(sandbox, 'ecs', 'CreateCluster', { clusterName: 'a' });
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(filesIn(dir).filter((file) => (statSync(file).mode & 0o077) !== 0)).toEqual([]);
  });

  test("somebody else's directory, a file in its place, a directory in the state's place: what is wrong is said", async () => {
    const file = join(temporaryDir(), 'file');
    writeFileSync(file, '');
    expect(await failureOf(start(file))).toMatchObject({
      code: 'sandbox-failed',
      message: expect.stringContaining(file),
    });
    expect(await failureOf(start('/proc/self'))).toMatchObject({
      code: 'sandbox-failed',
      message: expect.stringContaining('/proc/self'),
    });
    const dir = join(temporaryDir(), 'state');
    mkdirSync(join(dir, 'state.json'), { recursive: true });
    expect(await failureOf(start(dir))).toMatchObject({
      code: 'sandbox-state-damaged',
      message: expect.stringContaining('EISDIR'),
    });
  });

  test('a state with a foreign prototype in it is only data', async () => {
    const dir = join(temporaryDir(), 'state');
    const first = await start(dir);
    await first.close();
    const body = readFileSync(join(dir, 'state.json'), 'utf8').split('\n').slice(1).join('\n');
    const { createHash } = await import('node:crypto');
    const evil = body.replace(
      '"clusters":{',
      '"__proto__":{"polluted":true},"clusters":{"__proto__":{"polluted":true}',
    );
    writeFileSync(
      join(dir, 'state.json'),
      `${JSON.stringify({ format: 1, sha256: createHash('sha256').update(evil).digest('hex') })}\n${evil}`,
    );
    const sandbox = await start(dir);
    const { clusters } = await clientsFor(sandbox.endpoint, sandbox.credentials).ecs.send(
      new DescribeClustersCommand({ clusters: ['polluted'] }),
    );
    expect(clusters).toEqual([]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
