import { describe, expect, it } from 'vitest';
import { EcsdemoError } from '../../src/base/errors.ts';
import { outline } from '../../src/chapters/tutorial/outline.ts';
import { outputFrom, settingsFrom, type Environment, type GivenFlags, type Settings } from '../../src/base/settings.ts';

const all = [
  'name',
  'region',
  'profile',
  'account',
  'local',
  'timeout',
  'count',
  'instances',
  'through',
  'dry-run',
  'instance-type',
  'image',
  'container',
  'container-port',
  'command',
  'task-definition',
  'expect',
  'path',
  'key-name',
  'ssh-from',
  'vpc-id',
  'subnet-ids',
  'adopt',
  'yes',
  'pace',
];

function read(flags: GivenFlags, env: Environment = {}): Settings {
  return settingsFrom(
    flags,
    env,
    all,
    outline.steps.map(({ id }) => id),
  );
}

function refusal(run: () => unknown): EcsdemoError {
  try {
    run();
  } catch (error) {
    if (error instanceof EcsdemoError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('settingsFrom', () => {
  it('fills in the defaults', () => {
    expect(read({})).toEqual({
      demo: 'my',
      local: false,
      timeoutMs: 1_200_000,
      dryRun: false,
      adopt: false,
      yes: false,
      onInstance: false,
      watch: false,
    });
  });

  it('takes the flag before the environment before the default', () => {
    expect(read({ count: '3' }, { ECSDEMO_COUNT: '4' }).count).toBe(3);
    expect(read({}, { ECSDEMO_COUNT: '4' }).count).toBe(4);
    expect(read({}, { ECSDEMO_COUNT: '' }).count).toBeUndefined();
  });

  it('tells a count of one from no count', () => {
    expect(read({ count: '1' }).count).toBe(1);
    expect(read({}, { ECSDEMO_COUNT: '1' }).count).toBe(1);
    expect(read({}).count).toBeUndefined();
  });

  it('looks up only the variables of the flags that the command has', () => {
    expect(settingsFrom({}, { ECSDEMO_COUNT: 'nonsense' }, ['name']).count).toBeUndefined();
  });

  it.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['1500ms', 1500],
  ])('reads the duration %s', (text, milliseconds) => {
    expect(read({ timeout: text }).timeoutMs).toBe(milliseconds);
  });

  it.each([
    ['ruby hi.rb', ['ruby', 'hi.rb']],
    ['["ruby","hi.rb"]', ['ruby', 'hi.rb']],
    ["nginx -g 'daemon off;'", ['nginx', '-g', 'daemon off;']],
    ['sh -c "echo $HOME; exit"', ['sh', '-c', 'echo $HOME; exit']],
    ['--a="b c"d', ['--a=b cd']],
    ["x ''", ['x', '']],
  ])('splits the command %s', (text, words) => {
    expect(read({ command: text }).command).toEqual(words);
  });

  it.each([
    ['count', '-1'],
    ['count', '1001'],
    ['count', '2.5'],
    ['count', 'four'],
    ['count', ''],
    ['count', '1e2'],
    ['instances', '21'],
    ['timeout', '600'],
    ['timeout', '0s'],
    ['timeout', '10 m'],
    ['timeout', '2d'],
    ['timeout', '25h'],
    ['timeout', 'm'],
    ['account', '12345'],
    ['account', '12345678901a'],
    ['region', 'us-east'],
    ['region', 'US-EAST-1'],
    ['region', 'us-east-1; ls'],
    ['instance-type', 't3'],
    ['image', ''],
    ['image', 'a b'],
    ['image', '-rf'],
    ['container-port', '0'],
    ['container-port', '65536'],
    ['container-port', 'http'],
    ['command', ''],
    ['command', "sh 'x"],
    ['command', '["a",1]'],
    ['command', '[]'],
    ['command', '["a"'],
    ['expect', ''],
    ['path', 'health'],
    ['path', '/a b'],
    ['path', '/a?b=c'],
    ['ssh-from', '203.0.113.7'],
    ['ssh-from', '203.0.113.256/32'],
    ['ssh-from', '203.0.113.0/33'],
    ['ssh-from', '::1'],
    ['ssh-from', 'fe80::1%eth0/64'],
    ['ssh-from', '2001:db8::/129'],
    ['ssh-from', '1.2.3/8'],
    ['vpc-id', 'vpc-xyz'],
    ['vpc-id', 'subnet-12345678'],
    ['subnet-ids', 'subnet-12345678'],
    ['subnet-ids', 'subnet-12345678,subnet-12345678'],
    ['through', 'Load Balancer'],
    ['pace', 'slow'],
    ['pace', '-1'],
    ['key-name', ''],
  ])('refuses --%s "%s" and names both', (flag, value) => {
    const error = refusal(() => read({ [flag]: value }));
    expect(error).toMatchObject({ code: 'usage', exitCode: 2 });
    expect(error.message).toContain(`--${flag} "${value}"`);
  });

  it('names the part of a list that is wrong', () => {
    expect(refusal(() => read({ 'subnet-ids': 'subnet-12345678, subnet-9' })).message).toContain(
      '--subnet-ids "subnet-9"',
    );
  });

  it('names the variable when the bad value came from one', () => {
    const error = refusal(() => read({}, { ECSDEMO_SSH_FROM: 'home' }));
    expect(error.message).toMatch(/^ECSDEMO_SSH_FROM "home" is not a block of addresses/);
  });

  it('refuses a word that is neither yes nor no', () => {
    expect(refusal(() => read({}, { ECSDEMO_LOCAL: 'maybe' })).message).toContain('ECSDEMO_LOCAL "maybe"');
    expect(read({}, { ECSDEMO_LOCAL: 'yes' }).local).toBe(true);
    expect(read({}, { ECSDEMO_LOCAL: '0' }).local).toBe(false);
  });

  it('refuses a name that AWS would refuse, before anything else is looked at', () => {
    expect(refusal(() => read({ name: 'a--b' }))).toMatchObject({ code: 'name-invalid', exitCode: 2 });
  });

  it.each<[string, GivenFlags]>([
    ['an image beside a document', { image: 'nginx', 'task-definition': 'td.json' }],
    ['a command beside a document', { command: 'x', 'task-definition': 'td.json' }],
    ['a VPC without subnets', { 'vpc-id': 'vpc-12345678' }],
    ['a profile on the sandbox', { local: true, profile: 'work' }],
    ['a region on the sandbox', { local: true, region: 'eu-west-1' }],
  ])('refuses %s', (_what, flags) => {
    expect(refusal(() => read(flags)).code).toBe('usage');
  });

  it('lets a variable that is always set stand beside --local', () => {
    expect(read({ local: true }, { ECSDEMO_PROFILE: 'work' }).local).toBe(true);
  });
});

describe('outputFrom', () => {
  it('refuses to be quiet and verbose at once', () => {
    expect(refusal(() => outputFrom({ quiet: true }, { ECSDEMO_VERBOSE: '1' })).message).toContain('ECSDEMO_VERBOSE');
  });

  it('reads --no-color from its variable', () => {
    expect(outputFrom({}, { ECSDEMO_NO_COLOR: '1' }).colour).toBe(false);
    expect(outputFrom({}, {}).colour).toBe(true);
  });
});
