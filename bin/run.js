#!/usr/bin/env node
// Starts the bundled program. `--version` is answered here: it needs none of it.
import { readFileSync } from 'node:fs';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

if (process.argv.length === 3 && ['--version', '-v'].includes(process.argv[2])) {
  // A full disk; the reader that went away has an exit code of its own.
  process.stdout.on('error', ({ code }) => {
    process.exitCode = code === 'EPIPE' ? 0 : 1;
  });
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`${name} ${version}\n`);
} else {
  const { load } = await import('./load.cjs');
  await load('cli').main();
}
