// boto3: the tutorial with every waiter and paginator that it touches, in programs/tutorial.py.
import { expect, it } from 'vitest';
import { aSandbox, expectNothingLeft, run } from './client.ts';
import { python } from './python.ts';

const interpreter = python();

it.skipIf(interpreter === undefined)(
  'boto3 does the tutorial, waiters and paginators included (skipped: no Python here, or boto3 cannot be installed)',
  async () => {
    const sandbox = await aSandbox();
    const { code, stdout, all } = await run(sandbox, interpreter ?? '', ['test/clients/programs/tutorial.py']);
    expect({ code, all }).toMatchObject({ code: 0 });
    const figures = JSON.parse(stdout) as { paginators: number; waiters: number };
    expect(figures.waiters).toBe(22);
    expect(figures.paginators).toBe(40);
    expectNothingLeft(sandbox);
  },
);

it.skipIf(interpreter === undefined)(
  'boto3 does the same with tasks that have network interfaces of their own',
  async () => {
    const sandbox = await aSandbox();
    const program = ['test/clients/programs/tutorial.py', 'awsvpc'];
    const { code, all } = await run(sandbox, interpreter ?? '', program);
    expect({ code, all }).toMatchObject({ code: 0 });
    expectNothingLeft(sandbox);
  },
);

it.skipIf(interpreter === undefined)(
  'boto3: pages of EC2 are as large as the model of AWS allows, and no larger (skipped: no Python here, or boto3 cannot be installed)',
  async () => {
    const sandbox = await aSandbox();
    const { code, stdout, all } = await run(sandbox, interpreter ?? '', ['test/clients/programs/page-sizes.py']);
    expect({ code, all }).toMatchObject({ code: 0 });
    expect(JSON.parse(stdout)).toEqual({ tried: 11 });
  },
);
