import { describe, expect, it } from 'vitest';
import { EcsdemoError } from '../../src/base/errors.ts';
import { runDown, runInspect, runUp, type RunOptions } from '../../src/engine/run.ts';
import type { EngineEvent, Step, StepRun } from '../../src/engine/types.ts';
import { handClock } from '../helpers/hand-clock.ts';

type Log = string[];

/** A step that writes down when it starts and ends; `work` is what happens in between. */
function aStep(id: string, needs: string[], work: (run: StepRun) => Promise<void> = async () => undefined): Step<Log> {
  const act = async (log: Log, run: StepRun): Promise<void> => {
    log.push(`${id} starts`);
    await work(run);
    log.push(`${id} ends`);
  };
  const resource = { step: id, type: 'AWS::Test', name: id, id, state: 'present', owned: true };
  return {
    id,
    title: id,
    tutorialStep: 1,
    needs,
    inspect: async (log, run) => {
      await act(log, run);
      return { resources: [resource], changes: [] };
    },
    ensure: async (log, run) => {
      await act(log, run);
      return [resource];
    },
    remove: async (log, run) => {
      await act(log, run);
      return { removed: [resource], kept: [] };
    },
  };
}

function options(steps: Step<Log>[]): RunOptions<Log> & { context: Log; events: EngineEvent[]; stop: AbortController } {
  const clock = handClock();
  const events: EngineEvent[] = [];
  const stop = new AbortController();
  return {
    steps,
    context: [],
    report: (event) => events.push(event),
    clock,
    signal: stop.signal,
    deadline: clock.now() + 60_000,
    explain: (error, step) => new EcsdemoError('unexpected', (error as Error).message, { step }),
    events,
    stop,
  };
}

const aWhile = (run: StepRun): Promise<void> => {
  let looks = 0;
  return run.wait({
    what: 'it',
    look: async () => (++looks > 5 ? { done: true, value: undefined } : { done: false, state: `${looks}` }),
  });
};

describe('runUp', () => {
  it('runs side by side what does not need each other, and returns resources in order', async () => {
    const run = options([aStep('a', [], aWhile), aStep('b', [], aWhile), aStep('c', ['a', 'b'])]);
    const resources = await runUp(run);
    expect(run.context.slice(0, 2)).toEqual(['a starts', 'b starts']);
    expect(run.context.slice(-2)).toEqual(['c starts', 'c ends']);
    expect(resources.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('starts a dependant as soon as the step has handed over', async () => {
    const early = aStep('a', [], async (run) => {
      run.handOver();
      await aWhile(run);
    });
    const run = options([early, aStep('b', ['a'])]);
    await runUp(run);
    expect(run.context).toEqual(['a starts', 'b starts', 'b ends', 'a ends']);
  });

  it('starts a proof only when what it needs has come to its end, and tells the plan first', async () => {
    const early = aStep('a', [], async (run) => {
      run.handOver();
      await aWhile(run);
    });
    const run = options([early, { ...aStep('b', ['a']), needsDone: true }]);
    await runUp(run);
    expect(run.context).toEqual(['a starts', 'a ends', 'b starts', 'b ends']);
    expect(run.events[0]).toMatchObject({ type: 'planned', steps: [{ step: 'a' }, { step: 'b' }] });
  });

  it('never starts a proof of what handed over and then failed', async () => {
    const early = aStep('a', [], async (run) => {
      run.handOver();
      await Promise.reject(new Error('boom'));
    });
    const run = options([early, { ...aStep('b', ['a']), needsDone: true }]);
    await expect(runUp(run)).rejects.toThrow('boom');
    expect(run.context).toEqual(['a starts']);
  });

  it('after a failure starts nothing that needs it, abandons waits, and throws that failure', async () => {
    const fails = aStep('a', [], () => Promise.reject(new Error('boom')));
    const forEver = aStep('b', [], (run) =>
      run.wait({ what: 'never', look: async () => ({ done: false, state: 'no' }) }),
    );
    const run = options([fails, forEver, aStep('c', ['a'])]);
    await expect(runUp(run)).rejects.toMatchObject({ code: 'unexpected', message: 'boom', step: 'a' });
    expect(run.context).toEqual(['a starts', 'b starts']);
    expect(run.events.filter(({ type }) => type === 'step-failed')).toHaveLength(1);
  });

  it('is interrupted by the signal', async () => {
    const run = options([]);
    const waits = aStep('a', [], (each) =>
      each.wait({
        what: 'never',
        look: async () => {
          run.stop.abort(new Error('ctrl-c'));
          return { done: false, state: 'no' };
        },
      }),
    );
    await expect(runUp({ ...run, steps: [waits, aStep('b', ['a'])] })).rejects.toMatchObject({
      code: 'interrupted',
      exitCode: 130,
    });
    expect(run.context).toEqual(['a starts']);
  });

  it('tells with each finished step what it changed', async () => {
    const change = { step: 'a', action: 'create', type: 'AWS::Test', name: 'a' } as const;
    const run = options([aStep('a', [], async (each) => each.report({ type: 'changed', step: 'a', change }))]);
    await runUp(run);
    expect(run.events.at(-1)).toMatchObject({ type: 'step-finished', step: 'a', changes: [change] });
  });
});

describe('runDown', () => {
  it('removes in reverse', async () => {
    const run = options([aStep('a', []), aStep('b', ['a']), aStep('c', ['b'])]);
    const { removed } = await runDown(run, 7);
    expect(run.context.filter((line) => line.endsWith('starts'))).toEqual(['c starts', 'b starts', 'a starts']);
    expect(removed.map(({ name }) => name)).toEqual(['c', 'b', 'a']);
  });

  it('goes on with everything else when one step fails', async () => {
    const fails = aStep('b', ['a'], () => Promise.reject(new Error('still in use')));
    const run = options([aStep('a', []), fails, aStep('c', [])]);
    const { removed, unfinished, errors } = await runDown(run, 7);
    expect(removed.map(({ name }) => name).toSorted()).toEqual(['a', 'c']);
    expect(unfinished).toEqual([fails.title]);
    expect(errors.map(({ message }) => message)).toEqual(['still in use']);
  });
});

describe('runInspect', () => {
  it('gathers what the steps see', async () => {
    const run = options([aStep('a', []), aStep('b', ['a'])]);
    const { resources, changes } = await runInspect(run);
    expect(resources.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(changes).toEqual([]);
  });
});
