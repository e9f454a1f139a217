import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EcsdemoError } from '../../src/base/errors.ts';
import type { EngineEvent } from '../../src/engine/types.ts';
import { plain } from '../../src/ui/colour.ts';
import { clockText } from '../../src/ui/format.ts';
import { reportLines } from '../../src/ui/lines.ts';
import type { Reporter } from '../../src/ui/reporter.ts';
import { serviceEventText } from '../../src/ui/told.ts';

const waiting = (state: string, elapsedMs: number): EngineEvent => ({
  type: 'waiting',
  step: 'instance',
  what: 'the container instance',
  state,
  elapsedMs,
  typicalMs: 90_000,
  done: false,
});

const started: EngineEvent = { type: 'step-started', step: 'instance', title: 'Container instance', tutorialStep: 1 };

describe('plain lines', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A reporter and what it wrote, time stamps checked and taken away. */
  function reporter(verbose = false): { told: Reporter; lines(): string[] } {
    const written: string[] = [];
    const stream = {
      write(text: string) {
        expect(text.startsWith(`${clockText(Date.now())} `)).toBe(true);
        written.push(text.slice('HH:MM:SS '.length).trimEnd());
      },
    };
    const told = reportLines({ stream, paint: plain, env: {}, quiet: false, verbose, checks: true });
    return { told, lines: () => written };
  }

  it('tells a wait once per state', () => {
    const { told, lines } = reporter();
    told.report(started);
    told.report(waiting('pending', 0));
    vi.advanceTimersByTime(5000);
    told.report(waiting('pending', 5000));
    told.report(waiting('running', 5000));
    told.stop();
    expect(lines()).toEqual([
      'Container instance …',
      'waiting for the container instance: pending (0.0 s, typically 1 min 30 s)',
      'waiting for the container instance: running (5.0 s, typically 1 min 30 s)',
    ]);
  });

  it('beats after 30 s of silence, saying what is waited for', () => {
    const { told, lines } = reporter();
    told.report(started);
    told.report(waiting('pending', 0));
    vi.advanceTimersByTime(29_000);
    expect(lines()).toHaveLength(2);
    vi.advanceTimersByTime(1000);
    expect(lines().slice(2)).toEqual(['still waiting: the container instance: pending (30 s, typically 1 min 30 s)']);
    vi.advanceTimersByTime(30_000);
    expect(lines()).toHaveLength(4);
    told.stop();
    vi.advanceTimersByTime(120_000);
    expect(lines()).toHaveLength(4);
  });

  it('tells each of several demos as one step', () => {
    const { told, lines } = reporter();
    const step = { step: 'ci-1', title: 'demo ci-1', tutorialStep: 7 };
    const inner = { step: 'network', title: 'Network', tutorialStep: 7, of: 'ci-1' };
    told.report({ type: 'step-started', ...step });
    told.report({ type: 'step-started', ...inner });
    told.report({ ...waiting('deleting', 0), of: 'ci-1' });
    told.report({ ...waiting('deleting', 100), of: 'ci-1' });
    told.report({ type: 'warning', message: 'careful', of: 'ci-1' });
    told.report({ type: 'step-finished', ...inner, durationMs: 1, resources: [], changes: [] });
    const change = { step: 'ci-1', action: 'delete', type: 'T', name: 'ci-1-elb' } as const;
    told.report({ type: 'step-finished', ...step, durationMs: 1000, resources: [], changes: [change] });
    told.stop();
    expect(lines()).toEqual([
      'demo ci-1 …',
      'waiting for the container instance (ci-1): deleting (0.0 s, typically 1 min 30 s)',
      '! demo ci-1: careful',
      '✔ 7 demo ci-1: deleted ci-1-elb (1.0 s)',
    ]);
  });

  it('sums up the checks of a step after them, and leaves out what there was nothing to do for', () => {
    const { told, lines } = reporter();
    const verify = { step: 'verify', title: 'Verify', tutorialStep: 5 };
    const ended = { durationMs: 40, resources: [], changes: [] };
    told.report({ type: 'check', step: 'verify', check: { id: 'zones', status: 'pass', detail: 'a' } });
    told.report({ type: 'check', step: 'verify', check: { id: 'http', status: 'skip', detail: 'b' } });
    told.report({ type: 'step-finished', ...verify, ...ended });
    told.report({ type: 'step-finished', step: 'role', title: 'Role', tutorialStep: 7, ...ended });
    const resource = { step: 'x', type: 'T', name: 'my-elb', id: 'x', state: 'active', owned: true };
    told.report({ type: 'step-finished', step: 'x', title: 'X', tutorialStep: 3, ...ended, resources: [resource] });
    told.stop();
    expect(lines()).toEqual([
      '✔ zones: a',
      '– http: b',
      '✔ 5 Verify: 1 of 2 checks passed, 1 skipped (0.0 s)',
      '✔ 3 X: my-elb (unchanged) (0.0 s)',
    ]);
  });

  it('tells every failure but the first with its reason', () => {
    const { told, lines } = reporter();
    const step = { step: 'x', title: 'X' };
    told.report({ type: 'step-failed', ...step, error: new EcsdemoError('timeout', 'too slow') });
    told.report({ type: 'step-failed', ...step, error: new EcsdemoError('in-use', 'somebody uses it') });
    told.stop();
    expect(lines()).toEqual(['✖ X: failed (timeout)', '✖ X: somebody uses it']);
  });

  it('does not beat when nothing runs', () => {
    const { told, lines } = reporter();
    told.say('demo my');
    vi.advanceTimersByTime(90_000);
    told.stop();
    expect(lines()).toEqual(['demo my']);
  });

  it('keeps a line for what ends, happens or fails', () => {
    const { told, lines } = reporter();
    const change = { step: 'network', action: 'create', type: 'AWS::EC2::SecurityGroup', name: 'my-ecs-sg' } as const;
    const common = { step: 'network', title: 'Security groups', tutorialStep: 1 };
    told.report({ type: 'changed', step: 'network', change });
    told.report({
      type: 'step-finished',
      ...common,
      durationMs: 1234,
      resources: [],
      changes: [change, { ...change, name: 'my-elb-sg' }, { ...change, action: 'update' }],
    });
    told.report({
      type: 'service-event',
      step: 'service',
      at: new Date(0),
      message: '(service my-service) has reached a\nsteady \u001B[31mstate\u001B[0m',
    });
    told.report({ type: 'warning', message: 'careful' });
    told.report({ type: 'check', step: 'verify', check: { id: 'http', status: 'skip', detail: 'no answer' } });
    told.report({ type: 'step-failed', ...common, error: new EcsdemoError('timeout', 'too slow') });
    told.report({ type: 'call', service: 'ecs', operation: 'DescribeServices', durationMs: 12.3 });
    told.stop();
    expect(lines()).toEqual([
      '✔ 1 Security groups: created my-ecs-sg, my-elb-sg (1.2 s)',
      '· ECS: has reached a steady state',
      '! careful',
      '– http: no answer',
      '✖ Security groups: failed (timeout)',
    ]);
  });

  it('tells service events with names and short ids in place of ARNs', () => {
    const arn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/my-target-group/0123456789abcdef';
    expect(serviceEventText(`(service my-service) registered 1 targets in (target-group ${arn})`)).toBe(
      'ECS: registered 1 targets in (target-group my-target-group)',
    );
    expect(serviceEventText('service my-service has started 1 tasks: (task 0123456789abcdef0123456789abcdef).')).toBe(
      'ECS: has started 1 tasks: (task 01234567).',
    );
  });

  it('tells changes and calls when it is verbose', () => {
    const { told, lines } = reporter(true);
    told.report({ type: 'call', service: 'ecs', operation: 'CreateCluster', durationMs: 12.3, error: 'AccessDenied' });
    told.report({
      type: 'changed',
      step: 'x',
      change: { step: 'x', action: 'delete', type: 'T', name: 'n', detail: 'why' },
    });
    told.stop();
    expect(lines()).toEqual(['· ecs CreateCluster 12 ms AccessDenied', '· deleted n: why']);
  });
});
