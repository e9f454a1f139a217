// Required into every process of a run of the bundle: as it ends, what V8 compiled of each chunk goes into the chunk's
// cache, which bin/load.cjs reads.
'use strict';
const { renameSync, writeFileSync } = require('node:fs');
const { loaded } = require('../bin/load.cjs');

process.on('exit', () => {
  for (const [file, { script }] of loaded) {
    // Whole or not at all: the sandbox and a command may end at the same time.
    writeFileSync(`${file}.${process.pid}`, script.createCachedData());
    renameSync(`${file}.${process.pid}`, `${file}.cache`);
  }
});
