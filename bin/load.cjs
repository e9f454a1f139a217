// Loads the bundle: CommonJS chunks, each with the code that V8 made of it when it was built, in a .cache beside it. To
// parse is a third of a short command's time. Node 22 keeps such caches itself; Node 20 does not. A V8 of another version
// refuses a cache and compiles.
'use strict';
const { readFileSync } = require('node:fs');
const nodeModule = require('node:module');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

/** Every chunk that was loaded, by its file: its script and its module. */
const loaded = new Map();

function cacheOf(file) {
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
}

function loadChunk(file) {
  const known = loaded.get(file);
  if (known !== undefined) return known.module.exports;
  // The build writes ASCII only; read as Latin-1 it stays one byte a character in V8.
  const source = readFileSync(file, 'latin1');
  const script = new Script(`(function (exports, require, module, __filename, __dirname) { ${source}\n})`, {
    filename: file,
    cachedData: cacheOf(file),
  });
  const module = { exports: {} };
  loaded.set(file, { script, module });
  const directory = dirname(file);
  const builtin = nodeModule.createRequire(file);
  const require = (id) => (id.startsWith('./') ? loadChunk(join(directory, id)) : builtin(id));
  script.runInThisContext()(module.exports, require, module, file, directory);
  return module.exports;
}

/** What `dist/<name>.cjs` exports. */
function load(name) {
  const file = join(__dirname, '..', 'dist', `${name}.cjs`);
  if (nodeModule.enableCompileCache === undefined) return loadChunk(file);
  nodeModule.enableCompileCache();
  return require(file);
}

module.exports = { load, loaded };
