import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EcsdemoError } from '../../src/base/errors.ts';
import type { EngineEvent } from '../../src/engine/types.ts';
import { isLive, marked, paintFor } from '../../src/ui/colour.ts';
import type { Reporter } from '../../src/ui/reporter.ts';
import { reportLive } from '../../src/ui/terminal.ts';
import { aScreen, type Screen } from './screen.ts';

const steps = [
  { step: 'network', title: 'Network and security groups', tutorialStep: 1 },
  { step: 'alb', title: 'Load balancer and target group', tutorialStep: 3 },
  { step: 'service', title: 'Service', tutorialStep: 4 },
  { step: 'verify', title: 'Verify', tutorialStep: 5 },
];
const [network, alb, service, verify] = steps as [PlannedStep, PlannedStep, PlannedStep, PlannedStep];
type PlannedStep = (typeof steps)[number];

const started = (step: PlannedStep): EngineEvent => ({ type: 'step-started', ...step });
const finished = (step: PlannedStep, names: string[], durationMs = 100): EngineEvent => ({
  type: 'step-finished',
  ...step,
  durationMs,
  resources: [],
  changes: names.map((name) => ({ step: step.step, action: 'create', type: 'T', name })),
});
const provisioning: EngineEvent = {
  type: 'waiting',
  step: 'alb',
  what: 'the load balancer my-elb to be active',
  state: 'provisioning',
  elapsedMs: 0,
  typicalMs: 150_000,
  done: false,
};

describe('a run on a terminal', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: 0 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function run(
    screen: Screen,
    options: { verbose?: boolean; checks?: boolean; env?: Record<string, string> } = {},
  ): Reporter {
    const { verbose = false, checks = true, env = {} } = options;
    const paint = paintFor(screen.stream, env);
    return reportLive({ stream: screen.stream, paint, env, quiet: false, verbose, checks });
  }

  it('has a row for each step in the order of the tutorial, whatever ends first', async () => {
    const screen = aScreen();
    const { report, say, stop } = run(screen);
    say('demo my');
    report({ type: 'planned', steps });
    report(started(network));
    report(started(alb));
    report(finished(network, ['my-elb-sg', 'my-ecs-sg'], 1234));
    report(provisioning);
    report(started(service));
    report(finished(service, ['my-service']));
    vi.advanceTimersByTime(12_000);
    expect(await screen.lines()).toEqual([
      'demo my',
      '✔ 1 Network and security groups         1.2 s  created my-elb-sg, my-ecs-sg',
      '⠋ 3 Load balancer and target group       12 s  provisioning · typically 2 min …',
      '✔ 4 Service                             0.1 s  created my-service',
      '· 5 Verify',
    ]);
    report({ ...provisioning, done: true });
    report(finished(alb, ['my-target-group', 'my-elb', 'my-elb HTTP:80'], 12_000));
    report(started(verify));
    report({ type: 'check', step: 'verify', check: { id: 'http', status: 'pass', detail: '"42" 5 times in a row' } });
    report({ type: 'step-finished', ...verify, durationMs: 40, resources: [], changes: [] });
    stop();
    expect(await screen.lines()).toEqual([
      'demo my',
      '✔ 1 Network and security groups         1.2 s  created my-elb-sg, my-ecs-sg',
      '✔ 3 Load balancer and target group       12 s  created my-target-group, my-elb,',
      `${' '.repeat(47)}my-elb HTTP:80`,
      '✔ 4 Service                             0.1 s  created my-service',
      '✔ 5 Verify                              0.0 s  1 of 1 check passed',
      '    ✔ http: "42" 5 times in a row',
    ]);
  });

  it('says time and state first where the screen is narrow, and ids last', async () => {
    const screen = aScreen(40);
    const { report, stop } = run(screen);
    report({ type: 'planned', steps });
    report(started(alb));
    report(provisioning);
    vi.advanceTimersByTime(12_000);
    expect(await screen.lines()).toEqual([
      '· 1 Network and security groups',
      '⠋ 3 12 s · provisioning · Load balance…',
      '· 4 Service',
      '· 5 Verify',
    ]);
    stop();
  });

  it('shows what happens to a step in its row, and keeps warnings above', async () => {
    const screen = aScreen(120);
    const { report, stop } = run(screen);
    report({ type: 'planned', steps: [service] });
    report(started(service));
    report({ type: 'retrying', step: 'service', what: 'creating', reason: 'AWS does not see the role yet' });
    report({ type: 'warning', message: 'careful' });
    expect((await screen.lines()).map((line) => line.replace(/^(.) 4.*s {2}/, '$1 4 '))).toEqual([
      '! careful',
      '⠋ 4 AWS does not see the role yet',
    ]);
    report({ type: 'service-event', step: 'service', at: new Date(0), message: '(service my-service) has begun' });
    expect((await screen.lines())[1]).toContain('ECS: has begun');
    stop();
  });

  it('keeps the events of ECS with --verbose', async () => {
    const screen = aScreen();
    const { report, stop } = run(screen, { verbose: true });
    report({ type: 'planned', steps: [service] });
    report({ type: 'service-event', step: 'service', at: new Date(0), message: '(service my-service) has begun' });
    expect((await screen.lines())[0]).toBe('· ECS: has begun');
    stop();
  });

  it('leaves, after a failure, how far each step came; the reason is for the end', async () => {
    const screen = aScreen();
    const { report, stop } = run(screen);
    report({ type: 'planned', steps });
    report(started(network));
    report(started(alb));
    report(provisioning);
    report({ type: 'step-failed', ...network, error: new EcsdemoError('access-denied', 'not allowed') });
    stop();
    expect((await screen.lines()).map((line) => line.replaceAll(/ {2,}/g, '  '))).toEqual([
      '✖ 1 Network and security groups  0.0 s  failed: access-denied',
      '– 3 Load balancer and target group  0.0 s  not finished',
      '· 4 Service',
      '· 5 Verify',
    ]);
  });

  it('calls nothing failed that was interrupted', async () => {
    const screen = aScreen();
    const { report, stop } = run(screen);
    report({ type: 'planned', steps: [alb] });
    report(started(alb));
    report({ type: 'step-failed', ...alb, error: new EcsdemoError('interrupted', 'interrupted') });
    stop();
    expect((await screen.lines())[0]).toMatch(/^– 3 .* not finished$/);
  });

  it('tells every failure but the first with its reason: nobody else does', async () => {
    const screen = aScreen(120);
    const { report, stop } = run(screen);
    report({ type: 'planned', steps: [network, alb] });
    report({ type: 'step-failed', ...network, error: new EcsdemoError('timeout', 'too slow') });
    report({ type: 'step-failed', ...alb, error: new EcsdemoError('in-use', 'somebody uses it') });
    stop();
    expect((await screen.lines()).map((line) => line.replace(/^.*s {2}/, ''))).toEqual([
      'failed: timeout',
      'failed: somebody uses it',
    ]);
  });

  it('leaves out what there was nothing to do for', async () => {
    const screen = aScreen();
    const { report, stop } = run(screen);
    report({ type: 'planned', steps: [network, alb] });
    for (const step of [network, alb]) report({ ...finished(step, []), type: 'step-finished' } as EngineEvent);
    stop();
    expect(await screen.lines()).toEqual([]);
  });

  it('waits for what is no step in a row of its own, which goes when that is over', async () => {
    const screen = aScreen();
    const { report, stop } = run(screen);
    const left: EngineEvent = {
      ...provisioning,
      step: 'leftovers',
      what: 'nothing to be left',
      state: '2 still listed',
    };
    report(left);
    expect((await screen.lines()).join('')).toContain('2 still listed');
    report({ ...left, done: true });
    stop();
    expect(await screen.lines()).toEqual([]);
  });

  it('draws rows, comes and goes, and stays whole when the window becomes narrower', async () => {
    const screen = aScreen(100, 10);
    const { report, say, settle, stop } = run(screen);
    report({ type: 'planned', steps });
    report(started(alb));
    report(provisioning);
    screen.resize(30, 10);
    vi.advanceTimersByTime(1000);
    say('a line');
    expect((await screen.lines()).filter((line) => line.includes('provisioning'))).toHaveLength(1);
    settle();
    say('asked');
    report({ type: 'planned', steps: [verify] });
    report(started(verify));
    vi.advanceTimersByTime(1200);
    expect((await screen.lines()).slice(-2).map((line) => line.slice(2, 7))).toEqual(['ked', '5 1.2']);
    stop();
  });

  it('keeps what one action did when another of the same steps begins', async () => {
    const screen = aScreen();
    const { report, stop } = run(screen);
    report({ type: 'planned', steps: [service] });
    report(started(service));
    report(finished(service, ['my-service']));
    report({ type: 'planned', steps: [{ ...service, tutorialStep: 7 }] });
    report({ type: 'planned', of: 'another', steps });
    stop();
    expect((await screen.lines()).map((line) => line.slice(0, 11))).toEqual(['✔ 4 Service', '· 7 Service']);
  });

  it('gives what runs the room that there is', async () => {
    const screen = aScreen(80, 5);
    const { report, stop } = run(screen);
    report({ type: 'planned', steps });
    report(started(network));
    report(finished(network, ['x']));
    report(started(service));
    expect((await screen.lines()).map((line) => line.slice(2, 4))).toEqual(['3 ', '4 ', '5 ']);
    stop();
  });

  it('hides the cursor while it draws and shows it again, also when the process ends without a word', () => {
    const before = process.listenerCount('exit');
    const screen = aScreen();
    const { report, stop } = run(screen);
    report({ type: 'planned', steps });
    expect(screen.raw()).toContain('\u001B[?25l');
    expect(process.listenerCount('exit')).toBe(before + 1);
    stop();
    expect(screen.raw().lastIndexOf('\u001B[?25h')).toBeGreaterThan(screen.raw().lastIndexOf('\u001B[?25l'));
    expect(process.listenerCount('exit')).toBe(before);
  });

  it('has marks that a terminal without UTF-8 can show', async () => {
    const screen = aScreen();
    const { report, say, stop } = run(screen, { env: { LANG: 'C' } });
    say('starting …');
    report({ type: 'planned', steps: [network, alb] });
    report(started(alb));
    report(finished(network, ['x']));
    // oxlint-disable-next-line no-control-regex -- all but ASCII is what is looked for
    expect((await screen.lines()).join('\n')).toMatch(/^[\u0000-\u007F]*$/);
    expect(await screen.lines()).toMatchObject(
      ['starting ...', /^\+ 1/, /^\| 3/].map((each) => expect.stringMatching(each) as unknown),
    );
    stop();
  });

  it('colours marks only, dims faint lines whole', () => {
    const screen = aScreen();
    const { report, stop } = run(screen);
    report({ type: 'planned', steps: [network, alb] });
    report(finished(network, ['x']));
    stop();
    expect(screen.raw()).toContain('\u001B[38;5;28m✔\u001B[39m 1 Network');
    expect(screen.raw()).toContain('\u001B[2m· 3 Load balancer and target group\u001B[22m');
  });
});

describe('colour', () => {
  it.each([
    ['a terminal', { isTTY: true }, {}, true, true],
    ['a pipe', {}, {}, true, false],
    ['a pipe with FORCE_COLOR', {}, { FORCE_COLOR: '1' }, true, true],
    ['FORCE_COLOR=0', { isTTY: true }, { FORCE_COLOR: '0' }, true, false],
    ['NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, true, false],
    ['an empty NO_COLOR', { isTTY: true }, { NO_COLOR: '' }, true, true],
    ['ECSDEMO_NO_COLOR', { isTTY: true }, { ECSDEMO_NO_COLOR: '1' }, true, false],
    ['TERM=dumb', { isTTY: true }, { TERM: 'dumb' }, true, false],
    ['--no-color beside FORCE_COLOR', { isTTY: true }, { FORCE_COLOR: '1' }, false, false],
  ])('%s', (_what, stream, env, wanted, coloured) => {
    expect(paintFor(stream, env, wanted)('red', 'x') !== 'x').toBe(coloured);
  });

  it('never animates a pipe, not even with FORCE_COLOR', () => {
    expect(isLive({}, { FORCE_COLOR: '1' })).toBe(false);
    expect(isLive({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
    expect(isLive({ isTTY: true, columns: 0 }, { TERM: 'xterm' })).toBe(false);
    expect(isLive({ isTTY: true, columns: 80 }, { TERM: 'xterm' })).toBe(true);
  });

  it('can be seen on white as WCAG asks of text, and on black as it asks of marks', () => {
    for (const index of Object.values(marked)) {
      // The cube of the 256: https://en.wikipedia.org/wiki/ANSI_escape_code#8-bit
      const parts = [36, 6, 1]
        .map((size) => Math.floor((index - 16) / size) % 6)
        .map((level) => (level === 0 ? 0 : 55 + level * 40));
      const linear = parts
        .map((part) => part / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
      const [red = 0, green = 0, blue = 0] = linear;
      const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      expect(1.05 / (luminance + 0.05)).toBeGreaterThanOrEqual(4.5);
      expect((luminance + 0.05) / 0.05).toBeGreaterThanOrEqual(3);
    }
  });
});
