// A chapter is a value: the actions, the proof of emptiness, sweep, commands, help and flags are made from it. Held by a
// chapter that nothing in src knows of.
import { describe, expect, onTestFinished, test } from 'vitest';
import { destroy } from '../../src/actions/destroy.ts';
import { scale } from '../../src/actions/scale.ts';
import { openSession, type Session } from '../../src/actions/session.ts';
import { status } from '../../src/actions/status.ts';
import { survey, sweep } from '../../src/actions/sweep.ts';
import { up } from '../../src/actions/up.ts';
import { verify } from '../../src/actions/verify.ts';
import { tutorial } from '../../src/chapters/tutorial/chapter.ts';
import { commandsOf } from '../../src/commands/table.ts';
import type { EngineEvent } from '../../src/engine/types.ts';
import { startRunningDemo, type RunningDemo } from '../helpers/running-demo.ts';
import { entry, tiny } from './tiny-chapter.ts';

function open({ settings }: RunningDemo, name: string, events: EngineEvent[] = []): Session {
  const session = openSession(tiny, settings({ name }), (event) => events.push(event), new AbortController().signal);
  onTestFinished(() => session.close());
  return session;
}

test('is made, looked at, proved and taken away by the same actions', async () => {
  const demo = await startRunningDemo();
  const session = open(demo, 'ci-1');
  expect((await verify(session)).error?.code).toBe('demo-absent');
  const names = ['ci-1-tiny-room', 'ci-1-tiny-left', 'ci-1-tiny-right'];
  const planned = (await up(session, { dryRun: true })).data?.plan ?? [];
  expect(planned.map(({ action }) => action)).toEqual(Array.from({ length: 5 }, () => 'create'));
  expect(new Set(planned.map(({ name }) => name))).toEqual(new Set(names));
  const made = await up(session);
  expect(made.error).toBeUndefined();
  expect(made.data?.resources.map(({ name, state, owned }) => [name, state, owned])).toEqual(
    names.map((name) => [name, 'ACTIVE', true]),
  );
  expect((await up(session)).data?.calls.mutating).toBe(0);
  expect((await status(session)).data?.changes).toEqual([]);
  expect((await verify(session)).error).toBeUndefined();
  expect((await scale(session, { count: 2 })).error?.code).toBe('usage');
  const gone = await destroy(session);
  expect([gone.error, gone.data?.removed.length, gone.data?.left]).toEqual([undefined, 5, []]);
});

test('is seen by the proof when its own step forgets it', async () => {
  const demo = await startRunningDemo();
  const forgetful = {
    ...tiny,
    resources: tiny.resources.map((step) => ({ ...step, remove: async () => ({ removed: [], kept: [] }) })),
  };
  const session = open(demo, 'ci-1');
  await up(session);
  const { error, data } = await destroy(session.of('ci-1', forgetful));
  expect(error?.code).toBe('leftovers');
  expect(data?.left?.filter(({ step }) => step === 'room')).toMatchObject([{ name: 'ci-1-tiny-room' }]);
  expect(data?.left?.filter(({ step }) => step === 'pair')).toHaveLength(4);
});

test('is found and taken by a sweep beside the demos of other chapters, each as one step', async () => {
  const demo = await startRunningDemo();
  await demo.run('up', { name: 'ci-2', through: 'cluster' });
  const events: EngineEvent[] = [];
  const session = open(demo, 'ci-1', events);
  await up(session);
  const chapters = [tutorial, tiny];
  const found = await survey(session, chapters);
  expect(found.data?.demos.map(({ name, resources }) => [name, resources.some(({ step }) => step === 'room')])).toEqual(
    [
      ['ci-2', false],
      ['ci-1', true],
    ],
  );
  events.length = 0;
  const { error, data } = await sweep(session, chapters);
  expect(error).toBeUndefined();
  expect(data?.demos.map(({ removed }) => (removed ?? []).length > 0)).toEqual([true, true]);
  expect((await survey(session, chapters)).data?.demos).toEqual([]);
  const told = events.flatMap((event) =>
    event.type === 'step-finished' && event.of === undefined ? [event.tutorialStep] : [],
  );
  // Both at once, each told when it is done.
  expect(told.toSorted()).toEqual([3, 7]);
});

describe('its commands', () => {
  const made = commandsOf(entry);

  test('have its name before them, its steps and its numbers', () => {
    const verbs = ['up', 'verify', 'scale', 'destroy', 'status', 'smoke', 'policy', 'doctor'];
    expect(Object.keys(made)).toEqual(verbs.map((verb) => `tiny:${verb}`));
    const command = made['tiny:up'];
    expect(command?.summary).toContain('(steps 1 to 2)');
    expect(command?.flags['through']?.description).toBe('Stop after this step, and a later up goes on: room, pair');
    expect(command?.examples).toContainEqual({
      description: 'On this machine, without an AWS account',
      command: 'ecsdemo tiny up --local',
    });
    expect(made['tiny:destroy']?.summary).toContain('(step 3)');
  });
});
