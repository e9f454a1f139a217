// Text from an account or a task, in every place where it can be shown: never raw.
import { describe, expect, it } from 'vitest';
import { EcsdemoError } from '../../src/base/errors.ts';
import type { EngineEvent } from '../../src/engine/types.ts';
import { onScreen, paintFor, plain } from '../../src/ui/colour.ts';
import { envelopeText } from '../../src/ui/envelope.ts';
import { failureLines } from '../../src/ui/failure.ts';
import { reportLines } from '../../src/ui/lines.ts';
import { checkLines, planLines, removalLines, statusLines } from '../../src/ui/summary.ts';
import { demoLines } from '../../src/ui/sweep.ts';
import { aScreen } from './screen.ts';
import { reportLive } from '../../src/ui/terminal.ts';

/** Sets a window's title and a colour, goes up a line, rings, turns the writing, and is a CSI of one character. */
const hostile = 'x\u001B]0;title\u0007\u001B[31mred\u001B[2A\r\u202Eabc\u2066\u200F\u009B31m';
const raw = /[^\P{Cc}\n\t]|\p{Cf}/u;

const spent = { calls: { total: 1, mutating: 0, byOperation: {} }, durationMs: 1, timings: { critical: [] } as never };
const resource = { step: 'cluster', type: hostile, name: hostile, id: hostile, state: hostile, owned: false };
const change = { step: 'cluster', action: 'update' as const, type: hostile, name: hostile, detail: hostile };
const check = { id: 'http', status: 'fail' as const, detail: hostile, suggestion: { text: hostile } };
const demo = {
  ...spent,
  url: hostile,
  desired: 1,
  running: 1,
  healthy: 1,
  resources: [resource],
  checks: [check],
  tasks: [
    {
      id: hostile,
      definition: hostile,
      state: hostile,
      instance: hostile,
      zone: hostile,
      addresses: [hostile],
      health: hostile,
      startedAt: null,
    },
  ],
  changes: [change],
  answer: null,
  expiresAt: hostile,
  costPerHour: 1,
};

const places: [string, (width: number) => string[]][] = [
  [
    'sweep',
    (width) =>
      demoLines(
        [
          {
            ...resource,
            ageMs: 1,
            createdAt: null,
            expiresAt: null,
            costPerHour: 1,
            resources: [resource],
            matches: false,
            reason: hostile,
          },
        ],
        plain,
        width,
      ),
  ],
  ['status', (width) => statusLines(demo, 'my', plain, width)],
  ['verify', (width) => checkLines([check], plain, width)],
  ['a plan', (width) => planLines([change], plain, width)],
  [
    'destroy',
    (width) =>
      removalLines({ ...spent, removed: [], kept: [{ ...resource, reason: hostile }], left: [resource] }, plain, width),
  ],
  [
    'a failure',
    (width) =>
      failureLines(
        new EcsdemoError('unexpected', hostile, { diagnosis: [hostile], suggestions: [{ text: hostile }], step: 'x' }),
        plain,
        width,
      ),
  ],
];

describe('hostile text', () => {
  it.each(places)('of %s is shown, not done', (_place, lines) => {
    for (const width of [40, 120, 500]) {
      const text = lines(width).join('\n');
      expect(text).not.toMatch(raw);
      expect(text).toMatch(/\\x1b|\\u202e/);
    }
  });

  const events: EngineEvent[] = [
    { type: 'service-event', step: 'service', at: new Date(0), message: hostile },
    { type: 'warning', message: hostile },
    { type: 'retrying', step: 'x', what: 'on', reason: hostile },
    { type: 'check', step: 'x', check },
    { type: 'changed', step: 'x', change },
    { type: 'waiting', step: 'x', what: 'it', state: hostile, elapsedMs: 1, done: false },
    { type: 'step-failed', step: 'x', title: 'X', error: new EcsdemoError('unexpected', hostile) },
    {
      type: 'step-finished',
      step: 'x',
      title: 'X',
      tutorialStep: 1,
      durationMs: 1,
      resources: [resource],
      changes: [change],
    },
  ];

  it.each(events)('of the event $type is not done, in a log and on a terminal', (event) => {
    let written = '';
    const reporter = reportLines({
      stream: { write: (text) => (written += text) },
      paint: plain,
      env: {},
      quiet: false,
      verbose: true,
      checks: true,
    });
    reporter.report(event);
    reporter.say(hostile);
    reporter.stop();
    expect(written).not.toMatch(raw);
    const screen = aScreen();
    const live = reportLive({
      stream: screen.stream,
      paint: plain,
      env: {},
      quiet: false,
      verbose: true,
      checks: true,
    });
    live.report({ type: 'planned', steps: [{ step: 'x', title: hostile, tutorialStep: 1 }] });
    live.report(event);
    live.say(hostile);
    live.stop();
    // oxlint-disable-next-line no-control-regex -- what the drawing itself takes
    const own = /\u001B\[(\?25[lh]|\d*[AGJ]|\d+;?\d*H)/g;
    expect(screen.raw().replaceAll(own, '')).not.toMatch(raw);
  });

  it('in JSON is escaped, and read as it was', () => {
    const text = envelopeText({ command: 'sweep', data: { name: `${hostile}\u{E0041}` } });
    expect(text).not.toMatch(raw);
    expect((JSON.parse(text) as { data: { name: string } }).data.name).toBe(`${hostile}\u{E0041}`);
  });

  it('loses all but our own colours on its last way out', () => {
    const paint = paintFor({ isTTY: true }, {});
    expect(onScreen(`${paint('green', 'ok')} \u001B[2J\u202E\ttab`, paint)).toBe(
      `${paint('green', 'ok')} \\x1b[2J\\u202e\ttab`,
    );
    expect(onScreen('\u001B[31mred', plain)).toBe(String.raw`\x1b[31mred`);
  });
});
