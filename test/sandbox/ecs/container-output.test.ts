// Output of containers as lines: nothing lost at the seams of chunks, files that go with their task.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createContainerOutputs, lineSplitter } from '../../../src/sandbox/ecs/container-output.ts';
import { emptyWorld } from '../empty-world.ts';
import type { Task, TaskContainer } from '../../../src/sandbox/ecs/records.ts';

it('makes whole lines of chunks that end anywhere, also within a character', () => {
  const splitter = lineSplitter();
  const bytes = Buffer.from('grüße\nan alle\nund');
  const lines = [...bytes].flatMap((byte) => splitter.push(Buffer.from([byte])));
  expect([...lines, ...splitter.rest()]).toEqual(['grüße', 'an alle', 'und']);
});

it('cuts a line that does not end', () => {
  const splitter = lineSplitter();
  const lines = splitter.push(Buffer.alloc(40_000, 'x'));
  expect(lines.map(({ length }) => length)).toEqual([16_384, 16_384]);
  expect(splitter.rest()[0]).toHaveLength(40_000 - 2 * 16_384);
});

it('keeps a file per container until the task is forgotten', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ecsdemo-output-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const outputs = createContainerOutputs(folder);
  const world = emptyWorld('123456789012', 'us-east-1');
  const task = { taskArn: 'arn:aws:ecs:us-east-1:123456789012:task/c/01' } as Task;
  world.tasks[task.taskArn] = task;
  const output = outputs.open(task, { name: 'web' } as TaskContainer);
  output.lines(['one', 'two']);
  output.end();
  output.lines(['after the end']);
  outputs.forget(world);
  expect(readFileSync(path.join(folder, '01-web.log'), 'utf8')).toBe('one\ntwo\n');
  delete world.tasks[task.taskArn];
  outputs.forget(world);
  expect(readdirSync(folder)).toEqual([]);
});
