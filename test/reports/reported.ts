// A run of the program's own functions on a sandbox, as its reports see it.
import { onTestFinished } from 'vitest';
import { openSession } from '../../src/actions/session.ts';
import { smoke } from '../../src/actions/smoke.ts';
import { up } from '../../src/actions/up.ts';
import type { GivenFlags } from '../../src/base/settings.ts';
import { tutorial } from '../../src/chapters/tutorial/chapter.ts';
import type { EngineEvent } from '../../src/engine/types.ts';
import { recordRun } from '../../src/reports/record.ts';
import { startRunningDemo } from '../helpers/running-demo.ts';

/** Runs `up`, or a smoke run, and gives all that reports are made of. */
export async function reported(command: 'up' | 'smoke', flags: GivenFlags = {}) {
  const demo = await startRunningDemo();
  const events: EngineEvent[] = [];
  const recorder = recordRun(command, Date.now());
  const report = (event: EngineEvent): void => {
    events.push(event);
    recorder.take(event, Date.now());
  };
  const session = openSession(tutorial, demo.settings(flags), report, new AbortController().signal);
  onTestFinished(() => session.close());
  const plan = { steps: ['up', 'verify', 'scale'] as const, count: 2, keep: false, retry: false };
  const { error } = command === 'up' ? await up(session) : await smoke(session, plan);
  return { events, error, record: recorder.end(Date.now(), error) };
}
