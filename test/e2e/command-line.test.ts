// The built program as a shell runs it: what it says where, and how it exits. No sandbox is started here.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/base/package-root.ts';
import { commands } from '../../src/commands/table.ts';
import { inOwnDirectory, type Ended } from './built-program.ts';

function ecsdemo(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return inOwnDirectory()(args, env);
}

interface Document {
  schemaVersion: number;
  command: string;
  ok: boolean;
  error: { code: string; exitCode: number; message: string; suggestions: string[] } | null;
}

describe('the command line', () => {
  it('prints its version, fast path and slow path alike', async () => {
    const [fast, slow] = await Promise.all([ecsdemo(['--version']), ecsdemo(['version'])]);
    expect(fast).toMatchObject({ code: 0, stderr: '' });
    expect(fast.stdout).toMatch(/^ecsdemo \d+\.\d+\.\d+\n$/);
    expect(slow.stdout).toBe(fast.stdout);
    const known = JSON.parse((await ecsdemo(['--version', '--json'])).stdout) as object;
    expect(known).toMatchObject({ name: 'ecsdemo', version: expect.any(String), node: process.versions.node });
  });

  it('helps with no arguments, and with --help anywhere', async () => {
    const [none, command, topic] = await Promise.all([
      ecsdemo([]),
      ecsdemo(['up', '--local', '-h']),
      ecsdemo(['sandbox']),
    ]);
    expect(none.code).toBe(0);
    expect(none.stdout).toContain('ecsdemo up --local');
    expect(command.stdout.indexOf('EXAMPLES')).toBeGreaterThan(-1);
    expect(command.stdout.indexOf('EXAMPLES')).toBeLessThan(command.stdout.indexOf('USAGE'));
    expect(command.stdout).toContain('EXIT CODES');
    expect(topic.stdout).toContain('ecsdemo sandbox start');
  });

  it.each([
    [['upp'], 'did you mean "up"?'],
    [['up', '--cuont', '3'], 'did you mean --count?'],
    [['up', '--count', 'x'], '--count "x"'],
    [['up', '--count'], '--count expects a value'],
    [['up', 'now'], 'takes no argument: "now"'],
    [['up', '--task-definition', 'no-such-file.json'], 'no-such-file.json'],
    [['up', '--through', 'nowhere'], '--through "nowhere"'],
    [['scale'], '--count or --instances'],
    [['destroy'], '--yes'],
    [['destroy', '--no-input'], '--no-input forbids that: pass --yes'],
    [['scale', '--count', '0'], 'scale asks before it stops every task'],
    [['scale', '--instances', '0'], 'scale asks before it stops every task and container instance'],
    [['up', '--no-input'], 'up asks before it makes what costs money'],
    [['smoke', '--no-input'], 'smoke asks before it makes what costs money'],
    [['sandbox', 'strat'], 'did you mean "sandbox start"?'],
    [['sandbox', 'start', '--port', '99999'], '--port "99999"'],
  ])('refuses %j with exit code 2, in text and as JSON', async (args, words) => {
    const [text, json] = await Promise.all([ecsdemo(args), ecsdemo([...args, '--json'])]);
    expect(text).toMatchObject({ code: 2, stdout: '' });
    expect(text.stderr).toContain(words);
    const document = JSON.parse(json.stdout) as Document;
    expect(json.code).toBe(2);
    expect(document).toMatchObject({ schemaVersion: 1, ok: false, error: { exitCode: 2 } });
    expect(document.error?.message).toContain(words);
  });

  it('names the environment variable that is wrong', async () => {
    const { code, stderr } = await ecsdemo(['up'], { ECSDEMO_TIMEOUT: 'soon' });
    expect(code).toBe(2);
    expect(stderr).toContain('ECSDEMO_TIMEOUT "soon"');
  });

  it('says that no sandbox is running, and how to start one', async () => {
    const { code, stdout } = await ecsdemo(['sandbox', 'env', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'sandbox-not-running', suggestions: ['ecsdemo sandbox start', 'ecsdemo up --local'] },
    });
  });

  it('says what is missing to reach AWS: the region, then the credentials', async () => {
    const [region, credentials] = await Promise.all([
      ecsdemo(['status', '--json']),
      ecsdemo(['status', '--json'], { AWS_REGION: 'us-east-1' }),
    ]);
    expect(JSON.parse(region.stdout)).toMatchObject({ error: { code: 'region-missing', exitCode: 2 } });
    expect(region.code).toBe(2);
    expect(JSON.parse(credentials.stdout)).toMatchObject({ error: { code: 'credentials-missing', exitCode: 5 } });
    expect(credentials.code).toBe(5);
  });

  it('says that an endpoint does not answer', async () => {
    const env = {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    };
    const { code, stdout } = await ecsdemo(['status', '--json'], env);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'endpoint-unreachable' } });
    expect(code).toBe(1);
  });

  const keys = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };

  it('up at an endpoint of this machine says so, and neither asks nor speaks of what it costs', async () => {
    const env = { ...keys, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    const { code, stderr } = await ecsdemo(['up'], env);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/demo my at http:\/\/127\.0\.0\.1:1$/m)]);
    expect(stderr).not.toMatch(/on AWS|costs|--yes/);
  });

  it('up on AWS without a terminal goes on without --yes, and warns that this will not last', async () => {
    // No proxy listens there: the run ends at its first call.
    const env = { ...keys, HTTPS_PROXY: 'http://127.0.0.1:1', ECSDEMO_TIMEOUT: '20s', AWS_MAX_ATTEMPTS: '1' };
    const [without, withYes] = await Promise.all([
      ecsdemo(['up', '--json'], env),
      ecsdemo(['up', '--json', '-y'], env),
    ]);
    expect((JSON.parse(without.stdout) as { warnings: string[] }).warnings).toEqual([
      expect.stringContaining('going on without --yes'),
    ]);
    expect((JSON.parse(withYes.stdout) as { warnings: string[] }).warnings).toEqual([]);
  });

  it('up warns of SSH that is open to nearly everybody, and of nothing narrower', async () => {
    const env = { ...keys, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    const warned = async (block: string): Promise<boolean> =>
      (await ecsdemo(['up', '--ssh-from', block], env)).stderr.includes('opens SSH to');
    expect(await Promise.all(['0.0.0.0/0', '::/0', '10.0.0.0/7', '10.0.0.0/8', '2001:db8::/32'].map(warned))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('takes the letters that most programs have, and `version` as a word', async () => {
    const env = { ...keys, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    const [word, dry, quiet, letters] = await Promise.all([
      ecsdemo(['version']),
      ecsdemo(['up', '-n'], env),
      ecsdemo(['up', '-q'], env),
      ecsdemo(['up', '-q', '-v'], env),
    ]);
    expect(word.stdout).toMatch(/^ecsdemo \d/);
    expect(dry.stderr).toContain(', dry run');
    expect(quiet.stderr).toMatch(/^Error/);
    expect([letters.code, letters.stderr]).toEqual([2, expect.stringContaining('--quiet cannot go with --verbose')]);
  });

  it('has help without words that run together, also of a topic', async () => {
    const { stdout } = await ecsdemo(['sandbox', '--help']);
    for (const line of stdout.split('\n').filter((each) => each.startsWith('  sandbox')))
      expect(line).toMatch(/^ {2}sandbox [a-z]+( [a-z]+)? {2,}[A-Z]/);
  });

  it('writes no colour to a pipe', async () => {
    const { stderr } = await ecsdemo(['upp'], { TERM: 'xterm-256color' });
    expect(stderr).not.toContain('\u001B');
  });

  // The program finds its commands in its own table; oclif's tools go by package.json.
  it('is an oclif program, of which oclif itself finds every command', () => {
    const script = `require('@oclif/core').Config.load({ root: ${JSON.stringify(packageRoot())}, userPlugins: false, devPlugins: false })
      .then(({ commandIDs }) => console.log(JSON.stringify(commandIDs)))`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], { cwd: packageRoot(), encoding: 'utf8' });
    expect((JSON.parse(stdout) as string[]).toSorted()).toEqual(Object.keys(commands).toSorted());
  });
});
