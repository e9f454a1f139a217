// The sandbox's entry as one file, built for a test file of its own: no other test's build can pull it away.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** @returns path of the entry and how to remove it. */
export async function bundleSandbox(): Promise<{ entry: string; remove(): void }> {
  // Inside the package, as dist is: the sandbox finds its stand-in images from there.
  mkdirSync('node_modules/.cache', { recursive: true });
  const dir = mkdtempSync(resolve('node_modules/.cache/sandbox-'));
  const entry = join(dir, 'sandbox.mjs');
  await build({
    // As bin/sandbox.js does.
    stdin: { contents: "import { main } from './src/sandbox/main.ts'; await main();", resolveDir: resolve('.') },
    outfile: entry,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
    logLevel: 'error',
  });
  return { entry, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
