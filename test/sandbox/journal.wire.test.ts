// What is on disk is the world, whatever the sandbox did: a demo that lives and dies, faults, and every operation fed with
// anything. A write that is not noted would be lost by the next restart; this is where it would show.
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AwsError } from '../../src/sandbox/aws-error.ts';
import { services } from '../../src/sandbox/services.ts';
import { readGeneration } from '../../src/sandbox/state-file.ts';
import { stateFile } from '../../src/sandbox/store.ts';
import { shapeOf } from '../../src/sandbox/wire/shape.ts';
import { startRunningDemo, type RunningDemo } from '../helpers/running-demo.ts';
import { call } from './raw-client.ts';
import { temporaryDir } from './temporary-dir.ts';
import { structOf } from './wire/arbitrary.ts';

async function startKept(): Promise<{ demo: RunningDemo; kept(): Promise<void> }> {
  const dir = join(temporaryDir(), 'state');
  const demo = await startRunningDemo({ dir });
  return {
    demo,
    /** The world goes on meanwhile; in the end what is on disk must be what is in memory. */
    async kept() {
      const onDisk = async (): Promise<string> => JSON.stringify((await readGeneration(join(dir, stateFile))).world);
      await expect
        .poll(async () => (await onDisk()) === JSON.stringify(demo.sandbox.world) || (await onDisk()), {
          timeout: 10_000,
        })
        .toSatisfy((found) => found === true || found === JSON.stringify(demo.sandbox.world));
    },
  };
}

test('a demo from its first step to its last, with faults', async () => {
  const { demo, kept } = await startKept();
  await demo.run('up');
  await kept();
  await demo.run('scale', { count: '3' });
  await kept();
  for (const body of [{ what: 'task' }, { what: 'instance' }]) {
    const killed = await call(demo.sandbox, { service: 'ecsdemo', path: '/_ecsdemo/kill', body: JSON.stringify(body) });
    expect(killed.status).toBe(200);
    await kept();
  }
  const lag = JSON.stringify({ name: 'describe-lags' });
  expect((await call(demo.sandbox, { service: 'ecsdemo', path: '/_ecsdemo/faults', body: lag })).status).toBe(200);
  await demo.run('up', { command: JSON.stringify(['ruby', 'hi.rb', '-e', '4568']) });
  await kept();
  await demo.run('destroy');
  await kept();
});

test('every operation, fed with anything its schema allows', async () => {
  const { demo, kept } = await startKept();
  await demo.run('up');
  const { loop, world } = demo.sandbox;
  const names = [
    ...Object.values(world).flatMap((table: unknown) => Object.keys(Object(table) as object)),
    'my-cluster',
  ];
  for (const { id, operations } of services) {
    for (const [name, operation] of Object.entries(operations)) {
      const inputs = structOf(shapeOf(operation.schema[4]), 'json');
      for (const input of fc.sample(fc.tuple(inputs, fc.constantFrom(...names)), { numRuns: 20, seed: 42 })) {
        const run = (context: never): unknown => operation.handler(context, withText(input[0], input[1]) as never);
        try {
          if (operation.mutates) loop.change(run as never);
          else loop.read(run as never);
        } catch (error) {
          if (!(error instanceof AwsError)) throw new Error(`${id}:${name}`, { cause: error });
        }
      }
    }
  }
  await kept();
});

/** Names what there is in the first text of the input. */
function withText(input: unknown, text: string): unknown {
  let done = false;
  const visit = (each: unknown): unknown => {
    if (typeof each === 'string' && !done) {
      done = true;
      return text;
    }
    if (Array.isArray(each)) return each.map(visit);
    if (each instanceof Date || each instanceof Uint8Array || typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, visit(inner)]));
  };
  return visit(input);
}
