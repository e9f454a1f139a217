import { describe, expect, it } from 'vitest';
import { aimed } from '../../src/commands/ecsdemo-command.ts';

describe('aimed', () => {
  it.each([
    ['ecsdemo up', 'ecsdemo up --local'],
    ['ecsdemo scale --count 7', 'ecsdemo scale --count 7 --local'],
    ['ecsdemo destroy, then ecsdemo up', 'ecsdemo destroy --local, then ecsdemo up --local'],
    [
      'or take it over, if it is yours: ecsdemo up --adopt',
      'or take it over, if it is yours: ecsdemo up --adopt --local',
    ],
    ['ecsdemo status --name other', 'ecsdemo status --name other'],
    ['aws ecs list-clusters', 'aws ecs list-clusters'],
    ['ecsdemo sandbox status', 'ecsdemo sandbox status'],
  ])('%s', (suggestion, expected) => {
    expect(aimed(suggestion, ' --local')).toBe(expected);
  });

  it('tells a command for the sandbox no region and no profile', () => {
    expect(aimed('or: ecsdemo up --local', ' --name ci --local --region eu-west-1 --profile work')).toBe(
      'or: ecsdemo up --local --name ci',
    );
  });
});
