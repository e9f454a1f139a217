// The tutorial end to end: the built program, a real sandbox process, real task processes and a real HTTP client.
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { inOwnDirectory, type Run } from './built-program.ts';

interface Document {
  ok: boolean;
  demo: { name: string; target: string };
  data: {
    url: string;
    desired: number;
    running: number;
    healthy: number;
    checks: { id: string; status: string }[];
    resources: { type: string; name: string; id?: string; owned: boolean }[];
    plan?: { action: string }[];
    removed: { name: string }[];
    left: unknown[];
    calls: { total: number; mutating: number };
  };
  error: { code: string; exitCode: number; suggestions: string[] } | null;
}

/** One command of the default demo on the sandbox, with its JSON document; every run must give one and nothing else. */
async function local(run: Run, ...args: string[]): Promise<Document & { code: number | null }> {
  const { code, stdout } = await run([...args, '--local', '--json']);
  return { ...(JSON.parse(stdout) as Document), code };
}

async function answer(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  return (await response.text()).trim();
}

function accepts(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

describe('the seven steps', () => {
  it('go from nothing to 42 and back to nothing', async () => {
    const run = inOwnDirectory();
    const plan = await local(run, 'up', '--dry-run');
    expect(plan.data.plan?.filter((change) => change.action === 'create').length).toBeGreaterThan(9);
    expect(plan.data.plan?.filter((change) => change.action === 'delete')).toEqual([]);
    expect(plan.data.calls.mutating).toBe(0);

    const made = await local(run, 'up');
    expect(made).toMatchObject({ code: 0, ok: true, error: null, demo: { name: 'my', target: 'local' } });
    expect(made.data).toMatchObject({ desired: 1, running: 1, healthy: 1 });
    expect(await answer(made.data.url)).toBe('42');

    const again = await local(run, 'up');
    expect(again.data.calls.mutating).toBe(0);
    expect(again.data.url).toBe(made.data.url);

    const four = await local(run, 'scale', '--count', '4');
    expect(four.data).toMatchObject({ desired: 4, running: 4, healthy: 4 });
    const checked = await local(run, 'verify', '--on-instance');
    expect(checked.code).toBe(0);
    expect(checked.data.checks.filter((check) => check.status !== 'pass')).toEqual([]);

    const shown = await local(run, 'status');
    const names = shown.data.resources.map((resource) => resource.name);
    expect(names).toEqual(
      expect.arrayContaining([
        'my-ecs-sg',
        'my-elb-sg',
        'my-cluster',
        'ecsInstanceRole',
        'my-elb',
        'my-target-group',
        'my-service',
      ]),
    );

    expect((await local(run, 'scale', '--count', '0')).data).toMatchObject({ desired: 0, running: 0, healthy: 0 });
    expect((await local(run, 'scale', '--count', '1')).data).toMatchObject({ desired: 1, running: 1, healthy: 1 });

    const gone = await local(run, 'destroy');
    expect(gone).toMatchObject({ code: 0, ok: true });
    expect(gone.data.left).toEqual([]);
    expect(gone.data.removed.map((resource) => resource.name)).toEqual(
      expect.arrayContaining(['my-cluster', 'my-service', 'my-elb']),
    );
    expect(await accepts(made.data.url)).toBe(false);
    expect((await local(run, 'destroy')).data).toMatchObject({ removed: [], left: [] });
  });

  it('fails a verify of nothing with a command to try', async () => {
    const run = inOwnDirectory();
    const { code, error } = await local(run, 'verify');
    expect(code).toBe(3);
    expect(error).toMatchObject({ code: 'demo-absent', suggestions: ['ecsdemo up --local'] });
  });

  it('refuses a scale that does not fit, before it changes anything', async () => {
    const run = inOwnDirectory();
    await local(run, 'up');
    const { code, error, data } = await local(run, 'scale', '--count', '900');
    expect(code).toBe(3);
    expect(error?.code).toBe('does-not-fit');
    expect(data.calls.mutating).toBe(0);
  });

  it('puts the URL, and nothing else, on stdout of up', async () => {
    const run = inOwnDirectory();
    const { code, stdout, stderr } = await run(['up', '--local']);
    expect(code).toBe(0);
    expect(await answer(stdout.trim())).toBe('42');
    expect(stderr).not.toContain('\u001B');
    expect(stderr).toMatch(/^\d\d:\d\d:\d\d demo my on the local sandbox \(pace fast.*\)$/m);
  });
});
