// States that no waiting cures: each is made as a person would make it, and each ends within seconds, the first time and
// the second, with the cause and what helps; what is suggested is taken, and helps. And those that end well are waited for.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { EcsdemoError } from '../../../src/base/errors.ts';
import { setFault } from '../../../src/sandbox/control/requests.ts';
import { paste, printed, type Typed } from '../../helpers/pasted.ts';
import { type RunningDemo, startRunningDemo } from '../../helpers/running-demo.ts';
import { removeFiles, type Row, rows, tableLine, waits } from './hopeless-rows.ts';

/** Far below the minute of --timeout. */
const withinMs = 15_000;

interface Ended {
  error: EcsdemoError | undefined;
  mutating: string[];
  ms: number;
}

/** `during`: told of each event, for what a person does while the command runs. */
async function ends(demo: RunningDemo, { command, flags }: Typed, during?: Row['during']): Promise<Ended> {
  const startedAt = performance.now();
  const meddled: Promise<unknown>[] = [];
  const seen = during?.(demo);
  const told: string[] = [];
  const error = await demo
    .run(command, flags, (event) => {
      if (event.type === 'call' && !/^(Describe|List|Get)/.test(event.operation)) told.push(event.operation);
      const meddling = seen?.(event);
      if (meddling !== undefined) meddled.push(meddling);
    })
    .then(
      () => undefined,
      (failure: unknown) => {
        if (failure instanceof EcsdemoError) return failure;
        throw failure;
      },
    );
  await Promise.all(meddled);
  return { error, mutating: told, ms: performance.now() - startedAt };
}

async function inState(row: Row, onTestFinished: TestContext['onTestFinished']): Promise<RunningDemo> {
  const demo = await startRunningDemo({}, onTestFinished);
  if (row.fault !== undefined) await setFault(connectionOf(demo), row.fault);
  for (const { command, flags } of row.first ?? []) await demo.run(command, flags);
  await row.meddle?.(demo);
  return demo;
}

function connectionOf({ sandbox: { endpoint, credentials, region, account } }: RunningDemo) {
  return { endpoint, credentials, region, account, pid: process.pid, pace: 'fast', startedAt: '' };
}

function saidBy(error: EcsdemoError | undefined): string {
  return [error?.message, ...(error?.diagnosis ?? [])].join('\n');
}

afterAll(removeFiles);

describe.concurrent('what waiting cannot cure', { timeout: 120_000 }, () => {
  it.for(rows)('$state: $run.command ends at once', async (row, { expect, onTestFinished }) => {
    const demo = await inState(row, onTestFinished);
    for (const time of row.once ? ['first'] : ['first', 'second']) {
      const { error, mutating, ms } = await ends(demo, row.run, row.during);
      const said = saidBy(error);
      expect({ time, code: error?.code, said }).toEqual({ time, code: row.code, said });
      expect(said).toMatch(row.names);
      expect(ms, said).toBeLessThan(withinMs);
      if (row.changesNothing) expect(mutating).toEqual([]);
    }
  });

  const helped = rows.flatMap((row) => (row.helps ?? []).map((lines) => ({ ...row, lines: [lines].flat() })));
  it.for(helped)('$state: $lines helps', async (row, { expect, onTestFinished }) => {
    const demo = await inState(row, onTestFinished);
    for (const wanted of row.lines) {
      const { error } = await ends(demo, row.run, row.during);
      const lines = (error?.suggestions ?? []).map((each) => printed(each, row.run));
      const line = lines.find((each) => wanted.test(each));
      expect(line, lines.join('\n')).toBeDefined();
      await paste(demo, line ?? '');
      // A line of another command cures: then the command that failed goes through.
      if (!line?.includes(`ecsdemo ${row.run.command}`)) await demo.run(row.run.command, row.run.flags);
    }
  });
});

describe.concurrent('what ends well', { timeout: 120_000 }, () => {
  it.for(waits)('$state: $run.command waits for it', async (row, { expect, onTestFinished }) => {
    const demo = await startRunningDemo(row.pace === undefined ? {} : { pace: row.pace }, onTestFinished);
    for (const { command, flags } of row.first ?? []) await demo.run(command, flags);
    await row.meddle?.(demo);
    const { error } = await ends(demo, row.run, row.during);
    expect(saidBy(error)).toBe('');
  });
});

it('is the table in docs/reliability.md', () => {
  const docs = readFileSync(new URL('../../../docs/reliability.md', import.meta.url), 'utf8');
  expect(docs).toContain([...new Set(rows.map(tableLine))].join('\n'));
});
