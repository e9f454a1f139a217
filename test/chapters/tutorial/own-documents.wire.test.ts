// A person's own file from `up` to `up` again, on a sandbox: what it says is there, and stays as it is.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { EcsdemoError } from '../../../src/base/errors.ts';
import type { World } from '../../../src/sandbox/world.ts';
import { startRunningDemo } from '../../helpers/running-demo.ts';
import { failureOf } from '../../sandbox/tiny-server.ts';

const caseOf = (name: string): string => fileURLToPath(new URL(`../../cases/${name}`, import.meta.url));

function fileOf(document: object): string {
  const directory = mkdtempSync(join(tmpdir(), 'ecsdemo-own-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'task.json');
  writeFileSync(file, JSON.stringify(document));
  return file;
}

function served({ services }: World): string[] {
  return Object.values(services).flatMap(({ loadBalancers }) =>
    loadBalancers.map(({ containerName, containerPort }) => `${containerName}:${containerPort}`),
  );
}

const revisions = ({ taskDefinitions }: World): number[] =>
  Object.values(taskDefinitions).map(({ revision }) => revision);

test('files of every kind, one after the other, each once: the same again changes nothing', async () => {
  const { run, sandbox } = await startRunningDemo();
  const names = ['t01-nulls.json', 't04-vcpu.json', 't15-range.json', 't18-cfn.json', 't20.yaml', 't30-utf16.json'];
  for (const name of names) {
    const flags = { 'task-definition': caseOf(name), expect: 'nginx' };
    await run('up', flags);
    expect([name, (await run('up', flags)).mutating]).toEqual([name, []]);
  }
  const [document] = Object.values(sandbox.world.taskDefinitions).slice(1);
  // Units are not kept.
  expect(document?.document).toMatchObject({ cpu: '256', memory: '512' });
});

test('a file that ECS refuses is refused before anything is made', async () => {
  const { run, sandbox } = await startRunningDemo();
  const failure = await failureOf(run('up', { 'task-definition': caseOf('t33-reservation-over.json') }));
  expect(failure).toMatchObject({ code: 'template-invalid', exitCode: 2 });
  const { clusters, roles, loadBalancers } = sandbox.world;
  expect([clusters, roles, loadBalancers].flatMap((table) => Object.keys(table))).toEqual([]);
});

test('--container chooses whom the load balancer talks to, and what does not say otherwise leaves it so', async () => {
  const { run, sandbox } = await startRunningDemo();
  const containerDefinitions = [
    { name: 'app', image: 'ecsdemo/hello', memory: 32, portMappings: [{ containerPort: 8080 }] },
    { name: 'web', image: 'nginx', memory: 64, portMappings: [{ containerPort: 80 }] },
  ];
  const flags = { 'task-definition': fileOf({ containerDefinitions }) };
  const told = ['the load balancer talks to web:80; --container and --container-port choose app:8080 instead'];
  expect((await run('up', { ...flags, 'dry-run': true })).result.warnings).toEqual(told);
  const first = await run('up', { ...flags, expect: 'nginx' });
  expect(served(sandbox.world)).toEqual(['web:80']);
  expect(first.result.warnings).toEqual(told);

  const app = { ...flags, expect: 'Hello' };
  const chosen = await run('up', { ...app, container: 'app' });
  expect(served(sandbox.world)).toEqual(['app:8080']);
  // Another container, and the text that it answers is remembered.
  expect(chosen.mutating).toEqual(['AddTags', 'UpdateService']);

  const again = await run('up', app);
  expect(again.mutating).toEqual([]);
  expect(again.result.warnings).toEqual([]);
  expect((await run('status')).result.data?.changes).toEqual([]);
  const { checks } = (await run('verify', { expect: 'Hello', 'on-instance': true })).result.data ?? {};
  expect(checks?.map(({ status }) => status)).not.toContain('fail');
  expect((await run('scale', { count: '2', expect: 'Hello' })).mutating).toEqual(['UpdateService']);
  expect(served(sandbox.world)).toEqual(['app:8080']);

  await run('up', { ...flags, 'container-port': '80', expect: 'nginx' });
  expect(served(sandbox.world)).toEqual(['web:80']);
  expect(revisions(sandbox.world)).toEqual([1]);
});

test('where the likeliest container is the wrong one, what is advised helps', async () => {
  const { run } = await startRunningDemo();
  const hello = { image: 'ecsdemo/hello', memory: 32 };
  const containerDefinitions = [
    { ...hello, name: 'first', portMappings: [{ containerPort: 9000 }] },
    { ...hello, name: 'second', portMappings: [{ containerPort: 8080 }] },
  ];
  const flags = { 'task-definition': fileOf({ containerDefinitions }), expect: 'Hello' };
  const failure = await failureOf(run('up', flags));
  expect(failure).toMatchObject({ code: 'target-unhealthy' });
  const [first] = (failure as EcsdemoError).suggestions;
  expect(first).toMatchObject({ flags: { container: 'second', 'container-port': 8080 } });
  await run('up', { ...flags, container: 'second', 'container-port': '8080' });
});

test('tags of the file are there beside ours, which count, and change without a revision', async () => {
  const { run, sandbox } = await startRunningDemo();
  const container = { name: 'web', image: 'nginx', memory: 64, portMappings: [{ containerPort: 80 }] };
  const tagged = (...tags: [string, string][]) => ({
    'task-definition': fileOf({
      containerDefinitions: [container],
      tags: tags.map(([key, value]) => ({ key, value })),
    }),
    expect: 'nginx',
  });
  const tags = () =>
    Object.values(sandbox.world.taskDefinitions).map(({ tags: all }) =>
      Object.fromEntries(all.filter(({ key }) => key !== 'ecsdemo:created-at').map(({ key, value }) => [key, value])),
    );
  const blue: [string, string][] = [
    ['team', 'blue'],
    ['ecsdemo:demo', 'theirs'],
    ['aws:cloudformation:stack-name', 'web'],
  ];
  await run('up', tagged(...blue));
  expect(tags()).toEqual([{ team: 'blue', 'ecsdemo:demo': 'my' }]);
  expect((await run('up', tagged(...blue))).mutating).toEqual([]);
  expect((await run('up', tagged(['team', 'red'], ['tier', '1']))).mutating).toEqual(['TagResource']);
  expect(tags()).toEqual([{ team: 'red', tier: '1', 'ecsdemo:demo': 'my' }]);
  expect((await run('up', tagged(['team', 'red'], ['tier', '1']))).mutating).toEqual([]);
});
