// Loads the bundle: CommonJS chunks, with the code that V8 made of them in earlier runs (compiled-code.js). Node 22 and later
// can keep such code themselves, but only what loading a chunk compiles: with what a whole run compiles it is faster.
'use strict';
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { Script } = require('node:vm');
const { compiledCode } = require('./compiled-code.js');

const dist = join(__dirname, '..', 'dist');
const builtin = createRequire(join(dist, 'cli.cjs'));

/**
 * What `dist/<name>.cjs` exports.
 * @param {string} name
 * @param {string[]} [words] what the process is asked to do; absent: something else each time
 * @returns {any}
 */
function load(name, words) {
  const code = compiledCode(name, readFileSync(join(dist, 'build-id'), 'latin1'));
  /** By file name. */
  const scripts = new Map();
  const modules = new Map();

  const require = (id) => {
    if (!id.startsWith('./')) return builtin(id);
    const chunk = id.slice(2);
    const known = modules.get(chunk);
    if (known !== undefined) return known.exports;
    const filename = join(dist, chunk);
    // The build writes ASCII only: read so, it is one byte a character in V8.
    const source = readFileSync(filename, 'latin1');
    const script = new Script(`(function (exports, require, module, __filename, __dirname) { ${source}\n})`, {
      filename,
      cachedData: code.of(chunk),
    });
    const module = { exports: {} };
    scripts.set(chunk, script);
    modules.set(chunk, module);
    script.runInThisContext()(module.exports, require, module, filename, dist);
    return module.exports;
  };

  process.on('exit', (exitCode) => {
    if (exitCode === 0) code.keep(scripts, words);
  });
  return require(`./${name}.cjs`);
}

module.exports = { load };
