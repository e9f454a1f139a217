// A file with network mode host or awsvpc, by the built program: from nothing to an answer and back to nothing.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { inOwnDirectory } from './built-program.ts';

interface Data {
  url: string;
  running: number;
  healthy: number;
  checks: { id: string; status: string; detail: string }[];
  left: unknown[];
  calls: { total: number; mutating: number };
}

it.each([
  ['host', /i-\w+:80/],
  ['awsvpc', /172\.31\.\d+\.\d+:80/],
] as const)('%s answers, scales, is verified and leaves nothing', async (networkMode, target) => {
  const run = inOwnDirectory();
  const dir = mkdtempSync(join(tmpdir(), 'ecsdemo-test-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'task.json');
  const web = { name: 'web', image: 'nginx', memory: 128, portMappings: [{ containerPort: 80 }] };
  writeFileSync(file, JSON.stringify({ networkMode, containerDefinitions: [web] }));
  const local = async (...args: string[]): Promise<Data> => {
    const { code, stdout, stderr } = await run([...args, '--local', '--json']);
    expect({ code, failure: code === 0 ? '' : stderr }).toEqual({ code: 0, failure: '' });
    return (JSON.parse(stdout) as { data: Data }).data;
  };
  const up = ['up', '--task-definition', file, '--expect', 'nginx'];
  const made = await local(...up);
  expect(await (await fetch(made.url)).text()).toContain('nginx');
  const again = await local(...up);
  expect(again.calls.mutating).toBe(0);
  expect(again.calls.total).toBeLessThanOrEqual(22);
  expect(await local('scale', '--count', '2', '--instances', '2')).toMatchObject({ running: 2, healthy: 2 });
  const { checks } = await local('verify', '--on-instance', '--expect', 'nginx');
  expect(checks.map(({ status }) => status)).toEqual(checks.map(() => 'pass'));
  expect(checks.find(({ id }) => id === 'targets-healthy')?.detail).toMatch(target);
  expect((await local('destroy', '--yes')).left).toEqual([]);
});
