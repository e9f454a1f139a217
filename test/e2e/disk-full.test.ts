// A sandbox whose files may not grow any more, as on a full disk: changes are refused with the reason, reads go on, it says
// so once and rests, and goes on by itself when there is room again.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateClusterCommand, DescribeClustersCommand } from '@aws-sdk/client-ecs';
import { CreateSecurityGroupCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { describeSandbox, type Connection } from '../../src/sandbox/control.ts';
import { loadWorld } from '../../src/sandbox/store.ts';
import { bundleSandbox } from '../sandbox/sandbox-bundle.ts';
import { clientsFor, failureOf } from '../sandbox/tiny-server.ts';

let entry = '';
let removeBundle = (): void => undefined;

beforeAll(async () => {
  const bundle = await bundleSandbox();
  entry = bundle.entry;
  removeBundle = bundle.remove;
});

afterAll(() => removeBundle());

/** Blocks of 512 bytes that each file of the sandbox may have: the first snapshot and some changes. */
const blocks = 60;

async function startLimited(dir: string): Promise<{ child: ChildProcess; connection: Connection }> {
  mkdirSync(dir);
  // Its log is such a file, too, and is full from the start.
  const script = `ulimit -S -f ${blocks}; head -c ${blocks * 512} /dev/zero > "$2/sandbox.log"; exec "$0" "$1" --dir "$2" 2>> "$2/sandbox.log"`;
  const child = spawn('sh', ['-c', script, process.execPath, entry, dir], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  const [message] = (await once(child, 'message')) as [{ connection: Connection }];
  return { child, connection: message.connection };
}

/** Milliseconds of processor that the process has had. */
function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

test.runIf(process.platform === 'linux')(
  'files that may not grow: refused with the reason, no spin, and on again by itself',
  async () => {
    const dir = join(mkdtempSync(join(tmpdir(), 'ecsdemo-test-')), 'state');
    onTestFinished(() => rmSync(join(dir, '..'), { recursive: true, force: true }));
    const { child, connection } = await startLimited(dir);
    const { ecs, ec2 } = clientsFor(connection.endpoint, connection.credentials, { region: connection.region });
    const made: string[] = [];
    let refusal: Error | undefined;
    for (let index = 0; refusal === undefined && index < 1000; index++) {
      const clusterName = `c-${index}-${'x'.repeat(200)}`;
      await ecs.send(new CreateClusterCommand({ clusterName })).then(
        () => made.push(clusterName),
        (error: Error) => (refusal = error),
      );
    }
    expect(made.length).toBeGreaterThan(3);
    const why = 'the largest file size allowed here is reached';
    expect(refusal).toMatchObject({ name: 'ServerException', message: expect.stringContaining(why) });
    expect(
      await failureOf(ec2.send(new CreateSecurityGroupCommand({ GroupName: 'g', Description: 'd' }))),
    ).toMatchObject({
      name: 'InternalError',
      message: expect.stringContaining(join(dir, 'state.json')),
    });
    // Refused before anything is changed; what was there is answered as ever.
    const seen = async (name: string): Promise<(string | undefined)[] | undefined> =>
      (await ecs.send(new DescribeClustersCommand({ clusters: [name] }))).clusters?.map(({ status }) => status);
    const refused = `refused-${'x'.repeat(200)}`;
    await failureOf(ecs.send(new CreateClusterCommand({ clusterName: refused })));
    expect(await seen(refused)).toEqual([]);
    expect(await seen(made[0] ?? '')).toEqual(['ACTIVE']);
    expect((await describeSandbox(connection)).notice).toContain(why);

    // It rests: also while it cannot tell anybody, and tries again now and then.
    const [before, since] = [cpuMs(connection.pid), performance.now()];
    await expect.poll(() => performance.now() - since, { interval: 100 }).toBeGreaterThan(2500);
    expect((cpuMs(connection.pid) - before) / (performance.now() - since)).toBeLessThan(0.2);

    execFileSync('prlimit', [`--pid=${connection.pid}`, '--fsize=unlimited']);
    await expect.poll(async () => (await describeSandbox(connection)).notice, { interval: 50 }).toBeUndefined();
    await ecs.send(new CreateClusterCommand({ clusterName: refused }));
    made.push(refused);
    process.kill(connection.pid, 'SIGKILL');
    await once(child, 'exit');
    const { world, notice } = await loadWorld(dir);
    expect(notice).toBeUndefined();
    const names = Object.values(world?.clusters ?? {}).map(({ clusterName }) => clusterName);
    expect(made.filter((name) => !names.includes(name))).toEqual([]);
  },
);
