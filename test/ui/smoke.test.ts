// What a smoke run says at its end, against what its destroy looked at.
import { expect, it, test } from 'vitest';
import type { SmokeData } from '../../src/actions/results.ts';
import { plain } from '../../src/ui/colour.ts';
import { leftWords, smokeLines } from '../../src/ui/smoke.ts';

const group = { step: 'network', type: 'AWS::EC2::SecurityGroup', name: 'my-ecs-sg', id: 'sg-1', state: 'present' };
const passed = { command: 'destroy', status: 'passed' as const, durationMs: 1000 };
const data: SmokeData = {
  commands: [passed],
  removed: [{ ...group, owned: true }],
  kept: [],
  left: [],
  calls: { total: 9, mutating: 1, byOperation: {} },
  durationMs: 2000,
};
const used = { ...group, owned: true, reason: 'the rule of theirs uses it' };

it.each<[what: string, given: Partial<SmokeData>, says: string]>([
  ['the scan found nothing', {}, 'removed 1 resource, nothing is left'],
  ['the scan found one', { left: [{ ...group, owned: true }] }, 'removed 1 resource, 1 left'],
  ['ours stays because something uses it', { kept: [used] }, 'removed 1 resource, 1 left'],
  ['somebody else has one of the names', { kept: [{ ...used, owned: false }] }, 'removed 1 resource, nothing is left'],
  ['nobody looked', { left: null, unfinished: ['Service'] }, 'what is left was not checked; not finished: Service'],
  ['destroy was not run', { left: null, commands: [{ ...passed, status: 'skipped' }] }, 'destroy was not run'],
])('%s', (_, given, says) => expect(leftWords({ ...data, ...given })).toBe(says));

test('what stays is named with its reason, as destroy names it', () => {
  expect(smokeLines({ ...data, kept: [used] }, plain, 80)).toEqual([
    '✔  destroy  1.0 s',
    'Ours, and kept because something uses it:',
    '  EC2 SecurityGroup  my-ecs-sg  the rule of theirs uses it',
    'in 2.0 s with 9 AWS calls; removed 1 resource, 1 left',
  ]);
});
