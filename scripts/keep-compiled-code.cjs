// Required into every process of a run of the bundle: as it ends, what V8 compiled of each chunk goes beside the chunk, where
// bin/load.cjs looks for it.
'use strict';
const { renameSync, writeFileSync } = require('node:fs');
const { cacheFile, loaded } = require('../bin/load.cjs');

process.on('exit', () => {
  for (const [file, { script }] of loaded) {
    // Whole or not at all: the sandbox and a command may end at the same time.
    writeFileSync(`${file}.${process.pid}`, script.createCachedData());
    renameSync(`${file}.${process.pid}`, cacheFile(file));
  }
});
