import { describe, expect, it } from 'vitest';
import { isLive, paintFor, plain } from '../../src/ui/colour.ts';
import { liveView, keptLine } from '../../src/ui/terminal.ts';
import { createBoard } from '../../src/ui/told.ts';

describe('the live view', () => {
  it('has a line for each wait and for each busy step, cut to the width', () => {
    const board = createBoard();
    board.take({ type: 'step-started', step: 'alb', title: 'Load balancer', tutorialStep: 3 }, 0);
    board.take({ type: 'step-started', step: 'td', title: 'Task definition', tutorialStep: 2 }, 500);
    const wait = { type: 'waiting', step: 'alb', what: 'my-elb', state: 'provisioning', typicalMs: 150_000 } as const;
    board.take({ ...wait, elapsedMs: 0, done: false }, 1000);
    expect(liveView(board, 13_000, 80)).toEqual([
      'waiting for my-elb: provisioning (12 s, typically 2 min 30 s)',
      'Task definition (13 s)',
    ]);
    expect(liveView(board, 13_000, 20)).toEqual(['waiting for my-elb:…', 'Task definition (13…']);
    board.take({ ...wait, elapsedMs: 12_000, done: true }, 13_000);
    expect(liveView(board, 14_000, 80)[0]).toBe('Load balancer (14 s)');
  });

  it('is empty when nothing runs and says how many more there are when much does', () => {
    const board = createBoard();
    expect(liveView(board, 0, 80)).toEqual([]);
    for (const step of ['a', 'b', 'c', 'd', 'e', 'f'])
      board.take({ type: 'step-started', step, title: step, tutorialStep: 1 }, 0);
    expect(liveView(board, 0, 80).at(-1)).toBe('and 3 more');
  });

  it('breaks a kept line at spaces, below its text', () => {
    expect(keptLine({ mark: '✔', text: 'created one two three', weight: 'good' }, plain, 14)).toBe(
      '✔ created one\n  two three',
    );
  });

  it('colours the mark only, and dims faint lines whole', () => {
    const paint = paintFor({ isTTY: true }, {});
    expect(keptLine({ mark: '✔', text: 'ok', weight: 'good' }, paint, 80)).toBe('\u001B[32m✔\u001B[39m ok');
    expect(keptLine({ mark: '·', text: 'ok', weight: 'faint' }, paint, 80)).toBe('\u001B[2m· ok\u001B[22m');
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
});
