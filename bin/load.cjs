// Loads the bundle: CommonJS chunks, each with the code that V8 made of it when it was built, in a .cache beside it. To
// compile is a third of a short command's time. Node 22 keeps such caches itself; Node 20 does not.
'use strict';
const { readFileSync, statSync } = require('node:fs');
const nodeModule = require('node:module');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

/** Every chunk that was loaded, by its file: its script and its module. */
const loaded = new Map();

/**
 * The file that keeps the compiled code of a chunk, for this very Node: V8 itself tells only its own versions apart, takes
 * the code of another build of Node 20 and crashes on it.
 */
function cacheFile(file) {
  const { version, platform, arch, execPath } = process;
  return `${file}.${version}-${platform}-${arch}-${statSync(execPath).size}.cache`;
}

/** Absent: undefined, and V8 compiles. */
function cacheOf(file) {
  try {
    return readFileSync(cacheFile(file));
  } catch {
    return undefined;
  }
}

function loadChunk(file) {
  const known = loaded.get(file);
  if (known !== undefined) return known.module.exports;
  // The build writes ASCII only: read so, it is one byte a character in V8.
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

module.exports = { cacheFile, load, loaded };
