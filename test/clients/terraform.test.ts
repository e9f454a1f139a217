// Terraform with its AWS provider: plan, apply, 42, a plan without changes, 1 → 4, destroy, nothing left.
// Where its provider comes from is Terraform's own matter: its settings (TF_…) are passed on.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { aSandbox, expectNothingLeft, root, run, temporaryDir, works, type Ran } from './client.ts';

it.skipIf(!works('terraform', ['version']))(
  'Terraform does the tutorial (skipped: there is no `terraform` here, or no AWS provider for it)',
  { timeout: 1_200_000 },
  async ({ skip }) => {
    const cwd = temporaryDir();
    copyFileSync(join(root, 'test/clients/programs/tutorial.tf'), join(cwd, 'main.tf'));
    const sandbox = await aSandbox();
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('TF_')));
    const terraform = (...args: string[]): Promise<Ran> =>
      run(sandbox, 'terraform', [...args, '-no-color'], { cwd, env: { ...own, CHECKPOINT_DISABLE: '1' } });
    const succeeds = async (...args: string[]): Promise<string> => {
      const { code, all } = await terraform(...args);
      expect({ args, code, all }).toMatchObject({ code: 0 });
      return all;
    };
    const init = await terraform('init', '-input=false');
    if (init.code !== 0) skip(`there is no AWS provider for Terraform here: ${init.all.slice(-300)}`);

    await succeeds('apply', '-auto-approve', '-input=false');
    const url = JSON.parse((await terraform('output', '-json', 'url')).stdout) as string;
    expect(await (await fetch(url)).text()).toBe('42');
    expect(await (await fetch(`${url}ping`)).text()).toBe('pong');
    // -detailed-exitcode: 2 when anything would change.
    await succeeds('plan', '-detailed-exitcode', '-input=false');

    await succeeds('apply', '-auto-approve', '-input=false', '-var=tasks=4');
    const running = Object.values(sandbox.world.tasks).filter(({ lastStatus }) => lastStatus === 'RUNNING');
    expect(running).toHaveLength(4);
    await succeeds('plan', '-detailed-exitcode', '-input=false', '-var=tasks=4');

    expect(await succeeds('destroy', '-auto-approve', '-input=false')).toMatch(
      /Destroy complete! Resources: \d+ destroyed/,
    );
    expectNothingLeft(sandbox);
  },
);
