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
    [{ command: 'status' }, 'ecsdemo status --local'],
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
    [{ command: 'destroy', next: { command: 'up' } }, 'ecsdemo destroy --local && ecsdemo up --local'],
    [
      { command: 'up', flags: { adopt: true }, note: 'takes it over, if it is yours' },
      'ecsdemo up --adopt --local   # takes it over, if it is yours',
    ],
    [{ command: 'sandbox fault', args: ['throttling'] }, 'ecsdemo sandbox fault throttling'],
    [{ command: 'up', flags: { help: true } }, 'ecsdemo up --help'],
    [{ command: '', flags: { help: true } }, 'ecsdemo --help'],
    [{ text: 'export AWS_PROFILE=…', note: 'a note' }, 'export AWS_PROFILE=…   # a note'],
  ])('%j', (suggestion, expected) => {
    expect(suggestionText(suggestion, after('up', [], { local: true }))).toBe(expected);
  });

  it('leaves out a flag that was given by its letter', () => {
    expect(suggestionText({ flags: {}, without: ['dry-run'] }, after('sweep', ['-n', '--name-prefix', 'ci-']))).toBe(
      'ecsdemo sweep --name-prefix ci-',
    );
    expect(suggestionText({ flags: { yes: true } }, after('destroy', ['-y']))).toBe('ecsdemo destroy --yes');
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
    const local: Suggestion = { command: 'up', flags: { local: true } };
    expect(suggestionText(local, after('up', [], target))).toBe('ecsdemo up --local --name ci');
    const typed = ['--region', 'eu-west-1', '--profile=work', '--count', '2'];
    expect(suggestionText(local, after('up', typed, target))).toBe('ecsdemo up --count 2 --local --name ci');
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
    [
      ['--image', 'a', '--command', 'b c', '--local'],
      { flags: {}, without: ['command'] },
      'ecsdemo up --image a --local',
    ],
    // Not with what was typed a command would do something else.
    [['--count', '2', '--image', 'a'], { command: 'up' }, 'ecsdemo up --count 2 --image a'],
    [['--image', 'a'], { command: 'up', flags: { image: 'b' } }, 'ecsdemo up --image b'],
    [
      ['--image', 'a', '--container-port', '80'],
      { command: 'up', flags: { image: 'b' }, without: ['container-port'] },
      'ecsdemo up --image b',
    ],
  ])('of %j with %j', (argv, suggestion, whole) => {
    expect(suggestionTexts([suggestion], after('up', argv))).toEqual([whole]);
  });
});

describe('what applies', () => {
  const suggestions: Suggestion[] = [
    { aws: 'sso login' },
    { text: 'try another region with --region', onAws: true },
    { command: 'up', flags: { region: 'us-west-2' } },
    { text: 'wait' },
    { text: 'wait' },
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
    expect(suggestionTexts(suggestions, after('up', [], { local: true }))).toEqual([
      '(eval "$(ecsdemo sandbox env)" && aws sso login)',
      'wait',
    ]);
  });
});

describe('a command of the AWS CLI', () => {
  const group: Suggestion = { aws: 'logs create-log-group --log-group-name /a', next: { flags: {} } };

  it.each<[string, Invocation, string]>([
    [
      'on AWS is told the region and the profile of the run',
      after('up', ['--count', '2'], { region: 'eu-west-1' }, 'work'),
      'aws logs create-log-group --log-group-name /a --region eu-west-1 --profile work && ecsdemo up --count 2',
    ],
    [
      'on the sandbox is aimed at it, in a shell of its own',
      after('up', ['--local'], { local: true }),
      '(eval "$(ecsdemo sandbox env)" && aws logs create-log-group --log-group-name /a) && ecsdemo up --local',
    ],
  ])('%s', (_, invocation, line) => {
    expect(suggestionText(group, invocation)).toBe(line);
  });

  it('keeps a region of its own', () => {
    expect(suggestionText({ aws: 'ec2 x --region a' }, after('up', [], { region: 'b' }))).toBe('aws ec2 x --region a');
  });
});
