// What a command says at its end, against what its run looked at: no figure and no word for what it did not.
import { describe, expect, it } from 'vitest';
import type { DemoData, DestroyData, SweptDemo } from '../../src/actions/results.ts';
import type { Check } from '../../src/engine/types.ts';
import { plain } from '../../src/ui/colour.ts';
import { priceText } from '../../src/ui/format.ts';
import { planLines, removalLines } from '../../src/ui/summary.ts';
import { sweptLines, tasksText, upText, verifyText } from '../../src/ui/verdict.ts';

type Seen = Pick<DemoData, 'desired' | 'running' | 'healthy' | 'answer'>;

describe('up', () => {
  it.each<[what: string, seen: Seen, says: string]>([
    [
      'all was seen',
      { desired: 1, running: 1, healthy: 1, answer: { text: '42', whole: true } },
      '1 of 1 task running, 1 healthy; the answer is "42"',
    ],
    [
      'the text was found in a page',
      { desired: 2, running: 2, healthy: 2, answer: { text: 'nginx', whole: false } },
      '2 of 2 tasks running, 2 healthy; the answer contains "nginx"',
    ],
    [
      'there was nobody to ask',
      { desired: 0, running: 0, healthy: 0, answer: null },
      '0 of 0 tasks running, 0 healthy; there is no task to answer, so no answer was seen',
    ],
    [
      'nobody asked',
      { desired: 1, running: 1, healthy: 1, answer: null },
      '1 of 1 task running, 1 healthy; no answer was looked for',
    ],
    [
      'only the service was looked at',
      { desired: 1, running: 1, healthy: null, answer: null },
      '1 of 1 task running, their health was not looked at; no answer was looked for',
    ],
    [
      'nothing was looked at',
      { desired: null, running: null, healthy: null, answer: null },
      'its tasks were not looked at; no answer was looked for',
    ],
  ])('%s', (_, seen, says) => expect(upText(seen)).toBe(says));
});

it('scale says nothing of an answer', () => {
  expect(tasksText({ desired: 4, running: 4, healthy: 4 })).toBe('4 of 4 tasks running, 4 healthy');
});

describe('verify', () => {
  const check = (id: string, status: Check['status']): Check => ({ id, status, detail: '' });
  it.each<[checks: Check[], says: string | undefined]>([
    [[check('zones', 'pass'), check('http', 'pass')], undefined],
    [[check('zones', 'pass'), check('http', 'skip')], '1 of 2 checks passed; not proven: http'],
  ])('%j', (checks, says) => expect(verifyText({ checks })).toBe(says));
});

describe('sweep', () => {
  const demo: SweptDemo = {
    name: 'one',
    createdAt: null,
    expiresAt: null,
    ageMs: null,
    costPerHour: 0,
    resources: [],
    matches: true,
  };
  it.each<[demos: SweptDemo[], says: string[]]>([
    [[{ ...demo, removed: [] }], ['removed 1 demo: one']],
    // Not tried, or it failed: not removed.
    [
      [
        { ...demo, removed: [] },
        { ...demo, name: 'two' },
      ],
      ['removed 1 demo: one'],
    ],
    [
      [
        { ...demo, removed: [] },
        { ...demo, name: 'two', removed: [], error: { code: 'leftovers', message: '' } },
      ],
      ['removed 1 demo: one'],
    ],
    [
      [{ ...demo, removed: [], reason: 'ecsInstanceRole was kept: the demo one in eu-west-1 uses it' }],
      ['removed 1 demo: one', 'of one: ecsInstanceRole was kept: the demo one in eu-west-1 uses it'],
    ],
  ])('case %#', (demos, says) => expect(sweptLines(demos)).toEqual(says));
});

describe('destroy', () => {
  const role = { step: 'role', type: 'AWS::IAM::Role', name: 'ecsInstanceRole', id: 'AROA', state: 'present' };
  const data: DestroyData = {
    removed: [],
    kept: [],
    left: null,
    durationMs: 0,
    calls: { total: 9, mutating: 0, byOperation: {} },
    timings: { totalMs: 0, chain: [], waitedMs: 0, ownMs: 0 },
  };
  const last = (given: Partial<DestroyData>) => removalLines({ ...data, ...given }, plain, 100).at(-1);
  it.each<[what: string, given: Partial<DestroyData>, says: RegExp]>([
    ['nobody looked what is left', {}, /nothing was removed .*; what is left was not checked$/],
    ['the scan found nothing', { left: [] }, /nothing was there to remove .*; nothing is left$/],
    ['the scan found one', { left: [{ ...role, owned: true }] }, /; 1 left$/],
    ['ours is kept', { left: [], kept: [{ ...role, owned: true, reason: 'in use' }] }, /; 1 left$/],
    ['a dry run of nothing', { plan: [] }, /^nothing exists that destroy would delete$/],
  ])('%s', (_, given, says) => expect(last(given)).toMatch(says));

  it('a dry run tells what would be kept', () => {
    const kept = [{ ...role, owned: false, reason: 'it is not owned by this demo' }];
    expect(removalLines({ ...data, plan: [], kept }, plain, 100)).toEqual([
      'Kept, because it is not ours to delete:',
      '  IAM Role  ecsInstanceRole  it is not owned by this demo',
      'nothing exists that destroy would delete',
    ]);
  });
});

it('a plan of some steps says nothing of the others', () => {
  expect(planLines([], plain, 80, 'nothing to do: everything up to cluster is as wanted')).toEqual([
    'nothing to do: everything up to cluster is as wanted',
  ]);
});

it('a price lacks no part in silence', () => {
  expect(priceText(0.05)).toBe('about 0.05 USD per hour');
  expect(priceText(0.05, ['g6.xlarge'])).toBe('about 0.05 USD per hour and what g6.xlarge costs');
});
