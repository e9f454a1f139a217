// The code that V8 made of the bundle's chunks in earlier runs, kept in the user's cache directory: to compile is a third of
// a short command's time. Knows files and whom to trust; never fails: without the cache all works, some slower.
'use strict';
const fs = require('node:fs');
const { homedir } = require('node:os');
const { dirname, join } = require('node:path');
const { crc32 } = require('node:zlib');

/** Two programs for three Nodes, and some of other versions. A file is about two megabytes. */
const filesKept = 8;
const ending = '.code';
/** V8 wants its data aligned to words, and copies it otherwise. */
const aligned = (length) => Math.ceil(length / 8) * 8;

/** Where this user's programs may keep what can be made again. @throws Error when there is no home */
function cacheDirectory() {
  const { XDG_CACHE_HOME, HOME, LOCALAPPDATA } = process.env;
  const home = HOME || homedir();
  const usual = { darwin: join(home, 'Library', 'Caches'), win32: LOCALAPPDATA || join(home, 'AppData', 'Local') };
  return join(XDG_CACHE_HOME || usual[process.platform] || join(home, '.cache'), 'ecsdemo');
}

/**
 * For this very Node and this very build: V8 tells only its own versions apart, takes the code of another build of Node 20
 * and crashes on it; and of a source it compares the length.
 */
function fileName(program, build) {
  const { version, platform, arch, execPath } = process;
  const { size, mtimeMs } = fs.statSync(execPath);
  return `${program}-${build}-${version}-${platform}-${arch}-${size}-${Math.floor(mtimeMs)}${ending}`;
}

/** Who can write this code runs as this user: only what is the user's own and nobody else's to write is read. */
function isOurs({ uid, mode }) {
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
}

/** The whole file; undefined when there is none, or it is not to be trusted. */
function read(directory, name) {
  const stat = fs.lstatSync(directory);
  if (!stat.isDirectory() || !isOurs(stat)) return undefined;
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
  const descriptor = fs.openSync(join(directory, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const file = fs.fstatSync(descriptor);
    return file.isFile() && isOurs(file) ? fs.readFileSync(descriptor) : undefined;
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * A line of JSON, then the data of each chunk.
 * @returns {{ words: string[], chunks: Map<string, { data: Uint8Array, crc: number }> }}
 */
function parse(bytes) {
  const end = bytes.indexOf('\n');
  const { words, chunks } = JSON.parse(bytes.latin1Slice(0, end));
  let at = aligned(end + 1);
  const found = new Map();
  for (const [name, length, crc] of chunks) {
    found.set(name, { data: bytes.subarray(at, at + length), crc });
    at += aligned(length);
  }
  return { words, chunks: found };
}

function serialize(words, chunks) {
  const padded = (data) => [data, Buffer.alloc(aligned(data.length) - data.length)];
  const head = JSON.stringify({ words, chunks: chunks.map(([name, data]) => [name, data.length, crc32(data)]) });
  return Buffer.concat([Buffer.from(`${head}\n`), ...chunks.map(([, data]) => data)].flatMap(padded));
}

/** Makes the directory if need be. @returns false when it is not ours to write, or would not be the user's */
function isWritable(directory) {
  const base = dirname(directory);
  if (!fs.existsSync(base)) fs.mkdirSync(base, { mode: 0o700 });
  // Under sudo with the user's HOME: what root left there the user could not write any more.
  if (process.getuid?.() === 0 && fs.statSync(base).uid !== 0) return false;
  if (!fs.existsSync(directory)) fs.mkdirSync(directory, { mode: 0o700 });
  const stat = fs.lstatSync(directory);
  return stat.isDirectory() && isOurs(stat);
}

/** Whole or not at all: two may end at the same time. */
function write(directory, name, make) {
  const temporary = join(directory, `${name}.${process.pid}${ending}`);
  const descriptor = fs.openSync(temporary, 'wx', 0o600);
  try {
    const bytes = make();
    if (bytes !== undefined) fs.writeFileSync(descriptor, bytes);
    fs.closeSync(descriptor);
    if (bytes !== undefined) fs.renameSync(temporary, join(directory, name));
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

/** The oldest go: of other builds and Nodes, and what a killed process left. */
function tidy(directory) {
  const files = fs
    .readdirSync(directory)
    .filter((name) => name.endsWith(ending))
    .map((name) => ({ path: join(directory, name), at: fs.lstatSync(join(directory, name)).mtimeMs }));
  for (const { path } of files.sort((one, other) => other.at - one.at).slice(filesKept)) fs.rmSync(path);
}

/** What fails is as if there were nothing: a cache is never worth an error. */
function attempt(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/**
 * What is kept of a program.
 * @param {string} program its name
 * @param {string} build tells one build of it from another by content
 */
function compiledCode(program, build) {
  const off = process.env.NODE_DISABLE_COMPILE_CACHE;
  const place = off ? undefined : attempt(() => ({ directory: cacheDirectory(), name: fileName(program, build) }));
  const bytes = attempt(() => place && read(place.directory, place.name));
  const { words: known = [], chunks = new Map() } = (bytes && attempt(() => parse(bytes))) ?? {};

  /** What was kept of a chunk, undamaged: V8 would run what it is given. @returns {Uint8Array | undefined} */
  const of = (chunk) => {
    const kept = chunks.get(chunk);
    return kept !== undefined && crc32(kept.data) === kept.crc ? kept.data : undefined;
  };

  /**
   * Keeps what V8 has compiled by now, so called when the work is done: what was kept before and what this run added. It
   * takes some 15 ms, so it is done only when a run was asked something new, or V8 did not take what there was.
   * @param {Map<string, import('node:vm').Script>} scripts of the loaded chunks
   * @param {string[] | undefined} words what this run was asked; undefined: not known, look whether there is more
   */
  const keep = (scripts, words) => {
    const taken = [...scripts.values()].every(({ cachedDataRejected }) => cachedDataRejected === false);
    if (place === undefined || (taken && words?.every((word) => known.includes(word)))) return;
    attempt(() => {
      if (!isWritable(place.directory)) return;
      write(place.directory, place.name, () => {
        // What this run did not load stays as it is.
        const made = new Map([...chunks.keys()].map((chunk) => [chunk, of(chunk)]));
        for (const [chunk, script] of scripts) made.set(chunk, script.createCachedData());
        const all = [...made].filter(([, data]) => data !== undefined);
        const sizeOf = (pairs) => pairs.reduce((total, [, data]) => total + data.length, 0);
        // A process that runs for days has forgotten functions.
        const before = sizeOf([...chunks].map(([chunk, { data }]) => [chunk, data]));
        if (taken && words === undefined && sizeOf(all) <= before) return undefined;
        return serialize([...new Set([...known, ...(words ?? [])])], all);
      });
      if (bytes === undefined) tidy(place.directory);
    });
  };
  return { of, keep };
}

module.exports = { compiledCode };
