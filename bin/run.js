#!/usr/bin/env node
// Starts the bundled program. `--version` is answered here: it needs none of it. CommonJS (package.json beside this file):
// Node takes some milliseconds more to start with an ES module.
'use strict';
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const words = process.argv.slice(2);
if (words.length === 1 && ['--version', '-v'].includes(words[0])) {
  // A full disk; the reader that went away has an exit code of its own.
  process.stdout.on('error', ({ code }) => {
    process.exitCode = code === 'EPIPE' ? 0 : 1;
  });
  const { name, version } = require('../package.json');
  process.stdout.write(`${name} ${version}\n`);
} else {
  const { load } = require('./load.js');
  // The command and the names of the flags: another run of them needs the same functions.
  const asked = words.filter((word, at) => at < 2 || word.startsWith('-')).map((word) => word.split('=', 1)[0]);
  void load('cli', asked).main();
}
