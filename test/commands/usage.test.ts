import { describe, expect, it } from 'vitest';
import { distance, nearest } from '../../src/base/suggest.ts';
import { spoken, unknownCommand, usageErrorOf } from '../../src/commands/usage.ts';
import { EcsdemoError } from '../../src/base/errors.ts';

describe('what was meant', () => {
  it.each([
    ['', '', 0],
    ['a', '', 1],
    ['count', 'count', 0],
    ['cuont', 'count', 1],
    ['stauts', 'status', 1],
    ['up', 'upp', 1],
    ['scale', 'verify', 6],
  ])('%s and %s are %d apart', (from, to, away) => {
    expect(distance(from, to)).toBe(away);
    expect(distance(to, from)).toBe(away);
  });

  it('takes the nearest word when it is near', () => {
    const known = ['up', 'verify', 'scale', 'destroy', 'status'];
    expect(nearest('upp', known)).toBe('up');
    expect(nearest('destory', known)).toBe('destroy');
    expect(nearest('stat', known)).toBe('status');
    expect(nearest('deploy', known)).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
  });
});

describe('usage errors', () => {
  it('names the unknown flag, the one that was meant, and the help', () => {
    const error = Object.assign(new Error('Nonexistent flag: --cuont\nSee more help with --help'), {
      flags: ['--cuont'],
      parse: {},
    });
    expect(usageErrorOf(error, 'up', ['count', 'name'])).toMatchObject({
      code: 'usage',
      exitCode: 2,
      message: 'up has no flag --cuont; did you mean --count?',
      suggestions: ['ecsdemo up --help'],
    });
  });

  it('names an argument that does not belong', () => {
    const error = Object.assign(new Error('Unexpected argument: foo'), { args: ['foo'], parse: {} });
    expect(usageErrorOf(error, 'sandbox:start', [])?.message).toBe('sandbox start takes no argument: "foo"');
  });

  it('leaves other errors alone', () => {
    expect(usageErrorOf(new TypeError('x'), 'up', [])).toBeUndefined();
    expect(usageErrorOf(new EcsdemoError('timeout', 'x'), 'up', [])).toBeUndefined();
  });

  it('suggests commands, never running one', () => {
    expect(unknownCommand(['sandbox', 'strat'], ['up', 'sandbox:start']).message).toContain(
      'did you mean "sandbox start"?',
    );
    expect(unknownCommand(['xyzzy'], ['up']).suggestions).toEqual(['ecsdemo --help']);
    expect(spoken('sandbox:env')).toBe('sandbox env');
  });
});
