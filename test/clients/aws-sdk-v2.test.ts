// The old AWS SDK for JavaScript, version 2: the tutorial with its waiters, in programs/tutorial-v2.cjs. It does not read
// AWS_ENDPOINT_URL: the program sets `endpoint`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { aSandbox, expectNothingLeft, installedIn, run, works } from './client.ts';

const dir = installedIn('aws-sdk-v2');
const sdk = join(dir, 'node_modules', 'aws-sdk');
const there =
  existsSync(sdk) || works('npm', ['install', '--prefix', dir, '--no-audit', '--no-fund', '--no-save', 'aws-sdk@2']);

it.skipIf(!there)('version 2 of the SDK does the tutorial (skipped: it cannot be installed here)', async () => {
  const sandbox = await aSandbox();
  const { code, all } = await run(sandbox, process.execPath, ['test/clients/programs/tutorial-v2.cjs', sdk], {
    env: { AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1' },
  });
  expect({ code, all }).toMatchObject({ code: 0 });
  expectNothingLeft(sandbox);
});
