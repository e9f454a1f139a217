// Faults and kills from the command line: the built program, a real sandbox, real processes.
import { describe, expect, it } from 'vitest';
import { inOwnDirectory } from './built-program.ts';

const parse = (text: string) =>
  JSON.parse(text) as { ok: boolean; data: Record<string, unknown>; error: { code: string; message: string } | null };

describe('sandbox fault and sandbox kill', () => {
  it('break a demo and let it heal', async () => {
    const run = inOwnDirectory();
    expect((await run(['sandbox', 'fault', 'throttling'])).stderr).toContain('no sandbox is running');
    expect((await run(['sandbox', 'start', '--fault', 'task-definition-conflict'])).code).toBe(0);
    const denied = parse(
      (await run(['sandbox', 'fault', 'access-denied', '--operation', 'ecs:CreateService', '--times', '1', '--json']))
        .stdout,
    );
    expect(denied.data).toMatchObject({
      fault: { name: 'access-denied', operation: 'ecs:CreateService', times: 1, struck: 0 },
    });
    const list = await run(['sandbox', 'fault', 'list']);
    expect(list.stdout).toMatch(/^\* task-definition-conflict .*\n +→ on: strikes 3 times/m);
    expect(list.stdout).toMatch(/^ {2}throttling/m);

    const failed = await run(['up', '--local', '--json']);
    expect(failed.code).toBe(5);
    expect(parse(failed.stdout).error).toMatchObject({ code: 'access-denied' });
    const up = await run(['up', '--local', '--json']);
    expect(up.code).toBe(0);
    const url = String(parse(up.stdout).data['url']);

    const killed = parse((await run(['sandbox', 'kill', 'task', '--json'])).stdout);
    expect(killed.data).toMatchObject({ what: 'task' });
    // What up waits for is that the service is whole again.
    expect((await run(['scale', '--count', '2', '--local'])).code).toBe(0);
    expect(await (await fetch(url)).text()).toContain('42');
    const instance = await run(['sandbox', 'kill', 'instance']);
    expect(instance.stdout).toMatch(/^i-[0-9a-f]+\n$/);
    expect((await run(['up', '--local'])).code).toBe(0);
    expect((await run(['destroy', '--local', '--yes'])).code).toBe(0);
  });

  it('refuse what they do not know, by name', async () => {
    const run = inOwnDirectory();
    await run(['sandbox', 'start']);
    const rows: [args: string[], says: string][] = [
      [['fault'], 'needs the name of a fault'],
      [['fault', 'thortling'], 'did you mean "throttling"?'],
      [['fault', 'throttling', '--times', '-1'], '--times "-1" is not a whole number'],
      [['fault', 'throttling', '--operation', 'x'], '"x" is not of the form service:Operation'],
      [['fault', 'cannot-pull', '--operation', 'ecs:RunTask'], 'takes no operation'],
      [['fault', 'clear', 'nothing'], 'there is no fault "nothing"'],
      [['start', '--fault', 'nothing'], 'there is no fault "nothing"'],
      [['kill'], 'needs task or instance'],
      [['kill', 'everything'], '"everything" is neither task nor instance'],
    ];
    for (const [args, says] of rows) {
      const { code, stderr } = await run(['sandbox', ...args]);
      expect({ args, code }).toEqual({ args, code: 2 });
      expect(stderr.replaceAll(/\s+/g, ' ')).toContain(says);
    }
    const nobody = await run(['sandbox', 'kill', 'task', '--json']);
    expect(nobody.code).toBe(3);
    expect(parse(nobody.stdout).error).toMatchObject({ code: 'demo-absent', message: 'no task is running' });
  });
});
