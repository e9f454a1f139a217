// Actions in a row over one session: what a smoke run, a lesson or a live page is made of.
import { expect, onTestFinished, test } from 'vitest';
import { destroy } from '../../src/actions/destroy.ts';
import { scale } from '../../src/actions/scale.ts';
import { openSession, type Session } from '../../src/actions/session.ts';
import { status } from '../../src/actions/status.ts';
import { up } from '../../src/actions/up.ts';
import { verify } from '../../src/actions/verify.ts';
import type { GivenFlags } from '../../src/base/settings.ts';
import { tutorial } from '../../src/chapters/tutorial/chapter.ts';
import { startRunningDemo, type RunningDemo } from '../helpers/running-demo.ts';

function open(demo: RunningDemo, flags: GivenFlags = {}) {
  const calls: string[] = [];
  const session: Session = openSession(
    tutorial,
    demo.settings(flags),
    (event) => {
      if (event.type === 'call') calls.push(`${event.service}:${event.operation}`);
    },
    new AbortController().signal,
  );
  onTestFinished(() => session.close());
  return { session, calls };
}

test('up, verify, scale, verify and destroy are one smoke run', async () => {
  const demo = await startRunningDemo();
  const { session, calls } = open(demo);
  const made = await up(session);
  const first = await verify(session);
  const more = await scale(session, { count: 3 });
  const second = await verify(session);
  const gone = await destroy(session);
  const all = [made, first, more, second, gone];
  expect(all.map(({ error }) => error)).toEqual(all.map(() => undefined));
  expect([made.data?.running, first.data?.running, more.data?.healthy, second.data?.running]).toEqual([1, 1, 3, 3]);
  expect(second.data?.checks.map(({ status: how }) => how)).not.toContain('fail');
  expect(gone.data?.left).toEqual([]);
  // Each says what it took by itself, and nobody is asked twice who works here.
  const told = all.map(({ data }) => data?.calls.total ?? 0);
  expect(told.reduce((sum, count) => sum + count, 0)).toBe(calls.length);
  expect(calls.filter((call) => call === 'sts:GetCallerIdentity')).toHaveLength(1);
  expect([first.data?.calls.mutating, second.data?.calls.mutating]).toEqual([0, 0]);
});

test('what fails says what is known all the same, and the session goes on', async () => {
  const demo = await startRunningDemo();
  const { session } = open(demo);
  const none = await verify(session);
  expect([none.error?.code, none.data?.running]).toEqual(['demo-absent', 0]);
  await up(session);
  const wrong = await verify(session, { expect: '43' });
  expect(wrong.error?.code).toBe('check-failed');
  expect(wrong.data?.checks.find(({ id }) => id === 'http')?.status).toBe('fail');
  const unfit = await scale(session, { count: 1000 });
  expect([unfit.error?.code, unfit.data?.running]).toEqual(['does-not-fit', 1]);
  expect((await verify(session)).error).toBeUndefined();
});

test('a live page reads again and again, each time what is there now', async () => {
  const demo = await startRunningDemo();
  const { session } = open(demo);
  expect((await status(session)).data?.resources.filter(({ owned }) => owned)).toEqual([]);
  await demo.run('up');
  expect((await status(session)).data?.running).toBe(1);
  await demo.run('scale', { count: '2' });
  const { data } = await status(session);
  expect([data?.running, data?.calls.mutating, data?.changes]).toEqual([2, 0, []]);
});

test('who looks first where they are has the time to think: no action is charged for it', async () => {
  const demo = await startRunningDemo();
  const [first, second] = [open(demo).session, open(demo).session];
  expect((await status(first)).data?.calls.byOperation['sts:GetCallerIdentity']).toBe(1);
  expect(await second.demo()).toMatchObject({ name: 'my', target: 'local', region: 'us-east-1' });
  expect((await status(second)).data?.calls.byOperation['sts:GetCallerIdentity']).toBeUndefined();
});
