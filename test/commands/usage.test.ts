import { describe, expect, it } from 'vitest';
import { distance, nearest } from '../../src/base/nearest.ts';
import {
  misplaced,
  refuseOddFlags,
  spoken,
  unknownCommand,
  usageErrorOf,
  variableWarnings,
} from '../../src/commands/usage.ts';
import { EcsdemoError } from '../../src/base/errors.ts';
import { suggestionTexts } from '../../src/base/suggestion.ts';

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
    const told = usageErrorOf(error, 'up', ['count', 'name']);
    expect(told).toMatchObject({
      code: 'usage',
      exitCode: 2,
      message: 'up has no flag --cuont; did you mean --count?',
    });
    expect(suggestionTexts(told?.suggestions ?? [])).toEqual(['ecsdemo up --help']);
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
    expect(suggestionTexts(unknownCommand(['xyzzy'], ['up']).suggestions)).toEqual(['ecsdemo --help']);
    expect(spoken('sandbox:env')).toBe('sandbox env');
  });
});

describe('flags that oclif takes wrong', () => {
  const takesValue = new Map([
    ['local', false],
    ['count', true],
  ]);

  it.each([
    [['--local=yes'], '--local "yes": --local takes no value'],
    [['--constructor', '1'], 'up has no flag --constructor'],
  ])('%j is refused', (argv, message) => {
    expect(() => refuseOddFlags(argv, 'up', takesValue)).toThrow(message);
  });

  it('leaves all else to oclif', () => {
    expect(() => refuseOddFlags(['--count=1', '--local', '--', '--local=1'], 'up', takesValue)).not.toThrow();
  });
});

describe('variableWarnings', () => {
  it('tells of a near miss, and of nothing else', () => {
    const env = {
      ECSDEMO_CUONT: '3',
      ECSDEMO_IMAGE: 'x',
      ECSDEMO_SANDBOX_DIR: '/x',
      ECSDEMO_WHATEVER: '1',
      COUNT: '1',
    };
    expect(variableWarnings(env, ['count'], ['count', 'image'])).toEqual([
      'ECSDEMO_CUONT is not read; did you mean ECSDEMO_COUNT?',
    ]);
  });
});

describe('misplaced', () => {
  it('puts the command first', () => {
    const idOf = (words: readonly string[]): string | undefined => (words[0] === 'up' ? 'up' : undefined);
    expect(suggestionTexts(misplaced(['--name', 'ci', 'up', '--local'], idOf).suggestions)[0]).toBe(
      'ecsdemo up --local --name ci',
    );
    expect(misplaced(['--name'], idOf).message).toBe('no command given, only "--name"');
  });
});
