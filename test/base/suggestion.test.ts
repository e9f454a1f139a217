import { describe, expect, it } from 'vitest';
import { suggestionText, suggestionTexts, type Invocation, type Suggestion } from '../../src/base/suggestion.ts';

const demoFlags = ['name', 'local', 'region', 'profile'];

function after(
  command: string,
  argv: readonly string[] = [],
  target: Invocation['target'] = {},
  profile?: string,
): Invocation {
  return {
    command,
    argv,
    target,
    profile,
    flagsOf: (name) => (/^(tiny )?(up|status|scale|destroy)$/.test(name) ? demoFlags : undefined),
  };
}

describe('a command of ours', () => {
  it.each<[Suggestion, string]>([
    [{ command: 'up' }, 'ecsdemo up --local'],
    [{ command: 'scale', flags: { count: 7 } }, 'ecsdemo scale --count 7 --local'],
    [{ command: 'up', flags: { image: 'no/such' } }, 'ecsdemo up --image no/such --local'],
    [
      { command: 'up', flags: { image: 'tongueroo/sinatra:latest' } },
      'ecsdemo up --image tongueroo/sinatra:latest --local',
    ],
    [
      { command: 'up', flags: { 'subnet-ids': 'subnet-…,subnet-…' } },
      'ecsdemo up --subnet-ids subnet-…,subnet-… --local',
    ],
    [{ command: 'up', flags: { command: "ruby 'a b'" } }, String.raw`ecsdemo up --command 'ruby '\''a b'\''' --local`],
    [{ command: 'destroy', next: { command: 'up' } }, 'ecsdemo destroy --local, then ecsdemo up --local'],
    [
      { before: 'or take it over, if it is yours:', command: 'up', flags: { adopt: true } },
      'or take it over, if it is yours: ecsdemo up --adopt --local',
    ],
    [
      { command: 'up', flags: { adopt: true }, after: 'takes it over, if it is yours' },
      'ecsdemo up --adopt --local takes it over, if it is yours',
    ],
    [{ command: 'sandbox stop', after: ', then start it again' }, 'ecsdemo sandbox stop, then start it again'],
    [{ command: 'sandbox fault', args: ['throttling'] }, 'ecsdemo sandbox fault throttling'],
    [{ command: 'up', flags: { help: true } }, 'ecsdemo up --help'],
    [{ command: '', flags: { help: true } }, 'ecsdemo --help'],
    ['aws ecs list-clusters', 'aws ecs list-clusters'],
  ])('%j', (suggestion, expected) => {
    expect(suggestionText(suggestion, after('up', [], { local: true }))).toBe(expected);
  });

  it('leaves out what helps only on the sandbox, or only on AWS', () => {
    const both: Suggestion[] = [
      { text: 'check the region', onAws: true },
      { command: 'sandbox status', onSandbox: true },
    ];
    expect(suggestionTexts(both)).toEqual(['check the region']);
    expect(suggestionTexts(both, after('status', [], { local: true }))).toEqual(['ecsdemo sandbox status']);
  });

  it('for the sandbox is told no region and no profile', () => {
    const target = { name: 'ci', region: 'eu-west-1', profile: 'work' };
    const local: Suggestion = { before: 'or:', command: 'up', flags: { local: true } };
    expect(suggestionText(local, after('up', [], target))).toBe('or: ecsdemo up --local --name ci');
  });

  it('is that of the chapter that was run, where it has one of that name', () => {
    const invocation = { ...after('tiny up', [], { local: true }), within: 'tiny' };
    const texts = suggestionTexts([{ command: 'destroy' }, { command: 'sandbox status' }, { flags: {} }], invocation);
    expect(texts).toEqual(['ecsdemo tiny destroy --local', 'ecsdemo sandbox status', 'ecsdemo tiny up']);
  });

  it('names another demo or region, on the same account', () => {
    const target = { name: 'ci', region: 'eu-west-1', profile: 'my work' };
    const texts = suggestionTexts(
      [
        { command: 'status', flags: { name: 'other' } },
        { command: 'up', flags: { region: 'us-east-1' } },
      ],
      after('up', [], target),
    );
    expect(texts).toEqual([
      "ecsdemo status --name other --region eu-west-1 --profile 'my work'",
      "ecsdemo up --region us-east-1 --name ci --profile 'my work'",
    ]);
  });
});

describe('flags for the command that was run', () => {
  it.each<[string[], Suggestion, string]>([
    [['--path', 'health', '--local'], { flags: { path: '/health' } }, 'ecsdemo up --local --path /health'],
    [['--path=health', '--image', 'a b'], { flags: { path: '/health' } }, "ecsdemo up --image 'a b' --path /health"],
    [['--pace', '10', '--yes'], { flags: { local: true, pace: 10 } }, 'ecsdemo up --yes --local --pace 10'],
    [
      ['--local', '--name', 'a--b'],
      { flags: { name: 'ci-42' }, note: 'a comment' },
      'ecsdemo up --local --name ci-42   # a comment',
    ],
    [['--local=yes', '--count', '2'], { flags: { local: true } }, 'ecsdemo up --count 2 --local'],
    [['--yes', '--json', '--dry-run'], { flags: {}, without: ['dry-run', 'json'] }, 'ecsdemo up --yes'],
    [['--image', 'a b'], { flags: {} }, "ecsdemo up --image 'a b'"],
  ])('of %j with %j', (argv, suggestion, whole) => {
    expect(suggestionTexts([suggestion], after('up', argv))).toEqual([whole]);
  });
});

describe('what applies', () => {
  const suggestions: Suggestion[] = [
    { text: 'aws sso login', profile: true },
    { text: 'try another region with --region', onAws: true },
    { command: 'up', flags: { region: 'us-west-2' } },
    'wait',
    'wait',
  ];

  it('on AWS names the profile, once what is said twice', () => {
    expect(suggestionTexts(suggestions, after('up', [], {}, 'nightly'))).toEqual([
      'aws sso login --profile nightly',
      'try another region with --region',
      'ecsdemo up --region us-west-2',
      'wait',
    ]);
  });

  it('on the sandbox names no region: it has one and refuses to be told another', () => {
    expect(suggestionTexts(suggestions, after('up', [], { local: true }))).toEqual(['aws sso login', 'wait']);
  });
});
