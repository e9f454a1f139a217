// `ecsdemo doctor` as a shell runs it: what it says, and how it exits.
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { inOwnDirectory } from './built-program.ts';

interface Document {
  ok: boolean;
  data: { checks: { id: string; status: string; detail: string; suggestion?: string }[] };
  error: { code: string; exitCode: number; suggestions: string[] } | null;
}

const parse = (text: string): Document => JSON.parse(text) as Document;
const failedOf = ({ data }: Document) => data.checks.filter(({ status }) => status === 'fail').map(({ id }) => id);

describe('ecsdemo doctor', () => {
  it('passes on the sandbox, and tells of its fault', async () => {
    const run = inOwnDirectory();
    const text = await run(['doctor', '--local']);
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/^✔ names: free/m);
    expect(text.stdout).toMatch(/^✔ sandbox: .*pace fast/m);
    expect(text.stderr).toMatch(/14 of 15 checks passed, 1 skipped in .* with 19 AWS calls, none of them a change/);
    await run(['sandbox', 'fault', 'cannot-pull']);
    const json = await run(['doctor', '--local', '--json']);
    expect(json.code).toBe(3);
    const document = parse(json.stdout);
    expect(failedOf(document)).toEqual(['sandbox']);
    expect(document.error).toMatchObject({ code: 'check-failed', exitCode: 3 });
    expect(document.data.checks.at(-1)).toMatchObject({
      detail: expect.stringContaining('cannot-pull is on') as string,
      suggestion: 'ecsdemo sandbox fault clear cannot-pull',
    });
  });

  it('says what is missing to reach AWS, and skips what needs it', async () => {
    const run = inOwnDirectory();
    const [nothing, region] = await Promise.all([
      run(['doctor', '--json']),
      run(['doctor', '--json'], { AWS_REGION: 'us-east-1' }),
    ]);
    expect([nothing.code, region.code]).toEqual([3, 3]);
    expect(failedOf(parse(nothing.stdout))).toEqual(['region', 'credentials']);
    expect(failedOf(parse(region.stdout))).toEqual(['credentials']);
    const { data } = parse(region.stdout);
    expect(data.checks.find(({ id }) => id === 'region')?.detail).toBe('us-east-1, from AWS_REGION');
    expect(data.checks.find(({ id }) => id === 'run-instances')?.status).toBe('skip');
  });

  it('names the endpoint that nobody listens at, and where the credentials come from', async () => {
    const home = mkdtempSync(join(tmpdir(), 'ecsdemo-test-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    const config = join(home, 'config');
    writeFileSync(
      config,
      '[profile work]\nregion = eu-west-1\naws_access_key_id = a\naws_secret_access_key = b\nendpoint_url = http://127.0.0.1:1\n',
    );
    const { code, stdout } = await inOwnDirectory()(['doctor', '--profile', 'work', '--json'], {
      AWS_CONFIG_FILE: config,
    });
    const document = parse(stdout);
    expect(code).toBe(3);
    expect(failedOf(document)).toEqual(['endpoint']);
    const detailOf = (id: string) => document.data.checks.find((check) => check.id === id)?.detail;
    expect(detailOf('region')).toBe('eu-west-1, from the profile');
    expect(detailOf('credentials')).toBe('from the keys of profile "work"');
    expect(detailOf('endpoint')).toContain('http://127.0.0.1:1: ');
  });

  it('names the proxy, without its password', async () => {
    const { stdout } = await inOwnDirectory()(['doctor', '--json'], {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_ENDPOINT_URL: 'http://aws.test',
      HTTP_PROXY: 'http://me:secret@127.0.0.1:1',
    });
    const { checks } = parse(stdout).data;
    expect(checks.find(({ id }) => id === 'endpoint')?.detail).toContain(
      'http://aws.test, through the proxy http://…@127.0.0.1:1: ',
    );
    expect(checks.find(({ id }) => id === 'credentials')?.detail).toContain('in the environment');
    expect(stdout).not.toContain('secret@');
  });
});
