import { describe, expect, it } from 'vitest';
import { EcsdemoError } from '../../src/base/errors.ts';
import { plain } from '../../src/ui/colour.ts';
import { envelopeOf } from '../../src/ui/envelope.ts';
import { failureLines, leftBehindText } from '../../src/ui/failure.ts';
import { durationText, idText, table, typeText, wrap } from '../../src/ui/format.ts';
import { checkLines, planLines, removalLines, statusLines } from '../../src/ui/summary.ts';

const cluster = {
  step: 'cluster',
  type: 'AWS::ECS::Cluster',
  name: 'my-cluster',
  state: 'ACTIVE',
  owned: true,
  id: 'arn:aws:ecs:us-east-1:123456789012:cluster/my-cluster',
};
const calls = { total: 9, mutating: 2, byOperation: {} };
const timings = { totalMs: 0, chain: [], waitedMs: 0, ownMs: 0 };

describe('formats', () => {
  it.each([
    [0, '0.0 s'],
    [340, '0.3 s'],
    [9940, '9.9 s'],
    [9960, '10 s'],
    [59_600, '1 min'],
    [65_000, '1 min 5 s'],
    [120_000, '2 min'],
  ])('%d ms is %s', (milliseconds, text) => {
    expect(durationText(milliseconds)).toBe(text);
  });

  it('folds the last column where it does not fit', () => {
    expect(table([['create', 'my-elb', 'one two three four five six']], 36, ['A', 'B', 'C'])).toEqual([
      'A       B       C',
      'create  my-elb  one two three four',
      '                five six',
    ]);
  });

  it('puts what has no room beside the others under them', () => {
    expect(
      table(
        [
          ['change', 'ecsInstanceRole', `attach ${'x'.repeat(30)}`],
          ['create', 'my-elb', 'it'],
        ],
        46,
      ),
    ).toEqual(['change  ecsInstanceRole', `    attach ${'x'.repeat(30)}`, 'create  my-elb           it']);
  });

  it('lets one odd cell stand out, so that the other rows fit', () => {
    const rows = [
      ['EC2 Instance', 'running, registered', 'i-0123456789abcdef0'],
      ['ELB', 'active', '1448823bc3b3beb1'],
      ['SG', 'present', 'sg-12345678'],
    ];
    expect(table(rows, 42)).toEqual([
      'EC2 Instance  running, registered',
      '    i-0123456789abcdef0',
      'ELB           active   1448823bc3b3beb1',
      'SG            present  sg-12345678',
    ]);
  });

  it('cuts nothing where there is no room for columns: a row takes several lines, without a head', () => {
    const rows = [['EC2 SecurityGroup', 'my-elb-sg', 'present', 'sg-0123456789abcdef0 (not ours)']];
    expect(table(rows, 40, ['RESOURCE', 'NAME', 'STATE', 'ID'])).toEqual([
      'EC2 SecurityGroup  my-elb-sg  present',
      '  sg-0123456789abcdef0 (not ours)',
    ]);
    expect(table([['x'.repeat(20), 'i-0123456789abcdef0']], 30)).toEqual(['x'.repeat(20), '    i-0123456789abcdef0']);
  });

  it('wraps at spaces and never cuts a word', () => {
    expect(wrap('one two abcdefghijkl', 8, '  ')).toEqual(['one two', '  abcdefghijkl']);
  });

  it('shortens types and ARNs', () => {
    expect(typeText('AWS::ElasticLoadBalancingV2::TargetGroup')).toBe('ELB TargetGroup');
    expect(idText(cluster.id)).toBe('my-cluster');
    expect(idText('sg-0123456789abcdef0')).toBe('sg-0123456789abcdef0');
  });
});

describe('summaries', () => {
  it('shows a plan as a table in its order', () => {
    const changes = [
      { step: 'network', action: 'create', type: 'AWS::EC2::SecurityGroup', name: 'my-ecs-sg' },
      {
        step: 'service',
        action: 'update',
        type: 'AWS::ECS::Service',
        name: 'my-service',
        detail: 'desired count 1 to 4',
      },
    ] as const;
    expect(planLines(changes, plain, 80)).toEqual([
      'ACTION  RESOURCE           NAME        DETAIL',
      'create  EC2 SecurityGroup  my-ecs-sg',
      'change  ECS Service        my-service  desired count 1 to 4',
      '',
      '2 changes; nothing was changed by this dry run',
    ]);
    expect(planLines([], plain, 80)).toEqual(['nothing to change']);
  });

  it('shows what exists, and whose it is', () => {
    const data = {
      url: 'http://x/',
      desired: 2,
      running: 2,
      healthy: 1,
      checks: [],
      answer: null,
      expiresAt: null,
      costPerHour: 0,
      changes: [],
      tasks: [
        {
          id: 'c44d97da7951e82ee72075a8b68d4207',
          definition: 'sinatra-hi:1',
          state: 'RUNNING',
          instance: 'i-0abc',
          zone: 'us-east-1a',
          addresses: ['i-0abc:32768'],
          health: 'healthy',
          startedAt: '2026-01-01T00:00:00.000Z',
        },
        {
          id: 'e0055c310afaeb5ad5212b6109b974fa',
          definition: 'sinatra-hi:1',
          state: 'PENDING',
          instance: 'i-0abc',
          zone: null,
          addresses: [],
          health: null,
          startedAt: null,
        },
      ],
      calls,
      durationMs: 1,
      timings,
      resources: [
        cluster,
        { ...cluster, type: 'AWS::IAM::Role', name: 'ecsInstanceRole', id: 'AROA1', state: 'present', owned: false },
      ],
    };
    const now = Date.parse('2026-01-01T00:03:00.000Z');
    expect(statusLines(data, 'my', plain, 80, false, 'ecsdemo up', now)).toEqual([
      'RESOURCE     NAME             STATE    ID',
      'ECS Cluster  my-cluster       ACTIVE',
      'IAM Role     ecsInstanceRole  present  AROA1 (not ours)',
      '',
      'TASK      STATE    TARGET   AGE    ZONE        WHERE',
      'c44d97da  RUNNING  healthy  3 min  us-east-1a  i-0abc:32768',
      'e0055c31  PENDING  –        –      –           i-0abc',
      '',
      'demo my: 2 of 2 tasks running, 1 healthy',
      'http://x/',
    ]);
    expect(statusLines({ ...data, resources: [] }, 'my', plain, 80)).toEqual(['demo my: nothing exists']);
  });

  it('shows each check with its mark; what to try is said at the end', () => {
    expect(
      checkLines(
        [
          { id: 'zones', status: 'pass', detail: 'us-east-1a' },
          { id: 'http', status: 'fail', detail: 'answered 43', suggestion: { text: 'ecsdemo up' } },
          { id: 'on-instance', status: 'skip', detail: 'not asked for' },
        ],
        plain,
        80,
      ),
    ).toEqual(['✔ zones: us-east-1a', '✖ http: answered 43', '– on-instance: not asked for']);
  });

  it('says what destroy removed, kept and left', () => {
    const kept = [
      { ...cluster, type: 'AWS::IAM::Role', name: 'ecsInstanceRole', owned: false, reason: 'was there before' },
    ];
    expect(removalLines({ removed: [cluster], kept, left: [], calls, durationMs: 2000, timings }, plain, 80)).toEqual([
      'Kept, because it is not ours to delete:',
      '  IAM Role  ecsInstanceRole  was there before',
      'removed 1 resource in 2.0 s with 9 AWS calls, 2 of them changes; nothing is left',
    ]);
    expect(
      removalLines({ removed: [], kept: [], left: [cluster], calls, durationMs: 2000, timings }, plain, 80).at(-1),
    ).toBe('nothing was there to remove in 2.0 s with 9 AWS calls, 2 of them changes; 1 left');
  });

  it('calls nothing empty that was not looked at, and nothing foreign that is ours', () => {
    const broken = { removed: [cluster], kept: [], left: null, calls, durationMs: 2000, timings };
    const took = 'removed 1 resource in 2.0 s with 9 AWS calls, 2 of them changes';
    expect(removalLines({ ...broken, unfinished: ['Cluster', 'Role'] }, plain, 200)).toEqual([
      `${took}; what is left was not checked; not finished: Cluster, Role`,
    ]);
    expect(removalLines({ ...broken, removed: [] }, plain, 200)).toEqual([
      'nothing was removed in 2.0 s with 9 AWS calls, 2 of them changes; what is left was not checked',
    ]);
    const kept = [{ ...cluster, owned: true, reason: 'a rule of other (sg-1) names it' }];
    expect(removalLines({ ...broken, kept, left: [] }, plain, 200)).toEqual([
      'Ours, and kept because something uses it:',
      '  ECS Cluster  my-cluster  a rule of other (sg-1) names it',
      `${took}; 1 left`,
    ]);
  });
});

describe('failures', () => {
  const error = new EcsdemoError('crash-loop', 'the tasks of my-service stop again', {
    step: 'service',
    diagnosis: ['container web: exit code 1'],
    suggestions: [{ text: 'ecsdemo up --command "ruby hi.rb"' }],
  });

  it('ends with what to try', () => {
    expect(failureLines(error, plain, 100)).toEqual([
      '  container web: exit code 1',
      '',
      'Error (crash-loop in step service): the tasks of my-service stop again',
      'Try: ecsdemo up --command "ruby hi.rb"',
    ]);
  });

  it('does not say once more what was shown, nor one line twice', () => {
    const twice = new EcsdemoError('check-failed', '1 of 2 checks failed: http', {
      diagnosis: ['http: HTTP 500', 'a task stopped', 'a task stopped'],
    });
    expect(failureLines(twice, plain, 80, undefined, { told: ['http: HTTP 500'] })).toEqual([
      '  a task stopped',
      '',
      'Error (check-failed): 1 of 2 checks failed: http',
    ]);
  });

  it('says what stays before the failure itself, with the command that takes it away', () => {
    const left = { words: 'this run created 1 resource, kept for now: my-elb', cleanUp: 'ecsdemo destroy --local' };
    expect(failureLines(error, plain, 80, undefined, { left }).slice(1)).toEqual([
      '',
      'This run created 1 resource, kept for now: my-elb',
      'Clean up: ecsdemo destroy --local',
      '',
      'Error (crash-loop in step service): the tasks of my-service stop again',
      'Try: ecsdemo up --command "ruby hi.rb"',
    ]);
  });

  it('never breaks a command to paste', () => {
    expect(failureLines(error, plain, 20).at(-1)).toBe('Try: ecsdemo up --command "ruby hi.rb"');
    const two = '(eval "$(ecsdemo sandbox env)" && aws logs create-log-group --log-group-name x) && ecsdemo up --local';
    const other = new EcsdemoError('cannot-start', 'no log group', { suggestions: [{ text: two }] });
    expect(failureLines(other, plain, 40).at(-1)).toBe(`Try: ${two}`);
  });

  it('is the same in the JSON document', () => {
    expect(envelopeOf({ command: 'up', data: { url: null }, error })).toEqual({
      schemaVersion: 1,
      command: 'up',
      ok: false,
      demo: null,
      data: { url: null },
      warnings: [],
      error: {
        code: 'crash-loop',
        message: 'the tasks of my-service stop again',
        step: 'service',
        retryable: false,
        exitCode: 3,
        suggestions: ['ecsdemo up --command "ruby hi.rb"'],
        diagnosis: ['container web: exit code 1'],
      },
    });
    expect(envelopeOf({ command: 'status', data: {} })).toMatchObject({ ok: true, error: null, warnings: [] });
  });

  it('says what an interrupted run leaves', () => {
    const change = { step: 's', action: 'create', type: 'T', name: 'my-elb' } as const;
    expect(leftBehindText([])).toBe('this run had changed nothing yet');
    expect(leftBehindText([change, change])).toBe('this run created 1 resource, kept for now: my-elb');
    expect(leftBehindText([change, { ...change, action: 'delete', name: 'x' }])).toBe(
      'this run created 1 resource, kept for now: my-elb, and deleted 1 resource: x',
    );
  });
});
