// Sweep and --ttl from the command line: a nightly job that fails on leaks, and one that takes them away.
import { describe, expect, it } from 'vitest';
import { inOwnDirectory } from './built-program.ts';

interface Document {
  ok: boolean;
  demo: { name: string; account: string };
  data: {
    demos: { name: string; matches: boolean; removed?: unknown[]; costPerHour: number; expiresAt: string | null }[];
  };
  error: { code: string; message: string; suggestions: string[] } | null;
}

const parse = (text: string) => JSON.parse(text) as Document;

describe('sweep', () => {
  it('finds what was left, fails on it in a dry run, and takes it away', async () => {
    const run = inOwnDirectory();
    expect((await run(['status', '--local'])).stdout).toBe('demo my: nothing exists\n');
    const none = await run(['sweep', '--local', '--dry-run']);
    expect([none.code, none.stdout]).toEqual([0, 'no demo exists in this account and region\n']);

    expect((await run(['up', '--local', '--name', 'ci-1', '--ttl', '2h'])).code).toBe(0);
    expect((await run(['up', '--local', '--name', 'ci-2', '--through', 'cluster'])).code).toBe(0);
    const status = await run(['status', '--local', '--name', 'ci-1']);
    expect(status.stdout).toMatch(/would cost about 0\.05 USD per hour on AWS\nexpires in 1 h 5\d min/);
    expect(status.stdout).not.toContain('differs');
    const partly = await run(['status', '--local', '--name', 'ci-2']);
    expect(partly.stdout).toMatch(
      /differs, and `ecsdemo up --name ci-2 --local` sets it right:\n(.*\n)* +ECS Service +ci-2-service +is missing/,
    );

    const leaks = await run(['sweep', '--local', '--dry-run', '--json']);
    expect(leaks.code).toBe(1);
    const told = parse(leaks.stdout);
    expect(told).toMatchObject({ ok: false, demo: { name: '*' }, error: { code: 'demos-found' } });
    expect(told.data.demos.map(({ name, matches }) => [name, matches])).toEqual([
      ['ci-1', true],
      ['ci-2', true],
    ]);
    const expired = await run(['sweep', '--local', '--dry-run', '--expired']);
    expect([expired.code, expired.stdout.includes('it has no expiry')]).toEqual([0, true]);

    const swept = await run(['sweep', '--local', '--json', '--name-prefix', 'ci-']);
    expect(swept.code).toBe(0);
    expect(parse(swept.stdout).data.demos.every(({ removed }) => (removed ?? []).length > 0)).toBe(true);
    expect((await run(['sweep', '--local', '--dry-run'])).code).toBe(0);
  });

  it('asks for --yes where nobody can be asked, and for the right account', async () => {
    const run = inOwnDirectory();
    const asked = await run(['sweep', '--region', 'us-east-1']);
    expect([asked.code, asked.stderr.replaceAll(/\s+/g, ' ').includes('pass --yes or --dry-run')]).toEqual([2, true]);
    const other = await run(['sweep', '--local', '--dry-run', '--account', '999999999999']);
    expect([other.code, other.stderr.includes('wrong-account')]).toEqual([4, true]);
  });
});
