// Checks that go side by side: who waits for whom, and what a check comes to that throws.
import { describe, expect, it } from 'vitest';
import type { CheckResult, CheckSpec, EngineEvent } from '../../src/engine/types.ts';
import { runChecksTogether } from '../../src/engine/verify.ts';

const pass: CheckResult = { status: 'pass', detail: 'seen' };
const failed = (error: unknown): CheckResult => ({ status: 'fail', detail: (error as Error).message });

describe('checks side by side', () => {
  it('start at once, and those that come after others when these have ended', async () => {
    const order: string[] = [];
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    const spec = (id: string, after: string[] = [], waits = false): CheckSpec => ({
      id,
      after,
      run: async () => {
        order.push(id);
        if (waits) await gate;
        return pass;
      },
    });
    const running = runChecksTogether(
      [
        spec('slow', [], true),
        spec('late', ['slow']),
        { ...spec('quick'), run: async () => (letGo(), order.push('quick'), pass) },
      ],
      'doctor',
      () => undefined,
      failed,
    );
    expect((await running).map(({ id }) => id)).toEqual(['slow', 'late', 'quick']);
    expect(order).toEqual(['slow', 'quick', 'late']);
  });

  it('are a failure where they throw, a skip behind one, and told each', async () => {
    const events: EngineEvent[] = [];
    const checks = await runChecksTogether(
      [
        { id: 'one', run: () => Promise.reject(new Error('no')) },
        { id: 'two', after: ['one'], run: async () => pass },
        { id: 'three', after: ['two'], run: async () => pass },
        { id: 'four', run: async () => pass },
      ],
      'doctor',
      (event) => events.push(event),
      failed,
    );
    expect(checks).toEqual([
      { id: 'one', status: 'fail', detail: 'no' },
      { id: 'two', status: 'skip', detail: 'not tried, because one did not pass' },
      { id: 'three', status: 'skip', detail: 'not tried, because two did not pass' },
      { id: 'four', ...pass },
    ]);
    expect(events).toHaveLength(4);
  });

  it('end all when what a failure comes to throws', async () => {
    const specs = [{ id: 'one', run: () => Promise.reject(new Error('stopped')) }];
    const rethrow = (error: unknown): never => {
      throw error;
    };
    await expect(runChecksTogether(specs, 'doctor', () => undefined, rethrow)).rejects.toThrow('stopped');
  });
});
